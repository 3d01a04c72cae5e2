//! Private copies that are read while they grow: each is written by a thread of its own, readers wait
//! for what they want.
//!
//! A thread runs ahead of its readers, but no further than [`AHEAD_BYTES`](crate::input::limits::AHEAD_BYTES) past the last byte that
//! they asked for: an input that is given up early has left no more than that on disk. Then it reads
//! no more, so that a producer waits as at any full pipe. The exception keeps inputs from blocking
//! one another for ever: while a reader waits for one copy, no other copy of the same source is held.
//! Its producer may be the one that fills the other pipes too (`tee`, or a program that splits a
//! file), and cannot go on before those are drained. So nobody waits for a thread that is held, nor
//! for one whose producer waits for a thread that is.
//!
//! What is copied, and from where, is left to the chain of readers that is handed in.

use std::fs::File;
use std::io::{self, Read};
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::behind::Behind;
use super::reader::{self, Chain};
use crate::base::{disk, display, threads};
use crate::input::error::InputError;
use crate::input::{faults, file};

/// The size of the pieces in which bytes are copied.
const PIECE_BYTES: usize = 256 << 10;

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
    /// The most bytes behind the furthest one that was asked for; not zero.
    pub ahead: u64,
    /// The copies of the same source.
    pub copies: Copies,
}

/// All copies of one source: they wait for one another's readers.
#[derive(Clone, Debug, Default)]
pub(in crate::input) struct Copies(Arc<Shared>);

/// A copy from its readers' side. The thread is told when it goes, and is never waited for: it may
/// hang on a pipe to which nobody writes.
#[derive(Debug)]
pub(super) struct Growing(Slot);

/// One of the copies.
#[derive(Debug)]
struct Slot {
    shared: Arc<Shared>,
    number: usize,
}

#[derive(Debug, Default)]
struct Shared {
    /// Of each copy, in the order in which they began.
    states: Mutex<Vec<CopyState>>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct CopyState {
    /// So many bytes can be read.
    bytes: u64,
    /// The place behind the furthest byte that was asked for.
    wanted: u64,
    /// How many readers wait for it.
    waiting: usize,
    /// Its thread waits for its readers.
    is_held: bool,
    /// No more will come, for this reason.
    end: Option<Result<(), InputError>>,
    /// Nobody will read what comes.
    is_abandoned: bool,
}

impl Growing {
    /// Begins to copy what `open` gives. What is slow, or fails, does so in the thread.
    pub(crate) fn start(
        copying: Copying,
        open: impl FnOnce() -> io::Result<Chain> + Send + 'static,
    ) -> Self {
        let (readers, theirs) = copying.copies.add();
        let begun = threads::spawn(
            "intake",
            (copying, theirs, open),
            |(copying, theirs, open)| {
                copying.copy_to(theirs, open);
            },
        );
        if let Err(Some((mut copying, theirs, open))) = begun {
            // All of it now, since nobody would go on later.
            copying.ahead = u64::MAX;
            copying.copy_to(theirs, open);
        }
        Self(readers)
    }

    /// Waits until what stands from `offset` to `end`, and a byte behind it, is there, or no more
    /// will come. Gives how much is there, and whether that is all.
    ///
    /// What came before a fault is given first, so that the fault is met where it is.
    pub(crate) fn reach(&self, offset: u64, end: u64) -> Result<(u64, bool), InputError> {
        let mut states = self.0.lock();
        let state = &mut states[self.0.number];
        if state.wanted < end {
            state.wanted = end;
            if mem::take(&mut state.is_held) {
                self.0.shared.changed.notify_all();
            }
        }
        if let Some(reached) = state.reach(offset, end) {
            return reached;
        }
        state.waiting += 1;
        self.0.shared.changed.notify_all();
        loop {
            states = self.0.wait(states);
            let state = &mut states[self.0.number];
            if let Some(reached) = state.reach(offset, end) {
                state.waiting -= 1;
                return reached;
            }
        }
    }

    /// Its bytes, once all of them are there.
    pub(crate) fn bytes(&self) -> Option<u64> {
        let state = &self.0.lock()[self.0.number];
        matches!(state.end, Some(Ok(()))).then_some(state.bytes)
    }

