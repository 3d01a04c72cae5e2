//! SWAR: up to eight bytes of a cell in one number, so that one operation looks at all of them and
//! nothing branches on what they are.
//!
//! What is told of each byte is a flag: its highest bit.

/// The same byte in all eight places.
const fn every(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The highest bit of every byte.
const FLAGS: u64 = every(0x80);
/// All the others.
const LOW: u64 = every(0x7f);

/// Up to eight bytes, the first one lowest, and zeros behind them; none where there are more.
#[inline]
pub(crate) fn load(bytes: &[u8]) -> Option<u64> {
    let len = bytes.len();
    // Two loads that overlap, since those of four bytes are the ones that a processor has.
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        return (len <= 8).then(|| u64::from(first) | u64::from(last) << (8 * (len - 4)));
    }
    let at = |at: usize| u64::from(bytes[at]) << (8 * at);
    match len {
        0 => Some(0),
        _ => Some(at(0) | at(len / 2) | at(len - 1)),
    }
}

/// Flags every byte that is no digit.
#[inline]
pub(crate) fn non_digits(word: u64) -> u64 {
    // Digits become 0 to 9; 0x76 more lifts whatever is above them into the highest bit.
    let offset = word ^ every(b'0');
    (((offset & LOW) + every(0x76)) | offset) & FLAGS
}

/// Flags every byte that is this one.
#[inline]
pub(crate) fn equal_to(word: u64, byte: u8) -> u64 {
    let difference = word ^ every(byte);
    !(((difference & LOW) + LOW) | difference) & FLAGS
}

/// The ASCII letters in lower case, and whatever else as it is.
#[inline]
pub(crate) fn lower_case(word: u64) -> u64 {
    let low = word & LOW;
    let from_a = low + every(0x80 - b'A');
    let above_z = low + every(0x7f - b'Z');
    word | (from_a & !above_z & !word & FLAGS) >> 2
}

/// The flags side by side: bit 0 for the first byte.
#[inline]
pub(crate) fn places(flags: u64) -> u32 {
    // Each flag is moved to its place in the highest byte; no two of the products meet.
    ((flags >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_word_is_its_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..10)) {
            let mut filled = [0; 8];
            let expected = (bytes.len() <= 8).then(|| {
                filled[..bytes.len()].copy_from_slice(&bytes);
                u64::from_le_bytes(filled)
            });
            prop_assert_eq!(load(&bytes), expected);
        }

        #[test]
        fn flags_tell_of_each_byte(
            bytes in proptest::array::uniform8(prop_oneof![any::<u8>(), b'+'..=b'[', Just(b'{'), Just(b'`')]),
            sign: u8,
        ) {
            let word = u64::from_le_bytes(bytes);
            let flagged = |is: &dyn Fn(&u8) -> bool| (0..8).filter(|&at| is(&bytes[at])).map(|at| 1 << at).sum::<u32>();
            prop_assert_eq!(places(non_digits(word)), flagged(&|byte| !byte.is_ascii_digit()));
            for sign in bytes.into_iter().chain([sign]) {
                prop_assert_eq!(places(equal_to(word, sign)), flagged(&|&byte| byte == sign));
            }
            prop_assert_eq!(lower_case(word).to_le_bytes(), bytes.map(|byte| byte.to_ascii_lowercase()));
        }
    }
}
