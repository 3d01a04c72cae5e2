//! The words that options take.

use clap::ValueEnum;

/// How an input is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    /// Delimited text with a header line
    Csv,
    /// One JSON object a line
    Ndjson,
    /// A JSON array, an object with `items`, or objects one behind the other
    Json,
}

/// What to do when an id occurs twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DuplicatesArg {
    /// Refuse the input
    Error,
    /// Send the first record
    First,
    /// Send the last record
    Last,
}

/// How many bad records may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorsArg {
    /// So many.
    Count(u64),
    /// So many millionths of those read.
    Share(u64),
}

/// How many records of a frozen period may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FrozenArg {
    /// So many.
    Count(u64),
    /// All of them.
    All,
}

/// How a result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputArg {
    /// For people
    Text,
    /// For programs
    Json,
}

/// How lines on standard error are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogArg {
    /// Lines behind their time
    Text,
    /// One JSON object a line
    Json,
}

/// When messages have colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorArg {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The request from which the stand-in counts the debounce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WindowArg {
    /// The first one
    First,
    /// The last one
    Last,
}

/// Whether the requests of one window share an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StackArg {
    /// One import for all of them
    Yes,
    /// An import for each
    No,
}

/// What a field takes that a probe writes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProbedKind {
    Text,
    Number,
    Date,
    Boolean,
    Percentage,
    User,
    Picklist,
}

/// Shells that can complete this command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub(crate) enum ShellArg {
    Bash,
    Zsh,
    Fish,
    PowerShell,
    Elvish,
}
