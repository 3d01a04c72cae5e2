//! Text of any encoding to UTF-8. What cannot be decoded is an error with its place, never replaced.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult};
use memchr::memrchr2;

use super::super::encoding::{self, Encoding};
use super::super::text;
use super::reader::Chain;
use super::utf8::Utf8Watch;
use crate::input::error::InputError;

/// How many bytes are decoded at once.
const BUFFER_BYTES: usize = 64 << 10;

/// How many bytes of the buffer before are remembered: a bad character may begin there.
const RECENT_BYTES: usize = 8;

/// Where it is said what the encoding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// A byte order mark.
    ByMark,
    /// The user.
    ByUser,
}

/// Reads the text as UTF-8. Of no use after an error.
pub(super) struct Decoded {
    name: String,
    encoding: Encoding,
    told: Told,
    from: Chain,
    decoder: Decoder,
    /// Where the user may be wrong about the encoding.
    watch: Option<Utf8Watch>,
    /// Bytes as they are, `at` of which are decoded; the first `recent` belong to the buffer before.
    bytes: Vec<u8>,
    at: usize,
    is_last: bool,
    text: Vec<u8>,
    given: usize,
    end: Option<Result<(), InputError>>,
    place: TextEnd,
}

/// Where the decoded text ends.
struct TextEnd {
    line: u64,
    /// Characters on that line.
    characters: u64,
    /// Whether the line before may go on with a `\n`.
    is_after_return: bool,
}

impl Decoded {
    /// `name` is harmless to print; a byte order mark is not part of the text and must be gone.
    pub(crate) fn new(encoding: Encoding, told: Told, from: Chain, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            encoding,
            told,
            from,
            decoder: encoding.0.new_decoder_without_bom_handling(),
            // UTF-16 has other bytes for ASCII characters already.
            watch: (told == Told::ByUser && encoding.0.is_ascii_compatible())
                .then(Utf8Watch::default),
            bytes: Vec::with_capacity(BUFFER_BYTES + RECENT_BYTES),
            at: 0,
            is_last: false,
            text: Vec::new(),
            given: 0,
            end: None,
            place: TextEnd {
                line: 1,
                characters: 0,
                is_after_return: false,
            },
        }
    }

    /// Reads more bytes behind the last few that are decoded. At first as many as there is room for: of
    /// a small input all is known before a part of it is handed on.
    fn refill(&mut self) -> io::Result<()> {
        let recent = self.at.saturating_sub(RECENT_BYTES);
        self.bytes.drain(..recent);
        self.at -= recent;
        let is_first = self.bytes.is_empty();
        let end = self.bytes.len() + BUFFER_BYTES;
        loop {
            let old = self.bytes.len();
            self.bytes.resize(end, 0);
            let read = self.from.read(&mut self.bytes[old..]);
            self.bytes
                .truncate(old + read.as_ref().copied().unwrap_or(0));
            self.is_last = read? == 0;
            if let Some(watch) = &mut self.watch {
                watch.look(&self.bytes[old..]);
            }
            if self.is_last || !is_first || self.bytes.len() == end {
                break;
            }
        }
        let is_utf8 = self.watch.as_ref().is_some_and(Utf8Watch::is_utf8);
        if self.is_last && is_utf8 {
            self.end = Some(Err(self.utf8_after_all()));
        }
        Ok(())
    }

    fn utf8_after_all(&self) -> InputError {
        let (name, encoding) = (&self.name, self.encoding);
        InputError::new(
            format!(
                "{name} is valid UTF-8 with characters of several bytes, which {encoding} would garble"
            ),
            format!(
                "leave --encoding out, or `encoding` in the mapping; if it is {encoding} all the same, \
                 convert it to UTF-8 first"
            ),
        )
    }

    /// Decodes up to a buffer of text, or to what cannot be decoded.
    fn decode(&mut self) {
        // The decoder wants room for what it may have to write at once.
        self.text.resize(BUFFER_BYTES, 0);
        self.given = 0;
        let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
            &self.bytes[self.at..],
            &mut self.text,
            self.is_last,
        );
        self.at += read;
        self.text.truncate(written);
        self.place.go_over(&self.text);
        match result {
            DecoderResult::InputEmpty if self.is_last => self.end = Some(Ok(())),
            DecoderResult::InputEmpty | DecoderResult::OutputFull => {}
            DecoderResult::Malformed(bad, after) => {
                let end = self.at - usize::from(after);
                let bad = &self.bytes[end - usize::from(bad)..end];
                self.end = Some(Err(self.undecodable(bad)));
            }
        }
    }

    fn undecodable(&self, bad: &[u8]) -> InputError {
        let (encoding, TextEnd { line, .. }) = (self.encoding, &self.place);
        let character = self.place.characters + 1;
        let hex = text::hex(bad);
        InputError::new(
            format!(
                "{}, line {line}, character {character}: not {encoding} (the bytes are{hex})",
                self.name
            ),
            match self.told {
                Told::ByMark => format!(
                    "the file begins as {encoding}, so that it may be damaged or cut: save it \
                     again and push that file"
                ),
                Told::ByUser => text::other_encoding(encoding::suggestion(&self.bytes)),
            },
        )
    }
}

impl Read for Decoded {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.text.len() {
            match &mut self.end {
                Some(Ok(())) => return Ok(0),
                Some(Err(error)) => return Err(io::Error::other(error.clone())),
                None if self.at == self.bytes.len() && !self.is_last => {
                    self.refill()?;
                    if self.end.is_some() {
                        continue;
                    }
                }
                None => {}
            }
            self.decode();
        }
        let given = (self.text.len() - self.given).min(out.len());
        out[..given].copy_from_slice(&self.text[self.given..self.given + given]);
        self.given += given;
        Ok(given)
    }
}

impl TextEnd {
    fn go_over(&mut self, text: &[u8]) {
        // A `\r` ended its line already.
        let own = match text.strip_prefix(b"\n") {
            Some(rest) if self.is_after_return => rest,
            _ => text,
        };
        self.line += text::line_ends(own);
        let rest = match memrchr2(b'\r', b'\n', own) {
            Some(end) => {
                self.characters = 0;
                &own[end + 1..]
            }
            None => own,
        };
        self.characters += text::characters(rest) as u64;
        if let Some(last) = text.last() {
            self.is_after_return = *last == b'\r';
        }
    }
}
