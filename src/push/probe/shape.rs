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
    pub(super) created_at: Option<Timestamp>,
    pub(super) launched_at: Option<Timestamp>,
    pub(super) entry: Option<Entry>,
}

/// What an import says of one table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    pub(super) status: String,
    pub(super) count: Option<u64>,
    pub(super) error: Option<Problem>,
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
    pub(super) line: Option<u64>,
    pub(super) row: Map<String, Value>,
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
    let entry = entries.into_iter().flatten().find(is_ours);
    Some(Shown {
        status: import.get("status")?.as_str()?.to_owned(),
        created_at: time("created_at"),
        launched_at: time("launched_at"),
        entry: entry.map(|entry| Entry {
            status: text(entry, "status").to_owned(),
            count: entry.get("number_of_records").and_then(Value::as_u64),
            error: entry
                .get("error")
                .filter(|error| !error.is_null())
                .map(problem),
        }),
    })
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
        let is_it = |line: &&BadLine| line.row.get(id_field).and_then(Value::as_str) == Some(id);
        self.rows.iter().find(is_it)
    }
}

fn problem(error: &Value) -> Problem {
    let rows = error.get("parsing_error_details").and_then(Value::as_array);
    let rows = rows.into_iter().flatten().map(|detail| BadLine {
        line: detail.get("line_number").and_then(Value::as_u64),
        row: (detail.get("row").and_then(Value::as_object))
            .cloned()
            .unwrap_or_default(),
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
