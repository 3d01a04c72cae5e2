//! How a JSON input is written, told by its first bytes, and what stands before its records.
//!
//! An object that is alone may be a record, or it is wrapped around the records, as the answers of most
//! services are. That is never guessed: one that holds an array of objects is refused until somebody
//! said which of both it is.

use super::fault::{ITEMS, JsonFault, SHAPES, WHOLE, reads};
use super::ndjson;
use super::outline::{ArrayPlace, Outline, outline};
use super::text::blanks;
use super::wrapper::{check_head, own_id};
use crate::base::display;
use crate::base::position::LineColumn;
use crate::input::error::InputError;
use crate::input::limits::Limits;
use crate::input::opened::Input;
use crate::input::reject_columns::has_reject_columns;
use crate::input::{faults, text};

/// How many bytes are read at a time until the shape is known.
const READ_BYTES: usize = 64 << 10;

/// How many arrays one message names.
const SHOWN: usize = 5;

/// Where the records begin, and what stands around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Beginning {
    /// The byte of the input, and where that stands.
    pub start: u64,
    pub place: LineColumn,
    /// The keys that lead to the array of the records: none where it is all there is. Objects that
    /// stand one behind the other are in no array.
    pub keys: Option<Vec<String>>,
    /// Whether somebody said that they stand there.
    pub is_told: bool,
}

/// Finds out how a JSON input is written. The records are at the path `records` if somebody said so.
/// `name` is harmless to print.
pub(super) fn read(
    input: &Input,
    name: &str,
    records: Option<&str>,
    limits: Limits,
) -> Result<Beginning, InputError> {
    let place = input.place();
    let (bytes, (start, keys)) = look(input, name, |bytes, is_last| {
        recognise(bytes, is_last, limits.record_bytes, records)
    })?;
    let head = &bytes[..start];
    text::check(|| name.to_owned(), head, place)?;
    check_head(head, keys.as_deref().unwrap_or_default())
        .map_err(|fault| faults::json(name, place, &bytes, &fault))?;
    Ok(Beginning {
        start: input.start + start as u64,
        place: text::after(place, head),
        keys,
        is_told: records.is_some(),
    })
}

/// Refuses an NDJSON input whose only line seems to be wrapped around the records. `name` is harmless
/// to print.
pub(crate) fn refuse_envelope(input: &Input, name: &str, limits: Limits) -> Result<(), InputError> {
    let (_, ()) = look(input, name, |bytes, is_last| {
        let start = blanks(bytes);
        let limit = limits.record_bytes;
        if bytes.get(start) != Some(&b'{') {
            let is_unknown = start == bytes.len() && !is_last && start < limit;
            return Ok((!is_unknown).then_some(()));
        }
        let seen = &bytes[..bytes.len().min(start.saturating_add(limit))];
        let outline = outline(seen, start, ITEMS);
        match behind(&outline, bytes, is_last, limit) {
            // A rejects file holds records.
            Behind::Nothing => {
                match best(&outline.places).filter(|_| !is_reject(&bytes[start..])) {
                    Some((place, words)) => Err(JsonFault::new(
                        place.start,
                        format!("the only line is one object, and {words}"),
                        format!(
                            "--format json {}; --format ndjson if the object is a record all the same",
                            reads(&place.path, place.has_nodes)
                        ),
                    )),
                    None => Ok(Some(())),
                }
            }
            Behind::Something(_) => Ok(Some(())),
            Behind::Unknown if is_last || seen.len() - start == limit => Ok(Some(())),
            Behind::Unknown => Ok(None),
        }
    })?;
    Ok(())
}

/// Whether an object is a record of a rejects file.
fn is_reject(object: &[u8]) -> bool {
    let entries = ndjson::entries(object.trim_ascii_end());
    entries.is_some_and(|entries| has_reject_columns(entries.iter().map(|(key, _)| &**key)))
}

/// Reads more and more of the input until enough was seen.
fn look<T>(
    input: &Input,
    name: &str,
    mut see: impl FnMut(&[u8], bool) -> Result<Option<T>, JsonFault>,
) -> Result<(Vec<u8>, T), InputError> {
    let mut bytes = Vec::new();
    let mut want = READ_BYTES;
    loop {
        let offset = input.start + bytes.len() as u64;
        let is_last = input.append(&mut bytes, offset, want)?;
        want = bytes.len();
        match see(&bytes, is_last) {
            Ok(Some(found)) => return Ok((bytes, found)),
            Ok(None) => {}
            Err(fault) => return Err(faults::json(name, input.place(), &bytes, &fault)),
        }
    }
}

/// The place of the first record among the bytes that were looked at, and [`Beginning::keys`].
type Start = (usize, Option<Vec<String>>);

