//! What stands around a table: lines above its header, the `sep=` line that Excel knows, and lines
//! below its last record. They are left out before anything else looks at the text.

use std::collections::VecDeque;

use super::csv::scan::Dialect;
use super::csv::split::Splitter;
use super::error::InputError;
use super::faults;
use super::limits::Limits;
use super::opened::Input;
use super::options::Margins;
use super::reject_columns::REJECT_COLUMNS;
use super::text::line_end_len;
use crate::base::display;

/// How many bytes are read at a time.
const READ_BYTES: usize = 64 << 10;

/// What begins the first line where it tells the delimiter.
const SEPARATOR: &[u8] = b"sep=";

/// What stands around the table of an input: nothing in a rejects file, whatever is said of the file
/// that the rejected records come from.
pub(super) fn of(input: &Input, said: Margins) -> Result<Margins, InputError> {
    if said == Margins::default() {
        return Ok(said);
    }
    let mut bytes = Vec::new();
    input.append(&mut bytes, input.start, READ_BYTES)?;
    let header = &bytes[..end_of_line(&bytes, 0).unwrap_or(bytes.len())];
    let is_there = |name: &&str| memchr::memmem::find(header, name.as_bytes()).is_some();
    Ok(match REJECT_COLUMNS.iter().all(is_there) {
        true => Margins::default(),
        false => said,
    })
}

/// Moves the start of a text behind a `sep=` line, and gives the delimiter that it names.
pub(super) fn separator(input: &mut Input) -> Result<Option<u8>, InputError> {
    let mut bytes = Vec::new();
    input.append(&mut bytes, input.start, SEPARATOR.len() + 3)?;
    let Some((start, [delimiter, rest @ ..])) = bytes.split_at_checked(SEPARATOR.len()) else {
        return Ok(None);
    };
    let end = line_end_len(rest, 0);
    let is_delimiter = delimiter.is_ascii() && !b"\"\r\n\0".contains(delimiter);
    if !start.eq_ignore_ascii_case(SEPARATOR) || end == 0 || !is_delimiter {
        return Ok(None);
    }
    input.start += (SEPARATOR.len() + 1 + end) as u64;
    input.first_line += 1;
    Ok(Some(*delimiter))
}

/// Moves the start of an input to the line of its header. `name` is harmless to print.
pub(super) fn go_to_header(
    input: &mut Input,
    name: &str,
    header_line: u64,
    limits: Limits,
) -> Result<(), InputError> {
    let mut bytes = Vec::new();
    let mut splitter = Splitter::new(Some(Dialect::SHEET));
    let (mut at, mut line) = (0, input.first_line);
    while line < header_line {
        let end = match input.sheet.is_some() {
            // A row may have several lines.
            true => match splitter.next(&bytes, false) {
                Ok(piece) => piece.map(|piece| piece.end),
                Err(_) => return Err(faults::changing(name)),
            },
            false => end_of_line(&bytes, at),
        };
        if let Some(end) = end {
            (at, line) = (end, line + 1);
            continue;
        }
        if bytes.len() > limits.record_bytes {
            return Err(InputError::new(
                format!(
                    "{name}: more than {} stand above line {header_line}, which --header-line names",
                    display::size(limits.record_bytes as u64)
                ),
                "a header stands near the beginning of its file",
            ));
        }
        let offset = input.start + bytes.len() as u64;
        let before = bytes.len();
        input.append(&mut bytes, offset, READ_BYTES)?;
        if bytes.len() == before {
            return Err(InputError::new(
                format!("{name} has no line {header_line}, which --header-line names"),
                "it is the line of the file, or the row of the sheet, that names the columns, counted from 1",
            ));
        }
    }
    input.start += at as u64;
    input.first_line = line;
    Ok(())
}

