//! JSON inside cells, and in records that are JSON: checked, sent digit for digit.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::base::display;

use crate::mapping::written::Reason;

/// Says whether a text is one JSON value in which no object has a key twice (readers keep the
/// first or the last of them, as they please).
pub(crate) fn check(text: &str) -> Result<(), Reason> {
    read::<true>(text)
}

/// Says whether all numbers of an object or array of a record can be read. All else of it was
/// checked when the record was: to remember the keys of each object once more would only take time.
pub(crate) fn check_numbers(tree: &str) -> Result<(), Reason> {
    read::<false>(tree)
}

fn read<const KEYS: bool>(text: &str) -> Result<(), Reason> {
    match serde_json::from_str::<Checked<KEYS>>(text) {
        Ok(Checked) => Ok(()),
        Err(error) => {
            Err(format!("is not valid JSON: {}", display::shown(&error.to_string())).into())
        }
    }
}

/// A value that was looked at and not kept, with a look for doubled `KEYS`.
struct Checked<const KEYS: bool>;

impl<'de, const KEYS: bool> Deserialize<'de> for Checked<KEYS> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Checker)
    }
}

struct Checker<const KEYS: bool>;

impl<'de, const KEYS: bool> Visitor<'de> for Checker<KEYS> {
    type Value = Checked<KEYS>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Checked)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Checked)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Checked)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Checked)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Checked)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Checked)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<Self::Value>()?.is_some() {}
        Ok(Checked)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut keys = HashSet::new();
        while !KEYS && map.next_entry::<IgnoredAny, Self::Value>()?.is_some() {}
        while let Some((key, Checked)) = map.next_entry::<String, Self::Value>()? {
            if let Some(key) = keys.replace(key) {
                let key = display::quoted(&key);
                return Err(A::Error::custom(format!("the key {key} stands twice")));
            }
        }
        Ok(Checked)
    }
}
