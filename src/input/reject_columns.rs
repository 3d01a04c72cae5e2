//! The columns that a rejects file has besides the input's own, and what those of the input are called
//! there that have such a name themselves.

use std::borrow::Cow;

/// What a rejects file says of each record, behind the record's own columns or keys. Where all four
/// are there they are not the record's, and reading drops them: a corrected rejects file can be
/// pushed as it is. Some of them alone are columns like others.
pub(crate) const REJECT_COLUMNS: [&str; 4] = [
    "reject_file",
    "reject_line",
    "reject_column",
    "reject_reason",
];

/// Whether a name is one of [`REJECT_COLUMNS`].
pub(crate) fn is_reject_column(name: &str) -> bool {
    REJECT_COLUMNS.contains(&name)
}

/// Whether all of [`REJECT_COLUMNS`] are among the names.
pub(crate) fn has_reject_columns<'n>(names: impl Iterator<Item = &'n str> + Clone) -> bool {
    REJECT_COLUMNS
        .iter()
        .all(|wanted| names.clone().any(|name| name == *wanted))
}

/// What stands before the name of an input's own column in a rejects file that would otherwise be
/// taken for one of [`REJECT_COLUMNS`].
const OWN: &str = "input_";

/// The name that a column of the input has in a rejects file. One that has such a name already gets
/// another `input_`, so that each name stands for one column.
pub(crate) fn name_in_rejects(name: &str) -> Cow<'_, str> {
    match is_reject_column(name.trim_start_matches(OWN)) {
        true => Cow::Owned(format!("{OWN}{name}")),
        false => Cow::Borrowed(name),
    }
}

/// The name in the input of a column that a rejects file has.
pub(super) fn name_in_input(name: &str) -> &str {
    match name.strip_prefix(OWN) {
        Some(own) if is_reject_column(own.trim_start_matches(OWN)) => own,
        _ => name,
    }
}
