use super::{ALL, CHANGED, UPSERT, followed, holds, renamed, sends};
use crate::rig::{ends, sorted};
use crate::stage::{Stage, deals};
use crate::support::receipt;

const NDJSON: &str = "deals.ndjson -t deals --all --max-hollow 100%";

#[test]
fn nothing_is_known_yet() {
    for (line, said) in [
        (
            CHANGED,
            "the whole table is replaced: there is nothing to compare it with\n",
        ),
        (
            UPSERT,
            "everything is sent: there is nothing to compare it with\n",
        ),
    ] {
        let stage = Stage::new().file("deals.csv", deals(9));
        let (told, sent) = sends(&stage, line);
        assert!(told.stderr.contains(said), "{told}");
        assert_eq!(sent, [Some(9)]);
        assert!(
            told.stderr.contains("what others sent to it is not seen\n"),
            "{told}"
        );
    }
}

/// What the service made of the last push is to be seen first.
#[test]
fn a_push_that_nobody_followed() {
    let stage = Stage::new().file("deals.csv", deals(9));
    let told = ends(&stage, ALL, 0);
    let run = crate::rig::runs(&stage)[0].file_name().unwrap().to_owned();
    let run = run.to_str().unwrap();
    assert!(!told.stderr.contains("--changed"), "{told}");
    stage.settled();
    stage.folder().write("deals.csv", renamed(&deals(9), [3]));
    for line in [CHANGED, UPSERT] {
        let told = ends(&stage, &format!("{line} --dry-run"), 0);
        let said =
            format!("a push first looks at the imports of run {run}, whose end nobody saw: ");
        assert!(told.stderr.contains(&said), "{told}");
        assert!(told.stderr.contains("would send 1 of 9 records"), "{told}");
    }
    let (told, sent) = sends(&stage, CHANGED);
    let said = format!("the imports of run {run} are looked at first: nobody saw their end\n");
    assert!(told.stderr.contains(&said), "{told}");
    assert_eq!(sent, [Some(1)]);
    holds(&stage, &renamed(&deals(9), [3]));
}

/// Bad records that were left out make gaps, which say nothing of what became of the others.
#[test]
fn gaps_that_nobody_followed() {
    let mapping =
        "[fields]\nid = 'id'\nname = 'name'\namount = { column = 'amount', type = 'number' }\n";
    let stage = Stage::new()
        .file("deals.toml", mapping)
        .file("deals.csv", deals(9).replace("7.50", "seven"));
    let line = "deals.csv -t deals --all -m deals.toml --max-errors 1";
    ends(&stage, line, 7);
    stage.settled();
    let told = ends(&stage, &format!("{line} --changed --dry-run"), 0);
    assert!(told.stderr.contains(", whose end nobody saw: "), "{told}");
    assert!(
        told.stderr.contains(", not followed to its end:\n"),
        "{told}"
    );
    ends(&stage, "status", 7);
    let told = ends(&stage, &format!("{line} --changed --dry-run"), 0);
    assert!(!told.stderr.contains("not followed"), "{told}");
}

