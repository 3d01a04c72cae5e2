//! What shows that a file was joined of several, or that a quote has joined several records into one.

use memchr::{memchr_iter, memchr2_iter};

use super::cells::TextCells;
use super::scan::Dialect;

/// The first byte of a byte order mark.
pub(crate) const MARK_START: u8 = 0xef;

/// Whether a record's cells are the columns' names once more. In the middle of a file a byte order mark
/// is text, and quotes behind it are too.
#[cold]
pub(crate) fn repeats_header(cells: &TextCells<'_>, names: &[String], order: &[usize]) -> bool {
    let is_name = |((n, name), place): ((usize, &String), &usize)| {
        let cell = cells.get(n);
        cell == name || (*place == 0 && is_marked_name(cell, name))
    };
    let mut columns = names.iter().enumerate().zip(order);
    !names.is_empty() && columns.all(is_name)
}

fn is_marked_name(cell: &str, name: &str) -> bool {
    let Some(bare) = cell.strip_prefix('\u{feff}') else {
        return false;
    };
    let unquoted = bare
        .strip_prefix('"')
        .and_then(|bare| bare.strip_suffix('"'));
    bare == name || unquoted.is_some_and(|bare| bare.replace("\"\"", "\"") == name)
}

/// Whether the lines of a good record have as many delimiters each as a record has, so that a quote that
/// nobody meant may have made several records one. With two lines inside of a cell those must have them;
/// with fewer the first and the last line too, where a record has two delimiters or more: else texts of a
/// few lines would be suspect too often.
pub(crate) fn seems_to_hold_records(record: &[u8], dialect: Dialect, width: usize) -> bool {
    let is_alike = |line: &[u8]| memchr_iter(dialect.delimiter, line).count() + 1 == width;
    let mut start = 0;
    let ends = memchr2_iter(b'\n', b'\r', record).chain([record.len()]);
    let lines = ends.map(|end| &record[std::mem::replace(&mut start, end + 1)..end]);
    let mut lines = lines.filter(|line| !line.is_empty());
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else {
        return false;
    };
    // As a rule this is all that is looked at.
    if width < 2 || !is_alike(second) {
        return false;
    }
    let behind: Vec<bool> = lines.map(is_alike).collect();
    match &behind[..] {
        [inner @ .., _] if !inner.is_empty() => inner.iter().all(|is_alike| *is_alike),
        few => width > 2 && is_alike(first) && few.iter().all(|is_alike| *is_alike),
    }
}
