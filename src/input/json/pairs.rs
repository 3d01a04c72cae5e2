//! Objects to their keys and values as written, and keys that stand twice.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Below this many keys comparing each with each is quicker than sorting.
const FEW_KEYS: usize = 16;

/// A key, and its value as it is written.
pub(crate) type Entry<'b> = (Cow<'b, str>, &'b str);

/// Appends the keys and values of the object that a text is.
pub(crate) fn pairs<'b>(text: &'b str, entries: &mut Vec<Entry<'b>>) -> serde_json::Result<()> {
    each_pair(text, |key, value| entries.push((key, value)))
}

/// Hands over the keys and values of the object that a text is.
pub(crate) fn each_pair<'b>(
    text: &'b str,
    look: impl FnMut(Cow<'b, str>, &'b str),
) -> serde_json::Result<()> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer
        .deserialize_map(Each(look))
        .and_then(|()| deserializer.end())
}

/// A key as it is written to what it says.
pub(super) fn key(written: &str) -> serde_json::Result<Cow<'_, str>> {
    serde_json::from_str(written).map(|Key(key)| key)
}

/// A key that stands more than once; `key` tells it of each of `all`.
pub(super) fn doubled<T>(all: &[T], key: impl Fn(&T) -> &str) -> Option<&str> {
    if all.len() <= FEW_KEYS {
        let twice = |(n, one): &(usize, &T)| all[..*n].iter().any(|e| key(e) == key(one));
        return (all.iter().enumerate().find(twice)).map(|(_, one)| key(one));
    }
    let mut keys: Vec<&str> = all.iter().map(key).collect();
    keys.sort_unstable();
    keys.windows(2)
        .find(|two| two[0] == two[1])
        .map(|two| two[0])
}

/// Hands over an object's keys and values.
struct Each<F>(F);

#[derive(serde::Deserialize)]
struct Key<'b>(#[serde(borrow)] Cow<'b, str>);

impl<'b, F: FnMut(Cow<'b, str>, &'b str)> Visitor<'b> for Each<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'b>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key)) = map.next_key()? {
            (self.0)(key, map.next_value::<&RawValue>()?.get());
        }
        Ok(())
    }
}
