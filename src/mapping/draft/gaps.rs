//! Which columns are empty in nearly empty records only, such as a row of totals: a mapping requires them.

/// Fewer records tell nothing of the next file.
const FEWEST_RECORDS: u64 = 20;

/// The part of the records that may be nearly empty: one in so many.
const ONE_IN: u64 = 20;

/// A nearly empty record has at most one in so many of the cells that others have.
const PART: usize = 3;

/// The same for the last record, which is the likeliest to be none.
const PART_OF_LAST: usize = 2;

/// The fewest cells of which a half is nearly nothing.
const FEWEST_CELLS: usize = 3;

/// How many cells of each record are filled.
#[derive(Debug, Default)]
pub(super) struct Fullness {
    /// How many records have so many.
    counts: Vec<u64>,
    /// The number of the last record; from 1.
    last: u64,
}

/// The records in which one column is empty.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    count: u64,
    /// Where the first of them stands.
    line: u64,
    /// The cells of the fullest of them, but for the latest.
    most: usize,
    /// The latest one's number and cells.
    latest: (u64, usize),
}

impl Fullness {
    /// Notes one more record.
    pub(super) fn add(&mut self, filled: usize) {
        if self.counts.len() <= filled {
            self.counts.resize(filled + 1, 0);
        }
        self.counts[filled] += 1;
        self.last += 1;
    }

    /// How many cells the record in the middle has.
    fn usual(&self) -> usize {
        let mut below = 0;
        let is_middle = |count: &u64| {
            below += count;
            2 * below >= self.last
        };
        self.counts.iter().position(is_middle).unwrap_or_default()
    }
}

impl Gaps {
    /// Notes that the column is empty in a record.
    pub(super) fn add(&mut self, record: u64, line: u64, filled: usize) {
        if self.count == 0 {
            self.line = line;
        } else {
            self.most = self.most.max(self.latest.1);
        }
        self.count += 1;
        self.latest = (record, filled);
    }

    /// Where the first one stands.
    pub(super) fn line(&self) -> Option<u64> {
        (self.count > 0).then_some(self.line)
    }

    /// Whether a column with so many filled cells is empty in nearly empty records only.
    pub(super) fn are_of_hollow(
        &self,
        filled: u64,
        records: u64,
        all: &Fullness,
        is_whole: bool,
    ) -> bool {
        if records < FEWEST_RECORDS
            || filled + self.count != records
            || ONE_IN * self.count > records
        {
            return false;
        }
        if self.count == 0 {
            return true;
        }
        let usual = all.usual();
        let (record, cells) = self.latest;
        let is_end = is_whole && record == all.last && usual >= FEWEST_CELLS;
        let is_latest_hollow = PART * cells <= usual || (is_end && PART_OF_LAST * cells <= usual);
        PART * self.most <= usual && is_latest_hollow
    }
}
