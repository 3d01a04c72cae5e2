//! Which API keys an input's records carry.

use super::binding::{Binding, Shape};
use super::object::Wanted;
use super::tally::{MOST_NAMES, Names, Tally};
use crate::input::Members;

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
    /// Notes the keys of a record that goes as it is.
    pub(super) fn note_keys(&mut self, members: &Members<'_>) {
        Wanted::default().locate(members, &mut self.scratch, &mut self.unmapped);
    }
}
