//! Where one JSON value ends, whatever its depth, without checking what is in it.

use std::borrow::Cow;

use memchr::memchr3;

/// What is wrong with the text as a whole, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JsonFault {
    /// The byte to blame.
    pub at: usize,
    /// What is wrong with it.
    pub message: String,
    /// What to try.
    pub hint: Cow<'static, str>,
    /// Where the record begins that does not end.
    pub inside: Option<usize>,
}

pub(crate) const STRUCTURE: &str = "look at this place in the file, or write the file again";

impl JsonFault {
    pub(crate) fn new(
        at: usize,
        message: impl Into<String>,
        hint: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            at,
            message: message.into(),
            hint: hint.into(),
            inside: None,
        }
    }
}

/// The way through one value, from its first byte to its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value {
    /// Everything before was looked at.
    at: usize,
    is_begun: bool,
    depth: usize,
    /// For each of the outer levels whether it is an array.
    arrays: u128,
    /// Where the string began that `at` is in.
    quote: Option<usize>,
}

impl Value {
    /// At the first byte of a value.
    pub(crate) fn new(at: usize) -> Self {
        Self {
            at,
            is_begun: false,
            depth: 0,
            arrays: 0,
            quote: None,
        }
    }

    /// Inside of so many objects that began before.
    pub(crate) fn in_objects(at: usize, depth: usize) -> Self {
        Self {
            depth,
            is_begun: true,
            ..Self::new(at)
        }
    }

    /// One past the value's last byte; none if that is not here (yet). A number or a word may end
    /// with the bytes.
    pub(crate) fn end(&mut self, bytes: &[u8], is_last: bool) -> Result<Option<usize>, JsonFault> {
        if !self.is_begun {
            let Some(first) = bytes.get(self.at) else {
                return Ok(None);
            };
            if !matches!(first, b'{' | b'[' | b'"') {
                return Ok(self.word_end(bytes, is_last));
            }
            self.is_begun = true;
        }
        loop {
            if self.quote.is_some() {
                if !self.leave_string(bytes)? {
                    return Ok(None);
                }
            } else {
                let is_mark = |b: &u8| matches!(b, b'"' | b'{' | b'}' | b'[' | b']');
                let Some(n) = bytes[self.at..].iter().position(is_mark) else {
                    self.at = bytes.len();
                    return Ok(None);
                };
                self.at += n;
                match bytes[self.at] {
                    b'"' => self.quote = Some(self.at),
                    b'{' => self.open(false),
                    b'[' => self.open(true),
                    closing => self.close(closing)?,
                }
                self.at += 1;
            }
            if self.depth == 0 && self.quote.is_none() {
                return Ok(Some(self.at));
            }
        }
    }

    fn open(&mut self, is_array: bool) {
        if let Some(bit) = bit(self.depth) {
            self.arrays = if is_array {
                self.arrays | bit
            } else {
                self.arrays & !bit
            };
        }
        self.depth += 1;
    }

    fn close(&mut self, byte: u8) -> Result<(), JsonFault> {
        let depth = self.depth - 1;
        if let Some(bit) = bit(depth)
            && (self.arrays & bit != 0) != (byte == b']')
        {
            let (is, should) = if byte == b']' { (']', '}') } else { ('}', ']') };
            let message = format!("`{is}` stands where `{should}` should be");
            return Err(JsonFault::new(self.at, message, STRUCTURE));
        }
        self.depth = depth;
        Ok(())
    }

    /// Goes to behind the closing quote; `false` if that is not here (yet).
    fn leave_string(&mut self, bytes: &[u8]) -> Result<bool, JsonFault> {
        while let Some(n) = memchr3(b'"', b'\\', b'\n', &bytes[self.at..]) {
            let at = self.at + n;
            match bytes[at] {
                b'"' => {
                    self.at = at + 1;
                    self.quote = None;
                    return Ok(true);
                }
                b'\\' if at + 1 == bytes.len() => {
                    self.at = at;
                    return Ok(false);
                }
                b'\\' => self.at = at + 2,
                _ => {
                    self.at = at;
                    let quote = self.quote.unwrap_or(at);
                    let message = "the string that begins here is not closed on its line";
                    return Err(JsonFault::new(quote, message, "close it with a quote"));
                }
            }
        }
        self.at = bytes.len();
        Ok(false)
    }

    fn word_end(&mut self, bytes: &[u8], is_last: bool) -> Option<usize> {
        let ends = |b: &u8| b" \t\r\n,:\"{}[]".contains(b);
        match bytes[self.at..].iter().position(ends) {
            Some(n) => Some(self.at + n),
            None => is_last.then_some(bytes.len()),
        }
    }
}

/// The bit of one level; none for those that are too deep to be read anyway.
fn bit(depth: usize) -> Option<u128> {
    u32::try_from(depth)
        .ok()
        .and_then(|depth| 1_u128.checked_shl(depth))
}
