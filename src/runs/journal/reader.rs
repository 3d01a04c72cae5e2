//! A journal's file to lines: what a kill may leave is dropped, what it cannot leave is an error.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;

use super::line::{Line, SCHEMA};
use super::planned::{ChunkLine, ExtentLine, PlanLine};
use super::view::Journal;
use crate::base::complaint::Complaint;
use crate::base::display;

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
    /// Nothing in it can be read, as a power cut may leave a file: what its run sent nobody can say.
    #[error(
        "the journal {} {what}: what its run sent cannot be known",
        place(path)
    )]
    Unreadable {
        path: PathBuf,
        /// What it holds instead.
        what: &'static str,
    },
    /// The file cannot be read or written.
    #[error("cannot use the journal {}: {error}", place(path))]
    Io { path: PathBuf, error: io::Error },
    /// The file holds what no push writes and no kill leaves.
    #[error("the journal {}, line {line}, is damaged: {why}", place(path))]
    Damaged {
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// A newer version of this program wrote it.
    #[error(
        "the journal {} is of schema {schema}, and this version knows {SCHEMA}",
        place(path)
    )]
    Newer { path: PathBuf, schema: u32 },
}

/// What removes a folder, as it is typed into any shell.
const REMOVE: &str = match cfg!(windows) {
    true => "cmd /c rmdir /s /q",
    false => "rm -r",
};

impl JournalError {
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Unreadable { path, .. } => Some(format!(
                "see in Qobra that no import of this table is waiting and what the table holds, then \
                 remove the run: {REMOVE} {}",
                folder(path)
            )),
            Self::Io { .. } => None,
            Self::Damaged { path, .. } => Some(format!(
                "what this run sent cannot be known from it: see in Qobra that no import of this \
                 table is waiting and what the table holds, move the run's folder {} away, then push \
                 the whole file as a new run",
                folder(path)
            )),
            Self::Newer { .. } => {
                Some("use the version of qobra-push that started the run".to_owned())
            }
        }
    }
}

impl From<JournalError> for Complaint {
    fn from(error: JournalError) -> Self {
        Self::new(error.to_string(), error.hint())
    }
}

/// The run's folder, as it is typed.
fn folder(path: &Path) -> String {
    let folder = path.parent().unwrap_or(path);
    display::typed(&folder.to_string_lossy())
}

fn place(path: &Path) -> String {
    display::quoted(&path.to_string_lossy())
}

/// Why one line is none of ours.
enum LineFault {
    /// No object with a `line` in it, as a write leaves it that was cut.
    Torn,
    /// A kind that this version does not know.
    Unknown(String),
    /// A kind that it knows, with something wrong in it.
    Invalid(String),
}

/// What every line has.
#[derive(Deserialize)]
struct Head {
    line: String,
    #[serde(default)]
    schema: u32,
}

fn head(bytes: &[u8]) -> Result<Head, LineFault> {
    serde_json::from_slice(bytes).map_err(|_| LineFault::Torn)
}

fn parse(bytes: &[u8]) -> Result<Line, LineFault> {
    let head = head(bytes)?;
    if !Line::KINDS.contains(&head.line.as_str()) {
        return Err(LineFault::Unknown(head.line));
    }
    serde_json::from_slice(bytes).map_err(|error| LineFault::Invalid(error.to_string()))
}

/// What a file holds.
pub(super) struct Contents {
    pub(super) journal: Journal,
    /// How many bytes of the file are whole lines.
    pub(super) whole: u64,
}

impl Journal {
    /// Reads a journal. A last line that was cut by a kill or a full disk is dropped, and
    /// [`is_torn`](Self::is_torn) tells so.
    pub(crate) fn read(path: &Path) -> Result<Self, JournalError> {
        contents(path).map(|contents| contents.journal)
    }
}

