//! The bytes that cut CSV into cells, 64 at a time: as bits of numbers, without a look at any of them.
//!
//! Cells are short and of many lengths, so that whatever branches at their ends goes wrong often. Here
//! nothing does: which delimiters and line ends stand in quotes, and whether every quote stands where
//! one may, comes out of a few operations on 64 bits. What is compared at once is settled by what the
//! processor can do.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x64};

/// How many bytes are looked at together.
pub(crate) const STRIDE: usize = 64;

/// The most ends that are written down in one go.
const AT_ONCE: usize = 8;

/// Looks at bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scanner {
    level: Level,
    delimiter: u8,
}

/// What is in bytes that were looked at.
#[derive(Debug, Default)]
pub(crate) struct CellEnds {
    /// Where cells end, outside of quotes: as many as `count` tells; those behind are rubbish.
    ends: Vec<usize>,
    count: usize,
    /// Line ends in quotes, and the second ones of doubled quotes.
    pub inner: Vec<usize>,
    /// One past the last stride with a byte that JSON escapes besides those: everything behind it
    /// can stand in JSON as it is.
    pub plain_from: usize,
}

/// What the bytes before have to do with those that follow. Each but the first is one bit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Before {
    /// All bits where a quote is open, else none.
    inside: u64,
    /// A cell ended.
    end: u64,
    /// A quote was closed.
    close: u64,
    /// A `\r` whose `\n` must follow.
    half_end: u64,
}

/// Whether what was found is certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// It is.
    Certain,
    /// At some place the text may not be what it seems; what was found ends before it.
    Doubtful,
}

/// A bit for each byte of a stride.
struct Bytes {
    delimiters: u64,
    newlines: u64,
    returns: u64,
    quotes: u64,
    /// Those that JSON escapes, quotes aside.
    escapes: u64,
}

/// What follows from them.
struct Marks {
    ends: u64,
    inner: u64,
    escapes: u64,
    doubts: u64,
}

impl Marks {
    /// Those of some bits that stand before the first doubt.
    #[inline(always)]
    fn before_doubt(&self, bits: u64) -> u64 {
        match self.doubts {
            0 => bits,
            doubts => bits & ((1 << doubts.trailing_zeros()) - 1),
        }
    }

    #[inline(always)]
    fn trust(&self) -> Trust {
        match self.doubts {
            0 => Trust::Certain,
            _ => Trust::Doubtful,
        }
    }
}

impl Before {
    /// At the beginning of a record.
    pub(crate) const RECORD: Self = Self {
        inside: 0,
        end: 1,
        close: 0,
        half_end: 0,
    };

    /// Whether a text may end here.
    pub(crate) fn may_end(self) -> bool {
        self.inside == 0 && self.half_end == 0
    }

    /// Notes one past the last line end outside of quotes in the next bytes, which begin at `base`, if
    /// there is one.
    #[inline(always)]
    fn line_end(&mut self, bytes: &Bytes, len: usize, base: usize, last: &mut usize) -> Trust {
        let marks = self.marks(bytes, len);
        let line_ends = marks.before_doubt(marks.ends & bytes.newlines);
        if line_ends != 0 {
            *last = base + STRIDE - line_ends.leading_zeros() as usize;
        }
        marks.trust()
    }

    /// The marks of the next bytes: of a whole stride, or of fewer and then the text's last ones.
    #[inline(always)]
    fn marks(&mut self, bytes: &Bytes, len: usize) -> Marks {
        let inside = running_parity(bytes.quotes) ^ self.inside;
        let ends = (bytes.delimiters | bytes.newlines) & !inside;
        let (opens, closes) = (bytes.quotes & inside, bytes.quotes & !inside);
        let behind_end = ends << 1 | self.end;
        let behind_close = closes << 1 | self.close;
        let behind_return = bytes.returns << 1 | self.half_end;
        // What stands behind a text's last byte is no doubt.
        let there = u64::MAX >> (STRIDE - len);
        let last = len - 1;
        *self = Self {
            inside: 0_u64.wrapping_sub(inside >> 63),
            end: ends >> last & 1,
            close: closes >> last & 1,
            half_end: bytes.returns >> last & 1,
        };
        Marks {
            ends,
            inner: bytes.newlines & inside | opens & behind_close,
            escapes: bytes.escapes & !(ends | bytes.newlines | bytes.returns),
            // A quote opens a cell, or is doubled; behind a closing one the cell ends; a line ends
            // in one way.
            doubts: (opens & !(behind_end | behind_close)
                | behind_close & !(ends | opens | bytes.returns)
                | behind_return & !bytes.newlines)
                & there,
        }
    }
}

impl Scanner {
    pub(crate) fn new(delimiter: u8) -> Self {
        Self {
            level: Level::new(),
            delimiter,
        }
    }

