//! Mistakes in a mapping, and the helpers that word them: the nearest name, a list cut short.

use std::fmt;

use crate::base::display;

/// One mistake in the mapping file, or in what it says about the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// The line of the mapping file, from 1; none where the file has no such line.
    pub line: Option<usize>,
    /// What is wrong, harmless to print.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
}

impl Mistake {
    pub(super) fn new(
        line: Option<usize>,
        message: impl Into<String>,
        hint: impl Into<Option<String>>,
    ) -> Self {
        let (message, hint) = (message.into(), hint.into());
        Self {
            line,
            message,
            hint,
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// The most mistakes that are told: nobody mends more at once, and a mapping may have thousands.
pub(super) const MOST_TOLD: usize = 50;

/// Puts mistakes in the order of the file, those without a line last, and counts those beyond
/// [`MOST_TOLD`].
pub(crate) fn settle(mut mistakes: Vec<Mistake>) -> Vec<Mistake> {
    mistakes.sort_by_key(|mistake| mistake.line.unwrap_or(usize::MAX));
    let more = mistakes.len().saturating_sub(MOST_TOLD) as u64;
    if more > 0 {
        mistakes.truncate(MOST_TOLD);
        let more = format!("and {}", display::counted(more, "more mistake"));
        mistakes.push(Mistake::new(None, more, None));
    }
    mistakes
}

/// The most characters of a name that are compared: the comparison takes the product of both lengths.
const COMPARED_CHARS: usize = 100;

/// Below this likeness two names have nothing to do with each other.
const ALIKE: f64 = 0.6;

/// The candidate most like `name`, if any is like it.
pub(super) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let fold = |text: &str| -> String {
        let text: String = text.trim().chars().take(COMPARED_CHARS).collect();
        text.to_lowercase()
    };
    let name = fold(name);
    let mut best: Option<(&str, f64)> = None;
    for candidate in candidates {
        let likeness = strsim::normalized_damerau_levenshtein(&name, &fold(candidate));
        if likeness >= ALIKE && best.is_none_or(|(_, most)| likeness > most) {
            best = Some((candidate, likeness));
        }
    }
    best.map(|(candidate, _)| candidate)
}

/// `did you mean ...?` with the nearest candidate.
pub(crate) fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    nearest(name, candidates).map(|near| format!("did you mean {}?", display::quoted(near)))
}

/// [`did_you_mean`] for the n-th name that is missing, from 0: each is compared with all that are
/// there, which takes minutes where thousands are missing.
pub(super) fn nth_did_you_mean<'a>(
    n: usize,
    name: &str,
    all: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    (n < MOST_TOLD).then(|| did_you_mean(name, all)).flatten()
}

/// The most names that one message lists.
const MOST_LISTED: usize = 10;

/// The first names in quotes, and how many more there are.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>, more_unseen: bool) -> String {
    let mut names = names.into_iter();
    let head: Vec<String> = names
        .by_ref()
        .take(MOST_LISTED)
        .map(display::quoted)
        .collect();
    let rest = names.count() as u64;
    let head = head.join(", ");
    match (rest, more_unseen) {
        (0, false) => head,
        (1, false) => format!("{head} and 1 other"),
        (_, false) => format!("{head} and {} others", display::count(rest)),
        (_, true) => format!("{head} and more than {} others", display::count(rest)),
    }
}

/// Columns or keys that no field uses, where the mapping forbids that.
pub(super) fn unmapped(what: &str, unused: &str, line: Option<usize>) -> Mistake {
    let message = format!("{what} that no field uses: {unused}");
    let hint = "map them, or set unmapped = \"ignore\"".to_owned();
    Mistake::new(line, message, hint)
}
