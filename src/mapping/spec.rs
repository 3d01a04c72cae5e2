//! What a mapping file says, once it is understood: [`Mapping`] and its fields.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;

use crate::input::{Encoding, Margins, Quoting};

use super::mistakes::Mistake;
use crate::mapping::value::kind::{FieldType, ValueType};
use crate::mapping::value::text::Value;

/// A mapping that is valid by itself; whether it fits the input is for [`Mapping::bind`].
#[derive(Clone, Debug)]
pub(crate) struct Mapping {
    pub(super) table: Option<String>,
    pub(super) id: String,
    pub(super) id_line: Option<usize>,
    pub(super) name: String,
    pub(super) unmapped: Unmapped,
    pub(super) unmapped_line: Option<usize>,
    pub(super) input: InputSettings,
    pub(super) guard: GuardSettings,
    pub(super) freeze: Option<Freeze>,
    /// Of how many good replaces the records are kept.
    pub(super) keep: Option<u64>,
    /// Whether a push replaces the table, where the mapping says it.
    pub(super) all: Option<bool>,
    /// How long the service waits for a replace's requests.
    pub(super) debounce: Option<Duration>,
    /// Whether imports are followed.
    pub(super) wait: Option<bool>,
    /// Whether texts are trimmed of which no field says it.
    pub(super) trim: bool,
    /// Cells that count as empty.
    pub(super) null: Arc<[String]>,
    /// None without `[fields]`, or without a mapping file: every column goes under its own name.
    pub(super) fields: Option<Vec<Field>>,
}

/// What the mapping says about how the input is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct InputSettings {
    /// The delimiter between CSV fields.
    pub delimiter: Option<u8>,
    /// What quotes and escapes mean in CSV.
    pub quoting: Quoting,
    /// The encoding, unless a byte order mark tells another.
    pub encoding: Option<Encoding>,
    /// The path at which the records stand in a JSON document.
    pub records: Option<String>,
    /// What stands around the table.
    pub margins: Margins,
}

/// What the mapping says about the guards, shares in millionths; none where it is silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct GuardSettings {
    pub min_records: Option<u64>,
    pub max_shrink: Option<u64>,
    pub max_hollow: Option<u64>,
    pub min_overlap: Option<u64>,
    pub max_changed: Option<u64>,
}

/// Periods that are closed: records with a day before another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Freeze {
    /// The API key of the field that tells the day; of type `date`.
    pub field: String,
    /// The first day that is not frozen.
    pub before: Date,
}

/// What to do about columns that no field uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Unmapped {
    /// They are listed once.
    #[default]
    Ignore,
    /// They are a mistake.
    Error,
}

impl Unmapped {
    /// Their words in the mapping file.
    pub(super) const WORDS: [(&str, Self); 2] = [("ignore", Self::Ignore), ("error", Self::Error)];
}

/// What an empty cell becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Empty {
    #[default]
    Null,
    /// The key is left out of the record.
    Omit,
    /// The empty string.
    Text,
    /// The record is refused.
    Error,
}

impl Empty {
    /// Their words in the mapping file.
    pub(super) const WORDS: [(&str, Self); 4] = [
        ("null", Self::Null),
        ("omit", Self::Omit),
        ("text", Self::Text),
        ("error", Self::Error),
    ];
}

/// Where a field's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Column(String),
    /// Several columns as one text.
    Columns(Joined),
    /// The same JSON in every record.
    Constant(String),
}

/// Columns whose cells make one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Joined {
    pub(super) columns: Vec<String>,
    /// What stands between them.
    pub(super) between: String,
    /// Their names, for messages.
    pub(super) label: String,
}

/// One field of the table.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) key: String,
    pub(super) line: Option<usize>,
    pub(super) from: Content,
    pub(super) kind: ValueType,
    pub(super) trim: bool,
    pub(super) values: Option<Values>,
    /// None where the mapping says nothing, so that the id may differ from the others.
    pub(super) empty: Option<Empty>,
}

/// A translation of cells.
#[derive(Clone, Debug)]
pub(super) struct Values {
    pub(super) list: HashMap<String, Scalar>,
    /// Whether a cell that is not listed is refused.
    pub(super) else_error: bool,
}

