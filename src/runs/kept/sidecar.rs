//! What a payload says of itself.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::error::KeptError;
use super::measure::Measure;
use crate::base::model::TableKey;
use crate::runs::state::RunId;

/// The form that this version writes and reads.
const SCHEMA: u32 = 1;

/// What is known before the records are written.
#[derive(Clone, Debug)]
pub(crate) struct About {
    pub run: RunId,
    pub table: TableKey,
    pub base_url: String,
    pub id_field: String,
    pub name_field: String,
    pub freeze: Option<Frozen>,
}

/// The periods that were closed then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Frozen {
    pub field: String,
    pub before: Date,
}

/// The content of `kept.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sidecar {
    pub schema: u32,
    pub version: String,
    pub run: RunId,
    pub table: TableKey,
    pub base_url: String,
    pub id_field: String,
    pub name_field: String,
    pub freeze: Option<Frozen>,
    pub records: u64,
    /// The bytes of its lines.
    pub bytes: u64,
    /// `blake3:…` of them.
    pub digest: String,
    /// The size of the file.
    pub packed_bytes: u64,
    /// `blake3:…` of the file.
    pub packed_digest: String,
    /// The digest of all that stands above.
    check: String,
}

/// The first thing that is read: what follows depends on it.
#[derive(Deserialize)]
struct Head {
    schema: u32,
}

impl Sidecar {
    pub(super) fn new(about: About, records: u64, lines: Measure, file: Measure) -> Self {
        Self {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run: about.run,
            table: about.table,
            base_url: about.base_url,
            id_field: about.id_field,
            name_field: about.name_field,
            freeze: about.freeze,
            records,
            bytes: lines.bytes,
            digest: lines.digest,
            packed_bytes: file.bytes,
            packed_digest: file.digest,
            check: String::new(),
        }
        .checked()
    }

    /// With the digest of all besides.
    fn checked(mut self) -> Self {
        self.check.clear();
        self.check = blake3::hash(self.json().as_bytes()).to_string();
        self
    }

    /// As it stands in the file.
    pub(super) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    /// Reads it, if each of its bytes is what was written.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, KeptError> {
        let damaged = |_| KeptError::Damaged("what it says of itself cannot be read");
        let head: Head = serde_json::from_slice(bytes).map_err(damaged)?;
        let read: Result<Self, _> = serde_json::from_slice(bytes).map_err(damaged);
        match read {
            Ok(sidecar) if sidecar.clone().checked().json().as_bytes() == bytes => Ok(sidecar),
            // A later version may say more; a flipped bit in the number is no other version.
            _ if head.schema > SCHEMA => Err(KeptError::Schema(head.schema)),
            Ok(_) => Err(KeptError::Damaged("what it says of itself was changed")),
            Err(error) => Err(error),
        }
    }
}
