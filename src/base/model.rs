//! The words of the trade as types: table keys, import ids, ranges of records, how a table is written.
//!
//! Plain values without behaviour that touches files or the network. Journals hold them: what is read
//! there is checked as it would be coming from a user, for a journal is a file like any other.

use std::fmt;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

/// What may stand unescaped in one segment of a path (RFC 3986, "unreserved").
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The key (API name) of a data table, as shown and edited in Qobra's app.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct TableKey(String);

impl TableKey {
    /// Checks a key as the user wrote it.
    pub(crate) fn new(key: impl Into<String>) -> Result<Self, &'static str> {
        let key = key.into();
        if key.trim().is_empty() {
            return Err("a table key cannot be empty");
        }
        if key == "." || key == ".." {
            // They name a folder in URLs and file systems, escaped or not.
            return Err(
                "`.` and `..` cannot be table keys: they would leave their place in the URL",
            );
        }
        if key.len() > 200 {
            // The most that a folder's name holds once it is escaped.
            return Err("a table key has at most 200 bytes");
        }
        if key.chars().any(char::is_control) {
            return Err("a table key cannot hold control characters");
        }
        Ok(Self(key))
    }

    /// The key as the user wrote it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The key as one segment of a URL's path or as one file name.
    pub(crate) fn segment(&self) -> String {
        utf8_percent_encode(&self.0, SEGMENT).to_string()
    }
}

impl TryFrom<String> for TableKey {
    type Error = &'static str;

    fn try_from(key: String) -> Result<Self, &'static str> {
        Self::new(key)
    }
}

impl fmt::Display for TableKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The service's name for an import. Several requests may be given the same one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct ImportId(String);

impl ImportId {
    /// Accepts an id that can stand on a line of its own: 1 to 200 visible ASCII characters.
    pub(crate) fn new(id: &str) -> Option<Self> {
        let is_visible = !id.is_empty() && id.bytes().all(|b| b.is_ascii_graphic());
        // Dots alone would leave their place in the path of a URL.
        let fits = is_visible && id.len() <= 200 && !matches!(id, "." | "..");
        fits.then(|| Self(id.to_owned()))
    }

    /// The id as the service gave it.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as one segment of a URL's path.
    pub(crate) fn segment(&self) -> String {
        utf8_percent_encode(&self.0, SEGMENT).to_string()
    }
}

impl TryFrom<String> for ImportId {
    type Error = &'static str;

    fn try_from(id: String) -> Result<Self, Self::Error> {
        Self::new(&id).ok_or("not an import's id")
    }
}

impl fmt::Display for ImportId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How the records meet what the table already holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// Records are written over those with the same id; the others stay.
    Upsert,
    /// The table's whole content is deleted first (`all=true`).
    Replace {
        /// How long the service waits for further requests before it imports, in whole seconds.
        #[serde(rename = "debounce_seconds", with = "seconds")]
        debounce: Duration,
    },
}

/// Durations as whole seconds, for `#[serde(with = …)]`.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(time.as_secs())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_secs)
    }
}

impl Mode {
    /// Whether the table's old content goes.
    pub(crate) fn is_replace(self) -> bool {
        matches!(self, Self::Replace { .. })
    }

    /// How long a replace takes further requests; none where a second one would delete what the first
    /// one loaded, and for an upsert, which has nothing to wait for.
    pub(crate) fn window(self) -> Option<Duration> {
        match self {
            Self::Replace { debounce } if !debounce.is_zero() => Some(debounce),
            Self::Replace { .. } | Self::Upsert => None,
        }
    }

    /// The word for programs.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Upsert => "upsert",
            Self::Replace { .. } => "replace",
        }
    }
}

/// What the table holds after the run, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TableState {
    /// What it held before.
    Untouched,
    /// What it held before, until the service runs the accepted imports.
    Pending,
    /// Exactly the new records, as the service showed.
    Replaced,
    /// The new records besides what it held, as the service showed.
    Updated,
    /// Loaded or still to be loaded, but records were left out.
    Gaps,
    /// An incomplete content is about to go live, or part of the records is missing.
    AtRisk,
    /// Nobody can say: a request may have been applied.
    Unknown,
}

impl TableState {
    /// Every state, for reading its word.
    const ALL: [Self; 7] = [
        Self::Untouched,
        Self::Pending,
        Self::Replaced,
        Self::Updated,
        Self::Gaps,
        Self::AtRisk,
        Self::Unknown,
    ];

    /// The state that a word stands for.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// The word, as scripts see it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Untouched => "untouched",
            Self::Pending => "pending",
            Self::Replaced => "replaced",
            Self::Updated => "updated",
            Self::Gaps => "gaps",
            Self::AtRisk => "at_risk",
            Self::Unknown => "unknown",
        }
    }
}

/// A run of records, counted from 1 over the whole input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "[u64; 2]", into = "[u64; 2]")]
pub(crate) struct RecordRange {
    /// The first record's number.
    pub first: u64,
    /// The last record's number; never below `first`.
    pub last: u64,
}

impl TryFrom<[u64; 2]> for RecordRange {
    type Error = &'static str;

    fn try_from([first, last]: [u64; 2]) -> Result<Self, Self::Error> {
        let is_range = first > 0 && last >= first && last < u64::MAX;
        is_range
            .then_some(Self { first, last })
            .ok_or("not a range of records")
    }
}

impl From<RecordRange> for [u64; 2] {
    fn from(range: RecordRange) -> Self {
        [range.first, range.last]
    }
}

impl RecordRange {
    /// How many records the range spans.
    pub(crate) fn span(self) -> u64 {
        self.last + 1 - self.first
    }

    /// Whether two ranges have a record in common.
    pub(crate) fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// Whether it holds a record.
    pub(crate) fn contains(self, record: u64) -> bool {
        (self.first..=self.last).contains(&record)
    }
}
