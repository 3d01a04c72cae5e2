//! A private copy that is read while it grows: a thread of its own writes it, readers wait for what
//! they want.
//!
//! What is copied, and from where, is left to the chain of readers that is handed in.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::super::{Blame, InputError, faults, input};
use crate::display;

/// The size of the pieces in which bytes are copied.
const PIECE_BYTES: usize = 256 << 10;

/// A chain of readers whose end is text in UTF-8.
pub(super) type Chain = Box<dyn Read + Send>;

/// What is copied, and how much of it.
pub(super) struct Copying {
    /// Where to.
    pub file: Arc<File>,
    /// Where that is, if it has a name.
    pub kept: Option<PathBuf>,
    /// The input's name, harmless to print.
    pub name: String,
    /// The most bytes.
    pub limit: u64,
}

/// A copy from its readers' side. The thread is told when it goes, and is never waited for: it may
/// hang on a pipe to which nobody writes.
#[derive(Debug)]
pub(super) struct Growing(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// So many bytes can be read.
    bytes: u64,
    /// No more will come, for this reason.
    end: Option<Result<(), Stop>>,
    /// Nobody will read what comes.
    is_abandoned: bool,
}

/// Why a copy ended before its input did.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    pub error: InputError,
    pub blame: Blame,
}

impl Growing {
    /// Begins to copy what `open` gives. What is slow, or fails, does so in the thread.
    ///
    /// # Errors
    ///
    /// When the system has no thread to give.
    pub fn start(
        copying: Copying,
        open: impl FnOnce() -> io::Result<Chain> + Send + 'static,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        thread::Builder::new()
            .name("intake".to_owned())
            .spawn(move || {
                let ending = Ending {
                    shared: theirs,
                    name: copying.name.clone(),
                };
                let end = copying.copy(open, &ending.shared);
                ending.shared.end(end);
            })?;
        Ok(Self(shared))
    }

    /// Waits until what stands from `offset` to `end`, and a byte behind it, is there, or no more
    /// will come. Gives how much is there, and whether that is all.
    ///
    /// What came before a fault is given first, so that the fault is met where it is.
    ///
    /// # Errors
    ///
    /// The fault at `offset`.
    pub fn reach(&self, offset: u64, end: u64) -> Result<(u64, bool), InputError> {
        let mut state = self.0.lock();
        loop {
            match &state.end {
                Some(Ok(())) => return Ok((state.bytes, true)),
                _ if state.bytes > end => return Ok((state.bytes, false)),
                Some(Err(_)) if state.bytes > offset => return Ok((state.bytes, false)),
                Some(Err(stop)) => return Err(stop.error.clone()),
                None => {}
            }
            let woken = self.0.changed.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Its bytes, once all of them are there.
    pub fn bytes(&self) -> Option<u64> {
        let state = self.0.lock();
        matches!(state.end, Some(Ok(()))).then_some(state.bytes)
    }

    /// What is to blame for its early end.
    pub fn blame(&self) -> Option<Blame> {
        match &self.0.lock().end {
            Some(Err(stop)) => Some(stop.blame),
            _ => None,
        }
    }
}

impl Drop for Growing {
    fn drop(&mut self) {
        self.0.lock().is_abandoned = true;
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first end is the one that counts.
    fn end(&self, end: Result<(), Stop>) {
        self.lock().end.get_or_insert(end);
        self.changed.notify_all();
    }
}

/// Ends the copy of a thread that panics: its readers would wait for ever.
struct Ending {
    shared: Arc<Shared>,
    name: String,
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.shared.end(Err(Stop::of_input(InputError {
            message: format!("{} cannot be read: its reader broke down", self.name),
            hint: Some("this is a bug in qobra-push".to_owned()),
        })));
    }
}

impl Stop {
    fn of_input(error: InputError) -> Self {
        Self {
            error,
            blame: Blame::Content,
        }
    }
}

impl Copying {
    fn copy(&self, open: impl FnOnce() -> io::Result<Chain>, shared: &Shared) -> Result<(), Stop> {
        let unread = |e: io::Error| Stop::of_input(super::fault_of(e, &self.name));
        let mut chain = open().map_err(unread)?;
        let mut piece = vec![0; PIECE_BYTES];
        let mut bytes = 0;
        loop {
            let read = match chain.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(read) => read as u64,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(unread(e)),
            };
            let fits = read.min(self.limit - bytes);
            input::write_all_at(&self.file, &piece[..fits as usize], bytes)
                .map_err(|e| self.no_room(&e))?;
            bytes += fits;
            let mut state = shared.lock();
            state.bytes = bytes;
            let is_abandoned = state.is_abandoned;
            drop(state);
            shared.changed.notify_all();
            if is_abandoned {
                // Nobody is there to see where it ends.
                return Ok(());
            }
            if fits < read {
                return Err(Stop::of_input(faults::over_limit(&self.name, self.limit)));
            }
        }
    }

    fn no_room(&self, error: &io::Error) -> Stop {
        Stop {
            error: cannot_copy(&self.name, self.kept.as_deref(), error),
            blame: Blame::CommandLine,
        }
    }
}

/// The private copy cannot be made, or not to its end.
pub(super) fn cannot_copy(name: &str, kept: Option<&Path>, error: &io::Error) -> InputError {
    let (place, option) = match kept {
        Some(path) => (display::quoted(&path.display().to_string()), "--state-dir"),
        None => ("a temporary file".to_owned(), "TMPDIR"),
    };
    InputError {
        message: format!("{name} cannot be copied to {place}: {error}"),
        hint: Some(format!(
            "make room there, or name another folder with {option}"
        )),
    }
}
