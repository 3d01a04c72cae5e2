//! What `status` learns of a run from here stays with that run.

use std::fs;
use std::path::PathBuf;

use qobra_push::{SandboxClock, SandboxOptions, TableSpec, ValueKind};

use crate::rig::{journal, runs};
use crate::stage::{Stage, deals, options};
use crate::support::{published, run};

/// A push of three deals that sends one amount as a word.
fn pushed() -> Stage {
    let stage = strict().file("deals.csv", deals(3).replace("2.50", "two"));
    let told = run(&mut stage.push("deals.csv -t deals --all"));
    assert_eq!(told.code(), Some(0), "{told}");
    stage
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
}

fn rejects(stage: &Stage) -> Option<PathBuf> {
    let path = runs(stage)[0].join("rejects.csv");
    path.exists().then_some(path)
}

#[test]
fn the_services_rejects_are_kept_once() {
    let stage = pushed();
    let first = run(&mut stage.push("status --wait"));
    assert_eq!(first.code(), Some(7), "{first}");
    let path = rejects(&stage).unwrap();
    let kept = fs::read_to_string(&path).unwrap();
    assert!(
        first.stderr.contains(&path.display().to_string()),
        "{first}"
    );
    assert!(first.stderr.contains("first at line 3"), "{first}");
    assert_eq!(kept.lines().count(), 2, "{kept}");
    assert!(kept.lines().last().unwrap().starts_with("2,"), "{kept}");

    let second = run(&mut stage.push("status"));
    assert_eq!(second.code(), Some(7), "{second}");
    assert_eq!(fs::read_to_string(&path).unwrap(), kept);

    let corrected = kept.replace(",two,", ",2.50,");
    stage.folder().write("corrected.csv", corrected);
    let third = run(&mut stage.push("corrected.csv -t deals --wait"));
    assert_eq!(third.code(), Some(0), "{third}");
}

