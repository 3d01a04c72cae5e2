//! How a draft is made.

use crate::input::Margins;

/// What is known of a draft before the input is read.
#[derive(Clone, Debug)]
pub(crate) struct DraftOptions {
    /// How many records are looked at; none for all.
    pub records: Option<u64>,
    /// The table's key, a valid one, where it is known.
    pub table: Option<String>,
    /// What the file is called, without its folder and its ending: `deals` may hold deals.
    pub stem: String,
    /// The words that name the input on a command line, as they are typed into a shell.
    pub words: String,
    /// The input's encoding, where a push has to be told.
    pub encoding: Option<String>,
    /// The same, where nobody has said it and the input's bytes left no other.
    pub guessed_encoding: Option<String>,
    /// The path of the records in a JSON document, likewise.
    pub records_at: Option<String>,
    /// Where the table begins and ends, likewise.
    pub margins: Margins,
    /// How many lines at the end seem to be no records, which the user has to say.
    pub proposed_skip_last: u64,
    /// What else is to be said of how the input is written.
    pub remark: Option<String>,
}
