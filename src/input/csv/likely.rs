//! Which line seems to be the header, where the one that was taken is none: what a refusal proposes,
//! and what `init` takes where it is certain.

use std::cmp::Reverse;

use super::header::{check_delimiter, looks_like_data};
use super::scan::Dialect;
use crate::input::error::InputError;
use crate::input::limits::Limits;
use crate::input::opened::Input;
use crate::input::recognise::DELIMITERS;
use crate::input::record::Columns;
use crate::input::source::Source;
use crate::input::text::{line_end_len, line_ends};
use crate::input::totals::is_total;
use crate::input::written;

/// How many records are looked at, from the beginning, the blank lines between them included.
const MOST_ROWS: usize = 50;

/// How many bytes are looked at, at the beginning and at the end.
const READ_BYTES: usize = 64 << 10;

/// The most lines at the end that are taken for a footer.
const MOST_LAST: u64 = 20;

/// The cells of a line.
type Row = Vec<String>;

/// Where the table of an input seems to begin and to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LikelyTable {
    /// Which input, from 0.
    pub input: usize,
    /// The line of the header, from 1.
    pub header_line: u64,
    /// Whether the header that was taken stands elsewhere.
    pub is_elsewhere: bool,
    /// Between the cells.
    pub delimiter: u8,
    /// How many lines at the end do not look like records.
    pub skip_last: u64,
    /// Whether all lines that were looked at agree on the header: narrower ones above, records as wide
    /// below.
    pub has_certain_header: bool,
    /// Whether the lines at the end are narrower lines and totals behind a blank one.
    pub has_certain_end: bool,
}

impl Source {
    /// The first table that an input seems to hold: below the line that has most of the `wanted` names,
    /// or where nobody wants any, below distinct texts that stand above a record as wide.
    pub(crate) fn likely_table(&self, wanted: &[&str]) -> Result<Option<LikelyTable>, InputError> {
        for (n, input) in self.inputs.iter().enumerate() {
            if let Some(table) = self.table_of(n, input, wanted)? {
                return Ok(Some(table));
            }
        }
        Ok(None)
    }

    fn table_of(
        &self,
        n: usize,
        input: &Input,
        wanted: &[&str],
    ) -> Result<Option<LikelyTable>, InputError> {
        let Some(taken) = input.dialect else {
            return Ok(None);
        };
        let mut head = Vec::new();
        let is_all = input.append(&mut head, 0, READ_BYTES)?;
        let text = text_of(&head);
        let others = DELIMITERS.iter().filter(|other| **other != taken.delimiter);
        // A delimiter that splits the header is the right one.
        let others = others.filter(|_| input.width == 1 && input.sheet.is_none());
        let headers = std::iter::once(&taken.delimiter)
            .chain(others)
            .filter_map(|delimiter| {
                let dialect = Dialect {
                    delimiter: *delimiter,
                    ..taken
                };
                let (rows, lines) = records(text, dialect, input.sheet.is_some());
                let at = find(&rows, wanted)?;
                Some((at, dialect, rows, lines))
            });
        // A comma may split all records below the header, being the decimal sign in them.
        let first = headers.min_by_key(|(at, _, rows, _)| (*at, Reverse(rows[*at].len())));
        let Some((at, dialect, rows, lines)) = first else {
            return Ok(None);
        };
        let width = rows[at].len();
        let footer = footer(input, self.limits, reach(&rows[at]), dialect)?;
        let mut below = rows[at + 1..]
            .iter()
            .filter(|row| !is_blank(row))
            .collect::<Vec<_>>();
        let unknown = match is_all && rows.len() < MOST_ROWS {
            true => usize::try_from(footer.lines).unwrap_or(usize::MAX),
            // The last line may be cut off.
            false => 1,
        };
        below.truncate(below.len().saturating_sub(unknown));
        let has_certain_header = are_titles(&rows[..at], reach(&rows[at]))
            && !below.is_empty()
            && below.iter().all(|row| row.len() == width);
        Ok(Some(LikelyTable {
            input: n,
            header_line: lines[at],
            is_elsewhere: input.header_line != lines[at]
                && (has_certain_header || !wanted.is_empty()),
            delimiter: dialect.delimiter,
            skip_last: footer.lines,
            has_certain_header,
            has_certain_end: footer.is_certain,
        }))
    }
}

impl Source {
    /// What to say of an input with one column only, whose header another delimiter would split.
    pub(crate) fn other_delimiter(&self) -> Option<InputError> {
        let Columns::Named(names) = &self.columns else {
            return None;
        };
        self.inputs.iter().enumerate().find_map(|(n, input)| {
            let place = self.names.name(n);
            check_delimiter(names, input.dialect?.delimiter, &place).err()
        })
    }
}

impl LikelyTable {
    /// The words that have it read, as they are typed; `told` is the delimiter that somebody named.
    pub(crate) fn options(&self, told: Option<u8>) -> String {
        let mut words = format!("--header-line {}", self.header_line);
        if self.skip_last > 0 {
            words.push_str(&format!(" --skip-last {}", self.skip_last));
        }
        if told.is_some_and(|told| told != self.delimiter) {
            words.push_str(&format!(" {}", written::option(self.delimiter)));
        }
        words
    }
}

