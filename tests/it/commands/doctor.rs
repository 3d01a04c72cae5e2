//! `doctor`: each thing that may be wrong, as text and as a document of the published form.

mod network;

use insta::assert_snapshot;
use qobra_push::{KeySeen, SandboxOptions};
use regex::Regex;
use serde_json::Value;

use crate::rig::{
    READINGS, REPLACE, UPSERT, Watched, done, folder_name, killed_at, posts, runs, service, until,
};
use crate::stage::{Stage, deals, options};
#[cfg(target_os = "linux")]
use crate::support::skip;
use crate::support::{Folder, KEY, Told, below, published, run, set_mode, tidy};

/// The document, of the published form, with the code that the program ended with.
fn document(told: &Told) -> Value {
    assert_eq!(told.stderr, "", "{told}");
    let document = published(told, include_str!("../../../schemas/doctor.schema.json"));
    let code = told.code().unwrap();
    assert_eq!(document["exit_code"], code, "{told}");
    assert_eq!(document["can_start"], code == 0, "{told}");
    document
}

/// The only check of a name.
fn check<'d>(document: &'d Value, name: &str) -> &'d Value {
    let checks = document["checks"].as_array().unwrap();
    let mut found = checks.iter().filter(|check| check["check"] == name);
    let check = found.next().unwrap_or_else(|| panic!("{name}: {document}"));
    assert!(found.next().is_none(), "{name}: {document}");
    check
}

/// The names of the checks that did not come out well, with their verdicts. What holds the folder depends on
/// who runs the tests.
fn troubles(document: &Value) -> Vec<(&str, &str)> {
    let checks = document["checks"].as_array().unwrap().iter();
    let checks = checks.filter(|check| check["check"] != "storage");
    let words = checks.map(|c| (c["check"].as_str().unwrap(), c["verdict"].as_str().unwrap()));
    words.filter(|(_, verdict)| *verdict != "ok").collect()
}

/// What was told, with broken lines joined again (where they break depends on the folder's name) and
/// everything blotted out that differs from machine to machine.
fn shown(told: &Told, folder: &Folder) -> String {
    let mut text = told.to_string();
    for (pattern, blot) in [
        (r"\n(?: {22}| {14})(\S)", " $1"),
        // Where the tests run in memory or in a container.
        (r"warning storage .*\n +hint: .*\n", ""),
        (r"\d+(\.\d+)? ([KMGTPE]i)?B free", "N free"),
        (r"\(in [^)]*\)", "(in TIME)"),
        (r"qobra-push \d+\.\d+\.\d+", "qobra-push VERSION"),
        (r"process \d+, since [^)]*\)", "process PID, since TIME)"),
    ] {
        let pattern = Regex::new(pattern).unwrap();
        text = pattern.replace_all(&text, blot).into_owned();
    }
    tidy(&below(folder.path(), &text))
}

#[test]
fn all_good() {
    let stage = Stage::new().file("key", KEY);
    let key = stage.folder().path().join("key");
    set_mode(key, 0o600);
    let line = "doctor -t deals --api-key-file key";
    let told = run(&mut stage.push(line));
    assert_snapshot!(shown(&told, stage.folder()));
    for line in told.stdout.lines() {
        // Only what cannot be broken is wider.
        let words = line.split_whitespace().count();
        assert!(line.chars().count() <= 80 || words <= 3, "{line}");
    }

    let document = document(&run(&mut stage.push(&format!("{line} --output json"))));
    assert_eq!(troubles(&document), []);
    let facts = |name: &str| &check(&document, name)["facts"];
    assert_eq!(facts("key")["source"], "--api-key-file");
    let path = stage.folder().path().join("key").display().to_string();
    assert_eq!(facts("key")["path"], path);
    assert_eq!(facts("key")["mode"], "0600");
    assert_eq!(facts("service")["key_accepted"], true);
    assert_eq!(facts("state_folder")["exists"], false);
    // Nothing was made, and nothing asked but this.
    assert!(!stage.folder().path().join("state").exists());
    let seen: Vec<_> = stage.requests().into_iter().map(|r| r.path).collect();
    assert_eq!(seen, ["/v2/data-structures", "/v2/data-structures"]);

    assert_eq!(
        done(&stage, "doctor -q").stdout,
        done(&stage, "doctor").stdout
    );
}

#[test]
fn the_folder_of_a_push_is_as_it_should_be() {
    let stage = Stage::new().file("deals.csv", deals(3));
    assert_eq!(done(&stage, "deals.csv -t deals").code(), Some(0));
    let document = document(&run(&mut stage.push("doctor -t deals --output json")));
    assert_eq!(troubles(&document), []);
    let facts = &check(&document, "state_folder")["facts"];
    assert_eq!(
        (&facts["exists"], &facts["mode"]),
        (&true.into(), &"0700".into())
    );
    assert_eq!(facts["source"], "QOBRA_PUSH_STATE_DIR");
    assert!(facts["free_bytes"].is_u64(), "{facts}");
    assert_eq!(check(&document, "earlier_runs")["facts"]["tables"], 1);
}

