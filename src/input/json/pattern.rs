//! Records that are written like the one before them: the same keys in the same order, with the same
//! signs and white space between the values.
//!
//! Nearly all records of a file are, and what stands between their values was read before: only the
//! values are looked at. What is not known at once to be such a record is no matter, since reading
//! it as JSON gives the same; that, and all that is said of faults, is left to `ndjson`.

use super::pairs::Entry;

/// How the last good record was written; nothing is like the one that stands here at first.
#[derive(Debug, Default)]
pub(crate) struct Pattern<'b> {
    /// What stands before each value, with its key, and behind the last one.
    gaps: Vec<&'b str>,
}

impl<'b> Pattern<'b> {
    /// Reads a record that is written like the one last learned, of which these are the entries.
    /// Their keys are the new ones' too. False, with any values in them, where it is not certain
    /// that this is what reading JSON gives.
    pub(crate) fn read(&self, record: &'b str, entries: &mut [Entry<'b>]) -> bool {
        let Some((last, gaps)) = self.gaps.split_last() else {
            return false;
        };
        if gaps.len() != entries.len() {
            return false;
        }
        let mut rest = record;
        for (gap, (_, value)) in gaps.iter().zip(entries) {
            let Some(behind) = rest.strip_prefix(gap) else {
                return false;
            };
            let Some(len) = token_len(behind.as_bytes()) else {
                return false;
            };
            (*value, rest) = behind.split_at(len);
        }
        rest == *last
    }

    /// Learns how a good record is written, whose entries these are.
    pub(crate) fn learn(&mut self, record: &'b str, entries: &[Entry<'b>]) {
        self.gaps.clear();
        // The ones after it would most likely have such a value too, and be read in vain.
        let is_flat = |(_, value): &Entry<'_>| !value.starts_with(['{', '[']);
        if !entries.iter().all(is_flat) || self.add_gaps(record, entries).is_none() {
            self.gaps.clear();
        }
    }

    /// None where the entries are not in the order in which they are written.
    fn add_gaps(&mut self, record: &'b str, entries: &[Entry<'b>]) -> Option<()> {
        let mut end = 0;
        for (_, value) in entries {
            let start = (value.as_ptr().addr()).checked_sub(record.as_ptr().addr())?;
            self.gaps.push(record.get(end..start)?);
            end = start + value.len();
        }
        self.gaps.push(record.get(end..)?);
        Some(())
    }

    /// Knows no record any more.
    pub(crate) fn forget(&mut self) {
        self.gaps.clear();
    }
}

/// How long the value is with which the bytes begin; none where it is not certain that it is one, or
/// where it must be looked into.
fn token_len(bytes: &[u8]) -> Option<usize> {
    match bytes.first()? {
        b'"' => string_len(bytes),
        b'-' | b'0'..=b'9' => number_len(bytes),
        b't' => bytes.starts_with(b"true").then_some(4),
        b'f' => bytes.starts_with(b"false").then_some(5),
        b'n' => bytes.starts_with(b"null").then_some(4),
        _ => None,
    }
}

/// The digits of a number, without an exponent. What cannot follow them is told by what must.
fn number_len(bytes: &[u8]) -> Option<usize> {
    let digits = |at: usize| {
        let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit());
        at + digits.count()
    };
    let start = usize::from(bytes[0] == b'-');
    let whole = match bytes.get(start)? {
        b'0' => start + 1,
        b'1'..=b'9' => digits(start + 1),
        _ => return None,
    };
    if bytes.get(whole) != Some(&b'.') {
        return Some(whole);
    }
    let end = digits(whole + 1);
    (end > whole + 1).then_some(end)
}

/// A string with its quotes, without control characters and halves of surrogate pairs.
fn string_len(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        at += plain_len(&bytes[at..]);
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += escape_len(&bytes[at..])?,
            _ => return None,
        }
    }
}

/// How many bytes stand before a quote, a backslash or a control character.
fn plain_len(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (n, word) in words.iter().enumerate() {
        let marks = marks(u64::from_le_bytes(*word));
        if marks != 0 {
            return 8 * n + marks.trailing_zeros() as usize / 8;
        }
    }
    let is_plain = |byte: &&u8| **byte >= b' ' && !matches!(byte, b'"' | b'\\');
    8 * words.len() + rest.iter().take_while(is_plain).count()
}

/// The highest bit of each byte that is a quote, a backslash or a control character, up to the first
/// of them: the bytes behind it may be marked without being one.
fn marks(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // A byte that is less than another borrows when that is taken away, which sets its highest bit;
    // those that had it set before are none.
    let less = |word: u64, than: u8| word.wrapping_sub(ONES * u64::from(than)) & !word;
    let is = |byte: u8| less(word ^ (ONES * u64::from(byte)), 1);
    (less(word, b' ') | is(b'"') | is(b'\\')) & (ONES << 7)
}

/// An escape that surely stands for a character by itself.
fn escape_len(bytes: &[u8]) -> Option<usize> {
    match bytes.get(1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(2),
        b'u' => {
            let digits = bytes.get(2..6)?;
            let is_half = matches!(digits[0], b'd' | b'D');
            (!is_half && digits.iter().all(u8::is_ascii_hexdigit)).then_some(6)
        }
        _ => None,
    }
}