/// The text at the start of some bytes, without a byte order mark.
fn text_of(bytes: &[u8]) -> &str {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}

/// The first records of a text, blank lines too, and the line on which each of them begins. Those of a
/// sheet are lines, however many they have.
fn records(text: &str, dialect: Dialect, is_sheet: bool) -> (Vec<Row>, Vec<u64>) {
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    let (mut at, mut line) = (0, 1);
    while at < text.len() && rows.len() < MOST_ROWS {
        let blank = line_end_len(text.as_bytes(), at);
        let (row, end) = match blank {
            0 => dialect.record_at(text, at),
            length => (Vec::new(), at + length),
        };
        rows.push(row);
        lines.push(line);
        line += match is_sheet {
            true => 1,
            false => line_ends(&text.as_bytes()[at..end]),
        };
        at = end.max(at + 1);
    }
    (rows, lines)
}

/// How many cells a row has up to the last one that is filled: a title in a sheet is as wide as the
/// table, and empty from its second cell on.
fn reach(row: &Row) -> usize {
    row.iter()
        .rposition(|cell| !cell.trim().is_empty())
        .map_or(0, |last| last + 1)
}

fn is_blank(row: &Row) -> bool {
    row.iter().all(|cell| cell.trim().is_empty())
}

/// Whether rows are titles above a header that reaches so far: none is filled as far, and the last is
/// blank, or all of them have one cell. A first record below an odd header is none.
fn are_titles(rows: &[Row], header: usize) -> bool {
    rows.iter().all(|row| reach(row) < header)
        && (rows.last().is_none_or(is_blank) || rows.iter().all(|row| reach(row) <= 1))
}

/// Which of the rows is the header.
fn find(rows: &[Row], wanted: &[&str]) -> Option<usize> {
    if !wanted.is_empty() {
        let has = |row: &Row, name: &str| {
            row.iter()
                .any(|cell| cell.trim().eq_ignore_ascii_case(name))
        };
        let count = |row: &Row| wanted.iter().filter(|name| has(row, name)).count();
        let counts = rows.iter().map(count).enumerate();
        let (at, most) = counts.max_by_key(|(at, count)| (*count, Reverse(*at)))?;
        return (2 * most > wanted.len()).then_some(at);
    }
    let is_header = |at: &usize| {
        let row = &rows[*at];
        let below = rows[at + 1..].iter().find(|row| !is_blank(row));
        let names: Vec<&str> = row.iter().map(|cell| cell.trim()).collect();
        let named = names.iter().filter(|name| !name.is_empty()).count();
        let is_twice = |n: &usize| !names[*n].is_empty() && names[..*n].contains(&names[*n]);
        named > 1
            && 2 * named > names.len()
            && !looks_like_data(names.iter().copied())
            && below.is_some_and(|below| below.len() == row.len())
            && !(1..names.len()).any(|n| is_twice(&n))
    };
    (0..rows.len()).find(is_header)
}

/// What stands below a table.
struct Footer {
    lines: u64,
    is_certain: bool,
}

/// The lines at the end that do not look like records of this width: narrower ones, and totals.
fn footer(
    input: &Input,
    limits: Limits,
    width: usize,
    dialect: Dialect,
) -> Result<Footer, InputError> {
    let mut footer = Footer {
        lines: 0,
        is_certain: true,
    };
    // What still comes is not waited for.
    let Some(bytes) = input.intake.bytes() else {
        return Ok(footer);
    };
    let mut tail = Vec::new();
    let want = READ_BYTES.min(limits.record_bytes);
    let start = bytes.saturating_sub(want as u64);
    input.append(&mut tail, start, want)?;
    // The first line may be the end of one.
    let from = match start {
        0 => 0,
        _ => memchr::memchr(b'\n', &tail).unwrap_or(tail.len()),
    };
    let (mut is_behind_blank, mut are_odd) = (false, true);
    for line in text_of(&tail[from..]).lines().rev() {
        // With a quote in it, it may be the last one of several in a cell.
        if line.contains('"') {
            break;
        }
        let row = dialect.texts(line, 0);
        let is_narrow = row.len() < width;
        if is_blank(&row) {
            is_behind_blank = true;
            continue;
        }
        let is_single = width > 2 && row.iter().filter(|cell| !cell.trim().is_empty()).count() == 1;
        let is_footer = is_narrow || is_single || row.iter().any(|cell| is_total(cell));
        if footer.lines == MOST_LAST || !is_footer {
            break;
        }
        is_behind_blank = false;
        are_odd &= is_narrow || row.iter().any(|cell| is_total(cell));
        footer.lines += 1;
    }
    // A narrow line right below records may be one that was cut off.
    footer.is_certain = is_behind_blank && are_odd;
    Ok(footer)
}
