//! A ZIP package whose parts are stored as they are, with sizes of 64 bits, as PKWARE's APPNOTE describes it.
//!
//! The writer of the `zip` crate brings its compressors along, 250 KB of a program that compresses no ZIP.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek as _, SeekFrom, Write as _};

use flate2::CrcReader;

/// Version 4.5 of the format, the first with sizes of 64 bits.
const VERSION: u16 = 45;

/// "See the field of 64 bits."
const WIDE: u32 = u32::MAX;

/// The first day that a ZIP can name.
const NO_DAY: u16 = 0x21;

/// A package that is being written.
pub(super) struct StoredPackage {
    file: BufWriter<File>,
    directory: Vec<u8>,
    parts: u64,
}

impl StoredPackage {
    pub(super) fn new(file: File) -> Self {
        Self {
            file: BufWriter::new(file),
            directory: Vec::new(),
            parts: 0,
        }
    }

    /// Adds a part; its size and its checksum are known, and written before it, once it has been read.
    pub(super) fn add(&mut self, name: &str, content: impl Read) -> io::Result<()> {
        let start = self.file.stream_position()?;
        self.file.write_all(&local(name, 0, 0))?;
        let mut content = CrcReader::new(content);
        let size = io::copy(&mut content, &mut self.file)?;
        let crc = content.crc().sum();
        let end = self.file.stream_position()?;
        self.file.seek(SeekFrom::Start(start))?;
        self.file.write_all(&local(name, crc, size))?;
        self.file.seek(SeekFrom::Start(end))?;
        self.directory.extend(central(name, crc, size, start));
        self.parts += 1;
        Ok(())
    }

    /// Writes the directory behind the parts.
    pub(super) fn finish(mut self) -> io::Result<File> {
        let start = self.file.stream_position()?;
        self.file.write_all(&self.directory)?;
        let end = self.file.stream_position()?;
        let mut out = b"PK\x06\x06".to_vec();
        out.extend(44_u64.to_le_bytes());
        out.extend(
            [VERSION, VERSION, 0, 0, 0, 0]
                .map(u16::to_le_bytes)
                .concat(),
        );
        let numbers = [self.parts, self.parts, end - start, start];
        out.extend(numbers.map(u64::to_le_bytes).concat());
        // Where that stands, on the only disk there is.
        out.extend(b"PK\x06\x07\0\0\0\0");
        out.extend(end.to_le_bytes());
        out.extend(1_u32.to_le_bytes());
        out.extend(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff");
        out.extend([WIDE, WIDE].map(u32::to_le_bytes).concat());
        out.extend(b"\0\0");
        self.file.write_all(&out)?;
        Ok(self.file.into_inner()?)
    }
}

/// What stands before a part.
fn local(name: &str, crc: u32, size: u64) -> Vec<u8> {
    let mut out = b"PK\x03\x04".to_vec();
    describe(&mut out, name, crc, 20);
    out.extend(name.as_bytes());
    out.extend(b"\x01\0\x10\0");
    out.extend([size, size].map(u64::to_le_bytes).concat());
    out
}

/// What the directory says of it.
fn central(name: &str, crc: u32, size: u64, start: u64) -> Vec<u8> {
    let mut out = b"PK\x01\x02".to_vec();
    out.extend(VERSION.to_le_bytes());
    describe(&mut out, name, crc, 28);
    // No comment, disk or attributes.
    out.extend([0; 10]);
    out.extend(WIDE.to_le_bytes());
    out.extend(name.as_bytes());
    out.extend(b"\x01\0\x18\0");
    out.extend([size, size, start].map(u64::to_le_bytes).concat());
    out
}

/// What both have: no flags, no compression, no time, and how long the name and the field behind it are.
fn describe(out: &mut Vec<u8>, name: &str, crc: u32, extra: u16) {
    out.extend([VERSION, 0, 0, 0, NO_DAY].map(u16::to_le_bytes).concat());
    out.extend([crc, WIDE, WIDE].map(u32::to_le_bytes).concat());
    let name = u16::try_from(name.len()).unwrap_or(u16::MAX);
    out.extend([name, extra].map(u16::to_le_bytes).concat());
}

#[cfg(test)]
mod tests {
    use zip::ZipArchive;

    use super::*;

    #[test]
    fn another_reader_reads_what_was_written() {
        let long = "x".repeat(100_000);
        let parts = [
            ("_rels/.rels", "<a/>"),
            ("xl/empty.xml", ""),
            ("xl/long.xml", &long),
        ];
        let mut package = StoredPackage::new(tempfile::tempfile().unwrap());
        for (name, text) in parts {
            package.add(name, text.as_bytes()).unwrap();
        }
        let mut archive = ZipArchive::new(package.finish().unwrap()).unwrap();
        assert_eq!(archive.len(), parts.len());
        for (name, text) in parts {
            let mut read = String::new();
            // Which compares the checksum, too.
            archive
                .by_name(name)
                .unwrap()
                .read_to_string(&mut read)
                .unwrap();
            assert_eq!(read, text, "{name}");
        }
    }
}
