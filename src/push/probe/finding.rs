//! What an experiment found: a question, its answer or why there is none, and what was seen.

use serde::Serialize;
use serde_json::Value;

/// The questions, by the names that their answers have among the facts.
pub(super) const QUESTIONS: &[(&str, &str)] = &[
    ("push_answer", "What is answered to records that are taken?"),
    (
        "import_seen_after",
        "After how many seconds can an import be looked at?",
    ),
    (
        "count",
        "Does an import without errors say how many records it loaded?",
    ),
    (
        "structures",
        "What does the list of structures answer to this key?",
    ),
    ("wrong_key", "What is answered to a wrong key?"),
    (
        "wrong_table",
        "What is answered for a table that there is not?",
    ),
    (
        "unknown_import",
        "What is answered for an import that there is not?",
    ),
    (
        "import_ids_without_debounce",
        "Do requests without a debounce share an import?",
    ),
    ("at_once", "Are four requests taken at once?"),
    ("bytes", "How large may a request be?"),
    ("records", "How many records may a request have?"),
    (
        "import_ids",
        "Do the requests of one debounce share an import?",
    ),
    (
        "repeated",
        "Does a request that comes twice in its window count twice?",
    ),
    ("window", "From which request does a debounce count?"),
    (
        "bad_row",
        "What does an import say of a bad record among good ones?",
    ),
    ("good_rows", "What becomes of the good records beside it?"),
    (
        "unknown_field",
        "What becomes of a record with a field that the table does not have?",
    ),
    ("null", "What does null make of a field that has a value?"),
    ("empty_text", "What does an empty text make of it?"),
    (
        "missing",
        "What becomes of it where a record lacks the field?",
    ),
    ("percentage", "Is a half in a percentage 50 or 0.5?"),
    (
        "unknown_user",
        "What becomes of a record that names an unknown user?",
    ),
    (
        "new_option",
        "What becomes of a picklist's value that it does not have?",
    ),
];

/// What one experiment found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Finding {
    /// The question's name.
    pub(crate) name: &'static str,
    /// The answer, in the words that facts have; none where it is not settled.
    pub(crate) answer: Option<Value>,
    /// The answer for people, or why there is none.
    pub(crate) words: String,
    /// What was seen.
    pub(crate) seen: Vec<String>,
}

impl Finding {
    /// A question that is settled.
    pub(super) fn settled(
        name: &'static str,
        answer: impl Serialize,
        words: impl Into<String>,
    ) -> Self {
        Self {
            name,
            answer: serde_json::to_value(answer).ok(),
            words: words.into(),
            seen: Vec::new(),
        }
    }

    /// One that is not, and why.
    pub(super) fn open(name: &'static str, why: impl Into<String>) -> Self {
        Self {
            name,
            answer: None,
            words: why.into(),
            seen: Vec::new(),
        }
    }

    /// With what was seen.
    pub(super) fn seen(mut self, seen: impl IntoIterator<Item = String>) -> Self {
        self.seen.extend(seen);
        self
    }
}

/// A question in words.
pub(super) fn question(name: &str) -> &'static str {
    let found = QUESTIONS.iter().find(|(of, _)| *of == name);
    found.map_or("", |(_, question)| question)
}
