//! Lines to the file: written through at once, synced where a power cut would hurt.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::line::Line;
use super::reader::{self, JournalError};
use super::view::Journal;
use crate::clock::{Clock, Moment};
use crate::crash;
use crate::state;

/// How often lines that may be lost are brought to disk.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// Writes the journal of a run whose table is locked. May be shared between threads.
#[derive(Debug)]
pub struct JournalWriter {
    clock: Clock,
    out: Mutex<Out>,
}

#[derive(Debug)]
struct Out {
    file: File,
    /// The run's folder.
    folder: PathBuf,
    /// How many bytes of the file are whole lines.
    whole: u64,
    /// Whether a line is missing because it could not be written.
    has_gap: bool,
    /// When the file was synced.
    synced_at: Option<Moment>,
    /// Whether an attempt was synced since the file was opened.
    is_attempt_synced: bool,
}

impl JournalWriter {
    /// Makes the journal of a new run.
    ///
    /// # Errors
    /// When the file exists or cannot be made.
    pub fn create(path: &Path, clock: Clock) -> io::Result<Self> {
        let file = state::create_private(path)?;
        Ok(Self::new(file, path, 0, clock))
    }

    /// Reads a run's journal and opens it to go on: a line that was cut is removed from the file.
    ///
    /// # Errors
    /// When it cannot be read (see [`Journal::read`]) or written.
    pub fn open_append(path: &Path, clock: Clock) -> Result<(Self, Journal), JournalError> {
        let contents = reader::contents(path)?;
        let open = || -> io::Result<File> {
            let file = state::append_private(path)?;
            if file.metadata()?.len() != contents.whole {
                file.set_len(contents.whole)?;
                file.sync_data()?;
            }
            Ok(file)
        };
        let file = open().map_err(|error| JournalError::Io {
            path: path.to_owned(),
            error,
        })?;
        let writer = Self::new(file, path, contents.whole, clock);
        Ok((writer, contents.journal))
    }

    fn new(file: File, path: &Path, whole: u64, clock: Clock) -> Self {
        let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
        let out = Out {
            file,
            folder,
            whole,
            has_gap: false,
            synced_at: None,
            is_attempt_synced: false,
        };
        let out = Mutex::new(out);
        Self { clock, out }
    }

    /// Writes one line. When this returns, a kill of the process cannot undo it; for the plan, the
    /// first attempt, a resumption and the end, a power cut neither.
    ///
    /// After an error the caller may go on: the next line that can be written leaves no half line
    /// behind, and says that something is missing.
    ///
    /// # Errors
    /// When the line could not be written, or not be synced.
    pub fn append(&self, line: &Line) -> io::Result<()> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        crash_point(line, "before");
        out.write(line, now)?;
        crash_point(line, "written");
        if out.must_sync(line, now) {
            out.sync(line, now)?;
        }
        crash_point(line, "after");
        Ok(())
    }
}

/// `journal-attempt-before` and the like.
fn crash_point(line: &Line, when: &str) {
    if cfg!(debug_assertions) {
        crash::crash_point(&format!("journal-{}-{when}", line.kind()));
    }
}

impl Out {
    fn write(&mut self, line: &Line, now: Moment) -> io::Result<()> {
        let mut bytes = Vec::new();
        let mut is_cut = true;
        if !self.has_gap
            && let Ok(now) = self.file.metadata()
        {
            // What was seen of the run's imports may have been added by another writer.
            self.whole = now.len();
        }
        if self.has_gap {
            // The half line of the failed write goes, or is at least ended.
            is_cut = self.cut().is_ok();
            if !is_cut {
                bytes.push(b'\n');
            }
            push(&mut bytes, &Line::Gap { at: now })?;
        }
        push(&mut bytes, line)?;
        if let Err(error) = self.write_all(&bytes) {
            self.has_gap = true;
            return Err(error);
        }
        self.has_gap = false;
        self.whole += bytes.len() as u64;
        if !is_cut {
            self.whole = self.file.metadata()?.len();
        }
        Ok(())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        crash::fail_point("write")?;
        if let Err(error) = crash::fail_point("torn") {
            self.file.write_all(&bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.file.write_all(bytes)
    }

    fn cut(&mut self) -> io::Result<()> {
        crash::fail_point("truncate")?;
        self.file.set_len(self.whole)
    }

    fn must_sync(&self, line: &Line, now: Moment) -> bool {
        match line {
            Line::Plan(_) | Line::Resumed { .. } | Line::End { .. } => true,
            // It opens the window: that must not be forgotten.
            Line::Attempt { .. } if !self.is_attempt_synced => true,
            _ => self
                .synced_at
                .is_none_or(|at| at.elapsed_at_most(&now) >= SYNC_EVERY),
        }
    }

    fn sync(&mut self, line: &Line, now: Moment) -> io::Result<()> {
        crash::fail_point("sync")?;
        self.file.sync_data()?;
        if matches!(line, Line::Plan(_)) {
            state::sync_folder(&self.folder)?;
        }
        self.is_attempt_synced |= matches!(line, Line::Attempt { .. });
        self.synced_at = Some(now);
        Ok(())
    }
}

fn push(bytes: &mut Vec<u8>, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *bytes, line)?;
    bytes.push(b'\n');
    Ok(())
}