/// The memory of this machine is no place that stays; only Linux says that a folder is in it.
#[cfg(target_os = "linux")]
#[test]
fn a_state_folder_in_memory() {
    const TMPFS: u32 = 0x0102_1994;
    let memory = std::path::Path::new("/dev/shm");
    let is_memory = rustix::fs::statfs(memory).is_ok_and(|found| found.f_type as u32 == TMPFS);
    if !is_memory {
        return skip("a file system in memory");
    }
    let stage = Stage::new();
    let folder = tempfile::TempDir::new_in(memory).unwrap();
    let push = |line: &str| {
        let mut command = stage.push(line);
        run(command.env("QOBRA_PUSH_STATE_DIR", folder.path().join("state")))
    };
    let told = push("doctor");
    assert_eq!(told.code(), Some(0), "{told}");
    assert!(told.stdout.contains("is on tmpfs, in memory"), "{told}");
    let document = document(&push("doctor --output json"));
    let check = check(&document, "storage");
    assert_eq!(
        (&check["verdict"], &check["facts"]["kind"]),
        (&"warning".into(), &"memory".into())
    );
    let hint = check["hint"].as_str().unwrap();
    assert!(hint.contains("wait out its --debounce"), "{hint}");
}

#[test]
fn colours_are_for_terminals() {
    let stage = Stage::new();
    let plain = done(&stage, "doctor").stdout;
    let painted = done(&stage, "doctor --color always").stdout;
    assert!(painted.contains("\u{1b}["), "{painted}");
    let bare = Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    assert_eq!(bare.replace_all(&painted, ""), plain);
}

#[test]
fn without_a_key_the_rest_is_looked_at() {
    let stage = Stage::new();
    let told = run(stage.push("doctor").env_remove("QOBRA_API_KEY"));
    assert_eq!(told.code(), Some(2));
    assert_snapshot!(shown(&told, stage.folder()));
    let seen: Vec<_> = stage.requests().iter().map(|r| r.key).collect();
    assert_eq!(seen, [KeySeen::Missing]);
    let told = run(stage
        .push("doctor --output json")
        .env_remove("QOBRA_API_KEY"));
    let document = document(&told);
    assert_eq!(troubles(&document), [("key", "failed")]);
    assert_eq!(
        check(&document, "service")["facts"]["key_accepted"],
        Value::Null
    );
}

/// Only Unix says by a number who may read a file.
#[cfg(unix)]
#[test]
fn a_key_file_that_others_may_read() {
    let stage = Stage::new().file("open", KEY);
    let key = stage.folder().path().join("open");
    set_mode(&key, 0o644);
    let told = run(stage.push("doctor").env("QOBRA_API_KEY_FILE", "open"));
    assert_eq!(told.code(), Some(2));
    assert_snapshot!(shown(&told, stage.folder()));
    // It is not used: the question went without a key.
    assert_eq!(stage.requests()[0].key, KeySeen::Missing);
}

#[test]
fn a_key_from_systemd() {
    let stage = Stage::new().file("qobra-api-key", KEY);
    let told = run(stage
        .push("doctor --output json")
        .env("CREDENTIALS_DIRECTORY", stage.folder().path()));
    let document = document(&told);
    let facts = &check(&document, "key")["facts"];
    assert_eq!(facts["source"], "CREDENTIALS_DIRECTORY");
    assert_eq!(told.code(), Some(0));
}

#[test]
fn a_wrong_key() {
    let stage = Stage::of(SandboxOptions {
        key: Some("another".to_owned()),
        ..options()
    });
    let told = done(&stage, "doctor");
    assert_eq!(told.code(), Some(4));
    assert_snapshot!(shown(&told, stage.folder()));
    let document = document(&done(&stage, "doctor --output json"));
    assert_eq!(troubles(&document), [("service", "failed")]);
    let facts = &check(&document, "service")["facts"];
    assert_eq!(
        (&facts["status"], &facts["key_accepted"]),
        (&401.into(), &false.into())
    );
}

