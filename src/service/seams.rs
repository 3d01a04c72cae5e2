//! What `fuzzing` and tests have to reach in this module: answers that no connection brought. Nothing
//! else uses it.

use std::time::SystemTime;

use reqwest::header::HeaderMap;

use super::answer::{Accepted, Answer};
use super::error::{CallError, RetryAfter};
use super::head;
use super::import::Import;
#[cfg(test)]
use super::split::Split;
use crate::base::secret::ApiKey;

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
