//! The rejects file: every record that was left out, as it stood, with where it stood and why.
//!
//! It is written in the input's own format, so that whoever corrects it can push it as it is:
//! reading drops [`REJECT_COLUMNS`] again. It holds people's data, so nobody else may read it, and
//! it may be what someone worked on for an hour, so a file that is there is never overwritten.
//!
//! What is a reject, and where the file goes, is left to the callers.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;

use crate::display;
use crate::source::{
    Block, Cells, Columns, Format, REJECT_COLUMNS, Row, Salvaged, Salvager, Source, TextCells,
};

/// What spreadsheets take as a sign that a CSV file is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The key under which an NDJSON line stands that is no object.
const RAW_KEY: &str = "reject_raw";

/// The most characters of a reason or of a list of columns: a record of thousands of bad cells must
/// not grow past what is read of one record.
const MOST_CHARS: usize = 2_000;

/// A file of the records that were left out. It is there from the first of them on.
#[derive(Debug)]
pub struct RejectsFile(Lazy<File>);

/// Why a record was left out, and where it stood.
#[derive(Clone, Copy, Debug)]
pub struct Reject<'a> {
    /// The input's name.
    pub file: &'a str,
    /// The line on which the record begins, from 1.
    pub line: u64,
    /// The column to blame: empty where none is, several joined with `, `.
    pub column: &'a str,
    /// What is wrong.
    pub reason: &'a str,
}

/// A rejects file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Where.
    pub path: PathBuf,
    /// How many records it holds.
    pub count: u64,
}

impl RejectsFile {
    /// The rejects file of a source, not created yet.
    #[must_use]
    pub fn new(path: PathBuf, source: &Source) -> Self {
        Self(Lazy::new(path, create, source))
    }

    /// The extension that lets a rejects file of this source be read without further options:
    /// `csv`, `tsv` where tabs are between the fields, or `ndjson`.
    #[must_use]
    pub fn extension(source: &Source) -> &'static str {
        match (source.format(), source.delimiter()) {
            (Format::Csv, Some(b'\t')) => "tsv",
            (Format::Csv, _) => "csv",
            (Format::Ndjson, _) => "ndjson",
        }
    }

    /// Adds a row of `block`, which came from the source that the file was made for.
    ///
    /// # Errors
    /// When the file cannot be created ([`io::ErrorKind::AlreadyExists`] where something is there
    /// already) or written; it is then of no use, and every later call fails too.
    pub fn add(&mut self, block: &Block, row: &Row<'_>, reject: &Reject<'_>) -> io::Result<()> {
        self.0.add(block, row, reject)
    }

    /// Writes out what is buffered, down to the disk. None where nothing was rejected: then there is
    /// no file.
    ///
    /// # Errors
    /// When the file cannot be written whole.
    pub fn finish(self) -> io::Result<Option<Written>> {
        let (path, count) = (self.0.path.clone(), self.0.count);
        let Some(file) = self.0.finish()? else {
            return Ok(None);
        };
        // Some file systems tell only now that they are full.
        file.sync_all().map_err(|e| naming(&path, &e))?;
        Ok(Some(Written { path, count }))
    }
}

/// Creates a file that only its owner may read, from its first moment on.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// An error of the system with the file's name in it.
fn naming(path: &Path, error: &io::Error) -> io::Error {
    let shown = display::shown(&path.display().to_string());
    let message = match error.kind() {
        io::ErrorKind::AlreadyExists => format!("{shown} is there already and is not overwritten"),
        _ => format!("{shown} cannot be written: {error}"),
    };
    io::Error::new(error.kind(), message)
}

/// A block that came from another source than the file was made for: better an error than a record
/// that is nowhere.
fn foreign() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        "the record is in another format",
    )
}

/// [`RejectsFile`] for anything that can be written.
#[derive(Debug)]
struct Lazy<W: Write> {
    path: PathBuf,
    create: fn(&Path) -> io::Result<W>,
    salvager: Salvager,
    layout: Layout,
    state: State<W>,
    count: u64,
}

#[derive(Debug)]
enum State<W: Write> {
    /// Nothing was rejected yet.
    Unused,
    Csv(Box<csv::Writer<W>>),
    Ndjson(BufWriter<W>),
    /// Half a record may be in the file, so that nothing may follow.
    Failed,
}

/// How a reject is written.
#[derive(Debug)]
enum Layout {
    Csv {
        delimiter: u8,
        /// The columns that are written, by their place in [`Columns::Named`], and their names.
        columns: Vec<(usize, String)>,
    },
    Ndjson,
}

impl Layout {
    fn of(source: &Source) -> Self {
        match (source.columns(), source.delimiter()) {
            (Columns::Named(names), Some(delimiter)) => Self::Csv {
                delimiter,
                columns: (0..)
                    .zip(names.iter().cloned())
                    .filter(|(_, name)| !is_replaced(name))
                    .collect(),
            },
            _ => Self::Ndjson,
        }
    }
}

/// Whether a column of the input gives way to one of ours: no column may stand twice.
fn is_replaced(name: &str) -> bool {
    REJECT_COLUMNS.contains(&name)
}

impl<W: Write> Lazy<W> {
    fn new(path: PathBuf, create: fn(&Path) -> io::Result<W>, source: &Source) -> Self {
        Self {
            path,
            create,
            salvager: source.salvager(),
            layout: Layout::of(source),
            state: State::Unused,
            count: 0,
        }
    }

