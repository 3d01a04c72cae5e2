//! What the sandbox remembers of the requests it was sent.
//!
//! Keys are compared and forgotten: nothing here could show one.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::fault::SandboxFault;
use crate::base::display;

/// A request to the modelled service; those to the sandbox's own paths are not remembered.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestSeen {
    /// `GET`, `POST`, ….
    pub method: String,
    /// The path and the query, as sent.
    pub path: String,
    /// The `User-Agent` header.
    pub user_agent: Option<String>,
    /// What the `X-API-Key` header was worth.
    pub key: KeySeen,
    /// How long the body of a push was; `None` until it was read.
    pub bytes: Option<u64>,
    /// How many records the body held; `None` until a body was read and understood.
    pub records: Option<u64>,
    /// The import that they went to; `None` where they went to none.
    pub import_id: Option<String>,
    /// The answered status; `None` while, or because, there is no answer.
    pub status: Option<u16>,
    /// What went wrong with it on purpose.
    pub fault: Option<SandboxFault>,
    /// When it arrived, on the sandbox's clock.
    pub at: Duration,
}

/// What came in the `X-API-Key` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KeySeen {
    /// Nothing.
    Missing,
    /// A key that is accepted.
    Accepted,
    /// Another key than the sandbox's, or several.
    Wrong,
}

impl fmt::Display for RequestSeen {
    /// `POST /v1/tables/deals/records/bulk: 503; 5,000 records, 1.2 MB; fault 503@2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.method, display::shown(&self.path))?;
        match self.status {
            Some(status) => write!(f, "{status}")?,
            None => f.write_str("no answer")?,
        }
        match (self.records, self.bytes) {
            (Some(records), Some(bytes)) => {
                let records = display::counted(records, "record");
                write!(f, "; {records}, {}", display::size(bytes))?;
            }
            (None, Some(bytes)) => write!(f, "; {}", display::size(bytes))?,
            (_, None) => {}
        }
        if let Some(import) = &self.import_id {
            write!(f, "; import {import}")?;
        }
        match &self.fault {
            Some(fault) => write!(f, "; fault {fault}"),
            None => Ok(()),
        }
    }
}
