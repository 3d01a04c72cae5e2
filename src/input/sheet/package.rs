//! The workbook as a zip archive: whether it is one, whether it is whole, and how large it is.
//!
//! The sizes that an archive declares prove nothing. So each part that is read is inflated once into
//! nothing, with its checksum, before calamine reads any.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use calamine::{Reader, Xlsx, XlsxError};
use memchr::{memchr, memmem};
use zip::ZipArchive;

use super::error::{damaged, no_archive, too_large};
use crate::base::display;
use crate::input::error::InputError;

/// The most bytes of memory for all parts that are no sheets: calamine holds texts and formats. The
/// inflated parts count, and for each tag in them what calamine makes of it at most: `<si/>` has
/// five bytes, and an empty text takes 24.
const MAX_HELD: u64 = 1 << 30;

/// The most bytes between two tags of a sheet, which are held in memory too. A cell has at most
/// 32,767 characters.
const MAX_RUN: u64 = 16 << 20;

const PIECE: usize = 64 << 10;

/// The part with which every package begins.
const RELATIONS: &str = "_rels/.rels";

/// Whether a zip archive holds a workbook; none where the archive cannot be opened.
pub(super) fn is_workbook(mut file: &File) -> io::Result<Option<bool>> {
    file.seek(SeekFrom::Start(0))?;
    let Ok(archive) = ZipArchive::new(BufReader::new(file)) else {
        return Ok(None);
    };
    let (mut has_relations, mut has_book, mut is_usual) = (false, false, false);
    for name in archive.file_names_raw() {
        let name = normal(&String::from_utf8_lossy(name));
        has_relations |= name == RELATIONS;
        has_book |= is_book(&name);
        is_usual |= is_book(&name) && name.starts_with("xl/");
    }
    Ok(Some(is_usual || (has_book && has_relations)))
}

/// A workbook's name in an archive, whatever its folder.
pub(super) fn is_book(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    // Not every program calls it `workbook.xml`.
    file.starts_with("workbook") && file.ends_with(".xml")
}

/// A part's name as it is compared.
pub(super) fn normal(name: &str) -> String {
    name.replace('\\', "/").to_ascii_lowercase()
}

/// Whether a file in the old format of Microsoft's programs is a workbook with a password.
pub(super) fn is_encrypted(file: &File) -> bool {
    matches!(Xlsx::new(BufReader::new(file)), Err(XlsxError::Password))
}

/// What a part is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// The workbook, or relations.
    List,
    Strings,
    Styles,
    Other,
    /// Read cell by cell, not held in memory as a whole.
    Sheet,
}

/// How much of a workbook was inflated, and how much may be.
pub(super) struct Budget<'n> {
    /// Its name, harmless to print.
    pub name: &'n str,
    max_bytes: u64,
    all: u64,
    held: u64,
}

impl<'n> Budget<'n> {
    pub(crate) fn new(name: &'n str, max_bytes: u64) -> Self {
        Self {
            name,
            max_bytes,
            all: 0,
            held: 0,
        }
    }

    /// Inflates a part once, and refuses it where it is damaged or too large.
    pub(crate) fn check<R: Read + Seek>(
        &mut self,
        archive: &mut ZipArchive<R>,
        place: usize,
        path: &str,
        role: Role,
    ) -> Result<(), InputError> {
        let name = self.name;
        let part = archive.by_index(place);
        let mut part = part.map_err(|error| no_archive(name, &error))?;
        let is_sheet = role == Role::Sheet;
        let most = self.max_bytes - self.all;
        let left = match is_sheet {
            true => most,
            false => most.min(MAX_HELD - self.held),
        };
        let seen = inflate(&mut part, left).map_err(|why| match why {
            Stop::TooLong if left == most => too_large(name, self.max_bytes),
            Stop::TooLong => too_much_held(name),
            Stop::Broken(error) => {
                damaged(name, &format!("{} in it: {error}", display::quoted(path)))
            }
        })?;
        if is_sheet && seen.longest_run > MAX_RUN {
            return Err(damaged(name, "a cell of it has too much text"));
        }
        // calamine makes room for as many texts as are announced.
        if role == Role::Strings && seen.announced > seen.tags.max(1 << 20) {
            return Err(damaged(name, "it announces more texts than it has"));
        }
        self.all += seen.bytes;
        if !is_sheet {
            self.held += seen.bytes.saturating_add(seen.tags * tag_bytes(role));
        }
        match self.held > MAX_HELD {
            true => Err(too_much_held(name)),
            false => Ok(()),
        }
    }
}

/// What a tag of a part takes in memory at most.
fn tag_bytes(role: Role) -> u64 {
    match role {
        Role::Strings => 32,
        Role::Styles => 512,
        Role::List => 256,
        Role::Other | Role::Sheet => 0,
    }
}

fn too_much_held(name: &str) -> InputError {
    InputError::new(
        format!(
            "{name} has more than {} of texts and formats",
            display::size(MAX_HELD)
        ),
        "save its sheet as CSV in UTF-8, and push that file",
    )
}

/// What was seen in a part.
#[derive(Default)]
struct PartSize {
    bytes: u64,
    /// How often there is a `<`.
    tags: u64,
    /// The most bytes without a `<`.
    longest_run: u64,
    /// The `uniqueCount` near the beginning.
    announced: u64,
}

enum Stop {
    TooLong,
    Broken(io::Error),
}

fn inflate(part: &mut impl Read, most: u64) -> Result<PartSize, Stop> {
    let mut seen = PartSize::default();
    let mut piece = vec![0; PIECE];
    let mut run = 0;
    let mut head = Vec::new();
    loop {
        let read = match part.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(Stop::Broken(e)),
        };
        let bytes = &piece[..read];
        seen.bytes += read as u64;
        if seen.bytes > most {
            return Err(Stop::TooLong);
        }
        if head.len() < PIECE {
            head.extend_from_slice(bytes);
        }
        let mut rest = bytes;
        while let Some(at) = memchr(b'<', rest) {
            seen.tags += 1;
            seen.longest_run = seen.longest_run.max(run + at as u64);
            (run, rest) = (0, &rest[at + 1..]);
        }
        run += rest.len() as u64;
        seen.longest_run = seen.longest_run.max(run);
    }
    seen.announced = announced(&head);
    Ok(seen)
}

fn announced(head: &[u8]) -> u64 {
    const KEY: &[u8] = b"uniqueCount";
    let Some(at) = memmem::find(head, KEY) else {
        return 0;
    };
    let rest = head[at + KEY.len()..].iter();
    let digits: String = rest
        .skip_while(|byte| !byte.is_ascii_digit() && **byte != b'>')
        .take_while(|byte| byte.is_ascii_digit())
        .map(|byte| char::from(*byte))
        .collect();
    match digits.is_empty() {
        true => 0,
        false => digits.parse().unwrap_or(u64::MAX),
    }
}