pub(super) fn contents(path: &Path) -> Result<Contents, JournalError> {
    let bytes = fs::read(path).map_err(|error| JournalError::Io {
        path: path.to_owned(),
        error,
    })?;
    let (lines, is_torn) = whole_lines(&bytes);
    let Some((first, rest)) = lines.split_first() else {
        let path = path.to_owned();
        let what = match bytes.as_slice() {
            [] => "is empty",
            bytes if bytes.iter().all(|byte| *byte == 0) => "holds nothing but zeros",
            _ => "has no whole line",
        };
        return Err(JournalError::Unreadable { path, what });
    };
    let schema = head(first).map_or(0, |head| head.schema);
    if schema > SCHEMA {
        let path = path.to_owned();
        return Err(JournalError::Newer { path, schema });
    }
    let journal = plan(first).map_err(|fault| (1, fault));
    let mut journal = journal
        .and_then(|plan| follow(Journal::new(plan), rest))
        .map_err(|(line, fault)| JournalError::Damaged {
            path: path.to_owned(),
            line,
            why: fault.describe(),
        })?;
    if is_torn {
        journal.set_torn();
    }
    let whole = lines.iter().map(|line| line.len() as u64).sum();
    Ok(Contents { journal, whole })
}

/// The lines of a file, and whether one was cut off its end.
fn whole_lines(bytes: &[u8]) -> (Vec<&[u8]>, bool) {
    let mut lines: Vec<_> = bytes.split_inclusive(|b| *b == b'\n').collect();
    let is_torn = lines
        .pop_if(|last| !last.ends_with(b"\n") || head(last).is_err())
        .is_some();
    (lines, is_torn)
}

fn plan(bytes: &[u8]) -> Result<PlanLine, LineFault> {
    match parse(bytes)? {
        Line::Plan(plan) => check(&plan).map(|()| *plan).map_err(LineFault::invalid),
        other => Err(LineFault::Invalid(format!(
            "a plan must come first, not {}",
            other.kind()
        ))),
    }
}

/// Takes in the lines after the plan. A fault comes with its line's number.
///
/// Cut lines may stand within the file, where writing failed and went on later: a gap line always
/// follows them.
fn follow(mut journal: Journal, lines: &[&[u8]]) -> Result<Journal, (usize, LineFault)> {
    let mut cut = None;
    for (number, bytes) in (2..).zip(lines) {
        let line = match parse(bytes) {
            Ok(Line::Plan(_)) => return Err((number, LineFault::invalid("a second plan"))),
            Ok(line) => line,
            Err(LineFault::Torn) => {
                cut = cut.or(Some(number));
                continue;
            }
            Err(fault) => return Err((number, fault)),
        };
        match cut.take() {
            Some(number) if !matches!(line, Line::Gap { .. }) => {
                return Err((number, LineFault::Torn));
            }
            _ => journal.apply(&line),
        }
    }
    cut.map_or(Ok(journal), |number| Err((number, LineFault::Torn)))
}

impl LineFault {
    fn invalid(why: &str) -> Self {
        Self::Invalid(why.to_owned())
    }

    fn describe(self) -> String {
        match self {
            Self::Torn => "it is no journal line".to_owned(),
            Self::Unknown(kind) => format!("a line of the unknown kind {}", display::quoted(&kind)),
            Self::Invalid(why) => display::shown(&why),
        }
    }
}

/// What the rest of the program takes for granted of a plan.
fn check(plan: &PlanLine) -> Result<(), &'static str> {
    let numbers = (1..).zip(&plan.chunks);
    if !numbers.clone().all(|(n, chunk)| chunk.number == n) {
        return Err("the chunks are not numbered from 1");
    }
    let mut neighbours = plan.chunks.windows(2);
    if !neighbours.all(|pair| pair[0].range.last < pair[1].range.first) {
        return Err("the chunks are not in order");
    }
    let is_numbered =
        |chunk: &ChunkLine| chunk.firsts.is_empty() || chunk.firsts.len() == chunk.extents.len();
    if !plan.chunks.iter().all(is_numbered) {
        return Err("a chunk's records are not all numbered");
    }
    let inputs = plan.inputs.len() as u64;
    let mut extents = plan.chunks.iter().flat_map(|chunk| &chunk.extents);
    if !extents
        .all(|ExtentLine([input, start, end, line])| *input < inputs && start <= end && *line > 0)
    {
        return Err("a chunk stands in no input");
    }
    Ok(())
}
