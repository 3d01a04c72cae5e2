//! `sandbox --facts FILE` and `--answer NAME=WORD`: what is known of a service, as it was typed.
//!
//! Which names and words there are, [`Facts`] alone decides, also of what is wrong about them: both ways
//! lead through JSON. What an answer leads to is left to the sandbox.

use std::io;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::base::{display, small};
use crate::cli::{SandboxArgs, StackArg, WindowArg};
use crate::mapping::Mapping;
use crate::mapping::toml::did_you_mean;
use crate::push::outcome::{Exit, Failure};
use crate::service::facts::Facts;

/// The most bytes of a file of answers: they are a page, and a body's words are cut in them.
const MAX_FACTS: u64 = 1 << 20;

/// The statuses that an answer can have.
const STATUSES: std::ops::RangeInclusive<u16> = 200..=599;

/// One answer, and the option that gave it.
struct Typed {
    name: String,
    part: Option<String>,
    word: String,
    option: String,
}

/// The answers of the file, under those of the line.
pub(super) fn facts(args: &SandboxArgs) -> Result<Facts, Failure> {
    let mut known = match &args.facts {
        Some(path) => of_file(path)?,
        None => Map::new(),
    };
    for typed in typed(args)? {
        let value = value(&typed);
        match (&typed.part, known.get_mut(&typed.name)) {
            (Some(part), Some(Value::Object(parts))) => drop(parts.insert(part.clone(), value)),
            (Some(part), _) => drop(known.insert(typed.name.clone(), json!({ part: value }))),
            (None, _) => drop(known.insert(typed.name.clone(), value)),
        }
    }
    // What the file says is right, so what is wrong now was typed.
    parsed("--answer", known)
}

fn of_file(path: &Path) -> Result<Map<String, Value>, Failure> {
    let name = display::shown(&path.to_string_lossy());
    let unreadable = |error: io::Error| {
        let what = match error.kind() {
            io::ErrorKind::NotFound => format!("there is no file {name}"),
            _ => format!("cannot read {name}: {error}"),
        };
        Failure::new(Exit::Usage, what, None)
    };
    let bytes = small::read(path, MAX_FACTS).map_err(unreadable)?;
    // A shell's redirection may have written UTF-16.
    let text = Mapping::decode(&bytes).unwrap_or_default();
    let known = serde_json::from_str(&text).map_err(|error| unreadable(error.into()))?;
    let known = match known {
        Value::Object(mut file) => file.remove("facts").unwrap_or(Value::Object(file)),
        other => other,
    };
    let Value::Object(known) = known else {
        let what = format!("{name} has no answers: they are an object of JSON");
        let hint = "it is the file that a probe wrote, or its `facts`";
        return Err(Failure::new(Exit::Usage, what, Some(hint.into())));
    };
    parsed(&name, known.clone())?;
    Ok(known)
}

/// All that the line answers.
fn typed(args: &SandboxArgs) -> Result<Vec<Typed>, Failure> {
    let window = args.window.map(|window| match window {
        WindowArg::First => ("window=first", "--window first"),
        WindowArg::Last => ("window=last", "--window last"),
    });
    let stack = args.stack.map(|stack| match stack {
        StackArg::Yes => ("import_ids=shared", "--stack yes"),
        StackArg::No => ("import_ids=separate", "--stack no"),
    });
    let options = window.into_iter().chain(stack);
    let options = options.map(|(text, option)| (text, option.to_owned()));
    let answers = args.answer.iter();
    let answers = answers.map(|text| (text.as_str(), format!("--answer {}", display::shown(text))));
    let mut all: Vec<Typed> = Vec::new();
    for (text, option) in options.chain(answers) {
        let Some((name, word)) = text.split_once('=') else {
            let hint = "write NAME=WORD, such as --answer repeated=twice";
            let what = format!("{option}: this is no answer");
            return Err(Failure::new(Exit::Usage, what, Some(hint.into())));
        };
        let (name, part) = match name.split_once('.') {
            Some((name, part)) => (name, Some(part.to_owned())),
            None => (name, None),
        };
        if let Some(first) = all.iter().find(|one| one.name == name && one.part == part) {
            let what = format!("{option}: {} answers the same", first.option);
            let hint = "leave one of them out";
            return Err(Failure::new(Exit::Usage, what, Some(hint.into())));
        }
        all.push(Typed {
            name: name.to_owned(),
            part,
            word: word.to_owned(),
            option,
        });
    }
    Ok(all)
}

/// A word is a text, unless a text is not what is asked for and the word is a number.
fn value(typed: &Typed) -> Value {
    let text = Value::from(typed.word.as_str());
    let tried = match &typed.part {
        Some(part) => json!({ part: text }),
        None => text.clone(),
    };
    let is_misfit = fault(&typed.name, &tried).is_some_and(|(_, why)| why.starts_with("invalid"));
    match typed.word.parse::<u64>() {
        Ok(number) if is_misfit => Value::from(number),
        _ => text,
    }
}

/// What the form makes of the answers, each looked at by itself: its own words name no key.
fn parsed(place: &str, known: Map<String, Value>) -> Result<Facts, Failure> {
    for (name, value) in &known {
        if let Some((name, why)) = fault(name, value) {
            return Err(told(place, &name, &why));
        }
    }
    let facts: Facts = serde_json::from_value(Value::Object(known))
        .map_err(|error| Failure::new(Exit::Usage, format!("{place}: {error}"), None))?;
    let refusals = [
        ("wrong_key.status", &facts.wrong_key),
        ("wrong_table.status", &facts.wrong_table),
        ("unknown_import.status", &facts.unknown_import),
        ("too_large.status", &facts.too_large),
    ];
    let statuses = refusals.map(|(name, known)| (name, known.as_ref().map(|known| known.status)));
    let all = statuses
        .into_iter()
        .chain([("structures", facts.structures)]);
    for (name, status) in all {
        if let Some(status) = status.filter(|status| !STATUSES.contains(status)) {
            let what = format!("{place}: `{name}`: {status} is the status of no answer");
            let hint = "write a number from 200 to 599";
            return Err(Failure::new(Exit::Usage, what, Some(hint.into())));
        }
    }
    Ok(facts)
}

