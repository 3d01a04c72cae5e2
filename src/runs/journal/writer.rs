//! Lines to the file: written through at once, synced where a power cut would hurt.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::line::Line;
use super::planned::PlanLine;
use super::reader::{self, JournalError};
use super::view::Journal;
use crate::base::clock::{Clock, Moment};
use crate::base::{crash, disk};
use crate::runs::state;

/// How often lines that may be lost are brought to disk.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// Writes the journal of a run whose table is locked. May be shared between threads.
#[derive(Debug)]
pub(crate) struct JournalWriter {
    clock: Clock,
    out: Mutex<Out>,
}

#[derive(Debug)]
struct Out {
    path: PathBuf,
    file: File,
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
    /// Makes the journal of a new run, with its plan in it: whatever happens meanwhile, no journal
    /// is there without one. When this returns, no power cut can undo it.
    pub(crate) fn create(path: &Path, plan: PlanLine, clock: Clock) -> io::Result<Self> {
        if path.exists() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let folder = path.parent().unwrap_or(Path::new("."));
        crash::fail_point("write")?;
        // Temporary files are private from the start.
        let file = tempfile::Builder::new().prefix(".").tempfile_in(folder)?;
        let plan = Line::Plan(Box::new(plan));
        let mut bytes = Vec::new();
        push(&mut bytes, &plan)?;
        crash_point(&plan, "before");
        write_all(file.as_file(), &bytes)?;
        crash::fail_point("sync")?;
        file.as_file().sync_all()?;
        disk::persist(file, path)?;
        crash_point(&plan, "written");
        state::sync_folder(folder)?;
        crash_point(&plan, "after");
        let file = state::append_private(path)?;
        Ok(Self::new(path, file, bytes.len() as u64, clock))
    }

    /// Reads a run's journal and opens it to go on: a line that was cut is removed from the file.
    pub(crate) fn open_append(path: &Path, clock: Clock) -> Result<(Self, Journal), JournalError> {
        let contents = reader::contents(path)?;
        let open = || -> io::Result<File> {
            let file = state::append_private(path)?;
            if file.metadata()?.len() != contents.whole {
                state::truncate(path, contents.whole)?;
            }
            Ok(file)
        };
        let file = open().map_err(|error| JournalError::Io {
            path: path.to_owned(),
            error,
        })?;
        let writer = Self::new(path, file, contents.whole, clock);
        Ok((writer, contents.journal))
    }

    fn new(path: &Path, file: File, whole: u64, clock: Clock) -> Self {
        let out = Out {
            path: path.to_owned(),
            file,
            whole,
            has_gap: false,
            synced_at: None,
            is_attempt_synced: false,
        };
        let out = Mutex::new(out);
        Self { clock, out }
    }

    /// Writes one line. When this returns, a kill of the process cannot undo it; for the first
    /// attempt, a resumption and the end, a power cut neither.
    ///
    /// After an error the caller may go on: the next line that can be written leaves no half line
    /// behind, and says that something is missing.
    pub(crate) fn append(&self, line: &Line) -> io::Result<()> {
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
        if let Err(error) = write_all(&self.file, &bytes) {
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

    fn cut(&mut self) -> io::Result<()> {
        crash::fail_point("truncate")?;
        state::truncate(&self.path, self.whole)
    }

    fn must_sync(&self, line: &Line, now: Moment) -> bool {
        match line {
            Line::Resumed { .. } | Line::End(_) => true,
            // The first attempt opens the window: that must not be forgotten.
            Line::Attempt { .. } if !self.is_attempt_synced => true,
            _ => self
                .synced_at
                .is_none_or(|at| at.elapsed_at_most(&now) >= SYNC_EVERY),
        }
    }

    fn sync(&mut self, line: &Line, now: Moment) -> io::Result<()> {
        crash::fail_point("sync")?;
        self.file.sync_data()?;
        self.is_attempt_synced |= matches!(line, Line::Attempt { .. });
        self.synced_at = Some(now);
        Ok(())
    }
}

fn write_all(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    crash::fail_point("write")?;
    if let Err(error) = crash::fail_point("torn") {
        file.write_all(&bytes[..bytes.len() / 2])?;
        return Err(error);
    }
    file.write_all(bytes)
}

fn push(bytes: &mut Vec<u8>, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *bytes, line)?;
    bytes.push(b'\n');
    Ok(())
}