#[test]
fn a_field_that_is_gone() {
    let stage = Stage::new();
    let records = |lines: &str| stage.folder().write("deals.ndjson", lines);
    records("{\"id\":1,\"a\":5,\"b\":1}\n{\"id\":2,\"a\":6}\n{\"id\":3,\"a\":7,\"b\":2}\n");
    followed(&stage, NDJSON);
    records("{\"id\":1,\"a\":5}\n{\"id\":2,\"a\":6}\n{\"id\":3,\"a\":7,\"b\":2}\n");
    let (told, sent) = sends(&stage, &format!("{NDJSON} --changed"));
    assert!(
        told.stderr.contains(
            "the whole table is replaced: 1 changed record lacks a field that the table has of it, \
             and nothing else is sure to take it away\n"
        ),
        "{told}"
    );
    assert_eq!(sent, [Some(3)]);
    assert!(!sorted(&stage.held())[0].1.contains('b'));
    // One that is emptied is still there.
    records("{\"id\":1,\"a\":null}\n{\"id\":2,\"a\":6}\n{\"id\":3,\"a\":\"\",\"b\":2,\"c\":1}\n");
    let (told, sent) = sends(&stage, &format!("{NDJSON} --changed"));
    assert_eq!(sent, [Some(2)], "{told}");
    // What an upsert left is taken away as well.
    records("{\"id\":2,\"d\":1}\n");
    followed(&stage, "deals.ndjson -t deals --max-hollow 100%");
    records("{\"id\":1,\"a\":null}\n{\"id\":2,\"d\":1}\n{\"id\":3,\"a\":\"\",\"b\":2,\"c\":1}\n");
    let (told, sent) = sends(&stage, &format!("{NDJSON} --changed"));
    assert_eq!(sent, [Some(3)], "{told}");
    assert_eq!(sorted(&stage.held())[1].1, r#"{"d":1,"id":2}"#);
    // Nothing is left of it: what differs will do again.
    records("{\"id\":1,\"a\":null}\n{\"id\":2,\"d\":2}\n{\"id\":3,\"a\":\"\",\"b\":2,\"c\":1}\n");
    let (told, sent) = sends(&stage, &format!("{NDJSON} --changed"));
    assert_eq!(sent, [Some(1)], "{told}");
}

/// Whether the service takes 1 and "1" for the same record, it does not say.
#[test]
fn ids_that_are_written_in_another_way() {
    let stage = Stage::new().file("deals.ndjson", "{\"id\":1,\"a\":5}\n{\"id\":2,\"a\":6}\n");
    followed(&stage, NDJSON);
    let next = "{\"id\":1,\"a\":5}\n{\"id\":\"2\",\"a\":6}\n";
    stage.folder().write("deals.ndjson", next);
    let (told, sent) = sends(&stage, &format!("{NDJSON} --changed"));
    assert_eq!(sent, [Some(2)], "{told}");
    assert!(
        told.stderr.contains(
            "the whole table is replaced: the id of 1 changed record is written in another way than \
             before (a number, a text), and might not be taken for the same\n"
        ),
        "{told}"
    );
}

/// The guards look at all of the input, and the window's at what is sent as a replace.
#[test]
fn guards_look_at_all_of_it() {
    let stage = Stage::new().file("deals.csv", deals(40));
    followed(&stage, ALL);
    let small = "--chunk-size 10";
    stage
        .folder()
        .write("deals.csv", renamed(&deals(40), 1..=30));
    let told = ends(&stage, &format!("{CHANGED} --max-changed 50%"), 3);
    assert!(told.stderr.contains("--max-changed"), "{told}");
    let told = ends(&stage, &format!("{CHANGED} --min-records 41"), 3);
    assert!(
        told.stderr
            .contains("there are 40 records to send, fewer than the 41"),
        "{told}"
    );
    // In three requests as an upsert, without a window.
    let (_, sent) = sends(&stage, &format!("{CHANGED} {small}"));
    assert_eq!(sent, [Some(10); 3]);
    stage
        .folder()
        .write("deals.csv", renamed(&deals(39), 1..=30));
    let told = ends(&stage, &format!("{CHANGED} {small}"), 3);
    assert!(
        told.stderr
            .contains("39 records go in 4 requests, and without --debounce"),
        "{told}"
    );
    stage.folder().write("deals.csv", deals(10));
    let told = ends(&stage, CHANGED, 3);
    assert!(told.stderr.contains("--max-shrink"), "{told}");
    assert_eq!(
        receipt(&ends(&stage, &format!("{CHANGED} --output json"), 3), 3)["mode"],
        "replace"
    );
    holds(&stage, &renamed(&deals(40), 1..=30));
}

#[test]
fn an_approved_plan_is_one_of_what_goes() {
    let stage = Stage::new().file("deals.csv", deals(9));
    followed(&stage, ALL);
    stage.folder().write("deals.csv", renamed(&deals(9), [3]));
    let plan = ends(&stage, &format!("{CHANGED} --dry-run --output json"), 0);
    let document = receipt(&plan, 0);
    assert_eq!(document["mode"], "upsert");
    assert_eq!(document["dry_run"]["records"], 1);
    assert_eq!(document["dry_run"]["plan"]["options"]["changed"], true);
    stage.folder().write("plan.json", &plan.stdout);
    let told = ends(&stage, &format!("{ALL} --plan plan.json"), 3);
    for moved in [
        "mode: upsert approved, replace now",
        "--changed: given approved, not given now",
        "records to send: 1 approved, 9 now",
    ] {
        assert!(told.stderr.contains(moved), "{moved}: {told}");
    }
    let told = ends(
        &stage,
        &format!("{CHANGED} --full-every 7d --plan plan.json"),
        3,
    );
    assert!(
        told.stderr
            .contains("--full-every: not given approved, 604800 now"),
        "{told}"
    );
    let (_, sent) = sends(&stage, &format!("{CHANGED} --plan plan.json"));
    assert_eq!(sent, [Some(1)]);
    holds(&stage, &renamed(&deals(9), [3]));
}

#[test]
fn options_that_do_not_go_together() {
    let stage = Stage::unused().file("deals.csv", deals(9));
    for line in [
        "deals.csv -t deals --keep-vanished",
        "deals.csv -t deals --full-every 7d",
        "deals.csv -t deals --all --changed --keep-vanished",
        "deals.csv -t deals --changed --full-every 0",
        "deals.csv -t deals --changed --full-every 400d",
    ] {
        ends(&stage, line, 2);
    }
}

#[test]
fn a_rehearsal_has_nothing_to_compare_with() {
    let stage = Stage::unused().file("deals.csv", deals(9));
    let told = ends(&stage, &format!("{CHANGED} --sandbox"), 0);
    assert!(told.stderr.contains("now holds 9 records"), "{told}");
}

/// Records that the service rejected are not in the table, and go again.
#[test]
fn rejected_records_go_again() {
    let strict = super::strict();
    let wrong = |csv: &str| csv.replace("\n2,Deal 2,2.50", "\n2,Deal 2,two");
    let stage = strict.file("deals.csv", deals(9));
    ends(&stage, &format!("{ALL} --wait"), 0);
    stage
        .folder()
        .write("deals.csv", wrong(&renamed(&deals(9), [5])));
    ends(&stage, &format!("{CHANGED} --wait"), 7);
    let held = sorted(&stage.held());
    assert!(
        held[1].1.contains("2.50") && held[4].1.contains("Another 5"),
        "{held:?}"
    );
    // The same again: only the rejected one goes.
    let before = stage.records().len();
    ends(&stage, &format!("{CHANGED} --wait"), 7);
    assert_eq!(stage.records().split_off(before), [Some(1)]);
    stage.folder().write("deals.csv", renamed(&deals(9), [5]));
    let before = stage.records().len();
    ends(&stage, &format!("{CHANGED} --wait"), 0);
    assert_eq!(stage.records().len(), before, "the table has it as it was");
    stage
        .folder()
        .write("deals.csv", renamed(&deals(9), [5, 2]));
    ends(&stage, &format!("{CHANGED} --wait"), 0);
    assert_eq!(stage.records().split_off(before), [Some(1)]);
}
