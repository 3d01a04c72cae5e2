//! One record as it is sent, with the place of each field's value in it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::binding::{Binding, Shape};
use super::output::Output;
use super::tally::MOST_NAMES;

/// The names of a binding's fields by their number, shared by all workers. Where whole records go as they
/// are, it grows with the keys that are met, in whatever order that is.
#[derive(Clone, Debug, Default)]
pub(crate) struct FieldNames(Arc<Mutex<Vec<String>>>);

/// A record's values as JSON, kept in one buffer from record to record.
///
/// While the input is proved the values are written and not only counted: totals and digests are of what is
/// sent, digit for digit. The keys of a mapping are only counted: they are half of a record.
#[derive(Debug, Default)]
pub(crate) struct Sent {
    json: Vec<u8>,
    /// How many bytes were counted and not written.
    counted: usize,
    values: Vec<Place>,
    names: FieldNames,
    /// Numbers of keys that this worker met.
    numbers: HashMap<String, u32>,
    /// The keys of the record before, each with its number: nearly all records have the same.
    layout: Vec<(String, u32)>,
    /// How many keys of this record were numbered.
    keys: usize,
}

/// Where a field's value stands.
#[derive(Clone, Copy, Debug)]
struct Place {
    field: u32,
    start: usize,
    /// Where the value before it ends: its key, if that was written, begins there.
    prefix: usize,
    /// How many bytes of its key were counted and not written.
    counted: usize,
}

/// Where a field's key is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    prefix: usize,
    start: usize,
}

impl FieldNames {
    /// The names so far.
    pub(crate) fn list(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The number of a key; those behind the first 500 share one, whose name is empty.
    fn number(&self, key: &str) -> u32 {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = names.iter().position(|name| name == key);
        let at = at.unwrap_or_else(|| {
            if names.len() < MOST_NAMES {
                names.push(key.to_owned());
            } else if names.len() == MOST_NAMES {
                names.push(String::new());
            }
            names.len() - 1
        });
        u32::try_from(at).unwrap_or(u32::MAX)
    }
}

impl Binding {
    /// The names of the fields, as [`Sent`] numbers them.
    pub(crate) fn field_names(&self) -> FieldNames {
        let names = match self.shape {
            Shape::Whole { .. } => Vec::new(),
            Shape::Columns | Shape::Keys(_) => {
                let keys = self.fields.iter().map(|bound| bound.field.key.clone());
                keys.collect()
            }
        };
        FieldNames(Arc::new(Mutex::new(names)))
    }
}

impl Sent {
    /// Room for records whose fields have these names.
    pub(crate) fn new(names: FieldNames) -> Self {
        Self {
            names,
            ..Self::default()
        }
    }

    /// Makes room for the next record.
    pub(super) fn clear(&mut self) {
        self.json.clear();
        self.counted = 0;
        self.values.clear();
        self.keys = 0;
    }

    /// Shows each field's number with its value, as it is sent, from the last one to the first; and where
    /// its key is found ([`Self::key`]).
    #[inline(always)]
    pub(crate) fn each(&self, mut show: impl FnMut(u32, &[u8], Key)) {
        let mut end = self.json.len().saturating_sub(1);
        for place in self.values.iter().rev() {
            let (start, prefix) = (place.start, place.prefix);
            if let Some(value) = self.json.get(start..end) {
                show(place.field, value, Key { prefix, start });
            }
            end = prefix;
        }
    }

    /// How many fields have numbers up to the greatest one of this record.
    #[inline]
    pub(crate) fn width(&self) -> usize {
        let fields = self.values.iter().map(|place| place.field as usize + 1);
        fields.max().unwrap_or(0)
    }

    /// A field's key as it is written before its value, where whole records go as they are: of keys that
    /// share a number nothing else tells which one it is.
    pub(crate) fn key(&self, of: Key) -> &[u8] {
        self.json.get(of.prefix..of.start).unwrap_or_default()
    }

    /// The number of a key, which is most often that of the record before in its place.
    fn number(&mut self, key: &str) -> u32 {
        let at = self.keys;
        self.keys += 1;
        if let Some((_, number)) = self.layout.get(at).filter(|(last, _)| last == key) {
            return *number;
        }
        let number = match self.numbers.get(key) {
            Some(number) => *number,
            None => {
                let number = self.names.number(key);
                // Further ones are looked up each time, so that the memory is bounded.
                if self.numbers.len() <= MOST_NAMES {
                    self.numbers.insert(key.to_owned(), number);
                }
                number
            }
        };
        match self.layout.get_mut(at) {
            Some(last) => *last = (key.to_owned(), number),
            None if at < MOST_NAMES => self.layout.push((key.to_owned(), number)),
            None => {}
        }
        number
    }
}

impl Output for Sent {
    #[inline]
    fn put(&mut self, json: &[u8]) {
        self.json.put(json);
    }

    #[inline]
    fn put_filled<const ROOM: usize>(&mut self, json: &[u8; ROOM], len: usize) {
        self.json.put_filled(json, len);
    }

    #[inline]
    fn put_with(&mut self, len: usize, put: impl FnOnce(&mut Vec<u8>)) {
        self.json.put_with(len, put);
    }

    #[inline]
    fn put_prefix<const ROOM: usize>(&mut self, json: &[u8], _: Option<&[u8; ROOM]>, field: u32) {
        let start = self.json.len();
        self.counted += json.len();
        self.values.push(Place {
            field,
            start,
            prefix: start,
            counted: json.len(),
        });
    }

    fn value_begins(&mut self, key: &str, prefix: usize) {
        let (field, start) = (self.number(key), self.json.len());
        self.values.push(Place {
            field,
            start,
            prefix,
            counted: 0,
        });
    }

    fn size(&self) -> usize {
        self.json.len() + self.counted
    }

    fn cut(&mut self, size: usize) {
        let (counted, values) = (&mut self.counted, &mut self.values);
        while let Some(last) = values.pop_if(|last| last.start + *counted > size) {
            *counted -= last.counted;
        }
        self.json.truncate(size.saturating_sub(self.counted));
    }

    /// What is replaced is a comma before a key, of which nothing is shown.
    fn replace(&mut self, _: usize, _: u8) {}
}
