//! One file of a zip archive, inflated as it is read.
//!
//! Only the archive's directory tells what is in it, and it stands at the end: a stream is copied to its
//! end first. What the directory says of sizes bounds nothing; it is compared with what was read.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::members::{Entry, choose};
use super::reader::Chain;
use crate::base::display;
use crate::input::error::InputError;
use crate::input::foreign;
use crate::input::options::Member;
use crate::input::{faults, file};

/// How many compressed bytes are read at once.
const BUFFER_BYTES: usize = 128 << 10;

/// What must be known to read an archive.
pub(super) struct Archive<'n> {
    /// Its name, harmless to print.
    pub name: &'n str,
    /// It, where it can be read at any place.
    pub file: Option<File>,
    /// The file that is to be read, if somebody said it.
    pub wanted: Option<&'n str>,
    /// Where a stream is copied to.
    pub scratch: Option<&'n Path>,
    /// The most bytes of such a copy.
    pub limit: u64,
}

/// Whether a zip archive begins so: no text does.
pub(super) fn begins(start: &[u8]) -> bool {
    let marks: [&[u8]; 3] = [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"];
    marks.iter().any(|mark| start.starts_with(mark))
}

impl Archive<'_> {
    /// The file in it that is read, and its bytes. `stream` has the archive where it is no file.
    pub(crate) fn open(self, stream: Chain) -> io::Result<(Member, Chain)> {
        let name = self.name;
        let file = match self.file {
            Some(file) => file,
            None => self.copied(stream)?,
        };
        let start = file::first_bytes(&file, foreign::START_BYTES)?;
        foreign::refuse(name, None, &start).map_err(io::Error::other)?;
        let mut archive = ZipArchive::new(BufReader::new(&file))
            .map_err(|error| damaged(name, &error.to_string()))?;
        if archive.offset() != 0 || !ends_with_directory(&file, archive.comment().len())? {
            return Err(damaged(
                name,
                "more than the archive is in it: was it joined of several files?",
            ));
        }
        if archive.has_duplicate_names() {
            return Err(damaged(name, "two files in it have the same name"));
        }
        let mut entries = Vec::with_capacity(archive.len());
        for place in 0..archive.len() {
            let entry = archive.by_index_data(place);
            let entry = entry.map_err(|error| damaged(name, &error.to_string()))?;
            entries.push(Entry {
                place,
                name: match entry.name() {
                    Ok(name) => name.into_owned(),
                    Err(_) => String::from_utf8_lossy(entry.name_raw()).into_owned(),
                },
                bytes: entry.size(),
                is_file: entry.is_file(),
            });
        }
        let (member, place) = choose(&entries, self.wanted, name).map_err(io::Error::other)?;
        let part = Part::find(&mut archive, place, name, &member.name)?;
        drop(archive);
        Ok((member, part.open(file)?))
    }

    /// The archive in a file without a name.
    fn copied(&self, stream: Chain) -> io::Result<File> {
        let mut copy = file::nameless_file(self.scratch)?;
        let most = self.limit.saturating_add(1);
        if io::copy(&mut stream.take(most), &mut copy)? == most {
            return Err(io::Error::other(faults::over_limit(self.name, self.limit)));
        }
        Ok(copy)
    }
}

/// Whether the end of an archive's directory, with a comment of this length, is the end of its file.
fn ends_with_directory(file: &File, comment: usize) -> io::Result<bool> {
    const END: [u8; 4] = *b"PK\x05\x06";
    const LENGTH: u64 = 22;
    let Some(at) = file.metadata()?.len().checked_sub(LENGTH + comment as u64) else {
        return Ok(false);
    };
    let mut mark = [0; END.len()];
    file::read_exact_at(file, &mut mark, at)?;
    Ok(mark == END)
}

/// Where a file stands in an archive, and what the directory says of it.
struct Part {
    /// What a message says before the fault.
    shown: String,
    start: u64,
    compressed: u64,
    is_deflated: bool,
    bytes: u64,
    checksum: u32,
}

impl Part {
    fn find(
        archive: &mut ZipArchive<BufReader<&File>>,
        place: usize,
        name: &str,
        member: &str,
    ) -> io::Result<Self> {
        let shown = format!("{name}: {}", display::quoted(member));
        let part = archive.by_index_raw(place);
        let part = part.map_err(|error| damaged(name, &error.to_string()))?;
        if part.encrypted() {
            return Err(io::Error::other(InputError::new(
                format!("{shown} in it is protected with a password"),
                "unpack it with its password, and push the unpacked file",
            )));
        }
        let method = part.compression();
        let is_deflated = method == CompressionMethod::Deflated;
        if !is_deflated && method != CompressionMethod::Stored {
            return Err(io::Error::other(InputError::new(
                format!("{shown} in it is compressed in a way that is not read: {method}"),
                format!("unpack {name} and push the unpacked file"),
            )));
        }
        let start = part.data_start();
        let start = start.ok_or_else(|| damaged(name, "a file in it is nowhere"))?;
        Ok(Self {
            shown,
            start,
            compressed: part.compressed_size(),
            is_deflated,
            bytes: part.size(),
            checksum: part.crc32(),
        })
    }

    fn open(self, mut file: File) -> io::Result<Chain> {
        file.seek(SeekFrom::Start(self.start))?;
        let packed = file.take(self.compressed);
        let from: Chain = match self.is_deflated {
            true => {
                let packed = BufReader::with_capacity(BUFFER_BYTES, packed);
                Box::new(DeflateDecoder::new(packed))
            }
            false => Box::new(packed),
        };
        Ok(Box::new(Whole {
            from,
            seen: Crc::new(),
            bytes: 0,
            part: self,
        }))
    }
}

/// Bytes that are at their end what the directory says they are.
struct Whole {
    from: Chain,
    part: Part,
    seen: Crc,
    bytes: u64,
}

impl Read for Whole {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(out).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                damaged(&self.part.shown, &error.to_string())
            }
            io::ErrorKind::UnexpectedEof => self.cut(),
            _ => error,
        })?;
        self.seen.update(&out[..read]);
        self.bytes += read as u64;
        let is_all = read == 0 && !out.is_empty();
        if is_all && self.bytes != self.part.bytes {
            return Err(self.cut());
        }
        if is_all && self.seen.sum() != self.part.checksum {
            return Err(damaged(&self.part.shown, "its checksum is another one"));
        }
        Ok(read)
    }
}

impl Whole {
    fn cut(&self) -> io::Error {
        let why = format!(
            "it has {} where the archive says {}",
            display::counted(self.bytes, "byte"),
            display::count(self.part.bytes)
        );
        damaged(&self.part.shown, &why)
    }
}

fn damaged(shown: &str, why: &str) -> io::Error {
    io::Error::other(InputError::new(
        format!("{shown} is damaged: {}", display::shown(why)),
        "copy the archive again from where it came from: `unzip -t` checks it",
    ))
}
