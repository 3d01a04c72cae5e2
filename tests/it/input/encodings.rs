//! Encodings that were named wrongly: nothing garbled is sent.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::stage::{Stage, ids};
use crate::support::run;

const UTF8: &[u8] = include_bytes!("../../data/cases/utf8-called-1252.csv");

const MAPPING: &str = "table = \"deals\"\n[input]\nencoding = \"latin1\"\n[fields]\n\
                       id = \"id\"\nname = \"name\"\n";

#[test]
fn utf8_is_never_sent_as_something_else() {
    // The accents come behind all that is looked at before the first record is handed on.
    let mut long = String::from("id,name\n");
    for id in 0..40_000 {
        writeln!(long, "{id},Deal {id}").unwrap();
    }
    long.push_str("last,Société\n");
    let stage = Stage::unused()
        .file("utf8-called-1252.csv", UTF8)
        .file("long.csv", long)
        .file("accents.csv", "id,prénom\n1,Zoë\n")
        .file("lines.ndjson", "{\"id\":1,\"name\":\"Zoë\"}\n")
        .file("m.toml", MAPPING);
    let mut all = String::new();
    for line in [
        "utf8-called-1252.csv -t deals --encoding windows-1252",
        "utf8-called-1252.csv -m m.toml --all --debounce 900",
        "utf8-called-1252.csv -t deals --encoding gbk --dry-run",
        "long.csv -t deals --encoding windows-1252 --all --debounce 900",
        "accents.csv -t deals --encoding koi8-r --id-field prénom",
        "lines.ndjson -t deals --encoding iso-8859-15",
        "init utf8-called-1252.csv --encoding windows-1252",
    ] {
        let told = stage.tidy(&run(&mut stage.push(line)));
        writeln!(all, "$ {line}\n{told}").unwrap();
    }
    assert_snapshot!(all);
}

/// The third record holds a byte that windows-1252 has no character for.
const HOLES: &[u8] = b"id,note\n1,caf\xe9\n2,\"two\nlines \x81\"\n3,x\n";

#[test]
fn a_byte_that_no_text_has_makes_its_record_bad() {
    let stage = Stage::unused()
        .file("holes.csv", HOLES)
        .file("c1.csv", b"id,note\n1,\x93quoted\x94\n2,plain\n")
        .file("head.csv", b"id,no\x9dte\n1,caf\xe9\n")
        .file("holes.ndjson", b"{\"id\":1,\"note\":\"\xe9\x8f\"}\n")
        .file(
            "holes.json",
            b"[{\"id\":1},\n {\"id\":2,\"note\":\"\x90\xe9\"}]\n",
        );
    let mut all = String::new();
    for line in [
        "holes.csv -t deals --encoding windows-1252",
        // Quotes in windows-1252.
        "c1.csv -t deals --encoding iso-8859-2",
        "head.csv -t deals --encoding cp1252",
        "holes.ndjson -t deals --encoding cp1252",
        "holes.json -t deals --encoding cp1252",
    ] {
        let told = stage.tidy(&run(&mut stage.push(line)));
        writeln!(all, "$ {line}\n{told}").unwrap();
    }
    assert_snapshot!(all);
}

#[test]
fn its_rejects_are_refused_until_it_is_gone() {
    for (name, content, marked, good) in [
        (
            "holes.csv",
            HOLES,
            ",\"(take the control characters out, then delete this field)\"",
            "",
        ),
        (
            "holes.ndjson",
            b"{\"id\":\"1\",\"note\":\"caf\xe9\"}\n{\"id\":\"2\",\"note\":\"\xe9\x81\"}\n{\"id\":\"3\"}\n",
            "{\"reject_raw\":\"{\\\"id\\\":\\\"2\\\",\\\"note\\\":\\\"é\u{81}\\\"}\"",
            "{\"id\":\"2\",\"note\":\"é\"",
        ),
    ] {
        let stage = Stage::new().file(name, content).file("m.toml", MAPPING.replace("name = \"name\"", "note = \"note\""));
        let extension = name.rsplit('.').next().unwrap();
        let line = format!("{name} -m m.toml --max-errors 1 --rejects rejects.{extension}");
        let told = run(&mut stage.push(&line));
        assert_eq!(told.code(), Some(7), "{told}");
        let rejects = format!("rejects.{extension}");
        let text = std::fs::read_to_string(stage.folder().path().join(&rejects)).unwrap();
        // As it was pushed: with the mapping that names the encoding of the input.
        let told = run(&mut stage.push(&format!("{rejects} -m m.toml")));
        assert_eq!(told.code(), Some(3), "{told}");
        assert!(text.contains(marked), "{text}");
        let corrected = text.replace(marked, good).replace('\u{81}', "");
        let stage = stage.file(&rejects, corrected);
        let told = run(&mut stage.push(&format!("{rejects} -m m.toml")));
        assert_eq!(told.code(), Some(0), "{told}");
        let held = stage.settled();
        assert_eq!(ids(&held), ["old-1", "old-2", "1", "3", "2"], "{name}");
        assert!(held.records[2].1.contains("café"), "{:?}", held.records);
    }
}

#[test]
fn a_resumed_push_leaves_out_the_same_record() {
    let stage = Stage::with_faults("500@2").file("holes.csv", HOLES);
    let line = "holes.csv -t deals --encoding cp1252 --chunk-size 1 --retry-for 0 --max-errors 1";
    assert_eq!(run(&mut stage.push(line)).code(), Some(6));
    let told = run(&mut stage.push("resume"));
    assert_eq!(told.code(), Some(7), "{told}");
    assert_eq!(ids(&stage.settled()), ["old-1", "old-2", "1", "3"]);
}

#[test]
fn control_characters_that_utf8_holds_are_what_somebody_wrote() {
    let stage = Stage::new().file("data.csv", "id,note\n1,a\u{85}b\u{99}\n");
    let told = run(&mut stage.push("data.csv -t deals"));
    assert_eq!(told.code(), Some(0), "{told}");
    let held = stage.settled();
    assert_eq!(
        held.records[2].1,
        "{\"id\":\"1\",\"note\":\"a\u{85}b\u{99}\"}"
    );
}
