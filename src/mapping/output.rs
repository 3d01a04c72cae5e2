//! Where a record's JSON goes: into a body, or only into a count while the input is proved.

/// Takes JSON, piece by piece.
pub(crate) trait Output {
    /// Appends bytes.
    fn put(&mut self, json: &[u8]);

    /// Appends the first `len` bytes; those behind them only fill up.
    fn put_filled<const ROOM: usize>(&mut self, json: &[u8; ROOM], len: usize);

    /// Appends `len` bytes, which `put` appends to a body.
    fn put_with(&mut self, len: usize, put: impl FnOnce(&mut Vec<u8>));

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

/// How long the JSON would be. Nothing is written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Size(usize);

impl Output for Size {
    #[inline]
    fn put(&mut self, json: &[u8]) {
        self.0 += json.len();
    }

    #[inline]
    fn put_filled<const ROOM: usize>(&mut self, _: &[u8; ROOM], len: usize) {
        self.0 += len;
    }

    #[inline]
    fn put_with(&mut self, len: usize, _: impl FnOnce(&mut Vec<u8>)) {
        self.0 += len;
    }

    fn size(&self) -> usize {
        self.0
    }

    fn cut(&mut self, size: usize) {
        self.0 = size;
    }

    fn replace(&mut self, _: usize, _: u8) {}
}