/// A single value that the mapping file itself gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scalar {
    Text(String),
    /// With its own digits.
    Number(String),
    Bool(bool),
}

impl Scalar {
    pub(super) fn value(&self) -> Value<'_> {
        match self {
            Self::Text(text) => Value::Text(text),
            Self::Number(digits) => Value::Number(digits),
            Self::Bool(truth) => Value::Bool(*truth),
        }
    }
}

impl Field {
    /// One that takes a column's cells as they are.
    pub(super) fn of_column(key: &str, line: Option<usize>, column: String, trim: bool) -> Self {
        Self {
            key: key.to_owned(),
            line,
            from: Content::Column(column),
            kind: ValueType::AsIs,
            trim,
            values: None,
            empty: None,
        }
    }

    /// Why this field cannot hold the records' id, if so.
    pub(super) fn unfit_for_id(&self) -> Option<Mistake> {
        let key = crate::base::display::quoted(&self.key);
        let mistake =
            |message: String, hint: &str| Some(Mistake::new(self.line, message, hint.to_owned()));
        if matches!(self.from, Content::Constant(_)) {
            return mistake(
                format!("the id field {key} has a constant: every record would have the same id"),
                "give it the column that holds the ids",
            );
        }
        if let Some(kind) = self.kind.field_type()
            && matches!(self.kind, ValueType::Json | ValueType::Boolean(_))
        {
            return mistake(
                format!(
                    "the id field {key} cannot be of type `{}`: an id is a text or a number",
                    kind.word()
                ),
                "leave the type out",
            );
        }
        match self.empty {
            None | Some(Empty::Error) => None,
            Some(_) => mistake(
                format!("the id field {key} can never be empty"),
                "leave `empty` out: an empty id is always an error",
            ),
        }
    }
}

impl Mapping {
    /// The fields' keys with their types, as the mapping declares them; text where it is silent.
    pub(crate) fn field_types(&self) -> impl Iterator<Item = (&str, FieldType)> {
        let fields = self.fields.iter().flatten();
        fields.map(|f| {
            (
                f.key.as_str(),
                f.kind.field_type().unwrap_or(FieldType::Text),
            )
        })
    }

    /// The mapping of a push without a mapping file: every column goes under its own name, a CSV
    /// cell as text (`null` where it is empty), an NDJSON value as it is.
    pub(crate) fn identity() -> Self {
        Self {
            table: None,
            id: "id".to_owned(),
            id_line: None,
            name: "name".to_owned(),
            unmapped: Unmapped::Ignore,
            unmapped_line: None,
            input: InputSettings::default(),
            guard: GuardSettings::default(),
            freeze: None,
            keep: None,
            all: None,
            debounce: None,
            wait: None,
            trim: false,
            null: Arc::default(),
            fields: None,
        }
    }

    /// The data table's key, where the mapping gives one; it is a valid one.
    pub(crate) fn table(&self) -> Option<&str> {
        self.table.as_deref()
    }

    /// The API key of the id field.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The API key of the name field.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Lets the command line (`--id-field`) say which field is the id.
    pub(crate) fn set_id(&mut self, key: &str) {
        key.clone_into(&mut self.id);
        self.id_line = None;
    }

    /// The mapping of records that were sent before: they go as they are.
    pub(crate) fn of_sent(id: &str, name: &str, freeze: Option<Freeze>) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            freeze,
            ..Self::identity()
        }
    }

    /// What the guards are told.
    pub(crate) fn guard(&self) -> GuardSettings {
        self.guard
    }

    /// The periods that are closed.
    pub(crate) fn freeze(&self) -> Option<&Freeze> {
        self.freeze.as_ref()
    }

    /// Of how many good replaces the records are kept.
    pub(crate) fn keep(&self) -> Option<u64> {
        self.keep
    }

    /// Whether a push replaces the table.
    pub(crate) fn all(&self) -> bool {
        self.all.unwrap_or(false)
    }

    /// How long the service waits for the requests of a replace.
    pub(crate) fn debounce(&self) -> Option<Duration> {
        self.debounce
    }

    /// Whether imports are followed.
    pub(crate) fn wait(&self) -> bool {
        self.wait.unwrap_or(false)
    }

    /// How the input is written, as far as the mapping says.
    pub(crate) fn input(&self) -> &InputSettings {
        &self.input
    }
}
