//! How a JSON input is written, told by its first bytes, and what stands before its records.

use std::borrow::Cow;
use std::fmt;

use memchr::{memchr_iter, memchr2};
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::input::{Input, Json};
use super::json_split::Shape;
use super::json_value::{Fault, blanks};
use super::{Limits, OpenError, faults, text};
use crate::display;

/// How many bytes are read at a time until the shape is known.
const READ_BYTES: usize = 64 << 10;

const ITEMS: &str = "items";

const SHAPES: &str = "a JSON file holds an array of objects, an object with an array under `items`, \
                      or objects one behind the other";

/// A shape, and where its records begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub shape: Shape,
    pub start: usize,
}

/// Finds out how a JSON input is written and moves its start behind what stands before the records.
/// `name` is harmless to print.
pub(super) fn read(input: &mut Input, name: &str, limits: Limits) -> Result<(), OpenError> {
    let mut bytes = Vec::new();
    let mut want = READ_BYTES;
    let place = input.place();
    let told =
        |bytes: &[u8], fault: Fault| OpenError::from(faults::json(name, place, bytes, &fault));
    let found = loop {
        let offset = input.start + bytes.len() as u64;
        let is_last = input.append(&mut bytes, offset, want)?;
        want = bytes.len();
        match recognise(&bytes, is_last, limits.record_bytes) {
            Ok(Some(found)) => break found,
            Ok(None) => {}
            Err(fault) => return Err(told(&bytes, fault)),
        }
    };
    let head = &bytes[..found.start];
    text::check(|| name.to_owned(), head, place)?;
    check_head(head, found.shape).map_err(|fault| told(&bytes, fault))?;
    let first = text::after(place, head);
    input.first_line = first.line;
    input.json = Some(Json {
        shape: found.shape,
        first_column: first.column,
    });
    input.start += found.start as u64;
    Ok(())
}

/// How the text is written that begins with `bytes`; none if more of it must be seen. No byte stands
/// behind them if `is_last`. The array under `items` begins in the first `limit` bytes of its object.
///
/// An object that ends in these bytes and has another one behind it is a record, whatever keys it has.
pub(super) fn recognise(bytes: &[u8], is_last: bool, limit: usize) -> Result<Option<Found>, Fault> {
    let start = blanks(bytes);
    match bytes.get(start) {
        None if !is_last && bytes.len() < limit => Ok(None),
        None if !is_last => Err(Fault::new(
            start,
            "nothing but white space stands before here",
            SHAPES,
        )),
        None => Err(Fault::new(
            bytes.len(),
            "there is no JSON: the file is empty",
            "an array without records is written as []",
        )),
        Some(b'[') => Ok(Some(Found {
            shape: Shape::Array,
            start: start + 1,
        })),
        Some(b'{') => recognise_object(bytes, start, is_last, limit),
        Some(_) => Err(Fault::new(
            start,
            "no JSON array or object begins here",
            SHAPES,
        )),
    }
}

fn recognise_object(
    bytes: &[u8],
    start: usize,
    is_last: bool,
    limit: usize,
) -> Result<Option<Found>, Fault> {
    let seen = &bytes[..bytes.len().min(start.saturating_add(limit))];
    let is_whole = is_last || seen.len() - start == limit;
    let is_cut = seen.len() == bytes.len() && is_last;
    let stream = Some(Found {
        shape: Shape::Stream,
        start: 0,
    });
    let outline = outline(seen, start);
    let items = outline.items.map(|start| Found {
        shape: Shape::Items,
        start,
    });
    let Some(items) = items else {
        return match outline.end {
            Some(_) => Ok(stream),
            // The splitter tells where the record begins that does not end.
            None if is_cut => Ok(stream),
            None if is_whole => Err(Fault::new(
                start,
                format!(
                    "no array under `items` begins in the first {} of this object",
                    display::size(limit as u64)
                ),
                SHAPES,
            )),
            None => Ok(None),
        };
    };
    let behind = outline.end.map(|end| end + blanks(&seen[end..]));
    match behind.map(|at| seen.get(at)) {
        Some(Some(b'{')) => Ok(stream),
        Some(Some(_)) => Ok(Some(items)),
        _ if is_whole => Ok(Some(items)),
        _ => Ok(None),
    }
}

/// What is known of an object at its first look.
#[derive(Default)]
struct Outline {
    /// Behind the bracket of the first array under `items`.
    items: Option<usize>,
    /// One past its end.
    end: Option<usize>,
}

/// Looks through the object at `start` without checking it.
fn outline(bytes: &[u8], start: usize) -> Outline {
    let mut outline = Outline::default();
    let (mut at, mut depth) = (start, 0_usize);
    // The string that may be a key, and whether its value is awaited.
    let (mut key, mut is_awaited) = (None, false);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let Some(end) = string_end(bytes, at) else {
                    return outline;
                };
                key = (depth == 1 && !is_awaited).then_some(at..end);
                is_awaited = false;
                at = end;
                continue;
            }
            b'{' | b'[' => {
                if byte == b'[' && depth == 1 && is_awaited && outline.items.is_none() {
                    outline.items = Some(at + 1);
                }
                is_awaited = false;
                depth += 1;
            }
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    outline.end = Some(at + 1);
                    return outline;
                }
            }
            b':' if depth == 1 => {
                is_awaited = key.take().is_some_and(|range| is_items(&bytes[range]));
            }
            b',' => is_awaited = false,
            _ => {}
        }
        at += 1;
    }
    outline
}

fn is_items(key: &[u8]) -> bool {
    serde_json::from_slice::<Cow<'_, str>>(key).is_ok_and(|key| key == ITEMS)
}

/// One past the closing quote of the string at `at`.
pub(super) fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    at += 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match bytes[at] {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

/// Checks what stands before the records: for `items` the first part of an object.
fn check_head(head: &[u8], shape: Shape) -> Result<(), Fault> {
    if shape != Shape::Items {
        return Ok(());
    }
    match wrapper_fault(&[head, b"]}"].concat()) {
        None => Ok(()),
        Some((at, message)) => Err(Fault::new(at.min(head.len()), message, SHAPES)),
    }
}

/// What is wrong with an object around `items`, and at which byte.
pub(super) fn wrapper_fault(object: &[u8]) -> Option<(usize, String)> {
    let mut deserializer = serde_json::Deserializer::from_slice(object);
    let read = deserializer.deserialize_map(Wrapper);
    let error = read.and_then(|()| deserializer.end()).err()?;
    let place = format!(" at line {} column {}", error.line(), error.column());
    let said = error.to_string();
    let said = display::shown(said.strip_suffix(&place).unwrap_or(&said));
    Some((place_of(&error, object), format!("is not JSON: {said}")))
}

/// The byte at which serde_json gave up.
pub(super) fn place_of(error: &serde_json::Error, bytes: &[u8]) -> usize {
    let line = match error.line() {
        0 | 1 => 0,
        n => memchr_iter(b'\n', bytes)
            .nth(n - 2)
            .map_or(bytes.len(), |at| at + 1),
    };
    (line + error.column().saturating_sub(1)).min(bytes.len())
}

/// An object of which only the keys matter.
struct Wrapper;

impl<'de> Visitor<'de> for Wrapper {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut has_items = false;
        while let Some(key) = map.next_key::<String>()? {
            if key == ITEMS && std::mem::replace(&mut has_items, true) {
                return Err(A::Error::custom("the key `items` stands twice"));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}
