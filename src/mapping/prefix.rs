//! What stands before a field's value in every record: a comma, the field's key, and a colon.

use super::output::Output;
use crate::mapping::value::text;

/// Longer ones are copied as other bytes are.
const ROOM: usize = 32;

/// The JSON before a value.
#[derive(Clone, Debug)]
pub(super) struct Prefix {
    json: Vec<u8>,
    /// The same, filled up: a copy of as many bytes as the compiler knows is quicker than one of
    /// fewer.
    filled: Option<[u8; ROOM]>,
}

impl Prefix {
    /// That of the field with this key.
    pub(crate) fn new(key: &str) -> Self {
        let mut json = vec![b','];
        text::write_string(key, &mut json);
        json.push(b':');
        let filled = (json.len() <= ROOM).then(|| {
            let mut filled = [b' '; ROOM];
            filled[..json.len()].copy_from_slice(&json);
            filled
        });
        Self { json, filled }
    }

    /// Appends it.
    #[inline]
    pub(crate) fn put(&self, out: &mut impl Output) {
        match &self.filled {
            Some(filled) => out.put_filled(filled, self.json.len()),
            None => out.put(&self.json),
        }
    }
}
