//! The experiments of the probe, each on a modelled service that is set up in some way: what is reported is
//! what was set, or not settled.

mod doubtful;
mod front;
mod lab;
mod settings;

use std::time::Duration;

use lab::Trial;
use proptest::prelude::*;
use serde_json::Value;

use crate::push::probe::Look;
use crate::service::facts::{
    BadRow, Counted, Effect, Facts, Given, GoodRows, ImportIds, Most, Refused, Repeated, Row,
    Strange, WindowReading,
};
use crate::service::sandbox::{SandboxOptions, parse_faults};

#[test]
fn the_model_as_it_is() {
    let trial = Trial::of(SandboxOptions::default());
    insta::assert_snapshot!("the_model_as_it_is", trial.text);
    let ids = trial.held.iter().map(|(id, _)| id);
    assert!(ids.clone().count() > 10 && ids.clone().all(|id| id.starts_with("qobra-push-probe-")));
}

/// Whoever comes after a probe is told of a replace whose end it did not see: one without an answer may wait at
/// the service, and would take away what is pushed meanwhile.
#[test]
fn a_replace_whose_end_was_not_seen_leaves_word() {
    let clean = Trial::of(SandboxOptions::default());
    assert!(clean.are_over);
    // One request without a debounce, and three windows of three, two and two.
    let second = Duration::from_secs(1);
    let (before, after) = (150 * second, 120 * second);
    assert_eq!(clean.notes, [[before, after]; 8].concat());

    let first = clean.first_window.unwrap();
    let faults = parse_faults(&format!("reset-after@{first}-{}", first + 2)).unwrap();
    let lost = Trial::of(SandboxOptions {
        faults,
        ..SandboxOptions::default()
    });
    assert!(!lost.are_over);
    assert_eq!(lost.facts.window, None);
    // What comes behind it is not taken away: it waits until the window can be open no more.
    let has = |trial: &Trial, name: &str| trial.held.iter().any(|(id, _)| id.ends_with(name));
    assert!(
        has(&lost, "good-1") && !has(&lost, "first-1"),
        "{:?}",
        lost.held
    );
}

/// Somebody who looks at the table.
fn eyes(look: &Look, held: &[(String, String)]) -> Option<char> {
    let record = |name: &str| -> Option<Value> {
        let id = format!("qobra-push-probe-{name}");
        let (_, json) = held.iter().find(|(of, _)| *of == id)?;
        serde_json::from_str(json).ok()
    };
    Some(match look.name() {
        "good_rows" => match (record("good-1"), record("good-3")) {
            (Some(_), Some(_)) => 'y',
            _ => 'n',
        },
        "unknown_field" => match record("unknown-field") {
            None => 'n',
            Some(record) if record.get("qobra_push_probe_unknown").is_some() => 'w',
            Some(_) => 'o',
        },
        name => match record(name).unwrap_or_default().get("amount") {
            None | Some(Value::Null) => 'e',
            Some(Value::String(text)) if text.is_empty() => 'e',
            Some(_) => 'k',
        },
    })
}

/// What a service of this kind does, of what a probe can find.
fn truth(of: &SandboxOptions) -> Facts {
    let set = of.facts.clone();
    let refusal = |set: Option<Refused>, status: u16, detail: &str| {
        let words = format!("{{\"detail\":\"{detail}\"}}");
        Some(set.unwrap_or(Refused { status, words }))
    };
    let default = BadRow {
        title: None,
        count: None,
        first_line: Some(1),
        row: None,
    };
    let bad_row = set.bad_row.unwrap_or(default);
    Facts {
        window: set.window.or(Some(WindowReading::First)),
        import_ids: set.import_ids.or(Some(ImportIds::Stacked)),
        import_ids_without_debounce: set
            .import_ids_without_debounce
            .or(Some(ImportIds::Separate)),
        repeated: set.repeated.or(Some(Repeated::Once)),
        // Where fewer are taken at once, it may be so many in a time.
        at_once: Some(4).filter(|_| set.at_once.is_none()),
        import_seen_after: set.import_seen_after.or(Some(0)),
        count: set.count.or(Some(Given::Given)),
        bad_row: Some(BadRow {
            title: bad_row.title.or(Some("ParsingError".to_owned())),
            count: bad_row.count.or(Some(Counted::Missing)),
            first_line: bad_row.first_line,
            row: bad_row.row.or(Some(Row::Texts)),
        }),
        good_rows: set.good_rows.or(Some(GoodRows::Written)),
        wrong_key: refusal(set.wrong_key, 401, "The API key is not valid."),
        wrong_table: refusal(set.wrong_table, 404, "There is no such data table."),
        unknown_import: refusal(set.unknown_import, 404, "There is no such import."),
        structures: set.structures.or(Some(200)),
        null: set.null.or(Some(Effect::Emptied)),
        empty_text: set.empty_text.or(Some(Effect::Rejected)),
        missing: set.missing.or(Some(Effect::Kept)),
        unknown_field: set.unknown_field.or(Some(Strange::Dropped)),
        ..Facts::default()
    }
}

