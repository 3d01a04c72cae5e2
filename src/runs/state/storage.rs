//! What holds the state folder: whether it stays, and whether its locks can be relied on.

#![cfg_attr(
    not(any(target_os = "linux", test)),
    expect(dead_code, reason = "only Linux is asked what a file system is")
)]

use std::path::Path;

/// A file system that a state folder had better not be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Storage {
    /// As `mount` calls it.
    pub name: &'static str,
    pub kind: StorageKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StorageKind {
    /// Gone when the machine or the container ends.
    Memory,
    /// A container's own layer, gone with it.
    Layer,
    /// On another machine, which decides whether a lock is one.
    Network,
}

const fn of(name: &'static str, kind: StorageKind) -> Storage {
    Storage { name, kind }
}

/// The numbers by which Linux tells them apart (statfs(2)). A mounted volume has the number of what holds it.
const KNOWN: [(u32, Storage); 11] = [
    (0x0102_1994, of("tmpfs", StorageKind::Memory)),
    (0x8584_58f6, of("ramfs", StorageKind::Memory)),
    (0x794c_7630, of("overlay", StorageKind::Layer)),
    (0x6175_6673, of("aufs", StorageKind::Layer)),
    (0x0000_6969, of("nfs", StorageKind::Network)),
    (0x0000_517b, of("smbfs", StorageKind::Network)),
    (0xff53_4d42, of("cifs", StorageKind::Network)),
    (0xfe53_4d42, of("smb2", StorageKind::Network)),
    (0x00c3_6400, of("ceph", StorageKind::Network)),
    (0x0102_1997, of("9p", StorageKind::Network)),
    (0x6573_5546, of("fuse", StorageKind::Network)),
];

impl Storage {
    /// What a number stands for; none where nothing is to be said of it.
    pub(crate) fn of_magic(magic: u32) -> Option<Self> {
        let known = KNOWN.iter().find(|(number, _)| *number == magic);
        known.map(|(_, storage)| *storage)
    }

    /// What holds a place that is there.
    #[cfg(target_os = "linux")]
    pub(super) fn at(place: &Path) -> Option<Self> {
        let found = rustix::fs::statfs(place).ok()?;
        // The numbers have 32 bits; the type of the field depends on the machine, its sign with it.
        Self::of_magic(found.f_type as u32)
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn at(_place: &Path) -> Option<Self> {
        None
    }
}
