//! What stands around the records of a JSON document: objects of which only the keys matter.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::fault::{ITEMS, JsonFault, SHAPES, either};
use super::text::{place_of, said};
use crate::base::display;

/// An object with `items` that may be a record with items of its own.
pub(super) fn own_id(at: usize) -> JsonFault {
    let message =
        "records seem to stand under `items`, and the object around them has an `id` of its own";
    JsonFault::new(at, message, either(ITEMS))
}

/// Checks what stands before the records.
pub(super) fn check_head(head: &[u8], keys: &[String]) -> Result<(), JsonFault> {
    if keys.is_empty() {
        return Ok(());
    }
    let closing = "}".repeat(keys.len());
    match wrapper(&[head, b"]", closing.as_bytes()].concat(), keys) {
        Ok(_) => Ok(()),
        Err((at, message)) => Err(JsonFault::new(at.min(head.len()), message, SHAPES)),
    }
}

/// Checks what follows the records, from the end of their array on. Places count from there.
pub(super) fn check_tail(tail: &[u8], keys: &[String], is_told: bool) -> Result<(), JsonFault> {
    const ONE: &str = "what stands around the records must be valid JSON";
    if keys.is_empty() {
        return Ok(());
    }
    let mut head = String::new();
    for key in keys {
        head.push_str(&format!("{{{}:", serde_json::Value::from(key.as_str())));
    }
    head.push('[');
    match wrapper(&[head.as_bytes(), tail].concat(), keys) {
        Ok(has_id) if has_id && !is_told => Err(own_id(0)),
        Ok(_) => Ok(()),
        Err((at, message)) => Err(JsonFault::new(at.saturating_sub(head.len()), message, ONE)),
    }
}

/// Whether an object around records has an `id` of its own; or what is wrong with it, and at which byte.
fn wrapper(object: &[u8], keys: &[String]) -> Result<bool, (usize, String)> {
    let has_id = Cell::new(false);
    let mut deserializer = serde_json::Deserializer::from_slice(object);
    let wrapper = Wrapper {
        keys,
        id: Some(&has_id),
    };
    let read = wrapper.deserialize(&mut deserializer);
    let Err(error) = read.and_then(|()| deserializer.end()) else {
        return Ok(has_id.get());
    };
    let message = format!("is not JSON: {}", said(&error));
    Err((place_of(&error, object), message))
}

/// An object of which only the keys matter.
struct Wrapper<'k> {
    /// Those that lead to the records.
    keys: &'k [String],
    /// Whether it has an `id`; of no interest in objects inside of it.
    id: Option<&'k Cell<bool>>,
}

impl<'de> DeserializeSeed<'de> for Wrapper<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Wrapper<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut is_seen = false;
        let path = self.keys.join(".");
        while let Some(key) = map.next_key::<String>()? {
            if let (Some(id), "id") = (self.id, key.as_str()) {
                id.set(true);
            }
            match self.keys {
                [wanted, ..] if key == *wanted && is_seen => {
                    let wanted = display::quoted(wanted);
                    return Err(A::Error::custom(format!("the key {wanted} stands twice")));
                }
                [_, _, ..] if key == path => {
                    let path = display::quoted(&path);
                    return Err(A::Error::custom(format!(
                        "there are two ways to read {path}"
                    )));
                }
                [wanted, rest @ ..] if key == *wanted && !rest.is_empty() => {
                    is_seen = true;
                    map.next_value_seed(Wrapper {
                        keys: rest,
                        id: None,
                    })?;
                }
                [wanted, ..] => {
                    is_seen |= key == *wanted;
                    map.next_value::<IgnoredAny>()?;
                }
                [] => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}
