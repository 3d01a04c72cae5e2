//! Names of encodings, and which one bytes that do not fit theirs may be in.
//!
//! Decoding is left to `intake`.

use std::fmt;

/// How alike two labels must be for one to be a misspelling of the other.
const ALIKE: f64 = 0.5;

/// How many bytes are enough to see that every second one is NUL.
const SEEN_BYTES: usize = 256;

/// Labels to suggest: each encoding's own name, and what people call the usual ones.
const LABELS: [&str; 46] = [
    "utf-8",
    "utf-16le",
    "utf-16be",
    "utf-16",
    "windows-1252",
    "cp1252",
    "latin1",
    "ascii",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-9",
    "iso-8859-10",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-15",
    "iso-8859-16",
    "windows-874",
    "windows-1250",
    "windows-1251",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "macintosh",
    "x-mac-cyrillic",
    "ibm866",
    "koi8-r",
    "koi8-u",
    "gbk",
    "gb2312",
    "gb18030",
    "big5",
    "euc-jp",
    "iso-2022-jp",
    "shift_jis",
    "sjis",
    "euc-kr",
    "x-user-defined",
];

/// An encoding of text: any of the WHATWG Encoding Standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Encoding(pub(super) &'static encoding_rs::Encoding);

/// A label that no encoding has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnknownEncoding {
    /// The label most like it.
    pub nearest: Option<&'static str>,
}

impl Encoding {
    /// UTF-8, which is read where nothing else is said.
    pub(crate) const UTF_8: Self = Self(encoding_rs::UTF_8);

    /// The encoding that a label names, whatever its case.
    pub(crate) fn named(label: &str) -> Result<Self, UnknownEncoding> {
        encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())
            .map(Self)
            .ok_or_else(|| UnknownEncoding {
                nearest: nearest(label),
            })
    }

    /// Its name in the standard, which is one of its labels too.
    pub(crate) fn name(self) -> &'static str {
        self.0.name()
    }

    /// Whether every character is one byte.
    pub(super) fn is_single_byte(self) -> bool {
        self.0.is_single_byte()
    }

    /// The encoding whose byte order mark these bytes begin with, and the mark's length.
    pub(super) fn of_mark(start: &[u8]) -> Option<(Self, usize)> {
        encoding_rs::Encoding::for_bom(start).map(|(encoding, mark)| (Self(encoding), mark))
    }
}

impl UnknownEncoding {
    /// What to write instead.
    pub(crate) fn hint(self) -> String {
        match self.nearest {
            Some(label) => format!("did you mean `{label}`?"),
            None => "labels are those of the WHATWG Encoding Standard, such as windows-1252, \
                     iso-8859-15, utf-16le or shift_jis"
                .to_owned(),
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn nearest(label: &str) -> Option<&'static str> {
    // The comparison takes the product of both lengths.
    let label: String = label.trim().chars().take(40).collect();
    let label = label.to_ascii_lowercase();
    let likeness = |known: &&str| strsim::normalized_damerau_levenshtein(&label, known);
    LABELS
        .iter()
        .map(|known| (*known, likeness(known)))
        .filter(|(_, likeness)| *likeness >= ALIKE)
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .map(|(known, _)| known)
}

/// The label of an encoding in which bytes may be that are not what they were read as.
pub(super) fn suggestion(bytes: &[u8]) -> Option<&'static str> {
    if let Some(wide) = unmarked_utf16(bytes) {
        return Some(wide);
    }
    let is_utf8 = match std::str::from_utf8(bytes) {
        Ok(text) => !text.is_ascii(),
        // A character may be cut off where the bytes end.
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    };
    if is_utf8 {
        return Some("utf-8");
    }
    // Five bytes are no characters of windows-1252, though the standard decodes them.
    let is_hole = |byte: &u8| matches!(byte, 0 | 0x81 | 0x8d | 0x8f | 0x90 | 0x9d);
    (!bytes.iter().any(is_hole)).then_some("windows-1252")
}

/// UTF-16 text of mostly ASCII characters: every second byte is NUL. The bytes must begin with a
/// character.
pub(super) fn unmarked_utf16(bytes: &[u8]) -> Option<&'static str> {
    let seen = &bytes[..bytes.len().min(SEEN_BYTES)];
    let count = |first: usize| seen.iter().skip(first).step_by(2).filter(|b| **b == 0);
    let (even, odd) = (count(0).count(), count(1).count());
    match (even, odd) {
        (0, odd) if odd >= 2 && odd * 4 >= seen.len() => Some("utf-16le"),
        (even, 0) if even >= 2 && even * 4 >= seen.len() => Some("utf-16be"),
        _ => None,
    }
}
