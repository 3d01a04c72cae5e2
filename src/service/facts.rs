//! Answers to what Qobra does not document: what is known of one service, because somebody asked it.
//!
//! One form for all who use it: what `probe` finds, what is kept beside the state of a service, what the
//! sandbox plays. Each answer is there or is not; nothing is concluded from one that is missing.

use serde::{Deserialize, Serialize};

/// What is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    /// From which request of a replace its debounce counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowReading>,
    /// Whether the requests of one window share an import.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import_ids: Option<ImportIds>,
    /// Whether requests without a debounce, one behind the other, share one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import_ids_without_debounce: Option<ImportIds>,
    /// How often an import counts the records of a request that came twice in its window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeated: Option<Repeated>,
    /// How many records a request may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<Most>,
    /// How many bytes its body may have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<Most>,
    /// How many requests were taken at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_once: Option<u64>,
    /// After how many whole seconds an import could be looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import_seen_after: Option<u64>,
    /// Whether an import that left nothing out says how many records it loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<Given>,
    /// What an import says of a record that it left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bad_row: Option<BadRow>,
    /// What became of the good records beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub good_rows: Option<GoodRows>,
    /// The answer to a key that nobody has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrong_key: Option<Refused>,
    /// The answer to records for a table that there is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrong_table: Option<Refused>,
    /// The answer to a question about an import that there is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_import: Option<Refused>,
    /// The answer to a request that is too large.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub too_large: Option<Refused>,
    /// The status that the list of structures answers to this key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub structures: Option<u16>,
    /// What `null` makes of a field that has a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub null: Option<Effect>,
    /// What an empty text makes of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub empty_text: Option<Effect>,
    /// What becomes of it where a record lacks the field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Effect>,
    /// What becomes of a record with a field that the table does not have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_field: Option<Strange>,
    /// What becomes of a record that names a user whom nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_user: Option<Strange>,
    /// What becomes of a record with a picklist's value that it does not have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_option: Option<Strange>,
    /// What 50 is in a percentage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percentage: Option<Percentage>,
}

/// What is wrong with a request that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    Key,
    Table,
}

/// From which request of a replace the debounce counts. Qobra does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowReading {
    /// The window closes at the first request plus its debounce.
    First,
    /// Every request moves the closing to itself plus its own debounce.
    Last,
}

/// How the requests of one window are named. Qobra only says that imports stack together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportIds {
    /// One import, hence one id, for all requests of a window.
    #[serde(rename = "shared")]
    Stacked,
    /// An import for each request; they still run together, after one delete.
    Separate,
}

/// How often something is counted that came twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeated {
    /// As records: each id is one.
    Once,
    /// As lines: each that came.
    Twice,
}

/// How much was taken, and what was too much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Most {
    /// The most that was taken; more was not tried, or was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken: Option<u64>,
    /// The least that was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<u64>,
}

/// Whether something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// It is said.
    Given,
    /// It is not.
    Missing,
}

/// What an import says of a bad record among good ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BadRow {
    /// The error's title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What its count counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<Counted>,
    /// The line number of a request's first record; none where lines have no numbers, or other ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_line: Option<u64>,
    /// How the record's values are repeated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<Row>,
}

/// What the count beside an error counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// There is none.
    Missing,
    /// The records that were loaded.
    Good,
    /// All that came.
    All,
}

/// How a record is repeated that was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Row {
    /// Not at all.
    Missing,
    /// Every value as a text.
    Texts,
    /// Every value as it was sent.
    AsSent,
}

/// What became of good records that came with a bad one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoodRows {
    /// They are in the table.
    Written,
    /// They were left out with it.
    LeftOut,
}

/// A refusal, as it looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// The status.
    pub status: u16,
    /// What the body says, its beginning, without a key or an address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub words: String,
}

/// What becomes of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It is gone.
    Emptied,
    /// It stays as it was.
    Kept,
    /// The record is left out, with an error.
    Rejected,
}

/// What becomes of a record with something in it that nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strange {
    /// The record is written with it.
    Taken,
    /// The record is written without it.
    Dropped,
    /// The record is left out, with an error.
    Rejected,
}

/// How a percentage is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Percentage {
    /// 50 is a half: it shows as 50 %.
    Hundredths,
    /// 0.5 is a half: 50 shows as 5,000 %.
    Fraction,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_not_there() {
        assert_eq!(serde_json::to_string(&Facts::default()).unwrap(), "{}");
        let facts: Facts = serde_json::from_str(
            r#"{"window": "last", "import_ids": "shared", "bad_row": {"count": "good"},
            "records": {"taken": 40000}, "wrong_key": {"status": 401}}"#,
        )
        .unwrap();
        assert_eq!(facts.window, Some(WindowReading::Last));
        assert_eq!(facts.import_ids, Some(ImportIds::Stacked));
        assert_eq!(facts.bad_row.as_ref().unwrap().count, Some(Counted::Good));
        assert_eq!(facts.records.unwrap().refused, None);
        let json = serde_json::to_string(&facts).unwrap();
        let again: Facts = serde_json::from_str(&json).unwrap();
        assert_eq!(again, facts);
        assert!(serde_json::from_str::<Facts>(r#"{"windows": "last"}"#).is_err());
    }
}
