//! The result for people: a line for each check, broken where it is wider than a terminal.

use super::checks::{Check, CheckResult, Checks};
use crate::base::display;
use crate::base::model::TableKey;
use crate::screen::terminal::{self, Mood};

/// The widest line.
const WIDTH: usize = 80;

/// Where the checks' names begin, and the hints.
const NAME: usize = 8;

/// Where the messages begin.
const MESSAGE: usize = 22;

/// All lines, the last of which is the answer.
pub(super) fn lines(checks: &Checks, table: Option<&TableKey>) -> Vec<String> {
    let mut lines: Vec<_> = checks.iter().flat_map(check).collect();
    // The last line alone is the answer, however wide it is.
    lines.push(answer(checks, table));
    lines
}

fn check(check: &Check) -> Vec<String> {
    let (word, mood) = match check.verdict {
        CheckResult::Ok => ("ok", Mood::Good),
        CheckResult::Warning => ("warning", Mood::Doubtful),
        CheckResult::Failed(_) => ("FAILED", Mood::Bad),
    };
    let names = MESSAGE - NAME;
    let head = format!("{word:NAME$}{:names$}", check.name);
    let mut lines = wrapped(&head, MESSAGE, &check.message);
    if let Some(first) = lines.first_mut() {
        // Colour has no width, so it comes after the line was broken.
        let rest = first.split_off(word.len());
        *first = format!("{}{rest}", terminal::painted(word, mood));
    }
    if let Some(hint) = &check.hint {
        let head = format!("{:NAME$}hint: ", "");
        match is_to_type(hint) {
            true => lines.push(format!("{head}{hint}")),
            false => lines.extend(wrapped(&head, head.len(), hint)),
        }
    }
    lines
}

/// A line to copy is left whole.
fn is_to_type(hint: &str) -> bool {
    ["qobra-push ", "chmod "]
        .iter()
        .any(|command| hint.starts_with(command))
}

fn answer(checks: &Checks, table: Option<&TableKey>) -> String {
    let push = match table {
        Some(table) => format!("a push to {}", display::quoted(table.as_str())),
        None => "a push".to_owned(),
    };
    let mut reasons: Vec<_> = checks.failed().map(|check| check.name).collect();
    reasons.dedup();
    match reasons.is_empty() {
        true => format!("{push} could start from here"),
        false => format!(
            "{push} could not start from here (exit code {}): see {}",
            checks.exit().code(),
            reasons.join(", ")
        ),
    }
}

/// A text behind its head, broken between words; a word that is too wide stands alone.
fn wrapped(head: &str, indent: usize, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut is_bare) = (head.to_owned(), true);
    for word in text.split(' ') {
        if !is_bare && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            is_bare = true;
        }
        if !is_bare {
            line.push(' ');
        }
        line.push_str(word);
        is_bare = false;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::outcome::Exit;

    #[test]
    fn lines_are_broken_between_words_and_lose_none() {
        let text = "some words  with two blanks ".repeat(9);
        let lines = wrapped("head ", 5, &text);
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH));
        let inner: Vec<_> = lines.iter().map(|line| &line[5..]).collect();
        assert_eq!(inner.join(" "), text);
        let long = "x".repeat(200);
        assert_eq!(
            wrapped("", 2, &format!("a {long}")),
            ["a", &format!("  {long}")]
        );
    }

    #[test]
    fn the_last_line_is_the_answer() {
        let mut checks = Checks::default();
        checks.add(Check::warning("clock", "late"));
        let deals = TableKey::new("deals").unwrap();
        let last = |checks: &Checks| lines(checks, Some(&deals)).pop().unwrap();
        assert_eq!(last(&checks), "a push to `deals` could start from here");
        checks.add(Check::failed("key", Exit::Usage, "none"));
        assert_eq!(
            lines(&checks, None).pop().unwrap(),
            "a push could not start from here (exit code 2): see key"
        );
    }

    #[test]
    fn a_command_in_a_hint_stays_whole() {
        let command = format!("qobra-push resume RUN --state-dir /{}", "x y/".repeat(40));
        let one = Check::ok("runs", "m").hint(command.clone());
        assert_eq!(check(&one)[1], format!("        hint: {command}"));
    }
}
