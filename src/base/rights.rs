//! Who owns a file or folder, and what others may do with it.

use std::fs::Metadata;

/// Owner and mode, where the system has such things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rights {
    pub owner: u32,
    /// The mode's twelve bits.
    pub mode: u32,
}

impl Rights {
    /// A file's rights; none on systems without owners and modes.
    pub(crate) fn of(found: &Metadata) -> Option<Self> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            Some(Self {
                owner: found.uid(),
                mode: found.mode() & 0o7777,
            })
        }
        #[cfg(not(unix))]
        {
            let _ = found;
            None
        }
    }

    /// Whether this user owns it.
    pub(crate) fn is_mine(self) -> bool {
        #[cfg(unix)]
        return self.owner == rustix::process::geteuid().as_raw();
        #[cfg(not(unix))]
        return true;
    }
}
