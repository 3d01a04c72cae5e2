//! JSON inside cells: checked whole, sent digit for digit.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::base::display;

use super::number::Reason;

/// Says whether a text is one JSON value in which no object has a key twice (readers keep the
/// first or the last of them, as they please).
pub(crate) fn check(text: &str) -> Result<(), Reason> {
    match serde_json::from_str::<Checked>(text) {
        Ok(Checked) => Ok(()),
        Err(error) => {
            Err(format!("is not valid JSON: {}", display::shown(&error.to_string())).into())
        }
    }
}

/// A value that was looked at and not kept.
struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Checker)
    }
}

struct Checker;

impl<'de> Visitor<'de> for Checker {
    type Value = Checked;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_str<E>(self, _: &str) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_unit<E>(self) -> Result<Checked, E> {
        Ok(Checked)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Checked, A::Error> {
        while seq.next_element::<Checked>()?.is_some() {}
        Ok(Checked)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Checked, A::Error> {
        let mut keys = HashSet::new();
        while let Some((key, Checked)) = map.next_entry::<String, Checked>()? {
            if let Some(key) = keys.replace(key) {
                let key = display::quoted(&key);
                return Err(A::Error::custom(format!("the key {key} stands twice")));
            }
        }
        Ok(Checked)
    }
}
