//! Totals of an input of which only the end told which records are sent.

use xxhash_rust::xxh3::xxh3_64;

use super::sums::Totals;
use super::total::FieldTotal;
use crate::input::{InputError, Source};
use crate::mapping::{Binding, FieldNames};
use crate::prove::again::again;
use crate::prove::duplicates::RecordSet;
use crate::prove::fingerprint::{Fingerprint, nothing};

impl Totals {
    /// The totals of all good records but those that are left out. A least value cannot be taken back,
    /// so the input is read once more; `note` is told the number of each of them and its bytes.
    pub(crate) fn without(
        left_out: &RecordSet,
        source: &Source,
        binding: &Binding,
        names: &FieldNames,
        mut note: impl FnMut(u64, u64),
    ) -> Result<Self, InputError> {
        let mut totals = Self::default();
        let is_wanted = |record| !left_out.contains(record);
        again(source, binding, names, is_wanted, |at, _, bytes, sent| {
            note(at.record, bytes);
            sent.each(|field, json, _| {
                if nothing(json) == Fingerprint::ABSENT {
                    totals.note(field as usize, json, xxh3_64(json));
                }
            });
            Ok::<_, InputError>(())
        })?;
        Ok(totals)
    }

    /// The totals of a binding's fields: in their order or, where records go as they are and workers
    /// meet their keys in any order, in that of their names.
    pub(crate) fn of_fields(&self, binding: &Binding, names: &FieldNames) -> Vec<FieldTotal> {
        let mut totals = self.finish(&names.list());
        if binding.fields().next().is_none() {
            totals.sort_by(|a, b| {
                (a.field.is_empty(), &a.field).cmp(&(b.field.is_empty(), &b.field))
            });
        }
        totals
    }
}
