//! Where an input's bytes come from, as they are, and whether that changed meanwhile.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::time::SystemTime;

use super::super::faults;
use super::reader::Chain;
use crate::input::error::InputError;

/// An opened input.
#[derive(Debug)]
pub(in crate::input) enum Origin {
    /// A regular file.
    Regular(File),
    /// A pipe, or what else can be read once.
    Stream(File),
    /// Standard input.
    Stdin,
}

impl Origin {
    /// The file, if it can be read at any place.
    pub(crate) fn regular(&self) -> io::Result<Option<File>> {
        match self {
            Self::Regular(file) => file.try_clone().map(Some),
            Self::Stream(_) | Self::Stdin => Ok(None),
        }
    }

    /// Its bytes from the first one on. `name` is harmless to print.
    pub(crate) fn open(self, name: &str) -> io::Result<Chain> {
        match self {
            Self::Regular(file) => Ok(Box::new(Unchanging::new(file, name)?)),
            Self::Stream(stream) => Ok(Box::new(stream)),
            Self::Stdin => Ok(Box::new(io::stdin())),
        }
    }
}

/// A regular file that is read once, so that nobody would see later that it changed meanwhile.
struct Unchanging {
    file: File,
    name: String,
    left: u64,
    before: Mark,
}

/// What differs after a file was written to.
#[derive(PartialEq, Eq)]
pub(in crate::input) struct Mark {
    bytes: u64,
    modified: Option<SystemTime>,
}

impl Mark {
    pub(super) fn of(meta: &Metadata) -> Self {
        Self {
            bytes: meta.len(),
            modified: meta.modified().ok(),
        }
    }
}

impl Unchanging {
    fn new(mut file: File, name: &str) -> io::Result<Self> {
        file.seek(SeekFrom::Start(0))?;
        let before = Mark::of(&file.metadata()?);
        Ok(Self {
            file,
            name: name.to_owned(),
            left: before.bytes,
            before,
        })
    }

    fn check(&self) -> io::Result<()> {
        if Mark::of(&self.file.metadata()?) == self.before {
            return Ok(());
        }
        Err(io::Error::other(faults::changing(&self.name)))
    }
}

impl Read for Unchanging {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).map_or(out.len(), |left| left.min(out.len()));
        if most == 0 {
            if self.left == 0 {
                self.check()?;
            }
            return Ok(0);
        }
        match self.file.read(&mut out[..most])? {
            0 => {
                let end = io::ErrorKind::UnexpectedEof.into();
                let shorter: InputError = faults::reading(&self.name, &end);
                Err(io::Error::other(shorter))
            }
            read => {
                self.left -= read as u64;
                Ok(read)
            }
        }
    }
}
