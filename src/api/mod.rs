//! The calls to Qobra's API: their addresses, their answers, their errors.
//!
//! One call is one request. Repeating, waiting and judging what a failure means for the table are
//! left to `retry` and `send`. Facts about the service come from Qobra's public documentation of
//! `POST /v1/tables/{data_table_key}/records/bulk`; where that is silent, every answer is handled.

mod answer;
mod base_url;
mod client;
mod error;

pub use answer::Accepted;
pub use base_url::{BadBaseUrl, BaseUrl};
pub use client::{ApiOptions, Client, ClientError, Push};
pub use error::{CallError, RetryAfter, TlsFault};
