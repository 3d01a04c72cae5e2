//! Totals of an input of which only the end told which records are sent.

use xxhash_rust::xxh3::xxh3_64;

use super::sums::Totals;
use super::total::FieldTotal;
use crate::input::{InputError, Source};
use crate::mapping::{Binding, FieldNames, Sent, Tally};
use crate::prove::duplicates::RecordSet;

impl Totals {
    /// The totals of all good records but those that are left out. A least value cannot be taken back,
    /// so the input is read once more.
    pub(crate) fn without(
        left_out: &RecordSet,
        source: &Source,
        binding: &Binding,
        names: &FieldNames,
    ) -> Result<Self, InputError> {
        let (mut totals, mut record) = (Self::default(), 0);
        let (mut sent, mut tally) = (Sent::new(names.clone()), Tally::default());
        let (mut parser, mut blocks) = (source.parser(), source.blocks());
        while let Some(block) = blocks.next() {
            let block = block?;
            let mut rows = parser.rows(source, &block)?;
            while let Some(row) = rows.next() {
                record += 1;
                let Ok(cells) = &row.cells else { continue };
                if left_out.contains(record)
                    || binding.measure(cells, &mut sent, &mut tally).is_err()
                {
                    continue;
                }
                sent.each(|field, json, _| totals.note(field as usize, json, xxh3_64(json)));
            }
            blocks.recycle(block.bytes);
        }
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
