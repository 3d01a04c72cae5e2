//! An import as the service shows it: `GET /v1/imports/{import_id}`.
//!
//! Unknown fields and words are accepted here, and what is no time or no count is as good as
//! missing: an answer that tells how an import ended must not be lost over a detail. What it means
//! for the table is judged elsewhere.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::import_error::ImportError;
use super::rows::KeptRows;
use crate::base::model::TableKey;

/// One import, which may carry the records of several requests, tables and senders.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Import {
    /// How far it is.
    pub status: Status,
    /// Which it is; none where that is not said.
    #[serde(default, deserialize_with = "lenient")]
    pub id: Option<String>,
    /// When its first request came.
    #[serde(default, deserialize_with = "time")]
    pub created_at: Option<Timestamp>,
    /// When it began to run; none before.
    #[serde(default, deserialize_with = "time")]
    pub launched_at: Option<Timestamp>,
    /// How far it is, in hundredths.
    #[serde(default, deserialize_with = "lenient")]
    pub progress: Option<Percent>,
    /// One entry for each table it writes to.
    #[serde(default, deserialize_with = "or_none", rename = "data_tables_details")]
    pub tables: Vec<TableImport>,
}

/// An import's part that concerns one table.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct TableImport {
    /// The table's key.
    #[serde(default, deserialize_with = "or_none")]
    pub data_table_key: String,
    /// How far this part is.
    #[serde(default)]
    pub status: Status,
    /// How many records the import holds, of every request and sender together; may be missing.
    #[serde(default, deserialize_with = "lenient")]
    pub number_of_records: Option<u64>,
    /// What went wrong, as the service says it; none where nothing did.
    #[serde(default)]
    pub error: Option<ImportError>,
}

/// A share in hundredths, whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Percent(pub u8);

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // A float's conversion saturates; a share outside of its bounds is cut to them.
        f64::deserialize(from).map(|share| Self(share.clamp(0.0, 100.0) as u8))
    }
}

/// The documented words, and any other.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub(crate) enum Status {
    /// Waiting for its debounce, or in the queue.
    Scheduled,
    /// Running.
    Started,
    /// Ended, with or without errors.
    Finished,
    /// A word that is not documented.
    Unknown(String),
}

impl From<String> for Status {
    fn from(word: String) -> Self {
        match word.as_str() {
            "scheduled" => Self::Scheduled,
            "started" => Self::Started,
            "finished" => Self::Finished,
            _ => Self::Unknown(word),
        }
    }
}

/// A missing word is no documented one.
impl Default for Status {
    fn default() -> Self {
        Self::Unknown(String::new())
    }
}

impl Status {
    /// The word as the service writes it.
    pub(crate) fn word(&self) -> &str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Started => "started",
            Self::Finished => "finished",
            Self::Unknown(word) => word,
        }
    }

    /// Whether the import runs or ran: its window is over.
    pub(crate) fn has_launched(&self) -> bool {
        matches!(self, Self::Started | Self::Finished)
    }
}

impl Import {
    /// The entries of one table; all of them where none is named.
    pub(crate) fn entries<'i>(
        &'i self,
        table: Option<&'i TableKey>,
    ) -> impl Iterator<Item = &'i TableImport> + Clone {
        self.tables
            .iter()
            .filter(move |entry| table.is_none_or(|table| entry.data_table_key == table.as_str()))
    }

    /// Attaches the rows that were taken out of the answer.
    pub(crate) fn attach(&mut self, rows: &Arc<KeptRows>) {
        let errors = self
            .tables
            .iter_mut()
            .filter_map(|entry| entry.error.as_mut());
        errors.for_each(|error| error.rows.attach(rows));
    }

    /// Whether nothing more will happen to a table (to any, where none is named): the import is
    /// `finished`, and so are the table's entries, where it has any.
    pub(crate) fn is_over(&self, table: Option<&TableKey>) -> bool {
        self.status == Status::Finished
            && self
                .entries(table)
                .all(|entry| entry.status == Status::Finished)
    }
}

/// The documented envelope.
#[derive(Deserialize)]
pub(super) struct Envelope {
    pub(super) data_import: Import,
}

/// A value that is missing where it is not what it should be.
fn lenient<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: serde::de::DeserializeOwned,
{
    let raw = <&RawValue>::deserialize(from)?;
    Ok(serde_json::from_str(raw.get()).ok())
}

/// A time, missing where it is none. One without a zone is of UTC, as the documented ones are, and a number is
/// seconds since 1970: whether chunks came in time must not be left open for that.
fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Words(String),
        Seconds(i64),
        Other(serde::de::IgnoredAny),
    }
    Ok(match Written::deserialize(from)? {
        Written::Words(words) => (words.parse().ok()).or_else(|| {
            let civil: jiff::civil::DateTime = words.parse().ok()?;
            jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()
        }),
        Written::Seconds(seconds) => Timestamp::from_second(seconds).ok(),
        Written::Other(_) => None,
    })
}

