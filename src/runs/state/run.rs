//! One run's name and folder.

use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::{fmt, io};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::files;

/// How the time part of a run's id is written.
const TIME: &str = "%Y%m%dT%H%M%SZ";

/// A run's name: `20261123T132605Z-7f3a`, its time in UTC and four random digits. The runs of one
/// table sort by the order in which they were made.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct RunId(String);

const NO_RUN_ID: &str = "not the id of a run: those look like 20261123T132605Z-7f3a";

impl FromStr for RunId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let id = Self(text.to_owned());
        let is_good = text.split_once('-').is_some_and(|(time, suffix)| {
            time.len() == 16
                && suffix.len() == 4
                && suffix
                    .bytes()
                    .all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'))
        });
        (is_good && id.time().is_some())
            .then_some(id)
            .ok_or(NO_RUN_ID)
    }
}

impl TryFrom<String> for RunId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        text.parse()
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> Self {
        id.0
    }
}

impl RunId {
    /// An id for what starts now and has no folder of its own.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self::after(None, now)
    }

    /// An id for a run that starts now and comes after `last`: if the clock does not, because it
    /// was set back or both fall into one second, the id runs ahead of the clock. The order of the
    /// runs decides whose data is the newest; the true time stands in the journal.
    pub(super) fn after(last: Option<&Self>, now: Timestamp) -> Self {
        let next = last
            .and_then(Self::time)
            .and_then(|time| time.checked_add(SignedDuration::from_secs(1)).ok());
        let time = next.map_or(now, |next| next.max(now));
        let suffix = RandomState::new().hash_one(0) & 0xffff;
        Self(format!("{}-{suffix:04x}", time.strftime(TIME)))
    }

    /// The id as it is shown and typed.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn time(&self) -> Option<Timestamp> {
        let time = DateTime::strptime(TIME, self.0.get(..16)?).ok()?;
        TimeZone::UTC.to_timestamp(time).ok()
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The folder of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunDir {
    id: RunId,
    path: PathBuf,
}

impl RunDir {
    pub(super) fn new(id: RunId, runs: &Path) -> Self {
        let path = runs.join(id.as_str());
        Self { id, path }
    }

    /// The run's name.
    pub(crate) fn id(&self) -> &RunId {
        &self.id
    }

    /// The folder, absolute.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the run's journal is.
    pub(crate) fn journal_path(&self) -> PathBuf {
        self.path.join("journal.jsonl")
    }

    /// Where the copy of an input is kept that cannot be read twice; inputs count from 0.
    #[cfg(test)]
    pub(crate) fn input_path(&self, input: usize) -> PathBuf {
        self.path.join(format!("input-{input}"))
    }

    /// Where rejected records go, in the format that the extension names (`csv`, `ndjson`).
    pub(crate) fn rejects_path(&self, extension: &str) -> PathBuf {
        self.path.join(format!("rejects.{extension}"))
    }

    /// The file of rejected records that was written here, if one was.
    pub(crate) fn written_rejects(&self) -> Option<PathBuf> {
        let entries = std::fs::read_dir(&self.path).into_iter().flatten();
        let mut paths = entries.flatten().map(|entry| entry.path());
        paths.find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("rejects.")
        })
    }

    /// Where the records of a frozen period are listed that the run would touch.
    pub(crate) fn frozen_path(&self) -> PathBuf {
        self.path.join("frozen.csv")
    }

    /// Whether records are listed here for somebody to look at, whatever became of the run.
    pub(crate) fn has_lists(&self) -> bool {
        self.written_rejects().is_some() || self.frozen_path().exists()
    }

    /// Where the receipt is.
    pub(crate) fn receipt_path(&self) -> PathBuf {
        self.path.join("receipt.json")
    }

    /// Where the fingerprints of what the run left in its table are.
    pub(crate) fn base_path(&self) -> PathBuf {
        self.path.join("base")
    }

    /// Where those of what it sends are, until its base is made of them.
    pub(crate) fn new_base_path(&self) -> PathBuf {
        self.path.join("base-new")
    }

    /// Where those are of what the table held before, from the run's first request on.
    pub(crate) fn old_base_path(&self) -> PathBuf {
        self.path.join("base-old")
    }

    /// Where it stands which records of its input the run sends, if not all.
    pub(crate) fn wanted_path(&self) -> PathBuf {
        self.path.join("base-wanted")
    }

    /// Removes what only a run needs that goes on: the kept copies of inputs, and what its base
    /// would be made of.
    pub(crate) fn remove_means(&self) -> io::Result<()> {
        self.remove(&["input-", "base-"])
    }

    /// Removes the kept copies of inputs.
    pub(crate) fn remove_inputs(&self) -> io::Result<()> {
        self.remove(&["input-"])
    }

    fn remove(&self, prefixes: &[&str]) -> io::Result<()> {
        let mut outcome = Ok(());
        for entry in std::fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if prefixes.iter().any(|prefix| name.starts_with(prefix)) {
                outcome = outcome.and(std::fs::remove_file(entry.path()));
            }
        }
        outcome
    }

    /// Writes the receipt: the old one or the new one stays, nothing in between.
    pub(crate) fn write_receipt(&self, json: &[u8]) -> io::Result<()> {
        files::write_atomic(&self.receipt_path(), json)
    }
}
