//! The records of the experiments: which fields they have, and their bodies.

use bytes::Bytes;
use serde_json::{Map, Value, json};

/// What every record's id begins with.
pub(crate) const PREFIX: &str = "qobra-push-probe-";

/// A field that no table has.
pub(super) const NO_FIELD: &str = "qobra_push_probe_unknown";

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    /// Nobody said.
    Unknown,
    Text,
    Number,
    Date,
    Boolean,
    Percentage,
    User,
    Picklist,
}

/// A field of the table that experiments may write to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProbedField {
    pub key: String,
    pub kind: FieldKind,
}

/// What the table's records look like.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    pub id_field: String,
    pub name_field: String,
    pub fields: Vec<ProbedField>,
}

impl Sheet {
    /// The id of the record of that name.
    pub(super) fn id(name: &str) -> String {
        format!("{PREFIX}{name}")
    }

    /// A record with an id and a name.
    pub(super) fn record(&self, name: &str) -> Map<String, Value> {
        let mut record = Map::new();
        record.insert(self.id_field.clone(), Self::id(name).into());
        record.insert(self.name_field.clone(), "qobra-push probe".into());
        record
    }

    /// One with some more in it.
    pub(super) fn with(&self, name: &str, more: Value) -> Map<String, Value> {
        let mut record = self.record(name);
        if let Value::Object(more) = more {
            record.extend(more);
        }
        record
    }

    /// Some with an id and a name, numbered.
    pub(super) fn some(&self, name: &str, count: usize) -> Vec<Map<String, Value>> {
        let named = (1..=count).map(|number| self.record(&format!("{name}-{number}")));
        named.collect()
    }

    /// The field of a kind.
    pub(super) fn field(&self, kind: FieldKind) -> Option<&str> {
        let mut fields = self.fields.iter();
        fields
            .find(|field| field.kind == kind)
            .map(|field| field.key.as_str())
    }
}

impl ProbedField {
    /// A value that a field of its kind takes.
    pub(super) fn good(&self) -> Value {
        match self.kind {
            FieldKind::Date => json!("2026-01-31"),
            FieldKind::Boolean => json!(true),
            FieldKind::Number | FieldKind::Percentage => json!(1),
            // A text that is a number suits most kinds.
            _ => json!("1"),
        }
    }

    /// Whether a text that is no number, date or truth value is wrong in it, as far as one knows.
    pub(super) fn may_refuse_words(&self) -> bool {
        !matches!(
            self.kind,
            FieldKind::Text | FieldKind::Picklist | FieldKind::User
        )
    }
}

/// `{"items": […]}`.
pub(super) fn body(records: &[Map<String, Value>]) -> Bytes {
    json!({ "items": records }).to_string().into()
}
