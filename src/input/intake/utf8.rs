//! Whether bytes that were said to be in another encoding are UTF-8.

/// Looks at bytes as they pass, a piece after the other.
///
/// Text in another encoding is practically never valid UTF-8 with a character of several bytes in it:
/// every letter beyond ASCII would have to stand beside others in just one of the ways that UTF-8 has.
/// That holds for encodings of one byte a character and, less so for a single short word, for those of
/// several.
#[derive(Debug, Default)]
pub(super) struct Utf8Watch {
    is_broken: bool,
    has_wide: bool,
    /// The beginning of a character whose end has not come.
    begun: Vec<u8>,
}

impl Utf8Watch {
    /// Looks at the bytes that come next.
    pub(crate) fn look(&mut self, bytes: &[u8]) {
        if self.is_broken || (self.begun.is_empty() && bytes.is_ascii()) {
            return;
        }
        let joined;
        let bytes = match self.begun.is_empty() {
            true => bytes,
            false => {
                joined = [&self.begun, bytes].concat();
                &joined
            }
        };
        let whole = match std::str::from_utf8(bytes) {
            Ok(_) => bytes.len(),
            Err(error) => {
                self.is_broken = error.error_len().is_some();
                error.valid_up_to()
            }
        };
        let (whole, begun) = bytes.split_at(whole);
        self.has_wide |= !whole.is_ascii();
        self.begun = match self.is_broken {
            true => Vec::new(),
            false => begun.to_vec(),
        };
    }

    /// Whether all bytes, of which no more come, are UTF-8 with a character of several bytes.
    pub(crate) fn is_utf8(&self) -> bool {
        self.has_wide && !self.is_broken && self.begun.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pieces_tell_what_the_whole_tells(
            bytes in prop_oneof![
                "[a-zé日🎈]{0,20}".prop_map(String::into_bytes),
                prop::collection::vec(any::<u8>(), 0..6),
                ("[aé日]{0,9}", prop::collection::vec(any::<u8>(), 0..3))
                    .prop_map(|(text, rest)| [text.into_bytes(), rest].concat()),
            ],
            size in 1..9_usize,
        ) {
            let mut watch = Utf8Watch::default();
            bytes.chunks(size).for_each(|piece| watch.look(piece));
            let is_utf8 = std::str::from_utf8(&bytes).is_ok() && !bytes.is_ascii();
            prop_assert_eq!(watch.is_utf8(), is_utf8);
        }
    }
}
