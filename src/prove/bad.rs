//! Bad records told to a person: by column and reason where there are many of a kind, so that a column
//! that is wrong as a whole is one line and no wall of them.

use std::collections::HashMap;

use super::fault::Wrong;
use crate::base::display;

/// How many lines of single records are told at most.
pub(crate) const SHOWN_LINES: usize = 20;

/// How many lines of one kind: more show nothing new.
const SHOWN_OF_KIND: usize = 5;

/// How many kinds are told apart. Reasons that quote what they found make one for each cell.
const MOST_KINDS: usize = 1_000;

/// How many kinds are told with their count.
const SHOWN_KINDS: usize = 20;

/// What the bad records of an input have in common.
#[derive(Debug, Default)]
pub(super) struct BadRecords {
    /// How many there are.
    pub(super) count: u64,
    kinds: Vec<Kind>,
    /// Places in `kinds` by column, then by reason.
    index: HashMap<String, HashMap<String, usize>>,
    /// What is said of the first records of the first kinds, in the order of the input: beside each
    /// how many of its kind stand before it.
    lines: Vec<(usize, String)>,
}

/// Cells of one column that are wrong for one reason.
#[derive(Debug)]
struct Kind {
    column: String,
    reason: String,
    count: u64,
    /// Where the first one stands, and what it holds.
    first: (String, String),
    /// How many lines tell of its records.
    lines: usize,
}

impl BadRecords {
    /// Adds a record; `shown` says all that is wrong with it, `place` where it stands: that is asked
    /// for few of them.
    pub(super) fn add(&mut self, place: impl Fn() -> String, wrong: &[Wrong], shown: &str) {
        self.count += 1;
        let mut is_told = false;
        for one in wrong {
            let Some(at) = self.kind_of(&place, one) else {
                continue;
            };
            let kind = &mut self.kinds[at];
            kind.count += 1;
            if !is_told && kind.lines < SHOWN_OF_KIND && at < SHOWN_LINES {
                self.lines
                    .push((kind.lines, format!("{}: {shown}", place())));
                kind.lines += 1;
                is_told = true;
            }
        }
    }

    /// Where a kind is kept, as far as there is room for new ones.
    fn kind_of(&mut self, place: impl Fn() -> String, wrong: &Wrong) -> Option<usize> {
        let (column, reason) = (wrong.column.as_str(), wrong.reason.as_str());
        if let Some(at) = self.index.get(column).and_then(|of| of.get(reason)) {
            return Some(*at);
        }
        let at = self.kinds.len();
        if at == MOST_KINDS {
            return None;
        }
        self.kinds.push(Kind {
            column: column.to_owned(),
            reason: reason.to_owned(),
            count: 0,
            first: (place(), wrong.cell.clone()),
            lines: 0,
        });
        let of = self.index.entry(column.to_owned()).or_default();
        of.insert(reason.to_owned(), at);
        Some(at)
    }

    /// What is told of them, `read` records having been read: kinds of which there are many with their
    /// count, then the first records of each kind.
    pub(super) fn lines(&self, read: u64) -> Vec<String> {
        let many = |kind: &&Kind| kind.count > SHOWN_OF_KIND as u64;
        let many = self.kinds.iter().filter(many).take(SHOWN_KINDS);
        let kinds = many.map(|kind| kind.summary(read));
        // Rather one line of each kind than many of the first ones.
        let mut records: Vec<_> = self.lines.iter().enumerate().collect();
        records.sort_by_key(|(at, (nth, _))| (*nth, *at));
        records.truncate(SHOWN_LINES);
        records.sort_by_key(|(at, _)| *at);
        let records = records.into_iter().map(|(_, (_, line))| line.clone());
        kinds.chain(records).collect()
    }
}