/// A limit, found by doubling: between what was taken and what was refused, or beyond all that was tried.
fn assert_limit(found: Option<Most>, is: Option<u64>, is_told: bool) {
    let found = found.unwrap_or_default();
    let (taken, refused) = (found.taken, found.refused);
    let is_below = taken.is_none_or(|taken| is.is_none_or(|refused| taken < refused));
    let is_above = refused.is_none_or(|refused| is.is_some_and(|is| is <= refused));
    assert!(is_below && is_above, "{found:?} {is:?}");
    assert!(taken.is_some() || !is_told, "{found:?}");
    assert!(refused.is_none() || is_told, "{found:?}");
}

/// Holds what a probe found against what the service does.
fn check(options: SandboxOptions) {
    let (truth, set) = (truth(&options), options.facts.clone());
    let queue = options.queue;
    let trial = Trial::seen_by(options, eyes);
    let found = &trial.facts;
    let told = &trial.text;
    let mut settled = truth.clone();
    // A queue that is longer than requests are apart hides which of them counted.
    if truth.window == Some(WindowReading::First) && queue > Duration::from_secs(25) {
        settled.window = None;
    }
    if truth.import_ids == Some(ImportIds::Separate) || truth.count == Some(Given::Missing) {
        settled.repeated = None;
    }
    if let Some(bad_row) = &mut settled.bad_row
        && bad_row.count == Some(Counted::Good)
        && truth.good_rows == Some(GoodRows::LeftOut)
    {
        // None of them is the count of nothing.
        bad_row.count = None;
    }
    // An error beside a count, or without the record, may be a warning.
    let is_told = truth.bad_row.as_ref().is_some_and(|bad_row| {
        bad_row.count == Some(Counted::Missing) && bad_row.row != Some(Row::Missing)
    });
    for (found, settled) in [
        (found.null, &mut settled.null),
        (found.empty_text, &mut settled.empty_text),
        (found.missing, &mut settled.missing),
    ] {
        if *settled == Some(Effect::Rejected) && !is_told {
            *settled = found.filter(|found| *found == Effect::Rejected);
        }
    }
    let only = |most: Option<Most>| most.and_then(|most| most.refused);
    // Another status may be about anything.
    let is_told = set
        .too_large
        .as_ref()
        .is_none_or(|refused| refused.status == 413);
    assert_limit(found.bytes, only(set.bytes), is_told);
    assert_limit(found.records, only(set.records), is_told);
    settled.bytes = found.bytes;
    settled.records = found.records;
    settled.too_large = found.too_large.clone();
    if let Some(refused) = &found.too_large {
        assert!(is_told && refused.status == 413, "{told}");
    }
    assert_eq!(*found, settled, "{told}");
}

/// A service whose queue stands still: what an import's end tells stays open, and nobody waits for hours.
#[test]
fn imports_that_never_end_settle_nothing_and_are_not_waited_for_each_time() {
    let trial = Trial::of(SandboxOptions {
        queue: Duration::from_secs(1_000_000),
        ..SandboxOptions::default()
    });
    let (facts, told) = (&trial.facts, &trial.text);
    let open = (facts.window, facts.repeated, facts.count, &facts.bad_row);
    assert_eq!(open, (None, None, None, &None), "{told}");
    assert_eq!(facts.import_ids, Some(ImportIds::Stacked), "{told}");
    assert!(facts.wrong_key.is_some() && facts.bytes.is_some(), "{told}");
    assert!(
        told.contains("the import did not end in time (`scheduled`)"),
        "{told}"
    );
    assert!(trial.took < Duration::from_secs(1_800), "{:?}", trial.took);
}

/// How many services are tried: so many, or what the environment says.
fn cases(usual: u32) -> u32 {
    let said = std::env::var("PROPTEST_CASES").ok();
    said.and_then(|said| said.parse().ok()).unwrap_or(usual)
}

proptest! {
    // A probe makes hundreds of requests: PROPTEST_CASES has more of them tried.
    #![proptest_config(ProptestConfig { cases: cases(12), ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_service_does_is_found_or_not_settled(options in settings::service()) {
        check(options);
    }
}
