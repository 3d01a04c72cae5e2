//! Where the cells of a CSV text end, one after another.
//!
//! `strides` looks ahead, a stretch at a time, and this hands out what it found. Where the text may
//! not be what it seems, it stops: the reader has to find the end of that record in another way, and
//! goes on behind it.

use super::strides::{Before, CellEnds, STRIDE, Scanner, Trust};

/// The most bytes that are looked at ahead.
const LONGEST: usize = 64 * STRIDE;

/// The ends of cells from a record on.
#[derive(Debug)]
pub(crate) struct Ends<'b> {
    bytes: &'b [u8],
    scanner: Scanner,
    /// What was seen.
    found: &'b mut CellEnds,
    /// How many of its ends are behind.
    told: usize,
    /// How many of its inner marks are.
    told_inner: usize,
    /// What was in the quotes of the next cell so far, where it is a long one.
    carried: Inner,
    /// Where the bytes begin that were not looked at yet, and what was before.
    rest: usize,
    before: Before,
    trust: Trust,
    /// How many bytes to look at next. More each time, so that it costs little to begin anew.
    stretch: usize,
}

/// What stands in the quotes of a cell besides its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Inner {
    /// How many lines end in it.
    pub newlines: u64,
    /// Whether there are doubled quotes.
    pub has_doubled: bool,
}

impl<'b> Ends<'b> {
    /// The ends of a text that begins with a record. What was in `found` is forgotten.
    pub(crate) fn new(bytes: &'b [u8], delimiter: u8, found: &'b mut CellEnds) -> Self {
        found.forget();
        found.plain_from = 0;
        Self {
            bytes,
            scanner: Scanner::new(delimiter),
            found,
            told: 0,
            told_inner: 0,
            carried: Inner::default(),
            rest: 0,
            before: Before::RECORD,
            trust: Trust::Certain,
            stretch: STRIDE,
        }
    }

    /// Goes on at `at`, where a record begins.
    pub(crate) fn seek(&mut self, at: usize) {
        self.found.forget();
        (self.told, self.told_inner) = (0, 0);
        self.carried = Inner::default();
        (self.rest, self.before, self.trust) = (at, Before::RECORD, Trust::Certain);
        self.stretch = STRIDE;
    }

    /// Where the next cells end, as far as is known: at delimiters and at `\n`s.
    #[inline]
    pub(crate) fn known(&self) -> &[usize] {
        self.found.ends(self.told)
    }

    /// Goes on behind the first so many of those that are known.
    #[inline]
    pub(crate) fn advance(&mut self, count: usize) {
        self.told += count;
    }

    /// Finds more ends, when all that were known are behind. `false` at the end of the text, and
    /// where nothing is certain.
    #[cold]
    pub(crate) fn look_ahead(&mut self) -> bool {
        debug_assert!(self.known().is_empty(), "ends are passed over");
        while self.known().is_empty()
            && self.rest < self.bytes.len()
            && self.trust == Trust::Certain
        {
            // What is left of the inner marks belongs to the cell whose end is looked for.
            self.carried = self.inner(self.rest);
            self.found.forget();
            (self.told, self.told_inner) = (0, 0);
            let end = self.bytes.len().min(self.rest + self.stretch);
            let stretch = (self.rest, end);
            let (before, found) = (&mut self.before, &mut *self.found);
            self.trust = self.scanner.look(self.bytes, stretch, before, found);
            self.rest = end;
            self.stretch = LONGEST.min(2 * self.stretch);
        }
        !self.known().is_empty()
    }

    /// Whether the text may end when all known ends are behind.
    pub(crate) fn may_be_over(&self) -> bool {
        let is_all = self.rest == self.bytes.len() && self.trust == Trust::Certain;
        is_all && self.before.may_end()
    }

    /// From where on the text up to the last known end can stand in JSON as it is, quotes and line
    /// ends aside.
    #[inline]
    pub(crate) fn plain_from(&self) -> usize {
        self.found.plain_from
    }

    /// What stands in the quotes of the next cell that has any, which ends at `end`.
    #[inline]
    pub(crate) fn inner(&mut self, end: usize) -> Inner {
        let mut inner = std::mem::take(&mut self.carried);
        while let Some(&at) = self.found.inner.get(self.told_inner)
            && at < end
        {
            match self.bytes[at] {
                b'"' => inner.has_doubled = true,
                _ => inner.newlines += 1,
            }
            self.told_inner += 1;
        }
        inner
    }
}
