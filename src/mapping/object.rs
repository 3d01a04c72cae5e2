//! Finding the mapped keys in an NDJSON record, without a map for each record.
//!
//! A column is a key or a path (`owner.email`). A key that has the dots in its own name wins, at
//! every level. Records of one file nearly always have their keys in one order: where their
//! reader says so nothing is looked for, else each key is first compared with the one that stood in its place in
//! the record before.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use serde::de::IgnoredAny;

use crate::base::display;
use crate::input::{Members, each_pair};

use super::tally::{FieldTally, Names, Scratch};
use super::written::Reason;

/// Keys longer than this are looked up each time instead of being remembered.
const REMEMBERED_BYTES: usize = 256;

/// The most keys of a nested object that are remembered for a hint.
const MOST_NEAR: usize = 50;

/// The key-value pairs of one record, the values as they are written.
pub(super) type Pairs<'a> = [(Cow<'a, str>, &'a str)];

/// The top-level keys that the mapping wants.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    heads: HashMap<String, usize>,
}

/// Where a column may be found: under which top-level key, and by which path from there.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    head: usize,
    rest: Option<String>,
}

impl Wanted {
    /// The places of a column, the likeliest meaning first.
    pub(super) fn add(&mut self, column: &str) -> Vec<Candidate> {
        ways(column)
            .map(|(head, rest)| {
                let next = self.heads.len();
                Candidate {
                    head: *self.heads.entry(head.to_owned()).or_insert(next),
                    rest: rest.map(str::to_owned),
                }
            })
            .collect()
    }

    /// Whether the mapping wants something of this key.
    pub(super) fn has(&self, key: &str) -> bool {
        self.heads.contains_key(key)
    }

    /// Notes where the wanted keys stand in a record, and the keys that nobody wants.
    pub(super) fn locate(&self, pairs: &Members<'_>, scratch: &mut Scratch, unmapped: &mut Names) {
        let keys = Some(pairs.keys());
        if std::mem::replace(&mut scratch.keys, keys) == keys {
            return;
        }
        scratch.found.clear();
        scratch.found.resize(self.heads.len(), None);
        for (at, (key, _)) in pairs.iter().enumerate() {
            let head = match scratch.layout.get(at) {
                Some((last, head)) if *last == **key => *head,
                _ => self.look_up(at, key, scratch, unmapped),
            };
            if let Some(head) = head {
                scratch.found[head] = Some(at);
            }
        }
    }

    fn look_up(
        &self,
        at: usize,
        key: &str,
        scratch: &mut Scratch,
        unmapped: &mut Names,
    ) -> Option<usize> {
        let head = self.heads.get(key).copied();
        if head.is_none() {
            unmapped.add(key);
        }
        if key.len() <= REMEMBERED_BYTES {
            if let Some((last, was)) = scratch.layout.get_mut(at) {
                last.clear();
                last.push_str(key);
                *was = head;
            } else if at == scratch.layout.len() {
                scratch.layout.push((key.to_owned(), head));
            }
        }
        head
    }
}

/// The ways to read a path: as one key, then as ever shorter keys with a path below them.
fn ways(path: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let nested = path
        .rmatch_indices('.')
        .map(|(at, _)| (&path[..at], Some(&path[at + 1..])));
    std::iter::once((path, None)).chain(nested)
}

/// A column's value in the record that was last located; none where the record has no such key.
///
/// Nearly every column is a key, and there: told within the caller, since the result of a call comes in memory,
/// for which the processor waits.
#[inline(always)]
pub(super) fn value<'a>(
    candidates: &[Candidate],
    pairs: &Pairs<'a>,
    found: &[Option<usize>],
) -> Result<Option<&'a str>, Reason> {
    if let Some(Candidate { head, rest: None }) = candidates.first()
        && let Some(at) = found[*head]
    {
        return Ok(Some(pairs[at].1));
    }
    seek(candidates, pairs, found)
}

/// The same, one way after the other.
fn seek<'a>(
    candidates: &[Candidate],
    pairs: &Pairs<'a>,
    found: &[Option<usize>],
) -> Result<Option<&'a str>, Reason> {
    let mut blocked = None;
    for candidate in candidates {
        let Some(at) = found[candidate.head] else {
            continue;
        };
        let (key, value) = &pairs[at];
        match &candidate.rest {
            None => return Ok(Some(value)),
            Some(rest) => match descend(key, value, rest) {
                Ok(Some(value)) => return Ok(Some(value)),
                Ok(None) => {}
                Err(reason) => blocked = blocked.or(Some(reason)),
            },
        }
    }
    blocked.map_or(Ok(None), Err)
}

fn descend<'a>(key: &str, value: &'a str, path: &str) -> Result<Option<&'a str>, Reason> {
    match value.as_bytes().first() {
        Some(b'{') => {}
        Some(b'n') => return Ok(None),
        _ => {
            let (key, path) = (display::quoted(key), display::quoted(path));
            return Err(
                format!("cannot be found: {key} is not an object, so it has no {path}").into(),
            );
        }
    }
    let mut blocked = None;
    for (head, rest) in ways(path) {
        let Some(inner) = member(value, head)? else {
            continue;
        };
        match rest {
            None => return Ok(Some(inner)),
            Some(rest) => match descend(head, inner, rest) {
                Ok(Some(value)) => return Ok(Some(value)),
                Ok(None) => {}
                Err(reason) => blocked = blocked.or(Some(reason)),
            },
        }
    }
    blocked.map_or(Ok(None), Err)
}

/// One member of a nested object.
fn member<'a>(object: &'a str, key: &str) -> Result<Option<&'a str>, Reason> {
    let mut found = None;
    each_pair(object, |other, value| {
        if other == key {
            found = Some(value);
        }
    })
    .map_err(|error| format!("cannot be found: {}", display::shown(&error.to_string())))?;
    Ok(found)
}

/// Notes the paths that exist below the keys where a path was sought in vain, once.
pub(super) fn note_near(
    candidates: &[Candidate],
    pairs: &Pairs<'_>,
    found: &[Option<usize>],
    tally: &mut FieldTally,
) {
    if !tally.seen && !tally.looked_near {
        tally.looked_near = look_near(candidates, pairs, found, &mut tally.near);
    }
}

#[cold]
fn look_near(
    candidates: &[Candidate],
    pairs: &Pairs<'_>,
    found: &[Option<usize>],
    near: &mut Names,
) -> bool {
    let mut looked = false;
    for at in candidates.iter().filter_map(|c| found[c.head]) {
        let (key, value) = &pairs[at];
        let members: Result<BTreeMap<String, IgnoredAny>, _> = serde_json::from_str(value);
        for member in members.iter().flat_map(BTreeMap::keys).take(MOST_NEAR) {
            near.add(&format!("{key}.{member}"));
            looked = true;
        }
    }
    looked
}