    fn add(&mut self, block: &Block, row: &Row<'_>, reject: &Reject<'_>) -> io::Result<()> {
        if let Err(error) = self.try_add(block, row, reject) {
            self.state = State::Failed;
            return Err(naming(&self.path, &error));
        }
        self.count += 1;
        Ok(())
    }

    fn try_add(&mut self, block: &Block, row: &Row<'_>, reject: &Reject<'_>) -> io::Result<()> {
        if matches!(self.state, State::Unused) {
            self.state = start((self.create)(&self.path)?, &self.layout)?;
        }
        match (&mut self.state, &self.layout) {
            (State::Csv(out), Layout::Csv { columns, .. }) => {
                let texts = match &row.cells {
                    Ok(Cells::Text(cells)) => Texts::Good(*cells),
                    _ => match self.salvager.salvage(block, row) {
                        Salvaged::Texts(texts) => Texts::Bad(texts),
                        Salvaged::Object(_) | Salvaged::Line(_) => return Err(foreign()),
                    },
                };
                write_csv(out, columns, &texts, reject)
            }
            (State::Ndjson(out), _) => match &row.cells {
                Ok(Cells::Object(entries)) => write_object(out, entries, reject),
                _ => match self.salvager.salvage(block, row) {
                    Salvaged::Object(entries) => write_object(out, &entries, reject),
                    Salvaged::Line(line) => write_raw(out, &line, reject),
                    Salvaged::Texts(_) => Err(foreign()),
                },
            },
            _ => Err(io::Error::other("writing it has failed before")),
        }
    }

    /// Hands out the file with everything written; none where there is no file.
    fn finish(self) -> io::Result<Option<W>> {
        let path = self.path;
        let file = match self.state {
            State::Unused => return Ok(None),
            State::Csv(out) => out.into_inner().map_err(csv::IntoInnerError::into_error),
            State::Ndjson(out) => out.into_inner().map_err(io::IntoInnerError::into_error),
            State::Failed => Err(io::Error::other("writing it has failed before")),
        };
        file.map(Some).map_err(|e| naming(&path, &e))
    }
}

/// Begins a file: the byte order mark and the header, where there is one.
fn start<W: Write>(mut file: W, layout: &Layout) -> io::Result<State<W>> {
    let Layout::Csv { delimiter, columns } = layout else {
        return Ok(State::Ndjson(BufWriter::new(file)));
    };
    file.write_all(BYTE_ORDER_MARK)?;
    let mut out = csv::WriterBuilder::new()
        .delimiter(*delimiter)
        .from_writer(file);
    let names = columns.iter().map(|(_, name)| name.as_str());
    out.write_record(names.chain(REJECT_COLUMNS))
        .map_err(from_csv)?;
    Ok(State::Csv(Box::new(out)))
}

/// A CSV record's cells, by their place in [`Columns::Named`].
enum Texts<'r> {
    Good(TextCells<'r>),
    Bad(Vec<String>),
}

impl Texts<'_> {
    fn get(&self, column: usize) -> &str {
        match self {
            Self::Good(cells) => cells.get(column),
            Self::Bad(texts) => texts.get(column).map_or("", String::as_str),
        }
    }
}

fn write_csv<W: Write>(
    out: &mut csv::Writer<W>,
    columns: &[(usize, String)],
    texts: &Texts<'_>,
    reject: &Reject<'_>,
) -> io::Result<()> {
    let line = reject.line.to_string();
    let (column, reason) = (cut(reject.column), cut(reject.reason));
    let cells = columns.iter().map(|(place, _)| texts.get(*place));
    out.write_record(cells.chain([reject.file, &line, &column, &reason]))
        .map_err(from_csv)
}

/// The system's error, whose kind the csv crate's own conversion would lose.
fn from_csv(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        kind => io::Error::other(format!("{kind:?}")),
    }
}

/// The object as it stands, its keys escaped anew, with our keys behind its own.
fn write_object<W: Write>(
    out: &mut W,
    entries: &[(Cow<'_, str>, &RawValue)],
    reject: &Reject<'_>,
) -> io::Result<()> {
    out.write_all(b"{")?;
    for (key, value) in entries.iter().filter(|(key, _)| !is_replaced(key)) {
        serde_json::to_writer(&mut *out, key)?;
        write!(out, ":{},", value.get())?;
    }
    write_reject(out, reject)
}

fn write_raw<W: Write>(out: &mut W, line: &str, reject: &Reject<'_>) -> io::Result<()> {
    write!(out, "{{\"{RAW_KEY}\":")?;
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b",")?;
    write_reject(out, reject)
}

/// Ends an object with our keys.
fn write_reject<W: Write>(out: &mut W, reject: &Reject<'_>) -> io::Result<()> {
    let [file, line, column, reason] = REJECT_COLUMNS;
    write!(out, "\"{file}\":")?;
    serde_json::to_writer(&mut *out, reject.file)?;
    write!(out, ",\"{line}\":{},\"{column}\":", reject.line)?;
    serde_json::to_writer(&mut *out, &cut(reject.column))?;
    write!(out, ",\"{reason}\":")?;
    serde_json::to_writer(&mut *out, &cut(reject.reason))?;
    out.write_all(b"}\n")
}

/// At most [`MOST_CHARS`] of a text.
fn cut(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MOST_CHARS) {
        Some((at, _)) => Cow::Owned(format!("{}…", &text[..at])),
        None => Cow::Borrowed(text),
    }
}
