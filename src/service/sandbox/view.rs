//! Documents: an import as the service shows it, a table and the requests as the sandbox shows them.

use serde_json::{Value, json};

use super::cell;
use super::clock::SandboxClock;
use super::fault::SandboxFault;
use super::import::{Import, Progress};
use super::log::RequestSeen;
use super::table::{Rejected, Table, TableSnapshot};

/// The answer to `GET /v1/imports/{id}`.
pub(super) fn import(import: &Import, clock: &SandboxClock) -> Value {
    let show = |moment| clock.calendar(moment).to_string();
    let (status, progress, finished_at) = match import.progress(clock.now()) {
        Progress::Scheduled => ("scheduled", 0, None),
        Progress::Started => ("started", 50, None),
        Progress::Finished { at } => ("finished", 100, Some(show(at))),
    };
    let error = finished_at
        .as_ref()
        .and_then(|_| parsing_error(&import.rejected));
    // The service's example has a count beside no error, and null beside one.
    let counted = finished_at.is_some() && error.is_none();
    json!({"data_import": {
        "id": import.id,
        "created_at": show(import.created_at),
        "launched_at": import.launched_at.map(show),
        "finished_at": finished_at,
        "status": status,
        "progress": progress,
        "data_tables_details": [{
            "type": "api",
            "status": status,
            "data_table_key": import.table,
            "progress": progress,
            "number_of_records": counted.then_some(import.written.len()),
            "error": error,
        }],
    }})
}

/// The error of an import that left records out: the first names it, all are listed.
fn parsing_error(rejected: &[(usize, Box<Rejected>)]) -> Option<Value> {
    let (_, first) = rejected.first()?;
    let details: Vec<Value> = rejected
        .iter()
        .map(|(line, rejected)| detail(*line, rejected))
        .collect();
    let (value, wanted, field) = (&first.value, first.misfit.wanted, &first.field);
    Some(json!({
        "title": "ParsingError",
        "description": format!("Can't parse '{value}' as {wanted} for user attribute {field}"),
        "parsing_error_details": details,
    }))
}

fn detail(line: usize, rejected: &Rejected) -> Value {
    let row = rejected
        .row
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(cell::as_text(value))));
    json!({
        "line_number": line,
        "row": row.collect::<serde_json::Map<_, _>>(),
        "details": rejected.misfit.details,
    })
}

/// A table as JSON. The records are copied as text: their numbers must not pass through a float.
pub(super) fn table_json(key: &str, snapshot: &TableSnapshot) -> String {
    let records: Vec<&str> = snapshot
        .records
        .iter()
        .map(|(_, json)| json.as_str())
        .collect();
    format!(
        "{{\"table\":{},\"deletes\":{},\"imports\":{},\"dropped\":{},\"records\":[{}{}]}}\n",
        Value::from(key),
        snapshot.deletes,
        json!(snapshot.imports),
        json!(snapshot.dropped),
        if records.is_empty() { "" } else { "\n" },
        records.join(",\n"),
    )
}

/// A table as CSV: the id, then the other fields by name. An empty field and an empty text look the same.
pub(super) fn table_csv(table: &Table) -> Result<Vec<u8>, csv::Error> {
    let (header, rows) = table.grid();
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(header)?;
    for row in rows {
        csv.write_record(row)?;
    }
    csv.into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

/// The requests so far, and the faults that none of them has met.
pub(super) fn requests(seen: &[RequestSeen], unused: &[SandboxFault]) -> Value {
    let requests = seen.iter().map(|seen| {
        json!({
            "method": seen.method,
            "path": seen.path,
            "user_agent": seen.user_agent,
            "key": seen.key,
            "bytes": seen.bytes,
            "records": seen.records,
            "status": seen.status,
            "fault": seen.fault.as_ref().map(ToString::to_string),
            "at": seen.at.as_secs_f64(),
        })
    });
    json!({
        "requests": requests.collect::<Vec<_>>(),
        "unused_faults": unused.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
