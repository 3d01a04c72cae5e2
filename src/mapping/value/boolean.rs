//! Booleans: the words that stand for true and false, compared without case.

use crate::base::display;

use super::swar;
use crate::mapping::output::Output;
use crate::mapping::written::Reason;

/// The accepted words, in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    yes: Vec<String>,
    no: Vec<String>,
    /// Those of them that are short.
    yes_keys: Keys,
    no_keys: Keys,
}

/// The first few short words of a list, each as one number (SWAR): all are compared with a cell's, so
/// that nothing branches on which of them it is. Places that are left hold [`NO_WORD`].
type Keys = [u64; 4];

/// The key of no word, since no UTF-8 has a byte of it.
const NO_WORD: u64 = u64::MAX;

/// A word of up to eight bytes as one number, without regard to the case of ASCII letters. Behind it
/// stands a byte that no word has, so that it is not one that goes on with zeros.
#[inline]
fn key(word: &str) -> Option<u64> {
    let end = 0xff_u64.checked_shl(8 * word.len() as u32).unwrap_or(0);
    Some(swar::lower_case(swar::load(word.as_bytes())?) | end)
}

fn keys(words: &[String]) -> Keys {
    let mut keys = [NO_WORD; 4];
    let short = words.iter().filter_map(|word| key(word));
    keys.iter_mut().zip(short).for_each(|(to, key)| *to = key);
    keys
}

impl Words {
    /// Words as the mapping lists them; without a list it is the JSON word.
    pub(crate) fn new(yes: Option<Vec<String>>, no: Option<Vec<String>>) -> Result<Self, String> {
        let fold = |words: Option<Vec<String>>, default: &str| match words {
            Some(words) => words.iter().map(|w| w.trim().to_lowercase()).collect(),
            None => vec![default.to_owned()],
        };
        let (yes, no): (Vec<String>, Vec<String>) = (fold(yes, "true"), fold(no, "false"));
        match yes.iter().find(|word| no.contains(word)) {
            Some(both) => Err(both.clone()),
            None => Ok(Self {
                yes_keys: keys(&yes),
                no_keys: keys(&no),
                yes,
                no,
            }),
        }
    }

    /// The first word for true or false.
    pub(crate) fn first(&self, truth: bool) -> Option<&str> {
        let words = if truth { &self.yes } else { &self.no };
        words.first().map(String::as_str)
    }

    /// Appends what a word stands for, if that is told at once; else nothing.
    #[inline]
    pub(crate) fn put(&self, cell: &str, out: &mut impl Output) -> bool {
        let truth = self.find(cell);
        if let Some(truth) = truth {
            let (json, len) = [(b"false", 5), (b"true ", 4)][usize::from(truth)];
            out.put_filled(json, len);
        }
        truth.is_some()
    }

    /// What a word stands for, where it is told at once.
    #[inline]
    fn find(&self, cell: &str) -> Option<bool> {
        let Some(key) = key(cell) else {
            return self.search(cell);
        };
        let is = |keys: &Keys| keys.iter().fold(false, |any, &word| any | (word == key));
        let (yes, no) = (is(&self.yes_keys), is(&self.no_keys));
        match yes | no {
            true => Some(yes),
            false => self.search(cell),
        }
    }

    /// What a word stands for that may be long or one of many.
    #[cold]
    fn search(&self, cell: &str) -> Option<bool> {
        let is = |words: &[String]| words.iter().any(|word| word.eq_ignore_ascii_case(cell));
        is(&self.yes)
            .then_some(true)
            .or_else(|| is(&self.no).then_some(false))
    }

    /// What a word stands for.
    pub(crate) fn read(&self, cell: &str) -> Result<bool, Reason> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_found_by_keys_is_what_is_searched_for(
            yes in proptest::collection::vec("[ae@é\0]{0,9}|yes|ja", 0..6),
            no in proptest::collection::vec("[bn`]{0,9}|no|[no]{7,9}", 0..6),
            cell in "[ae@éAE`\0]{0,9}|[bnBN@`]{0,9}|[Yy]es|[Nn][oO]\0{0,6}|[nNoO]{7,9}",
        ) {
            let words = Words::new(Some(yes.clone()), Some(no.clone()));
            prop_assume!(words.is_ok());
            let words = words.unwrap();
            let listed = yes.into_iter().chain(no).map(|word| word.trim().to_owned());
            for cell in listed.flat_map(|word| [word.to_ascii_uppercase(), word]).chain([cell]) {
                prop_assert_eq!(words.find(&cell), words.search(&cell), "{:?}", cell);
            }
        }
    }
}
