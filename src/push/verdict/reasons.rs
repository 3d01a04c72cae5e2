//! Equal reasons together: ten thousand rejected records mostly have a handful of causes.

use std::collections::HashMap;

use super::blame::Rejected;
use super::rejections::Rejections;
use crate::base::display;
use crate::base::position::{InputNames, Position};

/// One cause of rejected records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    /// Why; harmless to print.
    pub reason: String,
    /// The API key of the field to blame, where it can be told. Foreign text.
    pub field: Option<String>,
    pub count: u64,
    /// The first of them that was found in the input.
    pub first: Option<Position>,
}

/// How many causes are told apart: whoever has more of them has as good as none.
const MOST_KINDS: usize = 1_000;

/// How many causes are told.
const MOST_TOLD: usize = 20;

/// The causes of many rejected records.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reasons {
    /// Where in `found` each cause stands.
    at: HashMap<(String, Option<String>), usize>,
    found: Vec<Reason>,
    /// Records whose cause is one too many to be told apart.
    others: u64,
}

impl Reasons {
    /// The reasons of all these records, as far as they can be read.
    pub(crate) fn of(rejections: &Rejections) -> Self {
        let mut reasons = Self::default();
        reasons.add_all(rejections);
        reasons
    }

    /// Counts all these records, as far as they can be read.
    pub(crate) fn add_all(&mut self, rejections: &Rejections) {
        let mut rows = rejections.reader();
        loop {
            match rows.read() {
                Ok(Some((_, rejected))) => self.add(&rejected),
                Ok(None) => return,
                // Records that could not be kept have been counted, and their causes are lost.
                Err(_) => {}
            }
        }
    }

    /// Counts a record.
    pub(crate) fn add(&mut self, rejected: &Rejected) {
        let key = (rejected.reason.clone(), rejected.field.clone());
        match self.at.get(&key) {
            Some(&at) => self.found[at].count += 1,
            None if self.found.len() == MOST_KINDS => self.others += 1,
            None => {
                self.at.insert(key, self.found.len());
                self.found.push(Reason {
                    reason: rejected.reason.clone(),
                    field: rejected.field.clone(),
                    count: 1,
                    first: None,
                });
            }
        }
    }

    /// Says where a record that was counted stands in the input.
    pub(crate) fn place(&mut self, rejected: &Rejected, place: Position) {
        let key = (rejected.reason.clone(), rejected.field.clone());
        if let Some(&at) = self.at.get(&key) {
            let first = &mut self.found[at].first;
            *first = Some(first.map_or(place, |first| first.min(place)));
        }
    }

    /// The causes, the most frequent first.
    pub(crate) fn sorted(&self) -> Vec<Reason> {
        let mut sorted = self.found.clone();
        sorted.sort_by_key(|reason| std::cmp::Reverse(reason.count));
        sorted
    }

    /// A sentence for each cause, the most frequent first, and one for those that are too many to be
    /// told.
    pub(crate) fn sentences(&self, names: Option<&InputNames>) -> Vec<String> {
        let sorted = self.sorted();
        let (told, rest) = sorted.split_at(sorted.len().min(MOST_TOLD));
        let mut sentences: Vec<_> = told.iter().map(|one| one.sentence(names)).collect();
        let rest = rest.iter().map(|one| one.count).sum::<u64>() + self.others;
        if rest > 0 {
            sentences.push(format!("{} × for other reasons", display::count(rest)));
        }
        sentences
    }
}

impl Reason {
    /// `12 × could not convert string to float, column amount, first at line 651`. With `names`,
    /// for several inputs, the line has its file.
    pub(crate) fn sentence(&self, names: Option<&InputNames>) -> String {
        let mut text = format!("{} × {}", display::count(self.count), self.reason);
        if let Some(field) = &self.field {
            text.push_str(&format!(", column {}", display::shown(field)));
        }
        if let Some(first) = self.first {
            let place = names.map_or_else(
                || format!("line {}", first.line),
                |names| names.place(first),
            );
            text.push_str(&format!(", first at {place}"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::RejectedRow;

    #[test]
    fn reasons_are_told_apart_by_text_and_field_the_most_frequent_first() {
        let rejected = |reason: &str, field: Option<&str>| Rejected {
            row: RejectedRow::default(),
            field: field.map(str::to_owned),
            reason: reason.to_owned(),
            words: String::new(),
        };
        let all = [
            rejected("a", None),
            rejected("b", Some("x")),
            rejected("b", Some("y\u{1b}")),
            rejected("b", Some("y\u{1b}")),
        ];
        let mut reasons = Reasons::default();
        all.iter().for_each(|one| reasons.add(one));
        let told = ["2 × b, column y\\u{1b}", "1 × a", "1 × b, column x"];
        assert_eq!(reasons.sentences(None), told);
        // Whose message has something of its own for each record must not fill the memory or the screen.
        for n in 0..5_000 {
            reasons.add(&rejected(&n.to_string(), None));
        }
        reasons.add(&rejected("a", None));
        let sentences = reasons.sentences(None);
        assert_eq!(sentences[..2], ["2 × a", "2 × b, column y\\u{1b}"]);
        assert_eq!(sentences.len(), 21);
        assert_eq!(sentences[20], "4,983 × for other reasons");
        assert_eq!(reasons.sorted().len(), 1_000);
    }
}