impl Kind {
    fn summary(&self, read: u64) -> String {
        let (count, read) = (display::count(self.count), display::count(read));
        let reason = plural(&self.reason);
        let (place, cell) = &self.first;
        let first = match cell.is_empty() {
            true => format!("first at {place}"),
            false => format!("first at {place}: {}", display::quoted(cell)),
        };
        match self.column.is_empty() {
            true => format!("{count} of {read} records {reason}, {first}"),
            false => {
                let column = display::shown(&self.column);
                format!("column {column}: {count} of {read} cells {reason}, {first}")
            }
        }
    }
}

/// A reason, which begins with a verb, said of several.
fn plural(reason: &str) -> String {
    const WORDS: [(&str, &str); 11] = [
        ("is not a date written as ", "do not fit "),
        ("is not a day of", "are no days of"),
        ("is not a number", "are no numbers"),
        ("is not a finite number", "are no finite numbers"),
        ("is not a decimal number", "are no decimal numbers"),
        ("is ", "are "),
        ("has ", "have "),
        ("does ", "do "),
        ("holds ", "hold "),
        ("repeats ", "repeat "),
        ("was ", "were "),
    ];
    for (one, several) in WORDS {
        if let Some(rest) = reason.strip_prefix(one) {
            return format!("{several}{rest}");
        }
    }
    reason.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(column: &str, cell: &str, reason: &str) -> Wrong {
        Wrong {
            column: column.to_owned(),
            cell: cell.to_owned(),
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn a_kind_of_which_there_are_many_is_one_line_and_five_records() {
        let mut bad = BadRecords::default();
        let layout = "is not a date written as `%d/%m/%Y`";
        for line in 2..=2_001 {
            let date = wrong("Close Date", &format!("2025-07-{line}"), layout);
            bad.add(|| format!("line {line}"), &[date], &format!("bad {line}"));
        }
        bad.add(
            || "line 2002".to_owned(),
            &[wrong("", "", "has no id")],
            "has no id",
        );
        let lines = bad.lines(3_000);
        assert_eq!(
            lines[0],
            "column Close Date: 2,000 of 3,000 cells do not fit `%d/%m/%Y`, first at line 2: `2025-07-2`"
        );
        let rest: Vec<_> = (2..=6)
            .map(|line| format!("line {line}: bad {line}"))
            .collect();
        assert_eq!(lines[1..6], rest);
        assert_eq!(lines[6..], ["line 2002: has no id"]);
    }

    #[test]
    fn twenty_lines_in_all_and_no_more_kinds_than_there_is_room_for() {
        let mut bad = BadRecords::default();
        for n in 0..5_000 {
            let fault = wrong("a", "x", &format!("is not {n}"));
            bad.add(|| "line 1".to_owned(), &[fault], "bad");
        }
        for _ in 0..10 {
            bad.add(
                || "line 2".to_owned(),
                &[wrong("a", "y", "is not 0")],
                "more",
            );
        }
        let lines = bad.lines(5_010);
        assert_eq!((bad.count, lines.len()), (5_010, 1 + SHOWN_LINES));
        // Each kind was told before a second one of the first.
        assert_eq!(
            lines.iter().filter(|line| *line == "line 1: bad").count(),
            SHOWN_LINES
        );
        assert_eq!(bad.kinds.len(), MOST_KINDS);
    }

    #[test]
    fn a_record_with_two_faults_is_told_once_and_counted_in_both() {
        let mut bad = BadRecords::default();
        let both = [
            wrong("a", "x", "is empty"),
            wrong("b", "y", "has no digits"),
        ];
        for _ in 0..6 {
            bad.add(|| "line 3".to_owned(), &both, "both");
        }
        let lines = bad.lines(6);
        assert_eq!(
            lines[0],
            "column a: 6 of 6 cells are empty, first at line 3: `x`"
        );
        assert_eq!(
            lines[1],
            "column b: 6 of 6 cells have no digits, first at line 3: `y`"
        );
        assert_eq!(lines[2..].len(), 6);
    }
}
