//! NDJSON lines to keys and raw values: the digits of numbers stay as they were written.
//!
//! What serde_json would let pass is left to `check`, records that are written like the one before and
//! need no serde_json to `pattern`, what values mean to `mapping`.

use std::borrow::Cow;

use memchr::{memchr, memchr2};
use serde_json::value::RawValue;

use super::check::check;
use super::pairs::{Entry, doubled, pairs};
use super::pattern::Pattern;
use super::text::said;
use crate::base::display;
use crate::input::limits::MAX_COLUMNS;
use crate::input::record::{Cells, KeyList, Members, Row, RowFault};
use crate::input::reject_columns::{
    REJECT_COLUMNS, has_reject_columns, is_reject_column, name_in_input,
};
use crate::input::text;

/// The rows of one block.
#[derive(Debug)]
pub(crate) struct NdjsonRows<'b> {
    text: &'b str,
    at: usize,
    line: u64,
    reader: ObjectReader<'b>,
}

/// Takes records apart, one after another.
#[derive(Debug, Default)]
pub(crate) struct ObjectReader<'b> {
    entries: Vec<Entry<'b>>,
    /// The last good row's: records mostly have the same keys in the same order, and then no key
    /// stands twice.
    previous: Vec<Entry<'b>>,
    /// The last good row's keys; of none behind a bad one.
    keys: KeyList,
    /// How many of the last good row's entries, at its end, only a rejects file has.
    dropped: usize,
    /// Whether some of its keys have another name in the rejects file that it stands in.
    has_other_names: bool,
    /// How the last good row was written.
    pattern: Pattern<'b>,
    /// Whether the records stood in a JSON document, not on lines of their own.
    is_document: bool,
}

impl<'b> NdjsonRows<'b> {
    /// The rows of a text; of the copy of a JSON document, if that is one.
    pub(crate) fn new(text: &'b str, line: u64, is_document: bool) -> Self {
        Self {
            text,
            at: 0,
            line,
            reader: ObjectReader {
                is_document,
                ..ObjectReader::default()
            },
        }
    }

    pub(crate) fn next(&mut self) -> Option<Row<'_>> {
        let bytes = self.text.as_bytes();
        while self.at < bytes.len() {
            let (start, line) = (self.at, self.line);
            let content_end =
                memchr2(b'\n', b'\r', &bytes[start..]).map_or(bytes.len(), |n| start + n);
            self.at = content_end + text::line_end_len(bytes, content_end);
            self.line += 1;
            let content = &self.text[start..content_end];
            if content.bytes().all(|b| matches!(b, b' ' | b'\t')) {
                continue;
            }
            let end = self.at;
            return Some(Row {
                start,
                end,
                line,
                cells: self.reader.cells(content),
            });
        }
        None
    }
}

impl<'b> ObjectReader<'b> {
    /// The keys and values of a record.
    pub(crate) fn cells(&mut self, content: &'b str) -> Result<Cells<'_>, RowFault> {
        if !self.pattern.read(content, &mut self.entries) {
            self.read(content)?;
        }
        let kept = self.entries.len() - self.dropped;
        let members = Members::new(&self.entries[..kept], self.keys);
        Ok(Cells::Object(members))
    }

    /// Reads a record as JSON, whatever stood before it.
    fn read(&mut self, content: &'b str) -> Result<(), RowFault> {
        std::mem::swap(&mut self.entries, &mut self.previous);
        self.entries.clear();
        let parsed = parse(content, self.is_document, &mut self.entries);
        let parsed = parsed.and_then(|()| self.check(content));
        if let Err(fault) = parsed {
            self.entries.clear();
            self.keys = KeyList::new();
            (self.dropped, self.has_other_names) = (0, false);
            self.pattern.forget();
            return Err(fault);
        }
        self.pattern.learn(content, &self.entries);
        Ok(())
    }

    fn check(&mut self, content: &str) -> Result<(), RowFault> {
        let is_like_previous = !self.has_other_names
            && self.entries.len() == self.previous.len()
            && (self.entries.iter().zip(&self.previous)).all(|(a, b)| a.0 == b.0);
        if !is_like_previous {
            self.keys = KeyList::new();
            if let Some(key) = doubled(&self.entries, |(key, _)| key) {
                return Err(RowFault {
                    column: Some(key.to_owned()),
                    message: "the key stands twice".to_owned(),
                });
            }
            self.dropped = set_rejects_apart(&mut self.entries);
            let kept = self.entries.len() - self.dropped;
            self.has_other_names = self.dropped > 0 && name_as_in_input(&mut self.entries[..kept]);
            if kept > MAX_COLUMNS {
                return Err(fault(format!(
                    "has {} keys; at most {} are read",
                    display::count(kept as u64),
                    display::count(MAX_COLUMNS as u64)
                )));
            }
        }
        let has_escapes = memchr(b'\\', content.as_bytes()).is_some();
        for (key, value) in &self.entries {
            check(value, has_escapes).map_err(|message| RowFault {
                column: Some(key.clone().into_owned()),
                message,
            })?;
        }
        Ok(())
    }
}

fn fault(message: String) -> RowFault {
    RowFault {
        column: None,
        message,
    }
}

/// The keys and values of a line that is an object, whatever else is wrong with it.
pub(crate) fn entries(content: &[u8]) -> Option<Vec<Entry<'_>>> {
    let content = std::str::from_utf8(content).ok()?;
    let mut entries = Vec::new();
    parse(content, false, &mut entries).ok()?;
    Some(entries)
}

/// Moves what only a rejects file has to the end, and says how many entries that are. The others
/// stay in their order.
fn set_rejects_apart(entries: &mut [Entry<'_>]) -> usize {
    if !has_reject_columns(entries.iter().map(|(key, _)| &**key)) {
        return 0;
    }
    entries.sort_by_key(|(key, _)| is_reject_column(key));
    REJECT_COLUMNS.len()
}

/// Gives keys of a rejects file their names in the input back, and says whether any has another.
fn name_as_in_input(entries: &mut [Entry<'_>]) -> bool {
    let mut has_other_names = false;
    for (key, _) in entries {
        let name = name_in_input(key);
        if name.len() < key.len() {
            *key = Cow::Owned(name.to_owned());
            has_other_names = true;
        }
    }
    has_other_names
}

/// Reads one record as an object into `entries`.
fn parse<'b>(
    line: &'b str,
    is_document: bool,
    entries: &mut Vec<Entry<'b>>,
) -> Result<(), RowFault> {
    let first = line.trim_start_matches([' ', '\t']).as_bytes().first();
    if first != Some(&b'{') {
        let is_json = serde_json::from_str::<&RawValue>(line);
        return Err(is_json.map_or_else(
            |e| syntax(&e, line.as_bytes(), is_document),
            |_| fault(format!("is {}, not a JSON object", kind(first))),
        ));
    }
    pairs(line, entries).map_err(|e| syntax(&e, line.as_bytes(), is_document))
}

fn kind(first: Option<&u8>) -> &'static str {
    match first {
        Some(b'[') => "an array",
        Some(b'"') => "a string",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

fn syntax(error: &serde_json::Error, content: &[u8], is_document: bool) -> RowFault {
    let upto = error.column().min(content.len());
    let character = text::characters(&content[..upto]).max(1);
    let said = said(error);
    fault(match (is_document, error.is_eof()) {
        (true, _) => format!("is not JSON, at character {character} of the record: {said}"),
        (false, true) => format!(
            "the JSON ends too early, at character {character}: each line must hold one whole object"
        ),
        (false, false) => format!("is not JSON, at character {character}: {said}"),
    })
}
