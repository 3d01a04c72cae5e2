//! What was found, one thing after the other, and what it comes to.

use serde_json::{Value, json};

use crate::base::complaint::Complaint;
use crate::base::model::TableKey;
use crate::push::outcome::Exit;

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CheckResult {
    /// As it should be.
    Ok,
    /// A push could start all the same.
    Warning,
    /// A push would end with this code.
    Failed(Exit),
}

impl CheckResult {
    /// The word for programs.
    fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed(_) => "failed",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) verdict: CheckResult,
    pub(super) message: String,
    pub(super) hint: Option<String>,
    /// What was found, for programs: an object.
    facts: Value,
}

impl Check {
    fn new(name: &'static str, verdict: CheckResult, message: impl Into<String>) -> Self {
        Self {
            name,
            verdict,
            message: message.into(),
            hint: None,
            facts: json!({}),
        }
    }

    /// Something that is as it should be.
    pub(super) fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(name, CheckResult::Ok, message)
    }

    /// Something that a person should know and that stops no push.
    pub(super) fn warning(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(name, CheckResult::Warning, message)
    }

    /// Something that a push would end with.
    pub(super) fn failed(name: &'static str, exit: Exit, message: impl Into<String>) -> Self {
        Self::new(name, CheckResult::Failed(exit), message)
    }

    /// Something that a push would complain of, with code 2.
    pub(super) fn complaint(name: &'static str, of: Complaint) -> Self {
        Self::failed(name, Exit::Usage, of.message).hint(of.hint)
    }

    /// The check with its facts for programs.
    pub(super) fn with(self, facts: Value) -> Self {
        Self { facts, ..self }
    }

    /// The check with something to try.
    pub(super) fn hint(self, hint: impl Into<Option<String>>) -> Self {
        let hint = hint.into();
        Self { hint, ..self }
    }
}

/// All that was looked at, in the order in which a push comes to it.
#[derive(Debug, Default)]
pub(super) struct Checks(Vec<Check>);

impl Checks {
    pub(super) fn add(&mut self, check: Check) {
        self.0.push(check);
    }

    pub(super) fn extend(&mut self, checks: Vec<Check>) {
        self.0.extend(checks);
    }

    /// Keeps a check and hands out what it found.
    pub(super) fn take<T>(&mut self, (check, found): (Check, Option<T>)) -> Option<T> {
        self.add(check);
        found
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Check> {
        self.0.iter()
    }

    pub(super) fn failed(&self) -> impl Iterator<Item = &Check> {
        let is_failed = |check: &&Check| matches!(check.verdict, CheckResult::Failed(_));
        self.0.iter().filter(is_failed)
    }

    /// What a push would end with, if it could not start: the first reason counts.
    pub(super) fn exit(&self) -> Exit {
        let mut exits = self.0.iter().filter_map(|check| match check.verdict {
            CheckResult::Failed(exit) => Some(exit),
            CheckResult::Ok | CheckResult::Warning => None,
        });
        exits.next().unwrap_or(Exit::Done)
    }

    /// Everything for programs, as `schemas/doctor.schema.json` describes it.
    pub(super) fn document(&self, table: Option<&TableKey>) -> Value {
        let checks = self.0.iter().map(|check| {
            json!({
                "check": check.name.to_lowercase().replace(' ', "_"),
                "verdict": check.verdict.word(),
                "message": check.message,
                "hint": check.hint,
                "facts": check.facts,
            })
        });
        json!({
            "schema": 1,
            "version": env!("CARGO_PKG_VERSION"),
            "table": table.map(TableKey::as_str),
            "can_start": self.exit() == Exit::Done,
            "exit_code": self.exit().code(),
            "checks": checks.collect::<Vec<_>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_reason_counts_and_warnings_do_not() {
        let mut checks = Checks::default();
        checks.add(Check::ok("a", ""));
        checks.add(Check::warning("b", ""));
        assert_eq!(checks.exit(), Exit::Done);
        assert_eq!(checks.document(None)["can_start"], true);
        checks.add(Check::failed("c", Exit::Locked, ""));
        checks.add(Check::failed("d", Exit::Unreachable, ""));
        assert_eq!(checks.exit(), Exit::Locked);
        let names: Vec<_> = checks.failed().map(|check| check.name).collect();
        assert_eq!(names, ["c", "d"]);
        let document = checks.document(None);
        assert_eq!(document["exit_code"], 9);
        assert_eq!(document["can_start"], false);
    }
}
