//! Which API keys an input's records carry.

use std::borrow::Cow;

use super::binding::{Binding, Shape};
use super::object::{Pairs, Wanted};
use super::tally::{MOST_NAMES, Names, Tally};

impl Binding {
    /// The most keys that [`keys`](Self::keys) gives: of more it gives the same ones each time.
    pub(crate) const MOST_KEYS: usize = MOST_NAMES;

    /// The API keys that the records counted in `tally` carry.
    pub(crate) fn keys(&self, tally: &Tally) -> Vec<String> {
        let mut keys = Names::default();
        match self.shape {
            _ if tally.records == 0 => {}
            Shape::Whole { .. } => return tally.unmapped.iter().map(str::to_owned).collect(),
            Shape::Columns | Shape::Keys(_) => {
                self.fields
                    .iter()
                    .for_each(|bound| keys.add(&bound.field.key));
            }
        }
        keys.iter().map(str::to_owned).collect()
    }
}

impl Tally {
    /// Notes the keys of a record that goes as it is. Nearly all records have those of the one before.
    pub(super) fn note_keys(&mut self, pairs: &Pairs<'_>) {
        let layout = &self.scratch.layout;
        let is_known =
            |((key, _), (last, _)): (&(Cow<'_, str>, &str), &(String, _))| **key == **last;
        if pairs.len() > layout.len() || !pairs.iter().zip(layout).all(is_known) {
            Wanted::default().locate(pairs, &mut self.scratch, &mut self.unmapped);
        }
    }
}
