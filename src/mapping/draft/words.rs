//! Whether a column's cells are words for yes and no.

use super::misfits::Misfits;

/// Words that are each other's opposite, true first.
const PAIRS: [[&str; 2]; 13] = [
    ["true", "false"],
    ["yes", "no"],
    ["oui", "non"],
    ["ja", "nein"],
    ["si", "no"],
    ["sí", "no"],
    ["sì", "no"],
    ["sim", "não"],
    ["vrai", "faux"],
    ["wahr", "falsch"],
    ["vero", "falso"],
    ["verdadero", "falso"],
    ["y", "n"],
];

/// The same where only the column's name can tell that they are answers.
const UNSURE: [[&str; 2]; 4] = [["1", "0"], ["t", "f"], ["o", "n"], ["j", "n"]];

/// More different words than this are no answers.
const MOST: usize = 6;

/// The different words of one column, compared without case.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    is_none: bool,
    seen: Vec<Seen>,
}

/// One word, how often it was seen, and where first.
#[derive(Clone, Debug)]
struct Seen {
    word: String,
    count: u64,
    line: u64,
}

/// The words for true and for false, as they occur.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answers {
    pub(super) yes: Vec<String>,
    pub(super) no: Vec<String>,
}

impl Words {
    /// Looks at one more cell, trimmed.
    pub(super) fn add(&mut self, cell: &str, line: u64) {
        if self.is_none {
            return;
        }
        let is_it =
            |seen: &&mut Seen| seen.word == cell || seen.word.to_lowercase() == cell.to_lowercase();
        if let Some(seen) = self.seen.iter_mut().find(is_it) {
            seen.count += 1;
            return;
        }
        self.is_none = self.seen.len() == MOST;
        self.seen.push(Seen {
            word: cell.to_owned(),
            count: 1,
            line,
        });
    }

    /// The answers: every word has its opposite among the others. `is_asked` tells that the
    /// column's name is a question.
    pub(super) fn answers(&self, is_asked: bool) -> Option<Answers> {
        let (answers, misfits) = self.split(is_asked)?;
        (misfits.count == 0).then_some(answers)
    }

    /// Whether all of them are codes of countries as well as answers: `SI` and `NO` are Slovenia and
    /// Norway. `is_asked` tells that the column's name is a question.
    pub(super) fn are_countries(&self, is_asked: bool) -> bool {
        let mut words: Vec<&str> = self.seen.iter().map(|seen| &*seen.word).collect();
        words.sort_unstable();
        !self.is_none && !is_asked && words == ["NO", "SI"]
    }

    /// The words that are no answers, where others are.
    pub(super) fn misfits(&self, is_asked: bool) -> Option<Misfits> {
        Some(self.split(is_asked)?.1)
    }

    fn split(&self, is_asked: bool) -> Option<(Answers, Misfits)> {
        if self.is_none {
            return None;
        }
        let is_seen = |word: &str| (self.seen.iter()).any(|seen| seen.word.to_lowercase() == word);
        let unsure: &[[&str; 2]] = if is_asked { &UNSURE } else { &[] };
        let pairs = PAIRS.iter().chain(unsure);
        let whole: Vec<_> = pairs
            .filter(|pair| pair.iter().all(|w| is_seen(w)))
            .collect();
        let of = |side: usize| -> Vec<String> {
            let is = |word: &&String| whole.iter().any(|pair| pair[side] == word.to_lowercase());
            let words = self.seen.iter().map(|seen| &seen.word);
            words.filter(is).cloned().collect()
        };
        let (yes, no) = (of(0), of(1));
        let mut misfits = Misfits::default();
        for seen in &self.seen {
            if !yes.contains(&seen.word) && !no.contains(&seen.word) {
                misfits.add(&seen.word, seen.line, seen.count);
            }
        }
        (!yes.is_empty()).then_some((Answers { yes, no }, misfits))
    }
}
