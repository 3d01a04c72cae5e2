//! Good records that are looked at once more, where only the end of the first pass told which.

use crate::base::position::Position;
use crate::input::{InputError, Source};
use crate::mapping::{Binding, FieldNames, Sent, Tally};

/// Shows the records that are wanted by their number: where each stands, its id as JSON, how many bytes it
/// has, its values.
pub(super) fn again<E: From<InputError>>(
    source: &Source,
    binding: &Binding,
    names: &FieldNames,
    is_wanted: impl Fn(u64) -> bool,
    mut each: impl FnMut(Position, &[u8], u64, &Sent) -> Result<(), E>,
) -> Result<(), E> {
    let (mut sent, mut tally) = (Sent::new(names.clone()), Tally::default());
    let (mut parser, mut blocks) = (source.parser(), source.blocks());
    let mut record = 0;
    while let Some(block) = blocks.next() {
        let block = block?;
        let mut rows = parser.rows(source, &block)?;
        while let Some(row) = rows.next() {
            record += 1;
            let Ok(cells) = &row.cells else { continue };
            if !is_wanted(record) {
                continue;
            }
            if let Ok(measured) = binding.measure(cells, &mut sent, &mut tally) {
                let at = Position {
                    input: block.extent.input,
                    line: row.line,
                    record,
                };
                each(at, measured.id, measured.bytes, &sent)?;
            }
        }
        blocks.recycle(block.bytes);
    }
    Ok(())
}
