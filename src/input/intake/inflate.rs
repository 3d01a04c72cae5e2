//! Compressed bytes, recognised by what they begin with, to what was compressed.
//!
//! Members (gzip) and frames (zstd) are opened one by one, so that what stands behind the last one is
//! told from one that was cut.

use std::io::{self, BufRead as _, BufReader, Read};
use std::mem;

use flate2::bufread::GzDecoder;
use zstd::stream::read::Decoder as ZstdDecoder;

use super::reader::{self, Chain};
use crate::input::error::InputError;

/// How many compressed bytes are read at once.
const BUFFER_BYTES: usize = 128 << 10;

/// A way to compress that is undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    Gzip,
    Zstd,
}

type Compressed = BufReader<Chain>;

/// Reads what was compressed, all parts one after the other. Of no use after an error.
pub(super) struct Inflated {
    name: String,
    compression: Compression,
    part: Part,
    /// How many parts were begun.
    parts: u64,
}

enum Part {
    Gzip(Box<GzDecoder<Compressed>>),
    Zstd(Box<ZstdDecoder<'static, Compressed>>),
    /// None is open: before the first one, and for good behind the last.
    None(Option<Compressed>),
}

impl Compression {
    /// Its name, for people.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// What a file is compressed with that begins like this. A single byte of gzip's mark is a file
    /// that was cut: no text begins with it.
    pub(crate) fn of(start: &[u8]) -> Option<Self> {
        match start {
            [0x1f] | [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Whether a part can begin with this byte.
    fn may_begin_with(self, byte: u8) -> bool {
        match self {
            Self::Gzip => byte == 0x1f,
            Self::Zstd => matches!(byte, 0x28 | 0x50..=0x5f),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

impl Inflated {
    /// `name` is harmless to print.
    pub(crate) fn new(compression: Compression, compressed: Chain, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            compression,
            part: Part::None(Some(BufReader::with_capacity(BUFFER_BYTES, compressed))),
            parts: 0,
        }
    }

    /// Opens the next part; `false` where there is none.
    fn open_next(&mut self) -> io::Result<bool> {
        let compressed = match mem::replace(&mut self.part, Part::None(None)) {
            Part::Gzip(member) => Some(member.into_inner()),
            Part::Zstd(frame) => Some(frame.finish()),
            Part::None(compressed) => compressed,
        };
        let Some(mut compressed) = compressed else {
            return Ok(false);
        };
        match compressed.fill_buf()?.first() {
            None => return Ok(false),
            Some(byte) if self.parts == 0 || self.compression.may_begin_with(*byte) => {}
            Some(_) => return Err(io::Error::other(self.rubbish())),
        }
        self.parts += 1;
        self.part = match self.compression {
            Compression::Gzip => Part::Gzip(Box::new(GzDecoder::new(compressed))),
            Compression::Zstd => {
                let frame = ZstdDecoder::with_buffer(compressed)?;
                Part::Zstd(Box::new(frame.single_frame()))
            }
        };
        Ok(true)
    }

    fn rubbish(&self) -> InputError {
        let by = self.compression.name();
        InputError::new(
            format!(
                "{}: something stands behind the end of its {by} data",
                self.name
            ),
            format!(
                "the file may have been overwritten or joined with another one: `{by} -t` checks it"
            ),
        )
    }

    /// The decoder's error in our words; one of the readers below it is passed on as it is.
    fn fault(&self, error: io::Error) -> io::Error {
        if reader::is_fault(&error) {
            return error;
        }
        let (name, by) = (&self.name, self.compression.name());
        let (message, hint) = if error.kind() == io::ErrorKind::UnexpectedEof {
            (
                format!("{name} ends in the middle of its {by} data: it was cut"),
                format!("copy it again, or wait until it is whole: `{by} -t` checks it"),
            )
        } else if error.to_string().contains("too much memory") {
            (
                format!("{name}: its {by} data needs more than 128 MiB of memory to be unpacked"),
                "compress it without --long, or unpack it and push the unpacked file".to_owned(),
            )
        } else {
            (
                format!("{name}: its {by} data is damaged: {error}"),
                format!("copy it again from where it came from: `{by} -t` checks it"),
            )
        };
        io::Error::other(InputError::new(message, hint))
    }
}

impl Read for Inflated {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            let read = match &mut self.part {
                Part::Gzip(member) => member.read(out),
                Part::Zstd(frame) => frame.read(out),
                Part::None(_) => Ok(0),
            };
            match read {
                Ok(0) => {}
                Ok(read) => return Ok(read),
                Err(error) => return Err(self.fault(error)),
            }
            if !self.open_next()? {
                return Ok(0);
            }
        }
    }
}
