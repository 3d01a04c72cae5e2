//! Booleans: the words that stand for true and false, compared without case.

use crate::display;

use super::number::Reason;

/// The accepted words, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    yes: Vec<String>,
    no: Vec<String>,
}

impl Words {
    /// Words as the mapping lists them; without a list it is the JSON word.
    ///
    /// # Errors
    /// The word that stands in both lists.
    pub(super) fn new(yes: Option<Vec<String>>, no: Option<Vec<String>>) -> Result<Self, String> {
        let fold = |words: Option<Vec<String>>, default: &str| match words {
            Some(words) => words.iter().map(|w| w.trim().to_lowercase()).collect(),
            None => vec![default.to_owned()],
        };
        let (yes, no): (Vec<String>, Vec<String>) = (fold(yes, "true"), fold(no, "false"));
        match yes.iter().find(|word| no.contains(word)) {
            Some(both) => Err(both.clone()),
            None => Ok(Self { yes, no }),
        }
    }

    /// What a word stands for, where it is told at once.
    pub(super) fn find(&self, cell: &str) -> Option<bool> {
        let is = |words: &[String]| words.iter().any(|word| word.eq_ignore_ascii_case(cell));
        is(&self.yes)
            .then_some(true)
            .or_else(|| is(&self.no).then_some(false))
    }

    /// What a word stands for.
    ///
    /// # Errors
    /// The reason, with the accepted words.
    pub(super) fn read(&self, cell: &str) -> Result<bool, Reason> {
        let truth = match cell.is_ascii() {
            true => self.find(cell),
            false => self.find(&cell.to_lowercase()),
        };
        truth.ok_or_else(|| self.why_not())
    }

    #[cold]
    fn why_not(&self) -> Reason {
        let list = |words: &[String]| -> String {
            let words: Vec<String> = words.iter().map(|w| display::quoted(w)).collect();
            words.join(", ")
        };
        let (yes, no) = (list(&self.yes), list(&self.no));
        format!("is none of the words for true ({yes}) and false ({no})").into()
    }
}
