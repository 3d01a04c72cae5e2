//! What of the inputs is no part of any record, told to a person.

use crate::base::display;
use crate::base::event::Events;
use crate::input::{ReadOver, Source};

/// Tells what was read over in each input.
pub(super) fn note(source: &Source, read_over: &[ReadOver], events: &Events) {
    for (n, of) in read_over.iter().enumerate() {
        let name = source.names().name(n);
        let (lines, cells) = (of.empty_lines, of.empty_cells);
        if lines.count > 0 {
            let [hold, are] = match lines.count {
                1 => ["holds", "is"],
                _ => ["hold", "are"],
            };
            let count = display::counted(lines.count, "line");
            events.note(format!(
                "{name}: {count} {hold} only delimiters and {are} left out; the first one is line {}",
                lines.first_line
            ));
        }
        if cells.count > 0 {
            let count = display::counted(cells.count, "record");
            let have = if cells.count == 1 { "has" } else { "have" };
            events.note(format!(
                "{name}: {count} {have} empty cells behind the last column, which are left out; the \
                 first one is on line {}",
                cells.first_line
            ));
        }
    }
}
