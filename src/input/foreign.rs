//! Files that are no text and no archive that is read: what they are, and the line that converts
//! them.
//!
//! They are known by their first bytes, whatever their name. Some of those could begin a text as
//! well (`ORC,name`): there, the bytes after them must show that it is none.

use super::error::InputError;
use super::faults;
use crate::base::display;

/// How many first bytes are looked at.
pub(super) const START_BYTES: usize = 512;

/// What is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Foreign {
    Parquet,
    Avro,
    Orc,
    Arrow,
    /// Of Excel until 2003, and the shell around every workbook with a password.
    OldWorkbook,
    OpenDocument,
    Xz,
    Bzip2,
    Lz4,
    SevenZip,
    Rar,
    Pdf,
    HtmlPage,
    Xml,
    Rtf,
    Sqlite,
    Image,
    Program,
}

/// First bytes that no text has.
const CERTAIN: [(&[u8], Foreign); 21] = [
    (b"Obj\x01", Foreign::Avro),
    (b"ARROW1\0\0", Foreign::Arrow),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Foreign::OldWorkbook),
    (b"\xfd7zXZ\0", Foreign::Xz),
    (b"\x04\x22\x4d\x18", Foreign::Lz4),
    (b"\x02\x21\x4c\x18", Foreign::Lz4),
    (b"7z\xbc\xaf\x27\x1c", Foreign::SevenZip),
    (b"Rar!\x1a\x07", Foreign::Rar),
    (b"%PDF-", Foreign::Pdf),
    (b"{\\rtf", Foreign::Rtf),
    (b"SQLite format 3\0", Foreign::Sqlite),
    (b"\x89PNG\r\n\x1a\n", Foreign::Image),
    (b"\xff\xd8\xff", Foreign::Image),
    (b"GIF87a", Foreign::Image),
    (b"GIF89a", Foreign::Image),
    (b"\x7fELF", Foreign::Program),
    (b"\xfe\xed\xfa\xce", Foreign::Program),
    (b"\xfe\xed\xfa\xcf", Foreign::Program),
    (b"\xce\xfa\xed\xfe", Foreign::Program),
    (b"\xcf\xfa\xed\xfe", Foreign::Program),
    (b"\xca\xfe\xba\xbe", Foreign::Program),
];

/// First bytes that a text may have too.
const BINARY: [(&[u8], Foreign); 5] = [
    (b"PAR1", Foreign::Parquet),
    (b"PARE", Foreign::Parquet),
    (b"ORC", Foreign::Orc),
    (b"FEA1", Foreign::Arrow),
    (b"MZ", Foreign::Program),
];

/// What a zip archive of an OpenDocument begins with, behind its own 30 bytes.
const OPEN_DOCUMENT: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument";

/// What a file is that begins so, if it is none that is read.
pub(super) fn recognise(start: &[u8]) -> Option<Foreign> {
    let certain = CERTAIN.iter().find(|(magic, _)| start.starts_with(magic));
    if let Some((_, foreign)) = certain {
        return Some(*foreign);
    }
    let inner = start.get(30..).unwrap_or_default();
    if start.starts_with(b"PK\x03\x04") && inner.starts_with(OPEN_DOCUMENT) {
        return Some(Foreign::OpenDocument);
    }
    if is_bzip2(start) {
        return Some(Foreign::Bzip2);
    }
    let binary = BINARY.iter().find(|(magic, _)| start.starts_with(magic));
    if let Some((_, foreign)) = binary.filter(|_| start.iter().any(|byte| is_no_text(*byte))) {
        return Some(*foreign);
    }
    markup(start)
}

/// Its block size, and then a block or the end of the data: in decimals, pi or its root.
fn is_bzip2(start: &[u8]) -> bool {
    let blocks: [&[u8]; 2] = [b"1AY&SY", b"\x17\x72\x45\x38\x50\x90"];
    let rest = start.strip_prefix(b"BZh");
    let rest = rest.and_then(|rest| rest.split_first());
    rest.is_some_and(|(size, rest)| {
        (b'1'..=b'9').contains(size) && blocks.iter().any(|block| rest.starts_with(block))
    })
}

/// Control characters that are neither white space nor an escape.
fn is_no_text(byte: u8) -> bool {
    byte < b'\t' || (0x0e..0x20).contains(&byte) && byte != 0x1b
}

/// A page or a document of marks.
fn markup(start: &[u8]) -> Option<Foreign> {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let start = start.trim_ascii_start().to_ascii_lowercase();
    let page: [&[u8]; 5] = [b"<!doctype html", b"<html", b"<head", b"<body", b"<table"];
    let is_mark = |mark: &[u8]| {
        let rest = start.strip_prefix(mark);
        rest.is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_alphanumeric))
    };
    if page.into_iter().any(is_mark) {
        return Some(Foreign::HtmlPage);
    }
    if !start.starts_with(b"<?xml") && !start.starts_with(b"<!--") {
        return None;
    }
    let has_page = page[..2]
        .iter()
        .any(|mark| start.windows(mark.len()).any(|part| part == *mark));
    if has_page {
        return Some(Foreign::HtmlPage);
    }
    start.starts_with(b"<?xml").then_some(Foreign::Xml)
}

