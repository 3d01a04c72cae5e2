//! Users and their rights, where there are such things.

use std::path::Path;
#[cfg(unix)]
use std::process;

#[cfg(unix)]
use super::skip;

/// Who is played where somebody must not be root.
#[cfg(unix)]
pub const NOBODY: u32 = 65_534;

/// Whether the tests are run by root, whom rights do not bind.
#[cfg(unix)]
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Gives a file or folder these rights, where there is such a thing.
pub fn set_mode(path: impl AsRef<Path>, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = (path, mode);
}

/// Holds a file or folder to have these rights, where there is such a thing.
#[track_caller]
pub fn has_mode(path: impl AsRef<Path>, mode: u32) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let path = path.as_ref();
        let found = std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, mode, "{}", path.display());
    }
    #[cfg(not(unix))]
    let _ = (path, mode);
}

/// A program run by somebody who is not root; none, which is [said](skip), where nobody else can be
/// had.
#[cfg(unix)]
pub fn unprivileged(program: &std::ffi::OsStr) -> Option<process::Command> {
    let by = |program: &std::ffi::OsStr| {
        let mut command = process::Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        command.arg(program);
        command
    };
    let mut command = match is_root() {
        false => process::Command::new(program),
        true => {
            let can = by("true".as_ref())
                .status()
                .is_ok_and(|status| status.success());
            if !can || !others_may_run(&super::program()) {
                skip("a user besides root who may run the program");
                return None;
            }
            by(program)
        }
    };
    command.env_clear().env("PATH", std::env::var_os("PATH")?);
    command.current_dir("/");
    Some(command)
}

/// Whether every folder above lets others through.
#[cfg(unix)]
fn others_may_run(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    path.ancestors()
        .all(|path| path.metadata().unwrap().mode() & 0o001 != 0)
}
