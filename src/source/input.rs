//! One opened input: a file that can be read at any place, from several threads at once.
//!
//! Which places are worth reading is left to `header` and `blocks`.

use std::fs::File;
use std::io;
use std::path::PathBuf;

/// An opened input and what is known about it.
#[derive(Debug)]
pub(super) struct Input {
    /// A regular file, or the private copy of what was none.
    pub file: File,
    /// Where that copy stands, if it has a name.
    pub kept: Option<PathBuf>,
    /// Whether it was read once from a stream, whose end may have been cut off in silence.
    pub is_stream: bool,
    /// Its length when it was opened; what is written behind that later is not read.
    pub bytes: u64,
    /// The first byte behind the byte order mark and the header.
    pub start: u64,
    /// The line on which `start` stands, from 1.
    pub first_line: u64,
    /// Between the fields; none for NDJSON.
    pub delimiter: Option<u8>,
    /// For each column of the source its place in this input's records.
    pub order: Vec<usize>,
    /// How many fields the header has, those of a rejects file included.
    pub width: usize,
    /// Whether the header is that of a rejects file.
    pub has_reject_columns: bool,
}

impl Input {
    /// Appends up to `want` bytes that begin at `offset`, and says whether they are the last ones.
    ///
    /// # Errors
    ///
    /// What the system says, and [`io::ErrorKind::UnexpectedEof`] if the file has become shorter
    /// than it was.
    pub fn append(&self, buffer: &mut Vec<u8>, offset: u64, want: usize) -> io::Result<bool> {
        let left = self.bytes.saturating_sub(offset);
        let take = usize::try_from(left).map_or(want, |left| left.min(want));
        let old = buffer.len();
        buffer.resize(old + take, 0);
        let read = read_exact_at(&self.file, &mut buffer[old..], offset);
        if read.is_err() {
            buffer.truncate(old);
        }
        read.map(|()| take as u64 == left)
    }

    /// Whether its last line has an end; an empty input lacks nothing.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn is_ended(&self) -> io::Result<bool> {
        let mut last = Vec::new();
        self.append(&mut last, self.bytes.saturating_sub(1), 1)?;
        Ok(matches!(last.as_slice(), [] | [b'\n' | b'\r']))
    }
}

fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match read_at(file, buffer, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(n) => {
                buffer = &mut buffer[n..];
                offset += n as u64;
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// A read that leaves no position behind, so that threads do not disturb one another.
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::read_at(file, buffer, offset);
    #[cfg(windows)]
    return std::os::windows::fs::FileExt::seek_read(file, buffer, offset);
}
