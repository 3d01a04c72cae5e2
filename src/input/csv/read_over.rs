//! What stands in a CSV file and is no part of any record.

/// What is read over, as spreadsheets leave it in their exports: it is told once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReadOver {
    /// Lines of nothing but delimiters, which are no records.
    pub empty_lines: Times,
    /// Records with empty cells behind the last column.
    pub empty_cells: Times,
}

impl ReadOver {
    /// Adds what was read over behind.
    pub(crate) fn merge(&mut self, later: Self) {
        self.empty_lines.merge(later.empty_lines);
        self.empty_cells.merge(later.empty_cells);
    }
}

/// How often something was met, and on which line first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Times {
    pub count: u64,
    pub first_line: u64,
}

impl Times {
    pub(super) fn add(&mut self, line: u64) {
        self.merge(Self {
            count: 1,
            first_line: line,
        });
    }

    /// Adds what was met behind.
    pub(crate) fn merge(&mut self, later: Self) {
        if self.count == 0 {
            self.first_line = later.first_line;
        }
        self.count += later.count;
    }
}
