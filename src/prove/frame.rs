//! What stands around the records of a body, and around those that are kept.

/// What stands around records and between them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) head: &'static [u8],
    pub(super) between: &'static [u8],
    pub(super) tail: &'static [u8],
    /// Whether each record has a line of its own.
    is_lines: bool,
}

/// `{"items":[…]}`.
pub(super) const BODY: Frame = Frame {
    head: b"{\"items\":[",
    between: b",",
    tail: b"]}",
    is_lines: false,
};

/// The bytes of a body without records.
pub(super) const BYTES: u64 = (BODY.head.len() + BODY.tail.len()) as u64;

/// NDJSON.
pub(super) const LINES: Frame = Frame {
    head: b"",
    between: b"",
    tail: b"",
    is_lines: true,
};

impl Frame {
    /// Ends a record that begins there.
    pub(super) fn end(self, written: &mut Vec<u8>, start: usize) {
        if !self.is_lines {
            return;
        }
        // JSON has line ends between its parts only, where a space means the same.
        for byte in &mut written[start..] {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        written.push(b'\n');
    }
}