/// One past the end of the line that begins at `start`; none where it may have more.
fn end_of_line(bytes: &[u8], start: usize) -> Option<usize> {
    let at = start + memchr::memchr2(b'\n', b'\r', &bytes[start..])?;
    match bytes[at..] {
        // Its `\n` may still come.
        [b'\r'] => None,
        _ => Some(at + line_end_len(bytes, at)),
    }
}

/// Moves the end of an input before its last lines that are not blank. `name` is harmless to print.
pub(super) fn cut_tail(
    input: &mut Input,
    name: &str,
    count: u64,
    limits: Limits,
) -> Result<(), InputError> {
    if count == 0 {
        return Ok(());
    }
    let end = size(input)?;
    input.end = Some(match input.sheet.is_some() {
        true => last_rows(input, name, count)?,
        false => last_lines(input, name, count, end, limits)?,
    });
    Ok(())
}

/// How many bytes an input has; what still comes is waited for.
fn size(input: &Input) -> Result<u64, InputError> {
    if let Some(bytes) = input.intake.bytes() {
        return Ok(bytes);
    }
    let (mut bytes, mut at) = (Vec::new(), input.start);
    loop {
        let is_last = input.read(&mut bytes, 0, at, READ_BYTES)?;
        at += bytes.len() as u64;
        if is_last || bytes.is_empty() {
            return Ok(at);
        }
    }
}

/// Where so many last lines begin, blank ones not counted. They are lines as an editor shows them: a
/// quote in one of them means nothing.
fn last_lines(
    input: &Input,
    name: &str,
    count: u64,
    end: u64,
    limits: Limits,
) -> Result<u64, InputError> {
    let mut want = READ_BYTES as u64;
    loop {
        let start = end.saturating_sub(want).max(input.start);
        let mut bytes = Vec::new();
        let length = usize::try_from(end - start).unwrap_or(usize::MAX);
        input.append(&mut bytes, start, length)?;
        // What begins before these bytes is not known; a `\n` at their start may belong to it.
        let first = match start == input.start {
            true => Some(0),
            false => end_of_line(&bytes, 1.min(bytes.len())),
        };
        let mut starts = Vec::new();
        let mut at = first.unwrap_or(bytes.len());
        while at < bytes.len() {
            let next = end_of_line(&bytes, at).unwrap_or(bytes.len());
            // White space is no blank line to who reads records, either.
            if line_end_len(&bytes, at) == 0 {
                starts.push(at);
            }
            at = next;
        }
        let nth = usize::try_from(count)
            .ok()
            .and_then(|count| starts.len().checked_sub(count));
        match nth {
            Some(nth) => return Ok(start + starts[nth] as u64),
            None if start == input.start => return Ok(start),
            None if want > limits.record_bytes as u64 => {
                return Err(InputError::new(
                    format!(
                        "{name}: its last {count} lines are longer than {}",
                        display::size(want)
                    ),
                    "--skip-last leaves out a few lines below a table",
                ));
            }
            None => want *= 4,
        }
    }
}

/// Where so many last rows of a sheet begin, blank ones not counted.
fn last_rows(input: &Input, name: &str, count: u64) -> Result<u64, InputError> {
    let (mut bytes, mut start, mut starts) = (Vec::new(), input.start, VecDeque::new());
    loop {
        let offset = start + bytes.len() as u64;
        let is_last = input.append(&mut bytes, offset, READ_BYTES)?;
        let mut splitter = Splitter::new(Some(Dialect::SHEET));
        let mut end = 0;
        loop {
            match splitter.next(&bytes, is_last) {
                Ok(None) => break,
                Ok(Some(piece)) => {
                    end = piece.end;
                    if piece.content_end > piece.start {
                        starts.push_back(start + piece.start as u64);
                    }
                    if starts.len() as u64 > count {
                        starts.pop_front();
                    }
                }
                // What was written here as a sheet's text has no other quotes than ours.
                Err(_) => return Err(faults::changing(name)),
            }
        }
        start += end as u64;
        bytes.drain(..end);
        if is_last {
            return Ok(starts.front().copied().unwrap_or(input.start));
        }
    }
}
