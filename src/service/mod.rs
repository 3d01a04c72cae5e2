//! The calls to Qobra's API: their addresses, their answers, their errors.
//!
//! One call is one request. Repeating, waiting and judging what a failure means for the table are
//! left to `retry` and `send`. Facts about the service come from Qobra's public documentation of
//! `POST /v1/tables/{data_table_key}/records/bulk`; where that is silent, every answer is handled.

pub mod retry;
pub mod sandbox;
pub mod window;

mod answer;
mod base_url;
mod body;
mod client;
mod error;
mod head;
mod import;
mod probe;
mod proxy;
mod rejected;
mod route;
mod rows;
#[cfg(any(test, fuzzing))]
pub(crate) mod seams;
mod split;

pub use answer::Accepted;
pub use base_url::{BadBaseUrl, BaseUrl};
pub use client::{ApiOptions, Client, ClientError, Push};
pub use error::{CallError, ProxyFault, RetryAfter, TlsFault};
pub use import::{Import, Percent, Status, TableImport};
pub use probe::{Clocks, Probe, probe};
pub use rejected::{ImportError, RejectedRow};
pub use route::{ProxyUse, Roots};
pub use rows::{RejectedRows, RowBlock};

use crate::base::model::ImportId;

/// The calls of the API. Besides the real service there is a simulated one, with which a push is
/// tried at every instant without a network.
pub trait Service {
    /// The service's host, for messages.
    fn host(&self) -> String;

    /// Pushes records: `POST /v1/tables/{key}/records/bulk?all=…&debounce=…`.
    ///
    /// # Errors
    /// When no documented answer came. What that proves is told by
    /// [`CallError::is_surely_not_applied`].
    fn push(&self, push: Push<'_>) -> impl Future<Output = Result<Accepted, CallError>>;

    /// Shows an import: `GET /v1/imports/{import_id}`. Always safe to repeat.
    ///
    /// # Errors
    /// When no documented answer came; 404 may be early, or an id that is not the service's.
    fn import(&self, id: &ImportId) -> impl Future<Output = Result<Import, CallError>>;
}
