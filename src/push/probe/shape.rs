//! What an answer says, as far as it is of the documented form.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::base::model::{ImportId, TableKey};

/// A push that was taken.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Taken {
    pub(super) import: ImportId,
    pub(super) records: u64,
}

/// An import, and its entry for the table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shown {
    pub(super) status: String,
    /// The same, to be shown.
    pub(super) told: String,
    pub(super) created_at: Option<Timestamp>,
    pub(super) launched_at: Option<Timestamp>,
    pub(super) entry: Option<Entry>,
}

/// What an import says of one table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    pub(super) status: String,
    pub(super) count: Said<u64>,
    pub(super) error: Option<Problem>,
}

/// A part of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Said<T> {
    /// It is not there, or null.
    #[default]
    Missing,
    /// It is of another form.
    Other,
    Is(T),
}

impl<T> Said<T> {
    fn of<'v>(value: Option<&'v Value>, read: impl Fn(&'v Value) -> Option<T>) -> Self {
        match value {
            None | Some(Value::Null) => Self::Missing,
            Some(value) => read(value).map_or(Self::Other, Self::Is),
        }
    }
}

/// An import's error.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Problem {
    pub(super) title: Option<String>,
    pub(super) words: String,
    pub(super) rows: Vec<BadLine>,
}

/// A record that an error names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct BadLine {
    pub(super) line: Said<u64>,
    pub(super) row: Said<Map<String, Value>>,
}

/// The documented answer to a push.
pub(super) fn taken(json: Option<&Value>) -> Option<Taken> {
    let json = json?;
    Some(Taken {
        import: ImportId::new(json.get("import_id")?.as_str()?)?,
        records: json.get("objects_imported")?.as_u64()?,
    })
}

/// The documented answer to a question about an import.
pub(super) fn shown(json: Option<&Value>, table: &TableKey) -> Option<Shown> {
    let import = json?.get("data_import")?;
    let time = |name: &str| import.get(name)?.as_str()?.parse().ok();
    let entries = import.get("data_tables_details").and_then(Value::as_array);
    let is_ours = |entry: &&Value| text(entry, "data_table_key") == table.as_str();
    let entries = entries.into_iter().flatten().filter(is_ours).map(entry);
    Some(Shown {
        status: import.get("status")?.as_str()?.to_owned(),
        told: String::new(),
        created_at: time("created_at"),
        launched_at: time("launched_at"),
        entry: entries.reduce(Entry::with),
    })
}

fn entry(entry: &Value) -> Entry {
    Entry {
        status: text(entry, "status").to_owned(),
        count: Said::of(entry.get("number_of_records"), Value::as_u64),
        error: entry
            .get("error")
            .filter(|error| !error.is_null())
            .map(problem),
    }
}

impl Entry {
    /// Two entries of one table as one: over when both are, wrong when one is.
    fn with(self, other: Self) -> Self {
        Self {
            status: if self.status == "finished" {
                other.status
            } else {
                self.status
            },
            count: match (self.count, other.count) {
                (Said::Is(one), Said::Is(two)) => Said::Is(one.saturating_add(two)),
                (Said::Missing, Said::Missing) => Said::Missing,
                _ => Said::Other,
            },
            error: self.error.or(other.error),
        }
    }
}

impl Shown {
    /// Whether the service has begun it.
    pub(super) fn has_launched(&self) -> bool {
        matches!(&*self.status, "started" | "finished")
    }

    /// Whether nothing more will happen.
    pub(super) fn is_over(&self) -> bool {
        let entry = self.entry.as_ref();
        self.status == "finished" && entry.is_none_or(|entry| entry.status == "finished")
    }
}

impl Problem {
    /// The record of that id, if the error names it.
    pub(super) fn row(&self, id_field: &str, id: &str) -> Option<&BadLine> {
        let is_it = |line: &&BadLine| match &line.row {
            Said::Is(row) => row.get(id_field).and_then(Value::as_str) == Some(id),
            _ => false,
        };
        self.rows.iter().find(is_it)
    }
}

fn problem(error: &Value) -> Problem {
    let rows = error.get("parsing_error_details").and_then(Value::as_array);
    let rows = rows.into_iter().flatten().map(|detail| BadLine {
        line: Said::of(detail.get("line_number"), Value::as_u64),
        row: Said::of(detail.get("row"), |row| row.as_object().cloned()),
    });
    Problem {
        title: error
            .get("title")
            .and_then(Value::as_str)
            .map(str::to_owned),
        words: text(error, "description").to_owned(),
        rows: rows.collect(),
    }
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
