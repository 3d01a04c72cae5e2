//! What is known of the service, and what was and is not any more.

use serde_json::{Value, json};

use super::checks::Check;
use crate::base::display;
use crate::runs::known::Known;
use crate::runs::state::StateDir;
use crate::service::BaseUrl;

const NAME: &str = "facts";

/// One line: when the service was asked, and its answers.
pub(super) fn check(state: &StateDir, base_url: &BaseUrl) -> Check {
    let nothing = json!({ "probed_at": null, "program": null, "facts": null, "dropped": [] });
    let known = match Known::read(state, base_url) {
        Ok(Some(known)) => known,
        Ok(None) => {
            let message = "nothing is known: `qobra-push probe` on a scratch table";
            return Check::ok(NAME, message).with(nothing);
        }
        Err(error) => {
            return Check::warning(NAME, error.message)
                .hint(error.hint)
                .with(nothing);
        }
    };
    let facts = serde_json::to_value(&known.facts).unwrap_or_default();
    let answers = told(&facts);
    let answers = match answers.is_empty() {
        true => "no answers".to_owned(),
        false => answers.join(", "),
    };
    let message = format!(
        "as {} found on {}: {answers}",
        display::shown(&known.program),
        known.probed_at.strftime("%F %T UTC"),
    );
    let json = json!({
        "probed_at": known.probed_at.to_string(),
        "program": known.program,
        "facts": facts,
        "dropped": known.dropped,
    });
    if known.dropped.is_empty() {
        return Check::ok(NAME, message).with(json);
    }
    let dropped = known.dropped.iter().map(|one| {
        format!(
            "{} since {} ({})",
            display::shown(&one.fact),
            one.at.strftime("%F %T UTC"),
            display::shown(&one.why)
        )
    });
    let dropped: Vec<_> = dropped.collect();
    let message = format!("{message}; not relied on any more: {}", dropped.join(", "));
    let hint = "qobra-push probe".to_owned();
    Check::warning(NAME, message).hint(hint).with(json)
}

/// `window last`, `records taken 40000`: each answer behind its name.
fn told(facts: &Value) -> Vec<String> {
    let parts = |name: &str, answer: &Value| match answer {
        Value::Object(parts) => parts
            .iter()
            // The service's words have their place in the document.
            .filter(|(part, _)| *part != "words")
            .map(|(part, answer)| format!("{name} {part} {}", word(answer)))
            .collect(),
        answer => vec![format!("{name} {}", word(answer))],
    };
    let facts = facts.as_object().into_iter().flatten();
    facts
        .flat_map(|(name, answer)| parts(name, answer))
        .map(|words| words.replace('_', " "))
        .collect()
}

fn word(answer: &Value) -> String {
    match answer {
        Value::String(word) => display::shown(word),
        Value::Number(number) => number
            .as_u64()
            .map_or_else(|| number.to_string(), display::count),
        other => other.to_string(),
    }
}
