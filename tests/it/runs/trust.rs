//! A push that sends only what differs asks for the imports of the base's runs first: what it relies on
//! was seen to its end.

use std::fs;
use std::time::Duration;

use qobra_push::{SandboxClock, SandboxOptions, TableSpec, ValueKind};
use serde_json::json;

use crate::rig::{Watched, age, each, ends, entries, folder_name, runs, runs_in};
use crate::service::script::{Scripted, Shown, at, entry, finished, rejected};
use crate::stage::{Stage, deals, numbers, options, sorted_ids};
use crate::support::{Told, run};

fn asks(stage: &Stage, line: &str, code: i32) -> Told {
    ends(stage, &format!("{line} --changed"), code)
}

/// A service that reads amounts as numbers.
fn strict() -> Stage {
    let spec = TableSpec {
        key: "deals".to_owned(),
        id_field: "id".to_owned(),
        fields: [("amount".to_owned(), ValueKind::Number)].into(),
    };
    Stage::of(SandboxOptions {
        tables: vec![spec],
        clock: SandboxClock::real(),
        ..options()
    })
    .file("good.csv", deals(20))
    .file(
        "bad.csv",
        deals(20)
            .replace(",4.50", ",four")
            .replace(",9.50", ",nine"),
    )
}

/// How many GETs there were of imports.
fn looks(stage: &Stage) -> usize {
    stage.requests().len() - stage.posts().len()
}

/// The table is what was pushed without the amounts that are none.
fn holds_good(stage: &Stage) {
    assert_eq!(sorted_ids(&stage.settled()), numbers(1..=20));
    let amounts = stage.held().records;
    assert!(
        amounts
            .iter()
            .all(|(id, json)| json.contains(&format!("\"{id}.50\""))),
        "{amounts:?}"
    );
}

#[test]
fn what_was_rejected_of_a_replace_goes_again() {
    let stage = strict();
    ends(&stage, "bad.csv -t deals --all", 0);
    let told = asks(&stage, "good.csv -t deals --all", 0);
    let said = ", 2 records were rejected by the service, and are kept in ";
    assert!(told.stderr.contains(said), "{told}");
    assert!(told.stderr.contains("rejects.csv"), "{told}");
    assert!(runs(&stage)[0].join("rejects.csv").exists());
    assert_eq!(stage.records(), [Some(20), Some(2)]);
    holds_good(&stage);
}

#[test]
fn what_was_rejected_of_an_upsert_is_as_it_was_and_goes_again() {
    for all in ["", " --all"] {
        let (good, bad) = (
            format!("good.csv -t deals{all}"),
            format!("bad.csv -t deals{all}"),
        );
        let stage = strict();
        ends(&stage, "good.csv -t deals --all --wait", 0);
        asks(&stage, &bad, 0);
        assert_eq!(stage.records(), [Some(20), Some(2)], "{all}");
        // The table was not followed: what is still bad goes again, again and again.
        for times in 1..3 {
            let told = asks(&stage, &bad, 0);
            let sent: Vec<_> = [Some(20), Some(2)]
                .into_iter()
                .chain([Some(2)].repeat(times))
                .collect();
            assert_eq!(stage.records(), sent, "{all}: {told}");
        }
        // And what the table had of it never changed.
        let told = asks(&stage, &good, 0);
        assert!(told.stderr.contains("nothing differs"), "{told}");
        assert_eq!(stage.records().len(), 4, "{all}: {told}");
        holds_good(&stage);
        let before = looks(&stage);
        let told = asks(&stage, &good, 0);
        assert_eq!(looks(&stage), before, "all was seen to its end: {told}");
    }
}

#[test]
fn what_was_followed_is_not_asked_for_again() {
    let stage = strict();
    ends(&stage, "good.csv -t deals --all --wait", 0);
    let before = looks(&stage);
    let told = asks(&stage, "good.csv -t deals --all", 0);
    assert_eq!(looks(&stage), before, "{told}");
    // Bad records that were left out here say nothing of who looked.
    let stage = strict().file("gaps.csv", format!("{}21\n", deals(20)));
    ends(&stage, "gaps.csv -t deals --all --max-errors 1", 7);
    let before = looks(&stage);
    let told = asks(&stage, "good.csv -t deals --all", 0);
    assert!(looks(&stage) > before, "{told}");
}

#[test]
fn an_import_that_cannot_be_seen_is_told_and_the_base_stays_for_the_guards() {
    let all = json!([entry("deals", 3)]);
    let cases: Vec<(Vec<Shown>, &str, bool)> = vec![
        (
            vec![Shown::Status(404)],
            "the service does not know import one",
            true,
        ),
        (
            vec![Shown::Status(403)],
            "import one cannot be looked at: ",
            false,
        ),
        (
            vec![Shown::Status(500)],
            "import one cannot be looked at: ",
            false,
        ),
        (
            vec![at("failed")],
            "import one has the unknown status `failed`",
            false,
        ),
        (vec![at("started")], "import one did not end in time", false),
        (vec![at("scheduled"), finished(all.clone())], "", false),
        (vec![finished(all)], "", false),
    ];
    each(cases, |(shown, why, is_old)| {
        let ended = finished(json!([entry("deals", 3)]));
        let scripted = Scripted::new(&["one", "two"], [("one", shown), ("two", vec![ended])]);
        scripted.folder.write("deals.csv", deals(3));
        scripted.ends("deals.csv -t deals --all", 0);
        let first = runs_in(scripted.folder.path()).pop().unwrap();
        if is_old {
            age(&first, Duration::from_secs(3_600));
        }
        let line = "deals.csv -t deals --all --changed --wait --wait-timeout 3";
        let told = scripted.ends(line, 0);
        let line = format!(
            "the whole table is replaced: of run {}, {why}",
            folder_name(&first)
        );
        assert_eq!(
            told.stderr.contains(&line),
            !why.is_empty(),
            "{why}: {told}"
        );
        // What is compared is so still, as far as it was known.
        assert!(
            told.stderr
                .contains("changes: 0 new, 0 changed, 0 vanished, 3 unchanged"),
            "{told}"
        );
        let sent = if why.is_empty() { 1 } else { 2 };
        assert_eq!(scripted.bodies().len(), sent, "{told}");
    });
}

