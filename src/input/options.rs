//! How inputs are written: what the user says, what is known from an earlier reading, and what was
//! found.

use std::path::PathBuf;

use super::encoding::Encoding;
use crate::base::position::Positions;

/// How an input is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Delimited text with a header line.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// A JSON array of objects, an object with such an array under `items`, or objects one behind
    /// the other.
    Json,
}

impl Format {
    /// Its word in journals and receipts.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
        }
    }

    /// What people call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Ndjson => "NDJSON",
            Self::Json => "JSON",
        }
    }

    /// The format of a word; CSV is what the earliest journals call by none.
    pub(crate) fn of_word(word: &str) -> Self {
        let formats = [Self::Ndjson, Self::Json];
        (formats.into_iter().find(|format| format.word() == word)).unwrap_or(Self::Csv)
    }
}

/// One FILE of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InputPath {
    /// `-`
    Stdin,
    /// A path.
    File(PathBuf),
}

/// What the user said about how the inputs are written.
#[derive(Clone, Debug)]
pub(crate) struct SourceOptions {
    /// Instead of what the file's name tells.
    pub format: Option<Format>,
    /// The delimiter between CSV fields; where nothing was said it is recognised (a tab in
    /// `*.tsv`).
    pub delimiter: Option<u8>,
    /// What quotes and escapes mean in CSV. A sheet's text is not concerned.
    pub quoting: Quoting,
    /// What the text is encoded in where no byte order mark says so; UTF-8 where nothing was said.
    pub encoding: Option<Encoding>,
    /// Where the records stand in a JSON document.
    pub records: RecordsAt,
    /// What stands around the table in a CSV file or a sheet.
    pub margins: Margins,
    /// The sheet of a workbook; the first visible one where nothing was said.
    pub sheet: Option<String>,
    /// The file of a zip archive; the only one where nothing was said.
    pub member: Option<String>,
    /// The most bytes of text of an input that has to be copied.
    pub max_input: u64,
    /// The folder in which copies are kept as `input-0`, `input-1` …; none for copies without a
    /// name.
    pub keep: Option<PathBuf>,
    /// What is known of inputs that were proved once: these are copies, or files that were read
    /// where they stood, and are taken as they stand now.
    pub proved: Option<Vec<ProvedInput>>,
}

/// The path of keys at which the records of a JSON document stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum RecordsAt {
    /// Nobody said it.
    #[default]
    Unsaid,
    /// It was typed: every input is such a document.
    Typed(String),
    /// The mapping says it, of those inputs that are such documents.
    Mapped(String),
}

impl RecordsAt {
    /// What was typed, else what the mapping says.
    pub(crate) fn of(typed: Option<String>, mapped: Option<String>) -> Self {
        let mapped = mapped.map_or(Self::Unsaid, Self::Mapped);
        typed.map_or(mapped, Self::Typed)
    }

    /// The path, its keys parted by dots.
    pub(crate) fn path(&self) -> Option<&str> {
        match self {
            Self::Unsaid => None,
            Self::Typed(path) | Self::Mapped(path) => Some(path),
        }
    }
}

/// What stands around the table in a CSV file or a sheet, and is no part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Margins {
    /// The line on which the header stands, or the row of a sheet, from 1; the first one that is not
    /// blank where nothing was said.
    pub header_line: Option<u64>,
    /// How many lines at the end are no records; blank ones do not count.
    pub skip_last: u64,
    /// Whether any of it was typed, of every input; what a mapping says is meant for those that can
    /// have a header.
    pub is_typed: bool,
}

impl Margins {
    /// What was typed, else what the mapping says, which is 0 and none where it says nothing.
    pub(crate) fn of(header_line: Option<u64>, skip_last: Option<u64>, mapped: Self) -> Self {
        Self {
            header_line: header_line.or(mapped.header_line),
            skip_last: skip_last.unwrap_or(mapped.skip_last),
            is_typed: header_line.is_some() || skip_last.is_some(),
        }
    }
}

/// What quotes and escapes mean in CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quoting {
    /// The character behind which another one stands for itself.
    pub escape: Option<u8>,
    /// Whether quotes enclose cells; else they are text.
    pub has_quotes: bool,
}

impl Quoting {
    /// RFC 4180: quotes enclose cells, and nothing is an escape.
    pub(crate) const PLAIN: Self = Self {
        escape: None,
        has_quotes: true,
    };
}

impl Default for Quoting {
    fn default() -> Self {
        Self::PLAIN
    }
}

/// What stands between an input's bytes and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrapping {
    /// How it was compressed, in a word.
    pub compression: Option<&'static str>,
    /// Which file of an archive it is.
    pub member: Option<Member>,
    /// What its text is encoded in.
    pub encoding: Encoding,
}

/// The file of an archive that is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its name in the archive.
    pub name: String,
    /// How many files stand beside it that are not read.
    pub others: u64,
}

impl Default for Wrapping {
    fn default() -> Self {
        Self {
            compression: None,
            member: None,
            encoding: Encoding::UTF_8,
        }
    }
}

/// What is known of an input that was proved once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ProvedInput {
    /// Its delimiter, where it is known; it wins over the one for all.
    pub delimiter: Option<u8>,
    /// The sheet that its text was, if it is a workbook.
    pub sheet: Option<String>,
    /// The file of a zip archive that it was.
    pub member: Option<String>,
    /// What its text was encoded in, where that was not UTF-8.
    pub encoding: Option<Encoding>,
    /// What tells where its records stand, if it is the copy of a JSON document.
    pub positions: Option<Positions>,
}

impl Default for SourceOptions {
    fn default() -> Self {
        Self {
            format: None,
            delimiter: None,
            quoting: Quoting::default(),
            margins: Margins::default(),
            encoding: None,
            records: RecordsAt::Unsaid,
            sheet: None,
            member: None,
            max_input: MAX_INPUT_BYTES,
            keep: None,
            proved: None,
        }
    }
}

/// The most bytes of text of an input that has to be copied, unless the user allows more.
pub(crate) const MAX_INPUT_BYTES: u64 = 20 << 30;
