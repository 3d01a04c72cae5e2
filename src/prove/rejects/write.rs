//! One record of a rejects file: how it is written.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

use crate::input::{
    Columns, Dialect, Fields, REJECT_COLUMNS, Source, TextCells, has_reject_columns,
    is_reject_column, name_in_rejects,
};
use crate::mapping::Spelling;

/// What spreadsheets take as a sign that a CSV file is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The key under which an NDJSON line stands that is no object, and an object that is no record of
/// the input.
const RAW_KEY: &str = "reject_raw";

/// What stands behind the last column of a record that is not in the input.
const CHECK: &str = "(check the record, then delete this field)";

/// The most characters of a reason or of a list of columns: a record of thousands of bad cells must
/// not grow past what is read of one record.
pub(super) const MOST_CHARS: usize = 2_000;

/// Why a record was left out, and where it stood.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reject<'a> {
    /// The input's name.
    pub file: &'a str,
    /// The line on which the record begins, from 1.
    pub line: u64,
    /// The column to blame: empty where none is, several joined with `, `.
    pub column: &'a str,
    /// What is wrong.
    pub reason: &'a str,
}

/// A record that is not in the input: the service named it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stray<'a> {
    /// Its fields' API keys and values.
    pub fields: &'a [(String, String)],
    /// For each of them the input's column, where there is one.
    pub columns: &'a [Option<&'a str>],
    /// The column to blame: empty where none is.
    pub column: &'a str,
    /// What is wrong.
    pub reason: &'a str,
}

#[derive(Debug)]
pub(super) enum State<W: Write> {
    /// Nothing was rejected yet.
    Unused,
    Csv(BufWriter<W>),
    Ndjson(BufWriter<W>),
    /// Half a record may be in the file, so that nothing may follow.
    Failed,
}

/// How a reject is written.
#[derive(Debug)]
pub(super) enum Layout {
    Csv {
        dialect: Dialect,
        /// The columns that are written, by their place in [`Columns::Named`], and their names.
        columns: Vec<(usize, String)>,
    },
    Ndjson {
        /// Whether it begins with a byte order mark: the mapping may name the input's encoding, which
        /// this file has not.
        is_marked: bool,
    },
}

impl Layout {
    pub(super) fn of(source: &Source) -> Self {
        match (source.columns(), source.dialect()) {
            (Columns::Named(names), Some(dialect)) => Self::Csv {
                dialect,
                columns: (0..).zip(names.iter().cloned()).collect(),
            },
            _ => Self::Ndjson {
                is_marked: (0..source.input_count()).any(|n| source.encoding_of(n).is_some()),
            },
        }
    }
}

/// Begins a file, unless it has begun before: the byte order mark and the header, where there is
/// one.
pub(super) fn start<W: Write>(file: W, layout: &Layout, has_begun: bool) -> io::Result<State<W>> {
    let mut out = BufWriter::new(file);
    let is_marked = match layout {
        Layout::Csv { .. } => true,
        Layout::Ndjson { is_marked } => *is_marked,
    };
    if is_marked && !has_begun {
        out.write_all(BYTE_ORDER_MARK)?;
    }
    let Layout::Csv { dialect, columns } = layout else {
        return Ok(State::Ndjson(out));
    };
    if !has_begun {
        let names: Vec<_> = (columns.iter().map(|(_, name)| name_in_rejects(name))).collect();
        let names = names.iter().map(|name| &**name);
        let header = dialect.record(names.chain(REJECT_COLUMNS));
        out.write_all(header.as_bytes())?;
    }
    Ok(State::Csv(out))
}

/// A CSV record's cells, by their place in [`Columns::Named`](crate::input::Columns::Named).
pub(super) enum Texts<'r> {
    Good(TextCells<'r>),
    Bad(Fields),
}

impl Texts<'_> {
    fn get(&self, column: usize, spelling: &Spelling) -> Cow<'_, str> {
        let (typed, text) = match self {
            Self::Good(cells) => (cells.typed(column), cells.get(column)),
            Self::Bad(fields) => (
                fields.types.get(column).copied().unwrap_or_default(),
                fields.cells.get(column).map_or("", String::as_str),
            ),
        };
        spelling.of(column, typed, text)
    }

    /// What stands behind the last column, so that a ragged record stays one.
    fn behind(&self) -> Vec<Cow<'_, str>> {
        let Self::Bad(fields) = self else {
            return Vec::new();
        };
        let surplus = fields.surplus.iter().map(|text| Cow::Borrowed(&**text));
        let marker = match fields.missing {
            0 => None,
            1 => Some("(1 field is missing: complete the record, then delete this one)".to_owned()),
            n => Some(format!(
                "({n} fields are missing: complete the record, then delete this one)"
            )),
        };
        let valueless = match fields.valueless {
            0 => None,
            _ => Some(Cow::Borrowed(
                "(a cell has no value: write it, then delete this field)",
            )),
        };
        let controls = fields.has_controls.then_some(Cow::Borrowed(
            "(take the control characters out, then delete this field)",
        ));
        let markers = marker.map(Cow::Owned).into_iter();
        let markers = markers.chain(valueless).chain(controls);
        surplus.chain(markers).collect()
    }
}