/// Whoever waits for an end and does not see it knows as much as one who does not wait.
#[test]
fn an_end_that_did_not_come_in_time_ends_no_base() {
    let shown = [("one", vec![at("scheduled")])];
    let scripted = Scripted::new(&["one"], shown);
    scripted.folder.write("deals.csv", deals(3));
    scripted.ends("deals.csv -t deals --all --wait --wait-timeout 1", 8);
    let told = scripted.ends("deals.csv -t deals --all --dry-run", 0);
    assert!(told.stderr.contains("            3 unchanged\n"), "{told}");
}

#[test]
fn an_error_without_records_ends_the_base_for_good() {
    let shown = [
        ("one", vec![finished(json!([rejected("deals", &[])]))]),
        ("two", vec![finished(json!([entry("deals", 3)]))]),
    ];
    let scripted = Scripted::new(&["one", "two"], shown);
    scripted.folder.write("deals.csv", deals(3));
    scripted.ends("deals.csv -t deals --all", 0);
    let told = scripted.ends("deals.csv -t deals --all --changed", 0);
    assert!(
        told.stderr
            .contains("there is nothing to compare this push with"),
        "{told}"
    );
    let first = runs_in(scripted.folder.path()).remove(0);
    assert!(!first.join("base").exists());
}

#[test]
#[cfg_attr(windows, ignore = "Windows has no signals for another process")]
fn while_it_asks_it_holds_the_table_and_a_signal_leaves_all_as_it_was() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let stage = Stage::new().file("deals.csv", deals(20));
        ends(&stage, "deals.csv -t deals --all --debounce 900", 0);
        let first = runs(&stage).pop().unwrap();
        let before = entries(&first);
        let posts = stage.posts().len();
        let mut push = Watched::start(stage.process("deals.csv -t deals --changed"));
        push.says(&format!(
            "the imports of run {} are looked at first: ",
            folder_name(&first)
        ));
        push.says("nothing is sent before they have ended, or ");
        let other = ends(&stage, "deals.csv -t deals", 9);
        assert!(other.stderr.contains("is running"), "{other}");
        push.signal(signal);
        let told = push.end();
        assert_eq!(told.code(), Some(code), "{told}");
        assert!(
            told.stderr
                .ends_with("error: interrupted; nothing was sent\n"),
            "{told}"
        );
        assert_eq!(told.stdout, "");
        assert_eq!(runs(&stage), std::slice::from_ref(&first));
        assert_eq!(entries(&first), before);
        assert_eq!(stage.posts().len(), posts);
    }
}

#[test]
fn a_dry_run_asks_nothing_and_says_what_a_push_would() {
    let stage = strict().file("next.csv", deals(21));
    ends(&stage, "good.csv -t deals --all", 0);
    let first = folder_name(&runs(&stage)[0]);
    let asked = stage.requests().len();
    let mut dry = stage.push("next.csv -t deals --all --changed --dry-run");
    let told = run(dry.env_remove("QOBRA_API_KEY"));
    assert_eq!(told.code(), Some(0), "{told}");
    let line = format!("a push first looks at the imports of run {first}, whose end nobody saw: ");
    assert!(told.stderr.contains(&line), "{told}");
    assert!(
        told.stderr
            .contains("would send 1 of 21 records in 1 request"),
        "{told}"
    );
    assert_eq!(stage.requests().len(), asked);
    // What it showed is what is pushed where nothing was rejected.
    let plan = ends(
        &stage,
        "next.csv -t deals --all --changed -n --output json",
        0,
    )
    .stdout;
    stage.folder().write("plan.json", plan);
    let told = asks(&stage, "next.csv -t deals --all --plan plan.json", 0);
    assert_eq!(stage.records(), [Some(20), Some(1)], "{told}");
    assert_eq!(sorted_ids(&stage.settled()), numbers(1..=21));
}

#[test]
fn without_a_base_that_holds_everything_goes() {
    let spoiled: [fn(&Stage); 4] = [
        |stage| {
            let base = runs(stage)[0].join("base");
            let mut bytes = fs::read(&base).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(base, bytes).unwrap();
        },
        |stage| fs::remove_file(runs(stage)[0].join("base")).unwrap(),
        |stage| fs::write(stage.folder().path().join("state/base.key"), [1; 32]).unwrap(),
        |stage| fs::remove_dir_all(&runs(stage)[0]).unwrap(),
    ];
    for (number, spoil) in spoiled.into_iter().enumerate() {
        for all in ["", " --all"] {
            let stage = strict();
            ends(&stage, "good.csv -t deals --all --wait", 0);
            spoil(&stage);
            let told = asks(&stage, &format!("good.csv -t deals{all}"), 0);
            assert_eq!(stage.records(), [Some(20), Some(20)], "{number}: {told}");
            assert!(
                told.stderr.contains("there is nothing to compare it with"),
                "{number}: {told}"
            );
            holds_good(&stage);
        }
    }
}
