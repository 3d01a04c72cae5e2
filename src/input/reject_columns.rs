//! The columns that a rejects file has besides the input's own.

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
pub(super) fn is_reject_column(name: &str) -> bool {
    REJECT_COLUMNS.contains(&name)
}

/// Whether all of [`REJECT_COLUMNS`] are among the names.
pub(super) fn has_reject_columns<'n>(names: impl Iterator<Item = &'n str> + Clone) -> bool {
    REJECT_COLUMNS
        .iter()
        .all(|wanted| names.clone().any(|name| name == *wanted))
}
