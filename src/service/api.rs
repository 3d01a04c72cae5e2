//! What the program asks of the service, so that tests can answer instead.

use std::time::Duration;

use bytes::Bytes;

use super::answer::Accepted;
use super::error::CallError;
use super::import::Import;
use crate::base::model::{ImportId, Mode, TableKey};

/// The calls of the API. Besides the real service there is a simulated one, with which a push is
/// tried at every instant without a network.
pub(crate) trait Service {
    /// The service's host, for messages.
    fn host(&self) -> String;

    /// Pushes records: `POST /v1/tables/{key}/records/bulk?all=…&debounce=…`.
    fn push(&self, push: Push<'_>) -> impl Future<Output = Result<Accepted, CallError>>;

    /// Shows an import: `GET /v1/imports/{import_id}`. Always safe to repeat.
    fn import(&self, id: &ImportId) -> impl Future<Output = Result<Import, CallError>>;
}

/// One request that carries records.
#[derive(Clone, Debug)]
pub(crate) struct Push<'a> {
    /// The table that gets them.
    pub table: &'a TableKey,
    /// How they meet what the table holds.
    pub mode: Mode,
    /// `{"items":[…]}`; cloning it does not copy the bytes.
    pub body: Bytes,
    /// How long the whole call may take.
    pub timeout: Duration,
}