pub(super) fn write_fields<W: Write>(
    out: &mut W,
    dialect: Dialect,
    columns: &[(usize, String)],
    texts: &Texts<'_>,
    reject: &Reject<'_>,
    spelling: &Spelling,
) -> io::Result<()> {
    let line = reject.line.to_string();
    let (column, reason) = (cut(reject.column), cut(reject.reason));
    let behind = texts.behind();
    let cells = columns.iter().map(|(place, _)| texts.get(*place, spelling));
    let ours = [reject.file, &line, &column, &reason].map(Cow::Borrowed);
    let cells: Vec<_> = cells.chain(ours).chain(behind).collect();
    out.write_all(dialect.record(cells.iter().map(|cell| &**cell)).as_bytes())
}

/// A record whose values are the service's, in the columns that they came from.
pub(super) fn write_stray<W: Write>(
    out: &mut W,
    dialect: Dialect,
    columns: &[(usize, String)],
    stray: &Stray<'_>,
) -> io::Result<()> {
    let cell = |name: &str| {
        let at = stray.columns.iter().position(|to| *to == Some(name));
        at.and_then(|at| stray.fields.get(at))
            .map_or("", |(_, value)| value.as_str())
    };
    let (column, reason) = (cut(stray.column), cut(stray.reason));
    let cells = columns.iter().map(|(_, name)| cell(name));
    let cells = cells.chain(["", "", &column, &reason, CHECK]);
    out.write_all(dialect.record(cells).as_bytes())
}

/// The object as it stands, its keys escaped anew, with our keys behind its own. Those of a rejects file
/// that it stood in before give way to ours.
pub(super) fn write_object<W: Write>(
    out: &mut W,
    entries: &[(Cow<'_, str>, &str)],
    reject: &Reject<'_>,
) -> io::Result<()> {
    // A good record has lost them already, and its own keys have their names of the input back.
    let is_again = has_reject_columns(entries.iter().map(|(key, _)| &**key));
    out.write_all(b"{")?;
    for (key, value) in entries {
        let name = match is_again {
            true if is_reject_column(key) => continue,
            true => Cow::Borrowed(&**key),
            false => name_in_rejects(key),
        };
        serde_json::to_writer(&mut *out, &name)?;
        write!(out, ":{value},")?;
    }
    write_reject(out, reject)
}

pub(super) fn write_raw<W: Write>(out: &mut W, line: &str, reject: &Reject<'_>) -> io::Result<()> {
    write!(out, "{{\"{RAW_KEY}\":")?;
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b",")?;
    write_reject(out, reject)
}

/// A record under the service's names, in an object that is none of the input's.
pub(super) fn write_stray_object<W: Write>(out: &mut W, stray: &Stray<'_>) -> io::Result<()> {
    write!(out, "{{\"{RAW_KEY}\":{{")?;
    for (n, (key, value)) in stray.fields.iter().enumerate() {
        out.write_all(if n == 0 { b"" } else { b"," })?;
        serde_json::to_writer(&mut *out, key)?;
        out.write_all(b":")?;
        serde_json::to_writer(&mut *out, value)?;
    }
    out.write_all(b"},")?;
    write_ours(out, "", None, stray.column, stray.reason)
}

/// Ends an object with our keys.
fn write_reject<W: Write>(out: &mut W, reject: &Reject<'_>) -> io::Result<()> {
    write_ours(
        out,
        reject.file,
        Some(reject.line),
        reject.column,
        reject.reason,
    )
}

fn write_ours<W: Write>(
    out: &mut W,
    in_file: &str,
    on_line: Option<u64>,
    in_column: &str,
    why: &str,
) -> io::Result<()> {
    let [file, line, column, reason] = REJECT_COLUMNS;
    write!(out, "\"{file}\":")?;
    serde_json::to_writer(&mut *out, in_file)?;
    write!(out, ",\"{line}\":")?;
    serde_json::to_writer(&mut *out, &on_line)?;
    write!(out, ",\"{column}\":")?;
    serde_json::to_writer(&mut *out, &cut(in_column))?;
    write!(out, ",\"{reason}\":")?;
    serde_json::to_writer(&mut *out, &cut(why))?;
    out.write_all(b"}\n")
}

/// At most [`MOST_CHARS`] of a text.
pub(super) fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MOST_CHARS) {
        Some((at, _)) => Cow::Owned(format!("{}…", &text[..at])),
        None => Cow::Borrowed(text),
    }
}
