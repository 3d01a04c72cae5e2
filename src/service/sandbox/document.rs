//! An import as the service shows it: the answer to `GET /v1/imports/{id}`.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::cell;
use super::clock::SandboxClock;
use super::import::{Import, Progress};
use super::record::{Fields, Rejected};
use crate::service::facts::{Counted, Facts, Given, Repeated, Row};

#[derive(Serialize)]
struct Document<'a> {
    data_import: DataImport<'a>,
}

#[derive(Serialize)]
struct DataImport<'a> {
    id: &'a str,
    created_at: Timestamp,
    launched_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    status: &'static str,
    progress: u8,
    data_tables_details: [TableDetail<'a>; 1],
}

#[derive(Serialize)]
struct TableDetail<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    status: &'static str,
    data_table_key: &'a str,
    progress: u8,
    number_of_records: Option<usize>,
    error: Option<ParsingError<'a>>,
}

#[derive(Serialize)]
struct ParsingError<'a> {
    title: &'a str,
    description: String,
    parsing_error_details: Vec<Detail<'a>>,
}

#[derive(Serialize)]
struct Detail<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    line_number: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<Values<'a>>,
    details: &'a str,
}

/// The values of a record that was left out. Those as sent keep their digits.
#[derive(Serialize)]
#[serde(untagged)]
enum Values<'a> {
    Texts(BTreeMap<&'a str, Option<String>>),
    AsSent(&'a Fields),
}

/// The document, in which all times are off by some hours.
pub(super) fn of(import: &Import, facts: &Facts, clock: &SandboxClock, hours: i64) -> String {
    let off = SignedDuration::from_hours(hours);
    let show = |moment| {
        let shown = clock.calendar(moment);
        shown.checked_add(off).unwrap_or(shown)
    };
    let (status, progress, finished_at) = match import.progress(clock.now()) {
        Progress::Scheduled => ("scheduled", 0, None),
        Progress::Started => ("started", 50, None),
        Progress::Finished { at } => ("finished", 100, Some(show(at))),
    };
    let (number_of_records, error) = match finished_at {
        Some(_) => (count(import, facts), parsing_error(&import.rejected, facts)),
        None => (None, None),
    };
    let document = Document {
        data_import: DataImport {
            id: &import.id,
            created_at: show(import.created_at),
            launched_at: import.launched_at.map(show),
            finished_at,
            status,
            progress,
            data_tables_details: [TableDetail {
                kind: "api",
                status,
                data_table_key: &import.table,
                progress,
                number_of_records,
                error,
            }],
        },
    };
    serde_json::to_string(&document).expect("names, times and raw values are JSON")
}

/// The number of records of a finished import. The service's example has a count beside no error, and
/// null beside one.
fn count(import: &Import, facts: &Facts) -> Option<usize> {
    let counted = match import.rejected.is_empty() {
        true if facts.count == Some(Given::Missing) => Counted::Missing,
        true => Counted::Good,
        false => facts.bad_row.as_ref()?.count.unwrap_or(Counted::Missing),
    };
    match (counted, facts.repeated.unwrap_or(Repeated::Once)) {
        (Counted::Missing, _) => None,
        (Counted::Good, Repeated::Once) => Some(import.written.len()),
        (Counted::Good, Repeated::Twice) => Some(import.lines_written),
        (Counted::All, Repeated::Once) => {
            let only_left_out = import.left_out.difference(&import.written);
            Some(import.written.len() + only_left_out.count())
        }
        (Counted::All, Repeated::Twice) => Some(import.lines),
    }
}

/// The error of an import that left records out: the first names it, all are listed.
fn parsing_error<'a>(
    rejected: &'a [(usize, Box<Rejected>)],
    facts: &'a Facts,
) -> Option<ParsingError<'a>> {
    let (_, first) = rejected.first()?;
    let title = facts.bad_row.as_ref().and_then(|row| row.title.as_deref());
    let details = rejected
        .iter()
        .map(|(line, rejected)| detail(*line, rejected, facts));
    let (value, wanted, field) = (&first.value, first.misfit.wanted, &first.field);
    Some(ParsingError {
        title: title.unwrap_or("ParsingError"),
        description: format!("Can't parse '{value}' as {wanted} for user attribute {field}"),
        parsing_error_details: details.collect(),
    })
}

fn detail<'a>(line: usize, rejected: &'a Rejected, facts: &Facts) -> Detail<'a> {
    let (first_line, row) = match &facts.bad_row {
        None => (Some(1), Row::Texts),
        Some(said) => (said.first_line, said.row.unwrap_or(Row::Texts)),
    };
    let text = |(name, value): (&'a String, &'a Box<_>)| (name.as_str(), cell::as_text(value));
    Detail {
        line_number: first_line.map(|first| first.saturating_add(line as u64 - 1)),
        row: match row {
            Row::Missing => None,
            Row::Texts => Some(Values::Texts(rejected.row.iter().map(text).collect())),
            Row::AsSent => Some(Values::AsSent(&rejected.row)),
        },
        details: &rejected.misfit.details,
    }
}
