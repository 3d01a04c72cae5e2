//! JSON values as serde_json reads them, with what it lets pass in silence: keys that stand twice.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::input::REJECT_COLUMNS;

/// A value, as far as records care.
#[derive(Debug)]
pub(super) enum Tree {
    Leaf,
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// Whether it is an object, and no key stands twice in it at any depth.
    pub(super) fn is_record(&self) -> bool {
        matches!(self, Self::Object(_)) && self.has_single_keys()
    }

    fn has_single_keys(&self) -> bool {
        match self {
            Self::Leaf => true,
            Self::List(values) => values.iter().all(Self::has_single_keys),
            Self::Object(pairs) => {
                let mut keys: Vec<&str> = pairs.iter().map(|(key, _)| key.as_str()).collect();
                keys.sort_unstable();
                let count = keys.len();
                keys.dedup();
                keys.len() == count && pairs.iter().all(|(_, value)| value.has_single_keys())
            }
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Tree;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_unit<E>(self) -> Result<Tree, E> {
                Ok(Tree::Leaf)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Tree, E> {
                Ok(Tree::Leaf)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Tree, E> {
                Ok(Tree::Leaf)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Tree, E> {
                Ok(Tree::Leaf)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
                Ok(Tree::Leaf)
            }

            fn visit_str<E>(self, _: &str) -> Result<Tree, E> {
                Ok(Tree::Leaf)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Tree, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = from.next_element()? {
                    values.push(value);
                }
                Ok(Tree::List(values))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Tree, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = from.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Tree::Object(pairs))
            }
        }
        from.deserialize_any(Any)
    }
}

/// The keys and raw values of one object, in its order; nothing is looked for twice.
pub(super) struct Pairs(pub Vec<(String, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Vec<(String, String)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some((key, value)) = from.next_entry::<String, &RawValue>()? {
                    pairs.push((key, value.get().to_owned()));
                }
                Ok(pairs)
            }
        }
        from.deserialize_map(Object).map(Self)
    }
}

/// What of the object at the start of a text a record has, byte for byte.
pub(super) fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter();
    let Pairs(mut pairs) = values.next()?.ok()?;
    let is_reject = |key: &str| REJECT_COLUMNS.contains(&key);
    if pairs.iter().filter(|(key, _)| is_reject(key)).count() == REJECT_COLUMNS.len() {
        pairs.retain(|(key, _)| !is_reject(key));
    }
    Some(pairs)
}

/// Whether serde_json refused a number only for its size: records keep their digits.
pub(super) fn is_large_number(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("number out of range")
}

/// Whether serde_json refused an escape of half a surrogate pair, which JSON's grammar has.
pub(super) fn is_half_character(error: &serde_json::Error) -> bool {
    let message = error.to_string();
    ["lone leading surrogate", "unexpected end of hex escape"]
        .iter()
        .any(|half| message.starts_with(half))
}