#[test]
fn what_earlier_pushes_left() {
    let stage = service(READINGS[0], "").file("deals.csv", deals(23));
    let line = REPLACE.replace("--jobs 2", "--jobs 1");
    assert!(killed_at(&stage, &line, "journal-answer-after:2"));
    let told = done(&stage, "doctor -t deals");
    assert_eq!(told.code(), Some(0));
    assert_snapshot!(shown(&told, stage.folder()));
    let document = document(&done(&stage, "doctor --output json"));
    let expected = [("earlier_runs", "warning"); 2];
    assert_eq!(troubles(&document), expected);
    let checks = document["checks"].as_array().unwrap();
    let left = checks
        .iter()
        .filter(|check| check["check"] == "earlier_runs");
    let states: Vec<_> = left.map(|check| &check["facts"]["state"]).collect();
    assert_eq!(states, ["interrupted", "pending"]);

    // A journal that cannot be read stops a push to its own table only.
    let journal = runs(&stage)[0].join("journal.jsonl");
    std::fs::write(journal, "nonsense\nnonsense\n").unwrap();
    for (table, code) in [("deals", 2), ("other", 0)] {
        let told = done(&stage, &format!("doctor -t {table}"));
        assert_eq!(told.code(), Some(code), "{told}");
    }
}

#[test]
fn another_push_holds_the_table() {
    let stage = service(READINGS[0], "hang@1").file("deals.csv", deals(12));
    let mut first = Watched::start(stage.process(UPSERT));
    until(|| (!posts(&stage).is_empty()).then_some(()));
    let told = done(&stage, "doctor -t deals");
    assert_eq!(told.code(), Some(9));
    assert_snapshot!(shown(&told, stage.folder()));
    let document = document(&done(&stage, "doctor -t deals --output json"));
    assert_eq!(troubles(&document), [("table", "failed")]);
    let facts = &check(&document, "table")["facts"];
    assert_eq!(facts["is_locked"], true);
    assert_eq!(facts["run"], folder_name(&runs(&stage)[0]));
    // Other tables are free, and no push is disturbed by a look.
    assert_eq!(done(&stage, "doctor -t other").code(), Some(0));
    assert_eq!(done(&stage, "doctor").code(), Some(0));
    first.signal("KILL");
    first.end();
}

/// Rights, links and folders as Unix has them.
#[cfg(unix)]
#[test]
fn a_state_folder_that_cannot_be_used() {
    let stage = Stage::new().file("file", "");
    let open = stage.folder().path().join("open");
    std::fs::create_dir(&open).unwrap();
    set_mode(&open, 0o777);
    // A link that leads nowhere stands in the folder's place.
    std::os::unix::fs::symlink("nowhere", stage.folder().path().join("link")).unwrap();
    let mut all = String::new();
    for folder in [
        "file",
        "file/below",
        "open",
        "link",
        "/proc/qobra-push/state",
    ] {
        let line = format!("doctor --state-dir {folder}");
        let told = done(&stage, &line);
        assert_eq!(told.code(), Some(2), "{told}");
        let text = shown(&told, stage.folder());
        let lines = text
            .split('\n')
            .skip_while(|line| !line.contains(" state folder "));
        let lines: Vec<_> = lines.take(2).collect();
        all.push_str(&format!("{}\n", lines.join("\n")));
        let document = document(&done(&stage, &format!("{line} --output json")));
        assert_eq!(troubles(&document)[0], ("state_folder", "failed"));
        // A push says the same.
        let push = stage.folder().path().join("deals.csv");
        std::fs::write(push, deals(1)).unwrap();
        let told = done(&stage, &format!("deals.csv -t deals --state-dir {folder}"));
        assert_eq!(told.code(), Some(2), "{told}");
    }
    assert_snapshot!(all);
    assert!(posts(&stage).is_empty());
}

#[test]
fn places_for_state_are_named() {
    let stage = Stage::new();
    let home = stage.folder().path().to_owned();
    for (variable, source, below) in [
        ("STATE_DIRECTORY", "STATE_DIRECTORY", ""),
        ("XDG_STATE_HOME", "XDG_STATE_HOME", "qobra-push"),
        ("HOME", "default", ".local/state/qobra-push"),
    ] {
        let told = run(stage
            .push("doctor --output json")
            .env_remove("QOBRA_PUSH_STATE_DIR")
            .env(variable, &home));
        let document = document(&told);
        let facts = &check(&document, "state_folder")["facts"];
        assert_eq!(facts["source"], source);
        let path = home.join(below).display().to_string();
        assert_eq!(
            facts["path"].as_str().unwrap().trim_end_matches('/'),
            path.trim_end_matches('/')
        );
    }
    let told = run(stage
        .push("doctor --output json")
        .env_remove("QOBRA_PUSH_STATE_DIR"));
    assert_eq!(told.code(), Some(2));
    assert_eq!(troubles(&document(&told)), [("state_folder", "failed")]);
}

#[test]
fn a_table_key_that_is_none_is_a_mistake_of_the_line() {
    let stage = Stage::unused();
    let told = done(&stage, "doctor -t ..");
    assert_eq!(told.code(), Some(2));
    assert_eq!(told.stdout, "");
    assert!(
        told.stderr.starts_with("error: `..` is no table key: "),
        "{told}"
    );
}
