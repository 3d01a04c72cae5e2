//! Writing a kept copy through to the disk behind whoever makes it.

use std::path::PathBuf;
use std::thread::JoinHandle;

use crate::base::{disk, threads};

/// How much is copied before another thread begins to write it through: a disk takes that in some 15 ms.
const AT_ONCE: u64 = 32 << 20;

/// Writes a copy through beside the copying and the proving (write-behind). A journal has to wait until its
/// input's copy is on the disk; for 149 MB that took 70 ms, a tenth of the push, with both cores idle.
///
/// Nothing counts on it: the journal asks the handle that wrote the copy, which the system tells of a fault
/// although another one was told of it, and whoever resumes a run compares what he reads with its digests.
pub(super) struct Behind {
    /// None for a copy that nobody keeps.
    path: Option<PathBuf>,
    thread: Option<JoinHandle<()>>,
    /// How much of the copy was there when the thread began.
    begun: u64,
}

impl Behind {
    pub(super) fn new(path: Option<PathBuf>) -> Self {
        Self {
            path,
            thread: None,
            begun: 0,
        }
    }

    /// So much of the copy is there.
    pub(super) fn written(&mut self, bytes: u64) {
        if bytes - self.begun >= AT_ONCE {
            self.begin(bytes);
        }
    }

    /// All of it is there.
    pub(super) fn ended(mut self, bytes: u64) {
        if bytes > self.begun {
            self.begin(bytes);
        }
    }

    /// Begins with what is there, unless what was there before is still being written.
    fn begin(&mut self, bytes: u64) {
        let is_busy = |thread: &JoinHandle<()>| !thread.is_finished();
        if self.thread.as_ref().is_some_and(is_busy) {
            return;
        }
        let Some(path) = self.path.clone() else {
            return;
        };
        self.begun = bytes;
        // Without a thread it is written through when the journal asks for it.
        let begun = threads::spawn("written", path, |path| {
            let _ = disk::sync(&path);
        });
        self.thread = begun.ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_written_through_piece_by_piece() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("input-0");
        std::fs::write(&path, "a,b\n").unwrap();
        let mut behind = Behind::new(Some(path));
        behind.written(AT_ONCE - 1);
        assert!(behind.thread.is_none());
        behind.written(AT_ONCE);
        let begun = behind.thread.take();
        begun.expect("there is enough").join().unwrap();
        behind.written(2 * AT_ONCE - 1);
        assert!(behind.thread.is_none());
        behind.written(2 * AT_ONCE);
        assert!(behind.thread.is_some());
    }

    #[test]
    fn a_copy_that_nobody_keeps_is_not() {
        let mut behind = Behind::new(None);
        behind.written(AT_ONCE);
        assert!(behind.thread.is_none());
    }
}