/// `null` as if nothing stood there.
fn or_none<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(from).map(Option::unwrap_or_default)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::secret::ApiKey;
    use crate::fuzzing::seams;

    fn import(json: &str) -> Import {
        let key = ApiKey::new("canary").unwrap();
        seams::import(200, json.as_bytes(), &key).unwrap()
    }

    /// The example of Qobra's documentation, with times of the same day.
    const DOCUMENTED: &str = r#"{"data_import": {"id": "647a13fe875af4b4eb7133c2",
        "created_at": "2024-06-25T09:58:32Z", "launched_at": "2024-06-25T10:03:27Z",
        "finished_at": "2024-06-25T10:14:12Z", "status": "finished", "progress": 100,
        "data_tables_details": [
          {"type": "api", "status": "finished", "data_table_key": "companies", "progress": 100,
           "number_of_records": 122, "error": null},
          {"type": "api", "status": "finished", "data_table_key": "opportunities", "progress": 100,
           "number_of_records": null, "error": {"title": "ParsingError",
             "description": "Can't parse 'AAAAA' as float for user attribute amount",
             "parsing_error_details": [{"line_number": 1,
               "row": {"id": "1", "name": "Great opportunity", "amount": "AAAAA"},
               "details": "ValueError: could not convert string to float: 'AAAAA'"}]}}]}}"#;

    #[test]
    fn the_documented_example() {
        let import = import(DOCUMENTED);
        let launched_at = import.launched_at.unwrap().to_string();
        assert_eq!(launched_at, "2024-06-25T10:03:27Z");
        assert_eq!(import.progress, Some(Percent(100)));
        let [companies, opportunities] = &import.tables[..] else {
            panic!("{import:?}");
        };
        assert_eq!(companies.number_of_records, Some(122));
        assert!(companies.error.is_none());
        assert_eq!(opportunities.number_of_records, None);
        assert_eq!(opportunities.error.as_ref().unwrap().rows.count(), 1);
    }

    #[test]
    fn what_is_no_time_and_no_count_is_missing() {
        let import = import(
            r#"{"data_import": {"status": "finished", "created_at": 1719309512, "launched_at":
            "yesterday", "progress": "half", "new": {},
            "data_tables_details": [{"data_table_key": "deals", "number_of_records": "122",
            "more": [1]}, {"data_table_key": null, "type": 7}]}}"#,
        );
        let created_at = import.created_at.unwrap().to_string();
        assert_eq!(created_at, "2024-06-25T09:58:32Z");
        assert_eq!((import.launched_at, import.progress), (None, None));
        let most: Percent = serde_json::from_str("250.5").unwrap();
        assert_eq!(most, Percent(100));
        let (deals, other) = (&import.tables[0], &import.tables[1]);
        assert_eq!(deals.number_of_records, None);
        assert_eq!(deals.status, Status::Unknown(String::new()));
        assert_eq!(other.data_table_key, "");
    }

    /// Whether chunks came in time is told by them.
    #[test]
    fn times_are_read_in_other_forms() {
        for written in [
            r#""2024-06-25T10:03:27Z""#,
            r#""2024-06-25T12:03:27.000+02:00""#,
            r#""2024-06-25T10:03:27""#,
            r#""2024-06-25 10:03:27""#,
            "1719309807",
        ] {
            let json =
                format!(r#"{{"data_import": {{"status": "started", "launched_at": {written}}}}}"#);
            let at = import(&json).launched_at.unwrap().to_string();
            assert_eq!(at, "2024-06-25T10:03:27Z", "{written}");
        }
        for written in ["null", "1e99", "true", "{}", r#""soon""#, "99999999999999"] {
            let json =
                format!(r#"{{"data_import": {{"status": "started", "launched_at": {written}}}}}"#);
            assert_eq!(import(&json).launched_at, None, "{written}");
        }
    }

    #[test]
    fn it_is_over_when_the_import_and_the_tables_entry_are() {
        let deals = TableKey::new("deals").unwrap();
        let over = |status: &str, entries: &str| {
            import(&format!(
                r#"{{"data_import":{{"status":"{status}","data_tables_details":{entries}}}}}"#
            ))
            .is_over(Some(&deals))
        };
        let entry = |key: &str, status: &str| {
            format!(r#"[{{"data_table_key":"{key}","status":"{status}"}}]"#)
        };
        assert!(over("finished", &entry("deals", "finished")));
        assert!(over("finished", &entry("other", "started")));
        assert!(over("finished", "null"));
        assert!(!over("finished", &entry("deals", "started")));
        assert!(!over("finished", &entry("deals", "paused")));
        assert!(!over("started", &entry("deals", "finished")));
        assert!(!over("failed", "[]"));
    }
}
