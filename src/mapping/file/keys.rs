//! The keys of a mapping file, each described once: the reader and the JSON Schema are both made of
//! these tables, so neither can know a key that the other does not.

use crate::mapping::spec::{Empty, Unmapped};
use crate::mapping::value::kind::FieldType;
use crate::mapping::value::marks::Negative;

/// One key and what may stand behind it.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    /// The types of a field that it goes with; any, and none, where this is empty.
    pub(crate) types: &'static [FieldType],
    /// What editors show.
    pub(crate) title: &'static str,
    pub(crate) about: &'static str,
}

/// What kind of value a key takes.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// The key of a data table.
    TableKey,
    /// A string that is not blank.
    Name,
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Count { least: u64 },
    /// One of a few words.
    Choice(fn() -> Vec<&'static str>),
    /// Any string; what it names is looked up later.
    Text,
    /// One ASCII character, or `tab`.
    Delimiter,
    /// One ASCII punctuation character that is neither a quote nor a usual delimiter.
    Escape,
    /// One sign.
    Decimal,
    /// One sign, or none.
    Thousands,
    /// What may stand beside a number, or a list of it.
    Symbols,
    /// A time zone's name.
    Zone,
    /// A name, or a list of them.
    Names,
    /// A list of names.
    List,
    /// A string, a number or a boolean.
    Scalar,
    /// A table of those.
    Scalars,
    /// A percentage.
    Percent,
    /// A date.
    Day,
    /// Whole seconds, or a time such as `15m`.
    Time,
    /// `[input]`.
    Input,
    /// `[guard]`.
    Guard,
    /// `[freeze]`.
    Freeze,
    /// `[history]`.
    History,
    /// `[fields]`.
    Fields,
}

const NUMBERS: &[FieldType] = &[FieldType::Number, FieldType::Integer, FieldType::Percent];

/// Above and beside `[fields]`.
pub(crate) const TOP: [Key; 12] = [
    key(
        "table",
        Form::TableKey,
        "Table key",
        "The data table's key, as Qobra's app shows it. `--table` on the command line goes first.",
    ),
    key(
        "id",
        Form::Name,
        "Id field",
        "The API key of the field that tells records apart; `id` where nothing is said. A record replaces the one with the same id.",
    ),
    key(
        "name",
        Form::Name,
        "Name field",
        "The API key of the field that Qobra shows as a record's name; `name` where nothing is said.",
    ),
    key(
        "unmapped",
        Form::Choice(|| words(&Unmapped::WORDS)),
        "Columns that no field uses",
        "`ignore` (the default) lists them once and leaves them out, `error` refuses the input.",
    ),
    key(
        "all",
        Form::Flag,
        "Replace the table",
        "Whether a push replaces the table's whole content, as `--all` does; `--all=false` on the command line goes first.",
    ),
    key(
        "debounce",
        Form::Time,
        "Window of a replace",
        "How long the service waits for all requests of a replace: seconds, or a time such as `15m`. Goes with `all`; `--debounce` goes first.",
    ),
    key(
        "wait",
        Form::Flag,
        "Follow the imports",
        "Whether a push follows its imports to their end, as `--wait` does; `--wait=false` on the command line goes first.",
    ),
    key(
        "input",
        Form::Input,
        "Input",
        "How people wrote the input. All of it is optional.",
    ),
    key(
        "guard",
        Form::Guard,
        "Guards",
        "How much a push may change. All of it is optional; what is typed goes first.",
    ),
    key(
        "freeze",
        Form::Freeze,
        "Frozen periods",
        "Records that no push changes unless it is allowed: those with a day before another one.",
    ),
    key(
        "history",
        Form::History,
        "History",
        "What is kept of pushes. All of it is optional; what is typed goes first.",
    ),
    key(
        "fields",
        Form::Fields,
        "Fields",
        "One line a field: on the left its API key, on the right the name of its column, or a table that says more.",
    ),
];

/// Below `[input]`.
pub(crate) const INPUT: [Key; 11] = [
    key(
        "delimiter",
        Form::Delimiter,
        "Delimiter",
        "Between the cells of a CSV file: one ASCII character, or `tab`.",
    ),
    key(
        "quote",
        Form::Choice(|| words(&QUOTES)),
        "Quotes",
        "`\"` (the default) encloses cells of a CSV file that hold delimiters, line ends or quotes; with `none` quotes are text.",
    ),
    key(
        "escape",
        Form::Escape,
        "Escape",
        "The character of a CSV file behind which another one stands for itself, such as `\\`; none where nothing is said.",
    ),
    key(
        "encoding",
        Form::Text,
        "Encoding",
        "How the file's characters are encoded, such as `utf-8`. A byte order mark in the file wins.",
    ),
    key(
        "decimal",
        Form::Decimal,
        "Decimal sign",
        "Between the whole and the fraction in all number fields: `.` (the default) or `,`.",
    ),
    key(
        "thousands",
        Form::Thousands,
        "Thousands sign",
        "Between groups of three digits in all number fields, none where nothing is said. A space stands for narrow and non-breaking ones too.",
    ),
    key(
        "header_line",
        Form::Count { least: 1 },
        "Line of the header",
        "The line of the file, or the row of the sheet, that names the columns, from 1. What is above it is left out.",
    ),
    key(
        "skip_last",
        Form::Count { least: 0 },
        "Lines below the records",
        "How many lines at the end of the file, or rows of the sheet, are no records; blank ones do not count.",
    ),
    key(
        "records",
        Form::Name,
        "Place of the records",
        "Where the records stand in a JSON document: the keys that lead to their array, such as `result.records`.",
    ),
    key(
        "null",
        Form::Names,
        "Words for empty cells",
        "What counts as an empty cell, such as `NULL` or `n/a`; compared with the whole cell, white space around it left out.",
    ),
    key(
        "trim",
        Form::Flag,
        "Trim texts",
        "Whether white space around texts is cut off. Cells of other types are always trimmed.",
    ),
];