#[test]
fn an_error_that_is_seen_later_is_no_measure_for_the_next_replace() {
    let stage = pushed();
    let seen = run(&mut stage.push("status --wait"));
    assert_eq!(seen.code(), Some(7), "{seen}");
    let lines = fs::read_to_string(journal(&runs(&stage)[0])).unwrap();
    assert!(lines.contains(r#""has_error":true"#), "{lines}");
    // One record of three would be too few, had that replace been a good one.
    stage.folder().write("deals.csv", deals(1));
    let told = run(&mut stage.push("deals.csv -t deals --all --wait"));
    assert_eq!(told.code(), Some(0), "{told}");
}

#[test]
fn an_input_that_is_gone_is_said() {
    let stage = pushed();
    fs::remove_file(stage.folder().path().join("deals.csv")).unwrap();
    let told = run(&mut stage.push("status --wait"));
    assert_eq!(told.code(), Some(7), "{told}");
    assert!(told.stderr.contains("cannot be looked up"), "{told}");
    assert_eq!(rejects(&stage), None);
}

/// What was pushed from a pipe cannot be read again: its copy went when its run was over.
#[test]
fn a_pipe_that_is_gone_is_said() {
    let stage = strict();
    let csv = deals(3).replace("2.50", "two");
    let told = run(stage.push("- -t deals --all --format csv").write_stdin(csv));
    assert_eq!(told.code(), Some(0), "{told}");
    let told = run(&mut stage.push("status --wait"));
    assert_eq!(told.code(), Some(7), "{told}");
    assert!(told.stderr.contains("cannot be looked up"), "{told}");
    assert_eq!(rejects(&stage), None);
}

/// The copy of a JSON document went too, and is made again of the document while that is what it was.
#[test]
fn a_json_document_is_looked_up_again() {
    let json = r#"[{"id":"1","amount":1.5},{"id":"2","amount":"two"},{"id":"3","amount":3}]"#;
    let lines = json.replace(',', ",\n").into_bytes();
    let wide: Vec<u8> = (format!("\u{feff}{json}").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    for (content, place) in [
        (json.as_bytes().to_vec(), "first at record 2"),
        (lines, "first at line 3"),
        (wide, "first at record 2"),
    ] {
        let pushed = || {
            let stage = strict().file("x.json", &content);
            let told = run(&mut stage.push("x.json -t deals --all"));
            assert_eq!(told.code(), Some(0), "{told}");
            stage
        };
        let stage = pushed();
        let told = run(&mut stage.push("status --wait"));
        assert_eq!(told.code(), Some(7), "{told}");
        assert!(told.stderr.contains(place), "{told}");
        let kept = fs::read_to_string(runs(&stage)[0].join("rejects.ndjson")).unwrap();
        assert!(kept.contains(r#"{"id":"2","amount":"two","#), "{kept}");

        let stage = pushed();
        stage
            .folder()
            .write("x.json", [&content[..], b"[]"].concat());
        let told = run(&mut stage.push("status --wait"));
        assert_eq!(told.code(), Some(7), "{told}");
        assert!(told.stderr.contains("cannot be looked up"), "{told}");
    }
}

/// The run knows which service it went to; only what is said otherwise counts more.
#[test]
fn the_run_tells_which_service_to_ask() {
    let stage = pushed();
    let id = stage.held().imports[0].clone();
    for line in ["status --wait".to_owned(), format!("status {id} --wait")] {
        let told = run(stage.push(&line).env_remove("QOBRA_BASE_URL"));
        assert_eq!(told.code(), Some(7), "{line}: {told}");
        assert!(told.stdout.starts_with(&id), "{line}: {told}");
    }
    let told = run(stage
        .push("status")
        .env("QOBRA_BASE_URL", "http://127.0.0.1:1"));
    // What is known of the table stays so where nobody can be asked.
    assert_eq!(told.code(), Some(7), "{told}");
    assert!(told.stderr.contains("no connection"), "{told}");
}

#[test]
fn ids_alone_do_on_a_machine_without_a_place_for_state() {
    let stage = pushed();
    let id = stage.held().imports[0].clone();
    let homeless = |line: &str| run(stage.push(line).env_remove("QOBRA_PUSH_STATE_DIR"));
    let told = homeless(&format!("status {id} -t deals --wait"));
    assert_eq!(told.code(), Some(7), "{told}");
    assert!(told.stdout.starts_with(&id), "{told}");
    let told = homeless("status");
    let home = if cfg!(windows) {
        "LOCALAPPDATA"
    } else {
        "HOME"
    };
    let said = format!(
        "exit code 2\n--- stderr\nerror: there is no place to keep the state: {home} and \
         XDG_STATE_HOME are not set\nhint: name a folder with --state-dir or \
         QOBRA_PUSH_STATE_DIR\n"
    );
    assert_eq!(told.to_string(), said);
}

/// While another push has the table, its journal is not written to: what is seen is only told.
#[test]
fn a_look_during_a_push_keeps_nothing() {
    let stage = pushed();
    let folder = runs(&stage)[0]
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .to_owned();
    let lock = fs::File::open(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    let before = fs::read(journal(&runs(&stage)[0])).unwrap();
    let told = run(&mut stage.push("status --wait"));
    assert_eq!(told.code(), Some(7), "{told}");
    assert_eq!(fs::read(journal(&runs(&stage)[0])).unwrap(), before);
    assert_eq!(rejects(&stage), None);
    // Closing it is not enough: a process that another test is starting has a copy of it for a moment.
    lock.unlock().unwrap();
    let told = run(&mut stage.push("status"));
    assert_eq!(told.code(), Some(7), "{told}");
    assert!(rejects(&stage).is_some(), "{told}");
}

#[test]
fn the_document_has_the_published_form() {
    let stage = pushed();
    for (line, code) in [
        ("status --output json --wait", 7),
        ("status nobody --output json", 4),
    ] {
        let told = run(&mut stage.push(line));
        assert_eq!(told.code(), Some(code), "{told}");
        let document = published(&told, include_str!("../../../schemas/status.schema.json"));
        assert_eq!(document["exit_code"], code, "{told}");
    }
}
