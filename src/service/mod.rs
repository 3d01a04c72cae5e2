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
mod api;

pub use self::api::Service;
pub use answer::Accepted;
pub use base_url::{BadBaseUrl, BaseUrl};
pub use client::{ApiOptions, Client, ClientError, Push};
pub use error::{CallError, ProxyFault, RetryAfter, TlsFault};
pub use import::{Import, Percent, Status, TableImport};
pub use probe::{Clocks, Probe, probe};
pub use rejected::{ImportError, RejectedRow};
pub use route::{ProxyUse, Roots};
pub use rows::{RejectedRows, RowBlock};