/// In the table of a field.
pub(crate) const FIELD: [Key; 19] = [
    key(
        "column",
        Form::Name,
        "Column",
        "The name of the column; in NDJSON a key, or a path such as `owner.email`.",
    ),
    key(
        "columns",
        Form::List,
        "Columns",
        "Several columns instead of one, whose cells make one text; empty ones are left out.",
    ),
    key(
        "join",
        Form::Text,
        "Between columns",
        "What stands between the cells of `columns`: a space where nothing is said.",
    ),
    key(
        "type",
        Form::Choice(|| FieldType::ALL.map(FieldType::word).to_vec()),
        "Type",
        "What the cells hold. Without a type a CSV cell is sent as text and an NDJSON value as it is; nothing is guessed.",
    ),
    fits(
        "format",
        Form::Names,
        &[FieldType::Date],
        "Date layout",
        "How dates are written, in strftime letters, or `epoch` or `epoch-ms` for seconds or milliseconds since 1970; several are tried in turn. `%Y-%m-%d` where nothing is said.",
    ),
    fits(
        "timezone",
        Form::Zone,
        &[FieldType::Date],
        "Time zone",
        "Where the day is taken of values that tell their moment by an offset (`%z`) or as `epoch`. Without it offsets are left out; dates without one never change.",
    ),
    fits(
        "decimal",
        Form::Decimal,
        NUMBERS,
        "Decimal sign",
        "Between the whole and the fraction, instead of what `[input]` says.",
    ),
    fits(
        "thousands",
        Form::Thousands,
        NUMBERS,
        "Thousands sign",
        "Between groups of three digits, instead of what `[input]` says; `\"\"` for none.",
    ),
    fits(
        "symbols",
        Form::Symbols,
        NUMBERS,
        "Currency symbols",
        "What may stand before or behind a number, once, such as `€` or `EUR`; it is left out.",
    ),
    fits(
        "negative",
        Form::Choice(|| words(&Negative::WORDS)),
        NUMBERS,
        "Negative numbers",
        "How negative numbers are written, besides with a minus sign before them: in `parentheses`, as `(3)`, or `trailing`, as `3-`.",
    ),
    key(
        "trim",
        Form::Flag,
        "Trim",
        "Whether white space around a text is cut off. Cells of other types are always trimmed.",
    ),
    fits(
        "true",
        Form::Names,
        &[FieldType::Boolean],
        "Words for true",
        "The word or words that stand for true, compared without case; `true` where nothing is said.",
    ),
    fits(
        "false",
        Form::Names,
        &[FieldType::Boolean],
        "Words for false",
        "The word or words that stand for false, compared without case; `false` where nothing is said.",
    ),
    key(
        "value",
        Form::Scalar,
        "Constant",
        "The same value in every record, as Qobra wants it, instead of a column. Only `type` goes with it.",
    ),
    key(
        "values",
        Form::Scalars,
        "Translation",
        "The file's words on the left, what is sent on the right.",
    ),
    key(
        "values_else",
        Form::Choice(|| words(&VALUES_ELSE)),
        "Cells that `values` does not list",
        "`pass` (the default) sends them unchanged and lists them once, `error` refuses them.",
    ),
    key(
        "empty",
        Form::Choice(|| words(&Empty::WORDS)),
        "Empty cells",
        "What an empty cell becomes, or one of nothing but white space: `null` (the default), `omit` leaves the field out of the record, `text` sends the empty string, `error` refuses the record.",
    ),
    key(
        "required",
        Form::Flag,
        "Required",
        "`true` refuses records with an empty cell: short for `empty = \"error\"`.",
    ),
    fits(
        "fraction",
        Form::Flag,
        &[FieldType::Percent],
        "Send as a share of one",
        "`true` moves the point two places: 12.5 % is sent as 0.125.",
    ),
];

/// The words of `quote`; whether quotes enclose cells.
pub(crate) const QUOTES: [(&str, bool); 2] = [("\"", true), ("none", false)];

/// The words of `values_else`; whether a cell that is not listed is refused.
pub(crate) const VALUES_ELSE: [(&str, bool); 2] = [("error", true), ("pass", false)];

pub(super) const fn key(
    name: &'static str,
    form: Form,
    title: &'static str,
    about: &'static str,
) -> Key {
    fits(name, form, &[], title, about)
}

const fn fits(
    name: &'static str,
    form: Form,
    types: &'static [FieldType],
    title: &'static str,
    about: &'static str,
) -> Key {
    Key {
        name,
        form,
        types,
        title,
        about,
    }
}

fn words<T>(choices: &[(&'static str, T)]) -> Vec<&'static str> {
    choices.iter().map(|(word, _)| *word).collect()
}

/// The names of some keys.
pub(crate) fn names(keys: &'static [Key]) -> impl Iterator<Item = &'static str> {
    keys.iter().map(|key| key.name)
}

/// A key by its name.
pub(crate) fn find(keys: &'static [Key], name: &str) -> Option<&'static Key> {
    keys.iter().find(|key| key.name == name)
}

/// The names of some keys, for a sentence.
pub(crate) fn listed(keys: &'static [Key]) -> String {
    names(keys).collect::<Vec<_>>().join(", ")
}
