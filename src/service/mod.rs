//! The calls to Qobra's API: their addresses, their answers, their errors.
//!
//! One call is one request. Repeating, waiting and judging what a failure means for the table are
//! left to `retry` and `send`. Facts about the service come from Qobra's public documentation of
//! `POST /v1/tables/{data_table_key}/records/bulk`; where that is silent, every answer is handled.

pub(crate) mod retry;
pub(crate) mod sandbox;
pub(crate) mod window;
pub(crate) mod answer;
mod base_url;
mod body;
mod certificates;
mod resolve;
mod client;
mod client_error;
pub(crate) mod error;
mod encoded;
mod exchange;
pub(crate) mod facts;
mod conclusions;
mod gate;
pub(crate) mod head;
pub(crate) mod import;
mod import_error;
mod probe;
mod proxy;
mod redact;
mod rejected;
mod rows;
mod runtime;
pub(crate) mod split;
mod api;

pub(crate) use self::api::{Push, Service};
pub(crate) use answer::Accepted;
pub(crate) use base_url::BaseUrl;
pub(crate) use certificates::{Roots, where_none};
pub(crate) use client::{ApiOptions, Client};
pub(crate) use error::{CallError, ProxyFault, TlsFault};
pub(crate) use exchange::{Exchange, Reply};
pub(crate) use import::{Import, Percent, Status, TableImport};
pub(crate) use import_error::ImportError;
pub(crate) use probe::{Clocks, Probe, probe};
pub(crate) use proxy::ProxyUse;
pub(crate) use rejected::RejectedRow;
pub(crate) use rows::RowBlock;
pub(crate) use runtime::runtime;
