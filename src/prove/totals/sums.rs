//! One worker's sums of all fields.

use super::field::FieldSums;
use super::total::FieldTotal;

/// Of how many fields distinct values are counted: what they take for each worker is below 8 MiB.
const MOST_COUNTED: usize = 500;

/// One worker's sums. Fields are numbered as in the list of their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    fields: Vec<FieldSums>,
}

impl Totals {
    /// Adds a field's value exactly as it is sent, neither null nor the empty text; `hash` is one of its
    /// bytes, the same for all workers.
    #[inline(always)]
    pub(crate) fn note(&mut self, field: usize, json: &[u8], hash: u64) {
        match self.fields.get_mut(field) {
            Some(sums) => sums.note(json, hash),
            None => {
                self.make_room(field);
                self.fields[field].note(json, hash);
            }
        }
    }

    /// Fields up to this one.
    #[cold]
    fn make_room(&mut self, field: usize) {
        let new = self.fields.len()..=field;
        self.fields
            .extend(new.map(|field| FieldSums::new(field < MOST_COUNTED)));
    }

    /// Takes over what another worker added up.
    pub(crate) fn merge(&mut self, other: &Self) {
        if let Some(last) = other.fields.len().checked_sub(1) {
            self.make_room(last);
        }
        for (own, other) in self.fields.iter_mut().zip(&other.fields) {
            own.merge(other);
        }
    }

    /// The totals in the order of the names.
    pub(crate) fn finish(&self, names: &[String]) -> Vec<FieldTotal> {
        let total = |(field, name): (usize, &String)| match self.fields.get(field) {
            // Values of several fields have nothing in common.
            Some(sums) if name.is_empty() => FieldTotal {
                filled: sums.filled(),
                ..FieldTotal::unfilled(name)
            },
            Some(sums) => sums.finish(name),
            None => FieldTotal {
                distinct: (field < MOST_COUNTED).then_some(0),
                ..FieldTotal::unfilled(name)
            },
        };
        names.iter().enumerate().map(total).collect()
    }
}
