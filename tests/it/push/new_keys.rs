//! API keys that a table gets for the first time from here: named once, with what to look at in Qobra.

use crate::rig::{UPSERT, done, journal, killed_at, runs};
use crate::stage::{Stage, deals};
use crate::support::Told;

/// The keys that a run named as new; nothing where it named none.
fn named(told: &Told) -> &str {
    let begin = "sent to this table for the first time from here: ";
    let line = told
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix(begin));
    line.map_or("", |line| {
        let (keys, advice) = line.split_once(". Qobra drops a field ").unwrap();
        assert!(
            advice.ends_with("with the table's API names in Qobra"),
            "{told}"
        );
        keys
    })
}

/// Whether a run says that its records have no name field.
fn lacks_name(told: &Told) -> bool {
    told.stderr
        .contains("; Qobra requires a name for each record in file imports\n")
}

fn pushed(stage: &Stage, line: &str) -> Told {
    let told = done(stage, line);
    assert_eq!(told.code(), Some(0), "{told}");
    told
}

#[test]
fn new_keys_are_named_once() {
    let stage = Stage::new()
        .file("a.csv", "id,name,amount\n1,A,2\n")
        .file("b.csv", "id,stage,name\n1,won,A\n")
        .file(
            "c.ndjson",
            "{\"id\":\"1\",\"name\":\"A\"}\n{\"id\":\"2\",\"owner\":null,\"stage\":1}\n",
        )
        .file(
            "map.toml",
            "[fields]\nid = \"id\"\nname = \"name\"\ntotal = \"amount\"\neur = { value = 1 }\n",
        );
    for (line, keys) in [
        ("a.csv -t deals", "`amount`, `id`, `name`"),
        ("a.csv -t deals", ""),
        ("b.csv -t deals --all", "`stage`"),
        ("c.ndjson -t deals --max-hollow 100%", "`owner`"),
        ("c.ndjson -t deals --max-hollow 100%", ""),
        (
            "a.csv -t deals -m map.toml --max-hollow 100%",
            "`eur`, `total`",
        ),
        ("a.csv -t deals -m map.toml --max-hollow 100% -q", ""),
        ("a.csv -t deals --max-hollow 100%", ""),
    ] {
        assert_eq!(named(&pushed(&stage, line)), keys, "{line}");
    }
    // A rehearsal is not sent to Qobra, and a dry run to nobody.
    let stage = Stage::unused().file("a.csv", "id,name,amount\n1,A,2\n");
    for line in ["a.csv -t deals --sandbox", "a.csv -t deals --dry-run"] {
        assert_eq!(named(&pushed(&stage, line)), "", "{line}");
    }
}

#[test]
fn a_missing_name_field_is_told_once() {
    let stage = Stage::new()
        .file("bare.csv", "id,title\n1,A\n")
        .file("bare.ndjson", "{\"id\":\"1\"}\n")
        .file(
            "some.ndjson",
            "{\"id\":\"1\"}\n{\"id\":\"2\",\"name\":\"B\"}\n",
        )
        .file(
            "title.toml",
            "name = \"title\"\n[fields]\nid = \"id\"\ntitle = \"title\"\n",
        )
        .file(
            "label.toml",
            "name = \"label\"\n[fields]\nid = \"id\"\ntitle = \"title\"\n",
        );
    for (line, is_told) in [
        ("some.ndjson -t deals", false),
        ("bare.csv -t deals --dry-run", true),
        ("bare.csv -t deals", true),
        ("bare.csv -t deals", false),
        ("bare.ndjson -t deals", false),
        ("bare.csv -t deals -m title.toml", false),
        ("bare.csv -t deals -m label.toml", true),
        ("bare.csv -t deals -m label.toml", false),
        ("bare.csv -t deals --dry-run", false),
    ] {
        assert_eq!(lacks_name(&pushed(&stage, line)), is_told, "{line}");
    }
}

#[test]
fn a_push_that_never_arrived_has_carried_nothing() {
    let stage = Stage::with_faults("422@1").file("deals.csv", deals(23));
    let refused = done(&stage, "deals.csv -t deals");
    assert_eq!(
        (refused.code(), named(&refused)),
        (Some(4), ""),
        "{refused}"
    );
    assert_eq!(
        named(&pushed(&stage, "deals.csv -t deals")),
        "`amount`, `id`, `name`"
    );
}

/// A run that was killed said nothing at its end: whoever finishes it does.
#[test]
fn a_killed_push_is_made_up_for_by_resume() {
    let stage = Stage::new().file("deals.csv", deals(23));
    let line = UPSERT.replace("--jobs 2", "--jobs 1");
    assert!(killed_at(&stage, &line, "journal-answer-after:2"));
    assert_eq!(named(&pushed(&stage, "resume")), "`amount`, `id`, `name`");
    assert_eq!(named(&pushed(&stage, "deals.csv -t deals")), "");

    // One that ended in order has told it itself.
    let stage = Stage::with_faults("422@2").file("deals.csv", deals(23));
    let half = done(&stage, &line);
    assert_eq!(
        (half.code(), named(&half)),
        (Some(6), "`amount`, `id`, `name`"),
        "{half}"
    );
    assert_eq!(named(&pushed(&stage, "resume")), "");
}

/// A journal of an earlier version knows no keys, and is read all the same.
#[test]
fn a_journal_without_keys_is_one_that_tells_none() {
    let stage = Stage::new().file("deals.csv", deals(3));
    pushed(&stage, "deals.csv -t deals");
    let path = journal(&runs(&stage)[0]);
    let text = std::fs::read_to_string(&path).unwrap();
    let old = text.replacen(r#","keys":["amount","id","name"]"#, "", 1);
    assert!(old.len() < text.len(), "{text}");
    std::fs::write(path, old).unwrap();
    assert_eq!(
        named(&pushed(&stage, "deals.csv -t deals")),
        "`amount`, `id`, `name`"
    );
    assert_eq!(named(&pushed(&stage, "deals.csv -t deals")), "");
}

/// However many keys there are, the line is short and the journal does not grow with them.
#[test]
fn thousands_of_keys_are_bounded() {
    let records: String = (0..3_000)
        .map(|n| format!("{{\"id\":\"{n}\",\"name\":\"x\",\"key {n:04}\\u001b\":1}}\n"))
        .collect();
    let stage = Stage::new().file("many.ndjson", records);
    let told = pushed(&stage, "many.ndjson -t deals");
    let keys = named(&told);
    assert!(keys.starts_with("`id`, `key 0000\\u{1b}`, "), "{told}");
    assert!(keys.ends_with(" and 490 more"), "{told}");
    // The name is there, though the list did not hold it.
    assert!(!lacks_name(&told), "{told}");
    let again = pushed(&stage, "many.ndjson -t deals");
    assert_eq!((named(&again), lacks_name(&again)), ("", false));
    let plan = std::fs::read_to_string(journal(&runs(&stage)[0])).unwrap();
    assert!(plan.lines().next().unwrap().len() < 80_000);
}