    /// Waits until its thread waits for its readers, and says how much it has written by then.
    #[cfg(test)]
    pub(crate) fn held(&self) -> u64 {
        let mut states = self.0.lock();
        while !states[self.0.number].is_held {
            states = self.0.wait(states);
        }
        states[self.0.number].bytes
    }
}

impl Drop for Growing {
    fn drop(&mut self) {
        self.0.lock()[self.0.number].is_abandoned = true;
        self.0.shared.changed.notify_all();
    }
}

impl Copies {
    /// One more, for its readers and for its thread.
    fn add(&self) -> (Slot, Slot) {
        let place = |number| Slot {
            shared: Arc::clone(&self.0),
            number,
        };
        let mut states = self.0.lock();
        let number = states.len();
        states.push(CopyState::default());
        (place(number), place(number))
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Vec<CopyState>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CopyState {
    /// What readers are told who want these bytes; none while they have to wait.
    fn reach(&self, offset: u64, end: u64) -> Option<Result<(u64, bool), InputError>> {
        match &self.end {
            Some(Ok(())) => Some(Ok((self.bytes, true))),
            _ if self.bytes > end => Some(Ok((self.bytes, false))),
            Some(Err(_)) if self.bytes > offset => Some(Ok((self.bytes, false))),
            Some(Err(error)) => Some(Err(error.clone())),
            None => None,
        }
    }

    /// Whether a reader waits for what has not come.
    fn is_awaited(&self) -> bool {
        self.waiting > 0 && self.end.is_none() && self.bytes <= self.wanted
    }
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, Vec<CopyState>> {
        self.shared.lock()
    }

    /// Waits for a change.
    fn wait<'s>(&self, states: MutexGuard<'s, Vec<CopyState>>) -> MutexGuard<'s, Vec<CopyState>> {
        let woken = self.shared.changed.wait(states);
        woken.unwrap_or_else(PoisonError::into_inner)
    }

    /// How many bytes may be copied now, at least one: waits until the readers are near enough, or
    /// one of them waits. None if nobody will read them.
    fn room(&self, ahead: u64) -> Option<usize> {
        let mut states = self.lock();
        loop {
            let is_awaited = states.iter().any(CopyState::is_awaited);
            let state = &mut states[self.number];
            if state.is_abandoned {
                return None;
            }
            // A copy that is awaited itself has room.
            let room = match state
                .wanted
                .saturating_add(ahead)
                .saturating_sub(state.bytes)
            {
                0 if is_awaited => PIECE_BYTES as u64,
                room => room.min(PIECE_BYTES as u64),
            };
            let was_held = mem::replace(&mut state.is_held, room == 0);
            if room > 0 {
                return Some(room as usize);
            }
            if !was_held {
                self.shared.changed.notify_all();
            }
            states = self.wait(states);
        }
    }

    /// So many bytes are there.
    fn written(&self, bytes: u64) {
        self.lock()[self.number].bytes = bytes;
        self.shared.changed.notify_all();
    }

    /// The first end is the one that counts.
    fn end(&self, end: Result<(), InputError>) {
        self.lock()[self.number].end.get_or_insert(end);
        self.shared.changed.notify_all();
    }
}

/// Ends the copy of a thread that panics: its readers would wait for ever.
struct Ending {
    place: Slot,
    name: String,
}

impl Drop for Ending {
    fn drop(&mut self) {
        self.place.end(Err(InputError::new(
            format!("{} cannot be read: its reader broke down", self.name),
            "this is a bug in qobra-push",
        )));
    }
}

impl Copying {
    fn copy_to(&self, place: Slot, open: impl FnOnce() -> io::Result<Chain>) {
        let ending = Ending {
            place,
            name: self.name.clone(),
        };
        let end = self.copy(open, &ending.place);
        ending.place.end(end);
    }

    fn copy(
        &self,
        open: impl FnOnce() -> io::Result<Chain>,
        place: &Slot,
    ) -> Result<(), InputError> {
        let unread = |e: io::Error| reader::fault_of(e, &self.name);
        let mut chain = open().map_err(unread)?;
        let mut piece = vec![0; PIECE_BYTES];
        let mut behind = Behind::new(self.kept.clone());
        let mut bytes = 0;
        // Where there is no room, nobody is there to see where it ends.
        while let Some(room) = place.room(self.ahead) {
            let read = match chain.read(&mut piece[..room]) {
                Ok(0) => {
                    behind.ended(bytes);
                    return Ok(());
                }
                Ok(read) => read as u64,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(unread(e)),
            };
            let fits = read.min(self.limit - bytes);
            file::write_all_at(&self.file, &piece[..fits as usize], bytes)
                .map_err(|e| cannot_copy(&self.name, self.kept.as_deref(), &e))?;
            bytes += fits;
            place.written(bytes);
            behind.written(bytes);
            if fits < read {
                return Err(faults::over_limit(&self.name, self.limit));
            }
        }
        Ok(())
    }
}

/// The private copy cannot be made, or not to its end.
pub(super) fn cannot_copy(name: &str, kept: Option<&Path>, error: &io::Error) -> InputError {
    let (place, option) = match kept {
        Some(path) => (display::quoted(&path.display().to_string()), "--state-dir"),
        None => ("a temporary file".to_owned(), disk::TEMPORARY),
    };
    InputError::new(
        format!("{name} cannot be copied to {place}: {}", disk::told(error)),
        format!("make room there, or name another folder with {option}"),
    )
    .of_command_line()
}
