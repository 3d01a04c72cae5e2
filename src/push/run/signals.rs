//! Signals before the first request of a process: what is said and done then. The handlers are the
//! process's, so that several tables share them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::disk;
use crate::base::event::{Event, Events};
use crate::base::signals::Interrupts;

/// Hears signals for all tables of a process.
#[derive(Clone)]
pub(crate) struct Signals {
    interrupts: Interrupts,
    farewell: Arc<Mutex<Farewell>>,
}

/// What is said and done if a signal ends the process before the first request.
#[derive(Default)]
pub(super) struct Farewell {
    /// The folders of runs that sent nothing, to be removed.
    pub(super) folders: Vec<PathBuf>,
    /// Where the bases of tables are by now, and where they go back to.
    pub(super) bases: Vec<(PathBuf, PathBuf)>,
    /// What to say of a run that an earlier process began.
    pub(super) resumed: Option<String>,
}

impl Signals {
    /// Listens to signals; one before the first request says so, leaves no copy of the data behind and
    /// ends the process.
    pub(crate) fn listen(events: Events) -> Self {
        let farewell = Arc::new(Mutex::new(Farewell::default()));
        let shared = Arc::clone(&farewell);
        let interrupts = Interrupts::listen(move |_| {
            let mut farewell = shared.lock().unwrap_or_else(PoisonError::into_inner);
            let Farewell {
                folders,
                bases,
                resumed,
            } = std::mem::take(&mut *farewell);
            for (from, to) in bases {
                let _ = disk::rename(&from, &to);
            }
            for path in folders {
                let _ = std::fs::remove_dir_all(path);
            }
            let words = resumed.unwrap_or_else(|| "interrupted; nothing was sent".to_owned());
            events.emit(Event::Interrupted(words));
            // Nobody makes another folder before the process ends.
            std::mem::forget(farewell);
        });
        Self {
            interrupts,
            farewell,
        }
    }

    pub(crate) fn interrupts(&self) -> Interrupts {
        self.interrupts.clone()
    }

    pub(super) fn farewell(&self) -> MutexGuard<'_, Farewell> {
        self.farewell.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
