//! In which order tables are sent, and what waits for what.

use insta::assert_snapshot;
use qobra_push::{SandboxClock, SandboxOptions, parse_faults};

use super::tables::{PROJECT, UNTOUCHED, filled, held, sent, service, stage};
use crate::rig::{ends, said};
use crate::stage::Stage;
use crate::support::FIRST_PUSH;

#[test]
fn each_table_comes_behind_those_that_it_comes_after() {
    let stage = stage();
    let told = said(&stage, "sync", 0);
    assert_snapshot!(told.replace(FIRST_PUSH, ""));
    assert_eq!(sent(&stage), ["owners", "deals", "quotas"]);
    assert_eq!(held(&stage), [2, 4, 3]);
}

#[test]
fn named_tables_are_pushed_without_what_they_come_after() {
    let stage = stage();
    ends(&stage, "sync quotas owners", 0);
    assert_eq!(sent(&stage), ["owners", "quotas"]);
    assert_eq!(held(&stage), [2, 2, 3]);
}

#[test]
fn a_failed_table_stops_those_that_come_after_it_and_no_others() {
    let independent = PROJECT.replace("after = \"deals\"\n", "");
    let stage = filled(Stage::of(SandboxOptions {
        faults: parse_faults("400@1").unwrap(),
        ..service()
    }))
    .file("qobra-push.toml", independent);
    // Quotas come first in the file: the one that is refused.
    assert_snapshot!(said(&stage, "sync", 4).replace(FIRST_PUSH, ""));
    assert_eq!(sent(&stage), ["quotas", "owners", "deals"]);
    assert_eq!(held(&stage), [2, 4, 0]);

    let stage = filled(Stage::of(SandboxOptions {
        faults: parse_faults("400@1").unwrap(),
        ..service()
    }));
    assert_snapshot!(said(&stage, "sync", 4).replace(FIRST_PUSH, ""));
    assert_eq!(sent(&stage), ["owners"]);
    assert_eq!(held(&stage), UNTOUCHED);
    // What came of it is pushed by the lines that it named.
    ends(&stage, "sync owners", 0);
    ends(&stage, "sync deals quotas", 0);
    assert_eq!(held(&stage), [2, 4, 3]);
}

#[test]
fn gaps_stop_what_comes_after_unless_they_are_allowed() {
    let gaps = "id,name,amount\n1,A,1\n2\n";
    let line = "sync --max-errors 1";
    let stage = stage().file("owners.csv", gaps);
    ends(&stage, line, 7);
    assert_eq!(sent(&stage), ["owners"]);

    let allowed = PROJECT.replace(
        "after = [\"owners\"]",
        "after = [\"owners\"]\nafter_gaps = true",
    );
    let stage = self::stage()
        .file("owners.csv", gaps)
        .file("qobra-push.toml", allowed);
    ends(&stage, line, 7);
    assert_eq!(sent(&stage), ["owners", "deals", "quotas"]);
    assert_eq!(held(&stage), [1, 4, 3]);
}

#[test]
fn all_that_may_go_is_sent_before_the_first_is_followed() {
    let independent = PROJECT
        .replace("after = [\"owners\"]\n", "")
        .replace("15m", "1");
    let stage = filled(Stage::of(SandboxOptions {
        clock: SandboxClock::real(),
        ..service()
    }))
    .file("qobra-push.toml", independent);
    ends(&stage, "sync --wait", 0);
    let methods: Vec<_> = (stage.requests().iter())
        .map(|seen| {
            (
                seen.method.clone(),
                seen.path.split('/').nth(3).unwrap().to_owned(),
            )
        })
        .collect();
    let posts: Vec<_> = (methods.iter().enumerate())
        .filter(|(_, (method, _))| method == "POST")
        .map(|(n, (_, table))| (n, table.as_str()))
        .collect();
    // Deals and owners at once; quotas when deals have been seen to end.
    assert_eq!(posts[..2], [(0, "deals"), (1, "owners")]);
    assert!(posts[2].0 > 2 && posts[2].1 == "quotas", "{methods:?}");
    assert_eq!(held(&stage), [2, 4, 3]);
}
