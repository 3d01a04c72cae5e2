//! A push held to the plan that was approved, before its first request.

use serde_json::json;

use crate::base::complaint::Complaint;
use crate::base::model::Mode;
use crate::base::percent;
use crate::push::approved::{BaseTerm, Terms};
use crate::push::plan::Plan;
use crate::push::receipt::Receipt;
use crate::service::BaseUrl;

/// What a push is bound to besides its input and its mapping.
pub(crate) fn terms(plan: &Plan, base_url: &BaseUrl, base: Option<BaseTerm>) -> Terms {
    let (source, margins, guard) = (&plan.source, plan.source.margins, plan.guard);
    let debounce = match plan.send.mode {
        Mode::Replace { debounce } => Some(debounce.as_secs()),
        Mode::Upsert => None,
    };
    let options = [
        ("debounce", json!(debounce)),
        ("chunk_size", json!(plan.prove.chunks.max_records)),
        ("max_body", json!(plan.prove.chunks.max_alone)),
        ("duplicates", json!(plan.prove.duplicates.word())),
        ("max_errors", json!(plan.prove.max_errors.to_string())),
        ("changed", json!(plan.changed.is_some())),
        (
            "keep_vanished",
            json!(plan.changed.is_some_and(|changed| changed.keep_vanished)),
        ),
        (
            "full_every",
            json!(
                plan.changed
                    .and_then(|changed| changed.full_every)
                    .map(|every| every.as_secs())
            ),
        ),
        ("id_field", json!(plan.mapping.id())),
        ("format", json!(source.format.map(|format| format.word()))),
        ("delimiter", json!(source.delimiter.map(char::from))),
        (
            "encoding",
            json!(source.encoding.map(|encoding| encoding.name())),
        ),
        ("records", json!(source.records.path())),
        ("header_line", json!(margins.header_line)),
        ("skip_last", json!(margins.skip_last)),
        ("sheet", json!(source.sheet)),
        ("member", json!(source.member)),
    ];
    let guards = [
        ("allow_empty", json!(guard.allow_empty)),
        ("min_records", json!(guard.min_records)),
        ("max_shrink", json!(percent::text(guard.max_shrink))),
        ("max_hollow", json!(percent::text(guard.max_hollow))),
        ("min_overlap", json!(percent::text(guard.min_overlap))),
        ("max_changed", json!(guard.max_changed.map(percent::text))),
        ("allow_frozen", json!(guard.allow_frozen.to_string())),
    ];
    let named = |(name, value): (&str, _)| (name.to_owned(), value);
    Terms {
        base_url: base_url.to_string(),
        options: options.into_iter().map(named).collect(),
        guards: guards.into_iter().map(named).collect(),
        base,
    }
}

/// What of a proved push is not as the plan shows that it is to keep to; nothing where there is no plan.
pub(crate) fn check(plan: &Plan, receipt: &Receipt, terms: &Terms) -> Option<Complaint> {
    let approved = plan.approved.as_ref()?;
    let lines = match approved.moved(&receipt.json(), terms) {
        Ok(lines) => lines,
        // A push that cannot be compared is not known to be the approved one.
        Err(error) => vec![error.to_string()],
    };
    if lines.is_empty() {
        return None;
    }
    let mut message = format!("this push is not the one that {} shows:", approved.name);
    for line in lines {
        message.push_str("\n  ");
        message.push_str(&line);
    }
    let hint =
        "look at it again with --dry-run --output json, and approve what that shows".to_owned();
    Some(Complaint::new(message, hint))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cli;
    use crate::push::plan::Environment;

    /// What a plan names elsewhere: the input, the mapping, the table, the mode, the address.
    const ELSEWHERE: [&str; 4] = ["all", "base_url", "mapping", "table"];

    /// What decides neither which records are sent nor whether they may be.
    const NOT_NAMED: [&str; 28] = [
        "api_key_file",
        "ca_cert",
        "chunk_seconds",
        "color",
        "connect_for",
        "dry_run",
        "help",
        "jobs",
        "keep",
        "lock_wait",
        "log",
        "max_input",
        "no_facts",
        "no_progress",
        "no_samples",
        "output",
        "plan",
        "quiet",
        "rejects",
        "report",
        "retry_for",
        "sandbox",
        "state_dir",
        "values",
        "verbose",
        "version",
        "wait",
        "wait_timeout",
    ];

    /// An option that is forgotten here could change after somebody approved the push.
    #[test]
    fn every_option_is_one_that_a_plan_names_or_need_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deals.csv");
        std::fs::write(&file, "id\n1\n").unwrap();
        let line = ["qobra-push", "-t", "deals", "--dry-run"].map(Into::into);
        let line = line.into_iter().chain([file.into_os_string()]);
        let cli = cli::try_parse_from(line).unwrap();
        let plan = Plan::new(&cli.push, &cli.common, &Environment::default()).unwrap();
        let terms = terms(&plan, &BaseUrl::default(), None);
        let named = terms.options.keys().chain(terms.guards.keys());
        let known: BTreeSet<_> = (named.map(String::as_str))
            .chain(ELSEWHERE)
            .chain(NOT_NAMED)
            .collect();
        let command = cli::command();
        let options = command.get_arguments().filter_map(|arg| arg.get_long());
        let unknown: Vec<_> = (options.map(|name| name.replace('-', "_")))
            .filter(|name| !known.contains(name.as_str()))
            .collect();
        assert!(unknown.is_empty(), "does a plan hold to {unknown:?}?");
    }
}
