//! Accidents on demand, for tests of what survives them: only in builds with debug assertions.
//!
//! `QOBRA_PUSH_TEST_CRASH="name:n"` kills the process, without any tidying up, the n-th time that it
//! passes the point `name`; `QOBRA_PUSH_TEST_PANIC`, of the same form, makes it panic there.
//! `QOBRA_PUSH_TEST_FAIL="write:n,sync:n,…"` makes the n-th such operation
//! on the state's files fail as on a full disk; `n+` means that one and all after it. The
//! operations are `write`, `torn` (half of the bytes arrive), `truncate`, `sync` and `rename`; `lock` and
//! `probe` (a sync) fail as on a network folder, and `spawn` as where there is no thread to be had.
//!
//! A release build reads none of them.

#[cfg(debug_assertions)]
mod armed;

use std::io;

/// A place where a test may kill the process.
pub(crate) fn crash_point(name: &str) {
    #[cfg(debug_assertions)]
    armed::crash_point(name);
    #[cfg(not(debug_assertions))]
    let _ = name;
}

/// An operation that a test may make fail.
pub(crate) fn fail_point(operation: &str) -> io::Result<()> {
    #[cfg(debug_assertions)]
    return armed::fail_point(operation);
    #[cfg(not(debug_assertions))]
    {
        let _ = operation;
        Ok(())
    }
}
