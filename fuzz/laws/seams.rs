//! What the laws and tests have to reach inside of the rooms: blocks as small as they like, what first
//! bytes tell of their delimiter, answers that no connection brought.

use std::time::SystemTime;

use reqwest::header::HeaderMap;

use crate::base::secret::ApiKey;
use crate::input::error::InputError;
use crate::input::limits::Limits;
use crate::input::options::{InputPath, Quoting, SourceOptions};
use crate::input::recognise::{self, Sample, Verdict};
use crate::input::source::Source;
use crate::service::answer::{Accepted, Answer};
use crate::service::error::{CallError, RetryAfter};
use crate::service::head;
use crate::service::import::Import;
#[cfg(test)]
use crate::service::split::Split;

/// What first bytes tell of their delimiter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Recognised {
    /// It is this one.
    One(u8),
    /// The header is one column.
    Column,
    /// One of these, or nothing.
    Open(Vec<u8>),
}

impl Source {
    /// [`Source::open`] with blocks of another size.
    pub(crate) fn open_in_blocks(
        paths: &[InputPath],
        options: &SourceOptions,
        block_bytes: usize,
    ) -> Result<Self, InputError> {
        let limits = Limits {
            block_bytes,
            ..Limits::default()
        };
        Self::open_limited(paths, options, limits)
    }
}

/// What the first bytes of an input tell of its delimiter; no more follow if they are whole.
pub(crate) fn recognised(bytes: &[u8], is_whole: bool) -> Recognised {
    let readings = Sample { bytes, is_whole }.readings(Quoting::PLAIN);
    match recognise::verdict(&readings) {
        Verdict::One(one) => Recognised::One(one.delimiter),
        Verdict::Column => Recognised::Column,
        Verdict::Tie(readings) | Verdict::Neither(readings) => {
            Recognised::Open(readings.iter().map(|one| one.delimiter).collect())
        }
        Verdict::NoHeader => Recognised::Open(Vec::new()),
    }
}

/// A body as the answer to a push.
pub(crate) fn accepted(status: u16, body: &[u8], key: &ApiKey) -> Result<Accepted, CallError> {
    Answer::made(status, body).accepted(key)
}

/// A body as the answer to a question about an import.
pub(crate) fn import(status: u16, body: &[u8], key: &ApiKey) -> Result<Import, CallError> {
    Answer::made(status, body).import(key)
}

/// An import without its envelope, as JSON.
#[cfg(test)]
pub(crate) fn import_of(json: &str) -> Option<Import> {
    let mut split = Split::new(None);
    // What it does not want is told by its end.
    let _ = split.push(json.as_bytes());
    let (bare, rows) = split.finish().ok()?;
    let mut import: Import = serde_json::from_slice(&bare).ok()?;
    import.attach(&rows);
    Some(import)
}

/// What headers say of the next attempt.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<RetryAfter> {
    head::retry_after(headers, now)
}
