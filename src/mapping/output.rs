//! Where a record's JSON goes: into a body, or into a buffer that knows its fields while the input is
//! proved.

/// Takes JSON, piece by piece.
pub(crate) trait Output {
    /// Appends bytes.
    fn put(&mut self, json: &[u8]);

    /// Appends the first `len` bytes; those behind them only fill up.
    fn put_filled<const ROOM: usize>(&mut self, json: &[u8; ROOM], len: usize);

    /// Appends `len` bytes, which `put` appends to a body.
    fn put_with(&mut self, len: usize, put: impl FnOnce(&mut Vec<u8>));

    /// Appends a comma, a field's key and a colon; behind them the field's value begins. `filled` is the
    /// same, filled up to as many bytes as the compiler knows.
    #[inline]
    fn put_prefix<const ROOM: usize>(
        &mut self,
        json: &[u8],
        filled: Option<&[u8; ROOM]>,
        _field: u32,
    ) {
        match filled {
            Some(filled) => self.put_filled(filled, json.len()),
            None => self.put(json),
        }
    }

    /// Says that the value of a key begins here, whose comma began at `prefix`: where whole records go as
    /// they are.
    #[inline]
    fn value_begins(&mut self, _key: &str, _prefix: usize) {}

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
