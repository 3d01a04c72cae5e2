//! What a base says of itself.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::comparison::BaseFacts;
use super::error::BaseError;
use crate::base::model::TableKey;
use crate::prove::FingerprintKey;
use crate::runs::state::RunId;

/// The form of the file that this version writes and reads.
pub(super) const SCHEMA: u32 = 2;

/// What is known of a file when all of its records are in it.
#[derive(Clone, Debug)]
pub(crate) struct About {
    /// The run whose records they are; none for a dry run.
    pub run: Option<RunId>,
    pub table: TableKey,
    pub base_url: String,
    /// The fields' API keys by their numbers.
    pub names: Vec<String>,
    /// The field whose days are kept.
    pub freeze_field: Option<String>,
    /// Records that the run lacks: the bad ones that it leaves out.
    pub missing: u64,
    /// When they were read.
    pub at: Timestamp,
}

/// The file's own description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Meta {
    pub schema: u32,
    pub version: String,
    pub run: Option<RunId>,
    pub table: TableKey,
    pub base_url: String,
    /// The fields' API keys by their numbers, each with how many records have it filled.
    pub fields: Vec<(String, u64)>,
    pub freeze_field: Option<String>,
    pub records: u64,
    /// The greatest number of a record.
    pub last_record: u64,
    /// Whether there are records that have fields of an older version than their digest is of.
    pub partial: bool,
    /// When all of the records were sent last, whatever they were before.
    pub whole_at: Timestamp,
    /// The runs whose records went in, the oldest first: the last one, and those of which it is not sure
    /// what the service made of them.
    pub lineage: Vec<LineageRun>,
    /// What tells whether the digests were made with the same key.
    pub key_check: String,
}

/// A run whose records went into a base.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LineageRun {
    pub run: RunId,
    /// How many records the table lacks of it, as far as that was known.
    pub missing: u64,
    /// How many of its imports were seen with an error, all of which `missing` counts.
    pub errors: u64,
}

/// The first thing that is read: what follows depends on it.
#[derive(Deserialize)]
struct Head {
    schema: u32,
}

impl Meta {
    /// What a file says of the records that were collected; the writer counts them.
    pub(super) fn new(about: About, key: &FingerprintKey) -> Self {
        let missing = about.missing;
        let own = about.run.clone();
        Self {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            lineage: own
                .map(|run| LineageRun {
                    run,
                    missing,
                    errors: 0,
                })
                .into_iter()
                .collect(),
            run: about.run,
            table: about.table,
            base_url: about.base_url,
            fields: about.names.into_iter().map(|name| (name, 0)).collect(),
            freeze_field: about.freeze_field,
            records: 0,
            last_record: 0,
            partial: false,
            whole_at: about.at,
            key_check: key_check(key),
        }
    }

    /// Reads it, if this version understands it and the key is the one it was made with.
    pub(super) fn read(json: &[u8], key: &FingerprintKey) -> Result<Self, BaseError> {
        let bad = |_| BaseError::Damaged("what it says of itself cannot be read");
        let head: Head = serde_json::from_slice(json).map_err(bad)?;
        if head.schema != SCHEMA {
            return Err(BaseError::Schema(head.schema));
        }
        let meta: Self = serde_json::from_slice(json).map_err(bad)?;
        match meta.key_check == key_check(key) {
            true => Ok(meta),
            false => Err(BaseError::Key),
        }
    }

    /// What the guards look at.
    pub(crate) fn facts(&self, run: RunId) -> BaseFacts {
        BaseFacts {
            run,
            records: self.records,
            filled: self.fields.clone(),
            freeze_field: self.freeze_field.clone(),
        }
    }

    /// What was known of a run when the base was made.
    pub(super) fn known_of(&self, run: &RunId) -> Option<&LineageRun> {
        self.lineage.iter().find(|one| one.run == *run)
    }
}

/// Tells keys apart without telling anything of them.
fn key_check(key: &FingerprintKey) -> String {
    let digest = blake3::keyed_hash(key.bytes(), b"qobra-push: the base's key");
    digest.to_hex()[..16].to_owned()
}
