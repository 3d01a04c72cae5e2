//! What `fuzzing` has to reach in this module: answers that no connection brought. Nothing else
//! uses it.

use std::time::SystemTime;

use reqwest::header::HeaderMap;

use super::answer::{self, Answer};
use super::{Accepted, CallError, Import, RetryAfter};
use crate::secret::ApiKey;

/// A body as the answer to a push.
pub(crate) fn accepted(status: u16, body: &[u8], key: &ApiKey) -> Result<Accepted, CallError> {
    Answer::made(status, body).accepted(key)
}

/// A body as the answer to a question about an import.
pub(crate) fn import(status: u16, body: &[u8], key: &ApiKey) -> Result<Import, CallError> {
    Answer::made(status, body).import(key)
}

/// What headers say of the next attempt.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<RetryAfter> {
    answer::retry_after(headers, now)
}