/// How the text is written that begins with `bytes`; none if more of it must be seen. No byte stands
/// behind them if `is_last`. The array of the records begins in the first `limit` bytes of its object.
///
/// An object that ends in these bytes and has another one behind it is a record, whatever keys it has,
/// unless somebody said where the records stand.
fn recognise(
    bytes: &[u8],
    is_last: bool,
    limit: usize,
    records: Option<&str>,
) -> Result<Option<Start>, JsonFault> {
    let start = blanks(bytes);
    match bytes.get(start) {
        None if !is_last && bytes.len() < limit => Ok(None),
        None if !is_last => Err(JsonFault::new(
            start,
            "nothing but white space stands before here",
            SHAPES,
        )),
        None => Err(JsonFault::new(
            bytes.len(),
            "there is no JSON: the file is empty",
            "an array without records is written as []",
        )),
        Some(b'[') if records.is_some() => Err(JsonFault::new(
            start,
            "the document is an array, whose elements are the records",
            "leave --records out, or `records` in the mapping",
        )),
        Some(b'[') => Ok(Some((start + 1, Some(Vec::new())))),
        Some(b'{') => {
            let seen = &bytes[..bytes.len().min(start.saturating_add(limit))];
            let outline = outline(seen, start, records.unwrap_or(ITEMS));
            let is_all = seen.len() == bytes.len() && is_last;
            let object = Object {
                is_whole: is_all || seen.len() - start == limit,
                is_all,
                behind: behind(&outline, bytes, is_last, limit),
                outline,
                start,
                limit,
            };
            match records {
                Some(path) => object.at(path),
                None => object.recognise(),
            }
        }
        Some(_) => Err(JsonFault::new(
            start,
            "no JSON array or object begins here",
            SHAPES,
        )),
    }
}

/// What follows an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Behind {
    /// It has not ended, or what follows is not here yet.
    Unknown,
    Nothing,
    Something(u8),
}

fn behind(outline: &Outline, bytes: &[u8], is_last: bool, limit: usize) -> Behind {
    let Some(end) = outline.end else {
        return Behind::Unknown;
    };
    let blank = blanks(&bytes[end..]);
    match bytes.get(end + blank) {
        Some(byte) => Behind::Something(*byte),
        // So much white space was not meant to part two records.
        None if is_last || blank > limit => Behind::Nothing,
        None => Behind::Unknown,
    }
}

/// The first object of an input.
struct Object {
    outline: Outline,
    behind: Behind,
    start: usize,
    limit: usize,
    /// Whether no more of it is looked at.
    is_whole: bool,
    /// Whether the input has no more than what was seen.
    is_all: bool,
}

impl Object {
    /// The records at a path.
    fn at(self, path: &str) -> Result<Option<Start>, JsonFault> {
        if let Some(records) = self.outline.records {
            return Ok(Some((records.start, Some(records.keys))));
        }
        if self.outline.end.is_none() && !self.is_whole {
            return Ok(None);
        }
        let path = display::quoted(path);
        let is_cut_off = self.outline.end.is_none() && !self.is_all;
        let message = match is_cut_off {
            true => format!(
                "no array at {path} begins in the first {} of this object",
                display::size(self.limit as u64)
            ),
            false => format!("no array stands at {path}"),
        };
        let hint = match best(&self.outline.places) {
            Some((_, words)) => words,
            None if is_cut_off => {
                "take the records out of it with another program, such as jq, and push them as NDJSON"
                    .to_owned()
            }
            None => "its keys lead to no array of objects".to_owned(),
        };
        Err(JsonFault::new(self.start, message, hint))
    }

    /// What nobody told anything of.
    fn recognise(self) -> Result<Option<Start>, JsonFault> {
        let stream = Ok(Some((0, None)));
        let has_own_id = self.outline.has_id;
        let Some(records) = self.outline.records else {
            return match (self.outline.end, self.behind) {
                (Some(_), Behind::Something(_)) => stream,
                (Some(_), Behind::Nothing) => match best(&self.outline.places) {
                    Some((place, words)) => Err(envelope(place, words)),
                    None => stream,
                },
                (Some(_), Behind::Unknown) if self.outline.places.is_empty() => stream,
                // The walk tells where the record begins that does not end.
                (None, _) if self.is_all => stream,
                (None, _) if self.is_whole => Err(self.without_records()),
                _ => Ok(None),
            };
        };
        match self.behind {
            Behind::Something(b'{') => stream,
            Behind::Unknown if !self.is_whole => Ok(None),
            _ if has_own_id => Err(own_id(records.start - 1)),
            _ => Ok(Some((records.start, Some(records.keys)))),
        }
    }

    /// An object that is too long to be one record.
    fn without_records(&self) -> JsonFault {
        if let Some((place, words)) = best(&self.outline.places) {
            return envelope(place, words);
        }
        JsonFault::new(
            self.start,
            format!(
                "no array under `items` begins in the first {} of this object",
                display::size(self.limit as u64)
            ),
            SHAPES,
        )
    }
}

/// The array that most likely holds the records, and what seems to stand where.
fn best(places: &[ArrayPlace]) -> Option<(&ArrayPlace, String)> {
    let mut sorted: Vec<&ArrayPlace> = places.iter().collect();
    // Where a document has both, records are nearer than the edges that lead to them.
    sorted.sort_by_key(|place| (std::cmp::Reverse(place.objects), place.has_nodes));
    let words = sorted.iter().take(SHOWN).enumerate().map(|(n, place)| {
        let more = if place.is_whole { "" } else { " or more" };
        let count = match (n, place.objects) {
            (0, 1) if place.is_whole => "1 record seems to stand".to_owned(),
            (0, count) => format!("{}{more} seem to stand", display::counted(count, "record")),
            (_, count) => format!("{}{more}", display::count(count)),
        };
        let below = if place.has_nodes {
            ", each below `node`"
        } else {
            ""
        };
        format!("{count} under {}{below}", display::quoted(&place.path))
    });
    let words = words.collect::<Vec<_>>().join(", ");
    Some((sorted.first()?, words))
}

fn envelope(place: &ArrayPlace, words: String) -> JsonFault {
    let hint = format!("{}; {WHOLE}", reads(&place.path, place.has_nodes));
    JsonFault::new(place.start, words, hint)
}
