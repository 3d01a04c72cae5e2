//! The program: everything is decided in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    qobra_push::main()
}