    /// Looks at `bytes[start..end]`, which are whole strides or reach to the end of the text, and adds
    /// what is in them to what was found.
    pub(crate) fn look(
        self,
        bytes: &[u8],
        (start, end): (usize, usize),
        before: &mut Before,
        found: &mut CellEnds,
    ) -> Trust {
        found.make_room(end - start);
        let (strides, rest) = bytes[start..end].as_chunks::<STRIDE>();
        // A copy of its own can stay in registers.
        let mut now = *before;
        let trust = dispatch!(self.level, simd => {
            for (n, stride) in strides.iter().enumerate() {
                let marks = now.marks(&compare(simd, stride, self.delimiter), STRIDE);
                if found.take(&marks, start + n * STRIDE) == Trust::Doubtful {
                    return Trust::Doubtful;
                }
            }
            if rest.is_empty() {
                return Trust::Certain;
            }
            let stride = self.filled(rest);
            let marks = now.marks(&compare(simd, &stride, self.delimiter), rest.len());
            found.take(&marks, end - rest.len())
        });
        *before = now;
        trust
    }

    /// One past the last `\n` outside of quotes in bytes that begin with a record, up to the first
    /// doubt; 0 where there is none. Where nothing is in doubt, what stands before the end of the bytes
    /// is told too.
    pub(crate) fn last_line_end(self, bytes: &[u8]) -> (usize, Option<Before>) {
        let (strides, rest) = bytes.as_chunks::<STRIDE>();
        dispatch!(self.level, simd => {
            let (mut before, mut last) = (Before::RECORD, 0);
            for (n, stride) in strides.iter().enumerate() {
                let bytes = compare(simd, stride, self.delimiter);
                if before.line_end(&bytes, STRIDE, n * STRIDE, &mut last) == Trust::Doubtful {
                    return (last, None);
                }
            }
            if !rest.is_empty() {
                let (bytes, base) = (self.filled(rest), strides.len() * STRIDE);
                let bytes = compare(simd, &bytes, self.delimiter);
                if before.line_end(&bytes, rest.len(), base, &mut last) == Trust::Doubtful {
                    return (last, None);
                }
            }
            (last, Some(before))
        })
    }

    /// The last bytes of a text, filled up with what is no mark.
    fn filled(self, rest: &[u8]) -> [u8; STRIDE] {
        let mut stride = [if self.delimiter == b'a' { b'b' } else { b'a' }; STRIDE];
        stride[..rest.len()].copy_from_slice(rest);
        stride
    }
}

impl CellEnds {
    /// The ends but for the first ones.
    #[inline]
    pub(crate) fn ends(&self, without: usize) -> &[usize] {
        self.ends.get(without..self.count).unwrap_or_default()
    }

    /// Drops all ends and inner marks.
    pub(crate) fn forget(&mut self) {
        self.count = 0;
        self.inner.clear();
    }

    /// Makes room for the ends in so many bytes, and for what is written behind the last one.
    fn make_room(&mut self, bytes: usize) {
        let room = self.count + bytes + AT_ONCE;
        if self.ends.len() < room {
            self.ends.resize(room, 0);
        }
    }

    /// Notes what is in the stride that begins at `base`.
    #[inline(always)]
    fn take(&mut self, marks: &Marks, base: usize) -> Trust {
        let mut ends = marks.before_doubt(marks.ends);
        let count = ends.count_ones() as usize;
        let mut written = 0;
        // As a rule this goes round once: it writes down more than there is, instead of asking each
        // time.
        while written < count {
            let Some(slots) = self.ends[self.count + written..].first_chunk_mut::<AT_ONCE>() else {
                break;
            };
            for slot in slots {
                *slot = base + ends.trailing_zeros() as usize;
                ends &= ends.wrapping_sub(1);
            }
            written += AT_ONCE;
        }
        self.count += count;
        if marks.inner != 0 {
            self.take_inner(marks.inner, base);
        }
        if marks.escapes != 0 {
            self.plain_from = base + STRIDE;
        }
        marks.trust()
    }

    #[cold]
    fn take_inner(&mut self, mut inner: u64, base: usize) {
        while inner != 0 {
            self.inner.push(base + inner.trailing_zeros() as usize);
            inner &= inner - 1;
        }
    }
}

/// Looks for what matters in a stride.
#[inline(always)]
fn compare<S: Simd>(simd: S, stride: &[u8; STRIDE], delimiter: u8) -> Bytes {
    let bytes = u8x64::from_slice(simd, stride);
    let are = |byte: u8| bytes.simd_eq(u8x64::splat(simd, byte));
    let controls = bytes.simd_lt(u8x64::splat(simd, b' '));
    Bytes {
        delimiters: are(delimiter).to_bitmask(),
        newlines: are(b'\n').to_bitmask(),
        returns: are(b'\r').to_bitmask(),
        quotes: are(b'"').to_bitmask(),
        escapes: (controls | are(b'\\')).to_bitmask(),
    }
}

