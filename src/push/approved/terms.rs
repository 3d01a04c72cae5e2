//! What decides what a push sends and whether it may, besides its input and its mapping.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The part of a dry run's document that makes a plan of it. The names below `options` and `guards` are
/// those of the options, so that what differs can be named as it is typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Terms {
    pub base_url: String,
    /// What decides which records are sent, and in which requests.
    pub options: Map<String, Value>,
    /// What would have refused the push.
    pub guards: Map<String, Value>,
    /// What it was compared with; none where there was nothing.
    pub base: Option<BaseTerm>,
}

/// What this machine left in the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BaseTerm {
    /// The run that left it.
    pub run: String,
    pub digest: String,
}
