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

    /// What a word stands for.
    ///
    /// # Errors
    /// The reason, with the accepted words.
    pub(super) fn read(&self, cell: &str) -> Result<bool, Reason> {
        let folded;
        let is = |words: &[String], cell: &str| words.iter().any(|w| w.eq_ignore_ascii_case(cell));
        let cell = if cell.is_ascii() {
            cell
        } else {
            folded = cell.to_lowercase();
            &folded
        };
        if is(&self.yes, cell) {
            Ok(true)
        } else if is(&self.no, cell) {
            Ok(false)
        } else {
            Err(self.why_not())
        }
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
