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
    /// The field's place in the mapping.
    number: u32,
}

impl Prefix {
    /// That of the field with this key, at this place in the mapping.
    pub(crate) fn new(key: &str, number: usize) -> Self {
        let mut json = vec![b','];
        text::write_string(key, &mut json);
        json.push(b':');
        let filled = (json.len() <= ROOM).then(|| {
            let mut filled = [b' '; ROOM];
            filled[..json.len()].copy_from_slice(&json);
            filled
        });
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            json,
            filled,
            number,
        }
    }

    /// Appends it.
    #[inline]
    pub(crate) fn put(&self, out: &mut impl Output) {
        out.put_prefix(&self.json, self.filled.as_ref(), self.number);
    }
}
