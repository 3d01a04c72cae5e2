//! What the sandbox shows beside the service: a table's content and the requests, as documents.

use serde_json::{Value, json};

use super::fault::SandboxFault;
use super::log::RequestSeen;
use super::table::{Table, TableSnapshot};

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