/// The name of what is wrong about an answer, as exactly as it can be said, and the form's own words.
fn fault(name: &str, value: &Value) -> Option<(String, String)> {
    let why = |value: Value| {
        let error = serde_json::from_value::<Facts>(value).err()?;
        Some(error.to_string())
    };
    let of_all = why(json!({ name: value }))?;
    let parts = value.as_object().into_iter().flatten();
    let of_part = parts.into_iter().find_map(|(part, value)| {
        let why = why(json!({ name: { part: value } }))?;
        // By itself a part may be too little, which says nothing against it.
        (!why.starts_with("missing")).then(|| (format!("{name}.{part}"), why))
    });
    of_part.or_else(|| Some((name.to_owned(), of_all)))
}

fn told(place: &str, name: &str, why: &str) -> Failure {
    let quoted = display::quoted(name);
    let known = known(why);
    let words = known.iter().map(|word| format!("`{word}`"));
    let words = words.collect::<Vec<_>>().join(", ");
    let (what, hint) = if why.starts_with("unknown field") {
        let last = name.rsplit('.').next().unwrap_or(name);
        let near = did_you_mean(last, known);
        let hint = near.unwrap_or_else(|| format!("known are {words}"));
        (format!("there is no answer called {quoted}"), Some(hint))
    } else if why.starts_with("unknown variant") {
        let word = display::quoted(why.split('`').nth(1).unwrap_or_default());
        (
            format!("{quoted} has no word {word}"),
            Some(format!("known are {words}")),
        )
    } else if why.contains("expected struct") {
        let parts = fault(name, &json!({ "": 0 })).map(|(_, why)| why);
        let parts = parts.as_deref().map(self::known).unwrap_or_default();
        let parts: Vec<_> = parts
            .iter()
            .map(|part| format!("`{name}.{part}`"))
            .collect();
        let hint = format!("its parts have words: {}", parts.join(", "));
        (format!("{quoted} has parts"), Some(hint))
    } else if let Some(part) = why.strip_prefix("missing field ") {
        let hint = format!("say it too: `{name}.{}`", part.trim_matches('`'));
        (format!("{quoted} has no {part}"), Some(hint))
    } else if let Some((found, "u16" | "u64")) = why.rsplit_once(", expected ") {
        let found = found.rsplit_once(": ").map_or(found, |(_, found)| found);
        let what = format!("{quoted}: {} is no number that fits", display::shown(found));
        (what, Some("write a whole number".to_owned()))
    } else {
        (format!("{quoted}: {}", display::shown(why)), None)
    };
    Failure::new(Exit::Usage, format!("{place}: {what}"), hint)
}

/// The names or words that the form knows, out of what it says of another one.
fn known(why: &str) -> Vec<&str> {
    let after = why.rsplit_once(", expected ").map(|(_, after)| after);
    after
        .unwrap_or_default()
        .split('`')
        .skip(1)
        .step_by(2)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One word for everything that the form knows.
    const ALL: &str = r#"{
        "window": "last", "import_ids": "separate", "import_ids_without_debounce": "shared", "repeated": "twice",
        "records": {"taken": 40000, "refused": 80000}, "bytes": {"refused": 1048576}, "at_once": 2,
        "import_seen_after": 3, "count": "missing",
        "bad_row": {"title": "0", "count": "good", "first_line": 0, "row": "as_sent"}, "good_rows": "left_out",
        "wrong_key": {"status": 403, "words": "403"}, "wrong_table": {"status": 422, "words": "a = b"},
        "unknown_import": {"status": 400}, "too_large": {"status": 400, "words": "{}"}, "structures": 403,
        "null": "kept", "empty_text": "rejected", "missing": "emptied", "unknown_field": "taken",
        "unknown_user": "rejected", "new_option": "dropped", "percentage": "fraction"
    }"#;

    fn args(answer: Vec<String>) -> SandboxArgs {
        SandboxArgs {
            port: 0,
            table: Vec::new(),
            mapping: Vec::new(),
            window: None,
            stack: None,
            facts: None,
            answer,
            fault: None,
        }
    }

    #[test]
    fn everything_that_the_form_knows_can_be_typed() {
        let all: Map<String, Value> = serde_json::from_str(ALL).unwrap();
        let (_, why) = fault("", &Value::Null).unwrap();
        let names: Vec<&str> = all.keys().map(String::as_str).collect();
        let mut known = known(&why);
        known.sort_unstable();
        assert_eq!(names, known);
        let word = |value: &Value| match value {
            Value::String(word) => word.clone(),
            other => other.to_string(),
        };
        let lines = all.iter().flat_map(|(name, value)| match value {
            Value::Object(parts) => parts
                .iter()
                .map(|(part, value)| format!("{name}.{part}={}", word(value)))
                .collect(),
            value => vec![format!("{name}={}", word(value))],
        });
        let typed = facts(&args(lines.collect())).unwrap();
        assert_eq!(typed, serde_json::from_str::<Facts>(ALL).unwrap());
    }
}
