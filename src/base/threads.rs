//! Threads, where there are some to be had: a container's limit of processes may leave this one alone. Then
//! what would have run beside the rest runs within it.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle};

use super::crash;

/// What a thread works with, so that it is not lost with a thread that does not begin.
struct Slot<V>(Arc<Mutex<Option<V>>>);

impl<V> Slot<V> {
    fn pair(value: V) -> (Self, Self) {
        let slot = Arc::new(Mutex::new(Some(value)));
        (Self(Arc::clone(&slot)), Self(slot))
    }

    fn take(&self) -> Option<V> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Begins a thread that works with this; gives it back where there is none to be had.
pub(crate) fn spawn<V: Send + 'static>(
    name: &str,
    value: V,
    work: impl FnOnce(V) + Send + 'static,
) -> Result<JoinHandle<()>, Option<V>> {
    let (ours, theirs) = Slot::pair(value);
    let builder = Builder::new().name(name.to_owned());
    let begun = allowed().and_then(|()| {
        builder.spawn(move || {
            theirs.take().map(work);
        })
    });
    begun.map_err(|_| ours.take())
}

/// The same within a scope.
pub(crate) fn spawn_scoped<'scope, V: Send + 'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    value: V,
    work: impl FnOnce(V) -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, Option<T>>, Option<V>> {
    let (ours, theirs) = Slot::pair(value);
    let begun = allowed()
        .and_then(|()| Builder::new().spawn_scoped(scope, move || theirs.take().map(work)));
    begun.map_err(|_| ours.take())
}

/// Whether there is one more to be had, for what begins its threads by itself.
pub(crate) fn can_be_had() -> bool {
    let tried = allowed().and_then(|()| Builder::new().spawn(|| {}));
    tried.is_ok_and(|thread| thread.join().is_ok())
}

fn allowed() -> io::Result<()> {
    crash::fail_point("spawn")
}
