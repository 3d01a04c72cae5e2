//! What a browser asks to see, and links that ask for something else.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::base::display;

/// The longest text that is searched for.
const LONGEST_SEARCH: usize = 200;

/// The query of the page and of its parts. What makes no sense is as if it were not there.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// The table whose records are shown; else the first one.
    pub(super) table: String,
    search: String,
    from: String,
    /// The revision of the table that the browser shows.
    pub(super) have: String,
}

impl Asked {
    /// A text that is in every shown record, in small letters.
    pub(super) fn search(&self) -> String {
        let search = self.search.trim().to_lowercase();
        search.chars().take(LONGEST_SEARCH).collect()
    }

    /// The search as it was typed, harmless.
    pub(super) fn typed(&self) -> String {
        display::shown(&self.search)
    }

    /// The place in the table of the first record to be looked at, counted from 0.
    pub(super) fn from(&self) -> usize {
        self.from.parse().unwrap_or(0)
    }

    /// The way to a table's records from some place on, by the same search.
    pub(super) fn at(&self, table: &str, from: usize) -> String {
        link(table, self.search.trim(), from)
    }
}

/// The way to all records of a table.
pub(super) fn link_to(table: &str) -> String {
    link(table, "", 0)
}

fn link(table: &str, search: &str, from: usize) -> String {
    let part = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    format!(
        "/?table={}&search={}&from={from}#records",
        part(table),
        part(search)
    )
}
