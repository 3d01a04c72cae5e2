//! Where one JSON value ends, whatever its depth, without checking what is in it.

use super::fault::{JsonFault, STRUCTURE};

/// How many bytes the value has that begins `bytes`; none if its end is not here. A number or a word
/// ends with the bytes where no more will come.
pub(super) fn value_end(bytes: &[u8], is_last: bool) -> Result<Option<usize>, JsonFault> {
    match bytes.first() {
        None => Ok(None),
        Some(b'{' | b'[' | b'"') => nested_end(bytes, 0, 0),
        Some(_) => {
            let ends = |byte: &u8| b" \t\r\n,:\"{}[]".contains(byte);
            let end = bytes.iter().position(ends);
            Ok(end.or(is_last.then_some(bytes.len())))
        }
    }
}

/// One past the end of the outermost value where so many objects are open at `at`; 0 of them and 0 for
/// a value that begins there. Nothing recurses, so that depth costs nothing.
pub(super) fn nested_end(
    bytes: &[u8],
    mut at: usize,
    mut depth: usize,
) -> Result<Option<usize>, JsonFault> {
    // For each of the outer levels whether it is an array. What is deeper is refused as a record.
    let mut arrays = 0_u128;
    while depth > 0 || at == 0 {
        let is_mark = |byte: &u8| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']');
        let Some(n) = bytes[at..].iter().position(is_mark) else {
            return Ok(None);
        };
        at += n;
        match bytes[at] {
            b'"' => match string_end(bytes, at)? {
                Some(end) => at = end,
                None => return Ok(None),
            },
            open @ (b'{' | b'[') => {
                let level = bit(depth);
                arrays &= !level;
                if open == b'[' {
                    arrays |= level;
                }
                depth += 1;
                at += 1;
            }
            close => {
                depth -= 1;
                let (level, is_array) = (bit(depth), close == b']');
                if level != 0 && (arrays & level != 0) != is_array {
                    let (is, should) = if is_array { (']', '}') } else { ('}', ']') };
                    let message = format!("`{is}` stands where `{should}` should be");
                    return Err(JsonFault::new(at, message, STRUCTURE));
                }
                at += 1;
            }
        }
    }
    Ok(Some(at))
}

/// The bit of a level; 0 for those that are too deep to be read anyway.
fn bit(depth: usize) -> u128 {
    let depth = u32::try_from(depth).unwrap_or(u32::MAX);
    1_u128.checked_shl(depth).unwrap_or(0)
}

/// One past the closing quote of the string at `quote`; none if that is not here. A line end in it
/// would end the line of its record.
fn string_end(bytes: &[u8], quote: usize) -> Result<Option<usize>, JsonFault> {
    let mut at = quote + 1;
    loop {
        let is_mark = |byte: &u8| matches!(byte, b'"' | b'\\' | b'\n' | b'\r');
        let Some(n) = bytes[at..].iter().position(is_mark) else {
            return Ok(None);
        };
        at += n + 1;
        match bytes[at - 1] {
            b'"' => return Ok(Some(at)),
            b'\\' if bytes.get(at).is_none() => return Ok(None),
            b'\\' if !matches!(bytes[at], b'\n' | b'\r') => at += 1,
            _ => {
                let message = "the string that begins here is not closed on its line";
                return Err(JsonFault::new(quote, message, "close it with a quote"));
            }
        }
    }
}
