//! The keys below `[guard]`, `[freeze]` and `[history]`.

use super::keys::{Form, Key, key};

/// Below `[guard]`.
pub(crate) const GUARD: [Key; 5] = [
    key(
        "min_records",
        Form::Count { least: 0 },
        "Least number of records",
        "A push of fewer records is refused.",
    ),
    key(
        "max_shrink",
        Form::Percent,
        "Most that a replace shrinks the table",
        "A replace that has so many fewer records than before is refused; `50%` where nothing is said.",
    ),
    key(
        "max_hollow",
        Form::Percent,
        "Most values that a field loses",
        "A field that is filled in so many fewer records than before, in percentage points, or that is gone, is refused; `30%` where nothing is said, `100%` allows both.",
    ),
    key(
        "min_overlap",
        Form::Percent,
        "Least share of the table's ids",
        "A replace that has fewer ids in common with the table, of the smaller number of both, is refused; `20%` where nothing is said.",
    ),
    key(
        "max_changed",
        Form::Percent,
        "Most records that change",
        "A push that changes a larger share of the records that the table has already is refused; all may change where nothing is said.",
    ),
];

/// Below `[freeze]`.
pub(crate) const FREEZE: [Key; 2] = [
    key(
        "field",
        Form::Name,
        "Field of the day",
        "The API key of the field, of type `date`, whose day tells whether a record is frozen.",
    ),
    key(
        "before",
        Form::Day,
        "First day that is not frozen",
        "Records whose day is before this one are frozen: a date such as 2026-01-01, in quotes or without.",
    ),
];

/// Below `[history]`.
pub(crate) const HISTORY: [Key; 1] = [key(
    "keep",
    Form::Count { least: 0 },
    "Replaces to keep",
    "Of how many good replaces the records are kept as they were sent, for `qobra-push rollback`; 0 where nothing is said.",
)];
