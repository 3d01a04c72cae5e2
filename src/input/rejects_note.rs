//! What is said of an input that is read as a rejects file.

use super::error::InputError;
use super::json::ndjson;
use super::json::text::blanks;
use super::opened::Input;
use super::reject_columns::{REJECT_COLUMNS, has_reject_columns};

/// How much is looked at of records that are objects: more than most of them are long.
const SEEN_BYTES: usize = 64 << 10;

/// Says of an input whose header, or whose first object, has all columns of a rejects file that these
/// are left out: whoever has columns of these names for another reason would lose them in silence.
/// `name` is harmless to print.
pub(super) fn note(input: &Input, name: &str) -> Result<Option<String>, InputError> {
    let is_one = match input.dialect {
        Some(_) => input.has_reject_columns,
        None => begins_with_reject(input)?,
    };
    let [first @ .., last] = REJECT_COLUMNS;
    Ok(is_one.then(|| {
        format!(
            "{name}: {} and {last} are left out, since a file with all of them is a rejects file",
            first.join(", ")
        )
    }))
}

fn begins_with_reject(input: &Input) -> Result<bool, InputError> {
    let mut bytes = Vec::new();
    input.append(&mut bytes, input.start, SEEN_BYTES)?;
    let record = &bytes[blanks(&bytes)..];
    let end = memchr::memchr2(b'\n', b'\r', record).unwrap_or(record.len());
    let entries = ndjson::entries(&record[..end]);
    Ok(entries.is_some_and(|entries| has_reject_columns(entries.iter().map(|(key, _)| &**key))))
}
