//! Whether a column's cells are words for yes and no.

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
    seen: Vec<String>,
}

/// The words for true and for false, as they occur.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answers {
    pub(super) yes: Vec<String>,
    pub(super) no: Vec<String>,
}

impl Words {
    /// Looks at one more cell, trimmed.
    pub(super) fn add(&mut self, cell: &str) {
        if self.is_none || self.seen.iter().any(|word| word == cell) {
            return;
        }
        let folded = cell.to_lowercase();
        if self.seen.iter().any(|word| word.to_lowercase() == folded) {
            return;
        }
        self.is_none = self.seen.len() == MOST || cell.len() > 16;
        self.seen.push(cell.to_owned());
    }

    /// The answers: every word has its opposite among the others. `is_asked` tells that the
    /// column's name is a question.
    pub(super) fn answers(&self, is_asked: bool) -> Option<Answers> {
        if self.is_none || self.seen.is_empty() {
            return None;
        }
        let is_seen = |word: &str| self.seen.iter().any(|seen| seen.to_lowercase() == word);
        let unsure: &[[&str; 2]] = if is_asked { &UNSURE } else { &[] };
        let pairs = PAIRS.iter().chain(unsure);
        let whole: Vec<_> = pairs
            .filter(|pair| pair.iter().all(|w| is_seen(w)))
            .collect();
        let of = |side: usize| -> Vec<String> {
            let is = |seen: &&String| whole.iter().any(|pair| pair[side] == seen.to_lowercase());
            self.seen.iter().filter(is).cloned().collect()
        };
        let (yes, no) = (of(0), of(1));
        (!yes.is_empty() && yes.len() + no.len() == self.seen.len()).then_some(Answers { yes, no })
    }
}
