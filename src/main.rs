//! The program: everything is decided in the library.

use std::process::ExitCode;

/// musl's own allocator takes a lock for all threads.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    qobra_push::main()
}
