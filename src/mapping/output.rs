//! Where a record's JSON goes: into a body, or into a buffer that knows its fields while the input is
//! proved.

/// Which field a value is of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FieldAt<'a> {
    /// By its place in the mapping.
    Number(u32),
    /// By its key, where whole records go as they are.
    Key(&'a str),
}

/// Takes JSON, piece by piece.
pub(crate) trait Output {
    /// Appends bytes.
    fn put(&mut self, json: &[u8]);

    /// Appends the first `len` bytes; those behind them only fill up.
    fn put_filled<const ROOM: usize>(&mut self, json: &[u8; ROOM], len: usize);

    /// Appends `len` bytes, which `put` appends to a body.
    fn put_with(&mut self, len: usize, put: impl FnOnce(&mut Vec<u8>));

    /// Says that a field's value begins here, whose comma and key began at `prefix`.
    #[inline]
    fn value_begins(&mut self, _: FieldAt<'_>, _prefix: usize) {}

    /// How many bytes there are.
    fn size(&self) -> usize;

    /// Takes back all bytes behind the first `size`.
    fn cut(&mut self, size: usize);

    /// Puts another byte in the place of one.
    fn replace(&mut self, at: usize, byte: u8);
}

impl Output for Vec<u8> {
    #[inline]
    fn put(&mut self, json: &[u8]) {
        self.extend_from_slice(json);
    }

    #[inline]
    fn put_filled<const ROOM: usize>(&mut self, json: &[u8; ROOM], len: usize) {
        let size = self.len() + len;
        self.extend_from_slice(json);
        self.truncate(size);
    }

    #[inline]
    fn put_with(&mut self, len: usize, put: impl FnOnce(&mut Vec<u8>)) {
        self.reserve(len);
        put(self);
    }

    fn size(&self) -> usize {
        self.len()
    }

    fn cut(&mut self, size: usize) {
        self.truncate(size);
    }

    fn replace(&mut self, at: usize, byte: u8) {
        self[at] = byte;
    }
}
