//! API keys that a table gets for the first time: a wrong one is told by nobody else.
//!
//! Qobra says of an import that seems successful while the data does not change that the fields' API
//! names do not match. Neither the push nor its import says which.

use crate::base::display;
use crate::prove::Proof;
use crate::push::plan::Plan;
use crate::runs::history::History;
use crate::runs::journal::PlanLine;

/// The most keys that are named.
const MOST_NAMED: usize = 10;

/// What to look at in Qobra before a push is trusted. Whatever is not sent to Qobra has no settings to
/// look at.
pub(crate) fn notes(plan: &Plan, proof: &Proof, history: &History) -> Vec<String> {
    let is_mapped = plan.mapping_file.is_some();
    let nameless = nameless(&proof.keys, plan.mapping.name(), is_mapped, history);
    let new = plan.keeps_state().then(|| new_keys(&proof.keys, history));
    new.flatten().into_iter().chain(nameless).collect()
}

/// The notes of a run that was killed before it came to say them.
pub(crate) fn notes_of_run(line: &PlanLine, history: &History) -> Vec<String> {
    let name = &line.options.name_field;
    let nameless = nameless(&line.keys, name, line.mapping.is_some(), history);
    new_keys(&line.keys, history)
        .into_iter()
        .chain(nameless)
        .collect()
}

/// The keys that are carried for the first time from here.
fn new_keys(keys: &[String], history: &History) -> Option<String> {
    let new = history.new_keys(keys);
    let it = if new.len() == 1 { "it" } else { "them" };
    (!new.is_empty()).then(|| {
        format!(
            "sent to this table for the first time from here: {}. Qobra drops a field whose API name \
             its table does not have, and the import seems successful all the same: compare {it} with \
             the table's API names in Qobra",
            named(&new)
        )
    })
}

/// The name field that no record has.
fn nameless(keys: &[String], name: &str, is_mapped: bool, history: &History) -> Option<String> {
    let lacks = match is_mapped {
        true => "no field is mapped to the name field",
        false => "no record has the name field",
    };
    history.is_newly_nameless(keys, name).then(|| {
        format!(
            "{lacks} {}; Qobra requires a name for each record in file imports",
            display::quoted(name)
        )
    })
}

/// The first keys, and how many more there are.
pub(crate) fn named(keys: &[&str]) -> String {
    let shown: Vec<_> = keys
        .iter()
        .take(MOST_NAMED)
        .copied()
        .map(display::quoted)
        .collect();
    match keys.len().saturating_sub(MOST_NAMED) {
        0 => shown.join(", "),
        more => format!(
            "{} and {} more",
            shown.join(", "),
            display::count(more as u64)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_named_up_to_ten_and_escaped() {
        assert_eq!(named(&["a", "b\u{1b}"]), "`a`, `b\\u{1b}`");
        let all: Vec<String> = (0..2_010).map(|n| n.to_string()).collect();
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        assert!(named(&all[..10]).ends_with("`8`, `9`"));
        assert!(named(&all).ends_with("`8`, `9` and 2,000 more"));
    }
}