/// Refuses what is not read. `path` is where it stands; none for a stream.
pub(super) fn refuse(shown: &str, path: Option<&str>, start: &[u8]) -> Result<(), InputError> {
    match recognise(start) {
        Some(foreign) => Err(faults::open(
            format!("{shown} is {}", foreign.what()),
            foreign.hint(path),
        )),
        None => Ok(()),
    }
}

impl Foreign {
    /// What it is, in words.
    fn what(self) -> &'static str {
        match self {
            Self::Parquet => "a Parquet file, which is not read",
            Self::Avro => "an Avro file, which is not read",
            Self::Orc => "an ORC file, which is not read",
            Self::Arrow => "an Arrow (Feather) file, which is not read",
            Self::OldWorkbook => {
                "an old workbook (xls) or one with a password, neither of which is read"
            }
            Self::OpenDocument => "an OpenDocument file (ods), which is not read",
            Self::Xz => "compressed with xz, which is not read",
            Self::Bzip2 => "compressed with bzip2, which is not read",
            Self::Lz4 => "compressed with lz4, which is not read",
            Self::SevenZip => "a 7z archive, which is not read",
            Self::Rar => "a rar archive, which is not read",
            Self::Pdf => "a PDF document, which is not read",
            Self::HtmlPage => "an HTML page: the download was probably a login page",
            Self::Xml => "an XML document, which is not read",
            Self::Rtf => "an RTF document, which is not read",
            Self::Sqlite => "an SQLite database, which is not read",
            Self::Image => "an image, which is not read",
            Self::Program => "a program, which is not read",
        }
    }

    /// The line that converts it, or what else to try.
    fn hint(self, path: Option<&str>) -> String {
        let path = path.unwrap_or("FILE");
        let typed = typed(path);
        match self {
            Self::Parquet => duckdb("", "read_parquet", ".parquet", path),
            Self::Avro => duckdb("INSTALL avro; LOAD avro; ", "read_avro", "", path),
            Self::Orc => format!("orc-contents {typed} | {PIPED} ndjson ..."),
            Self::Arrow => format!(
                "python3 -c 'import polars, sys; polars.read_ipc(sys.argv[1]).write_ndjson(sys.stdout.buffer)' {typed} | {PIPED} ndjson ..."
            ),
            Self::Sqlite => {
                format!("sqlite3 -csv -header {typed} 'SELECT * FROM deals' | {PIPED} csv ...")
            }
            Self::Xz => unpacked("xz", ".xz", path),
            Self::Bzip2 => unpacked("bzip2", ".bz2", path),
            Self::Lz4 => unpacked("lz4", ".lz4", path),
            Self::SevenZip => format!("7z x {typed}, and push the file that was in it"),
            Self::Rar => format!("unrar x {typed}, and push the file that was in it"),
            Self::OldWorkbook => format!(
                "soffice --headless --convert-to xlsx {typed}, or save it without a password, and push that file"
            ),
            Self::OpenDocument => {
                format!("soffice --headless --convert-to xlsx {typed}, and push that file")
            }
            Self::HtmlPage => {
                "look at it in a browser, and download the file again once you are signed in"
                    .to_owned()
            }
            Self::Pdf | Self::Xml | Self::Rtf | Self::Image | Self::Program => {
                "save the data as CSV in UTF-8 and push that file".to_owned()
            }
        }
    }
}

/// The push that reads what a converter writes.
const PIPED: &str = "qobra-push - --format";

/// A path as an argument, which must not look like an option.
fn typed(path: &str) -> String {
    match path.starts_with('-') {
        true => display::typed(&format!("./{path}")),
        false => display::typed(path),
    }
}

/// The line with which DuckDB writes a file as NDJSON. By its extension alone it reads only `usual`.
fn duckdb(before: &str, function: &str, usual: &str, path: &str) -> String {
    let name = format!("'{}'", path.replace('\'', "''"));
    let table = match !usual.is_empty() && path.ends_with(usual) {
        true => name,
        false => format!("{function}({name})"),
    };
    let query = format!("{before}COPY (FROM {table}) TO '/dev/stdout' (FORMAT json)");
    // Between double quotes some characters are not themselves.
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@%=(); '".contains(c);
    let query = match query.chars().all(is_plain) {
        true => format!("\"{query}\""),
        false => display::typed(&query),
    };
    format!("duckdb -c {query} | {PIPED} ndjson ...")
}

/// The line that unpacks a file first: behind a pipe nobody would see that it is damaged.
fn unpacked(program: &str, extension: &str, path: &str) -> String {
    match path
        .strip_suffix(extension)
        .filter(|inner| !inner.is_empty())
    {
        Some(inner) => format!(
            "{program} -dk {} && qobra-push {} ...",
            typed(path),
            typed(inner)
        ),
        None => format!(
            "{program} -dc < {} > unpacked && qobra-push unpacked ...",
            typed(path)
        ),
    }
}
