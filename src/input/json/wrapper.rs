//! What stands around the records of a JSON document: objects of which only the keys matter.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::shape::{Around, ITEMS, SHAPES, either};
use super::text::{place_of, said};
use super::value::JsonFault;
use crate::base::display;

/// An object with `items` that may be a record with items of its own.
pub(crate) fn own_id(at: usize) -> JsonFault {
    let message =
        "records seem to stand under `items`, and the object around them has an `id` of its own";
    JsonFault::new(at, message, either(ITEMS))
}

/// Checks what stands before the records.
pub(crate) fn check_head(head: &[u8], around: &Around) -> Result<(), JsonFault> {
    if around.keys.is_empty() {
        return Ok(());
    }
    let closing = "}".repeat(around.keys.len());
    match wrapper(&[head, b"]", closing.as_bytes()].concat(), &around.keys) {
        Ok(_) => Ok(()),
        Err((at, message)) => Err(JsonFault::new(at.min(head.len()), message, SHAPES)),
    }
}

/// Checks what follows the records: `tail` begins with the array's end, and at `start`.
pub(crate) fn check_tail(tail: &[u8], start: usize, around: &Around) -> Result<(), JsonFault> {
    const ONE: &str = "what stands around the records must be valid JSON";
    let mut head = String::new();
    for key in &around.keys {
        head.push_str(&format!("{{{}:", serde_json::Value::from(key.as_str())));
    }
    head.push('[');
    let whole = [head.as_bytes(), tail].concat();
    match wrapper(&whole, &around.keys) {
        Ok(has_id) if has_id && !around.is_told => Err(own_id(start)),
        Ok(_) => Ok(()),
        Err((at, message)) => {
            let at = start + at.saturating_sub(head.len());
            Err(JsonFault::new(at, message, ONE))
        }
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