/// For each bit, whether an odd number of bits are set up to it, itself included.
#[inline(always)]
fn running_parity(mut bits: u64) -> u64 {
    for distance in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << distance;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same, byte by byte: the ends, the inner marks, and where the first doubt is.
    fn slowly(bytes: &[u8], delimiter: u8) -> (Vec<usize>, Vec<usize>, Option<usize>) {
        let (mut ends, mut inner, mut is_inside) = (Vec::new(), Vec::new(), false);
        let mut close = None;
        for (at, &byte) in bytes.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| bytes[before]);
            let is_behind_end = at == 0 || ends.last() == at.checked_sub(1).as_ref();
            let is_behind_close = close == at.checked_sub(1) && at > 0;
            let is_end = !is_inside && (byte == delimiter || byte == b'\n');
            let may_stand = match byte {
                b'"' => is_inside || is_behind_end || is_behind_close,
                _ => !is_behind_close || is_end || byte == b'\r',
            };
            if !may_stand || (before == Some(b'\r') && byte != b'\n') {
                return (ends, inner, Some(at));
            }
            match byte {
                b'"' if is_inside => close = Some(at),
                b'"' if is_behind_close => inner.push(at),
                b'\n' if is_inside => inner.push(at),
                _ if is_end => ends.push(at),
                _ => {}
            }
            is_inside ^= byte == b'"';
        }
        (ends, inner, None)
    }

    fn text() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            40 => "[a-z]{0,12}", 20 => Just(",".to_owned()), 8 => Just("\n".to_owned()),
            4 => Just("\r\n".to_owned()), 10 => Just("\"".to_owned()),
            8 => "\"[a-z,\n]{0,90}\"", 4 => Just("\"a\"\"b\"".to_owned()),
            1 => Just("\r".to_owned()), 1 => Just("\\".to_owned()),
        ];
        let pieces = prop_oneof![0..30_usize, 0..400_usize];
        let text = pieces.prop_flat_map(move |n| proptest::collection::vec(piece.clone(), n));
        text.prop_map(|pieces| pieces.concat().into_bytes())
    }

    proptest! {
        #[test]
        fn strides_are_looked_at_as_single_bytes_are(
            bytes in text(),
            delimiter in prop_oneof![4 => Just(b','), 1 => Just(b'\t'), 1 => Just(b'a')],
            cut in 0..20_usize,
        ) {
            let (ends, inner, doubt) = slowly(&bytes, delimiter);
            for level in [Level::new(), Level::baseline()] {
                let scanner = Scanner { level, delimiter };
                let (mut before, mut found) = (Before::RECORD, CellEnds::default());
                // In two stretches, of which the first has whole strides.
                let cut = (cut * STRIDE).min(bytes.len() / STRIDE * STRIDE);
                let mut trust = scanner.look(&bytes, (0, cut), &mut before, &mut found);
                if trust == Trust::Certain {
                    trust = scanner.look(&bytes, (cut, bytes.len()), &mut before, &mut found);
                }
                prop_assert_eq!(found.ends(0), &ends);
                prop_assert_eq!(trust == Trust::Doubtful, doubt.is_some());
                let known = doubt.unwrap_or(bytes.len());
                let marks = found.inner.iter().copied().filter(|&at| at < known);
                prop_assert_eq!(marks.collect::<Vec<_>>(), inner.clone());
                if doubt.is_none() {
                    let quotes = bytes.iter().filter(|&&byte| byte == b'"').count();
                    let may_end = quotes % 2 == 0 && !bytes.ends_with(b"\r");
                    prop_assert_eq!(before.may_end(), may_end);
                }
                let line_end = ends.iter().rfind(|&&end| bytes[end] == b'\n');
                let (last, behind) = scanner.last_line_end(&bytes);
                prop_assert_eq!(last, line_end.map_or(0, |end| end + 1));
                prop_assert_eq!(behind.is_none(), doubt.is_some());
                if let Some(behind) = behind {
                    prop_assert_eq!(behind.may_end(), before.may_end());
                }
                let plain = &bytes[found.plain_from.min(known)..known];
                let is_plain = |&byte: &u8| {
                    byte >= b' ' && byte != b'\\' || b"\n\r".contains(&byte) || byte == delimiter
                };
                prop_assert!(plain.iter().all(is_plain));
                if !bytes.iter().any(|&byte| b"\\\t".contains(&byte)) {
                    prop_assert_eq!(found.plain_from, 0);
                }
            }
        }
    }
}
