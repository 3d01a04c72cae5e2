//! Pushes that are refused by this program or by the service, and the table stays as it was.

use std::fmt::Write as _;

use insta::assert_snapshot;
use qobra_push::{KeySeen, SandboxOptions};

use crate::service::wire::{answer, answering};
use crate::stage::{OLD, Stage, deals, ids, numbers, options, sorted_ids, table};
use crate::support::{FIRST_PUSH, Folder, KEY, run, set_mode};

#[test]
fn a_wrong_key_is_asked_about_once() {
    for all in ["", "--all --debounce 900"] {
        let stage = Stage::of(SandboxOptions {
            key: Some("another".to_owned()),
            ..options()
        })
        .file("data.csv", deals(12_345));
        let told = run(&mut stage.push(&format!("data.csv --table deals {all}")));
        assert_snapshot!("a_wrong_key", told.tidy().replace(FIRST_PUSH, ""));
        let seen: Vec<_> = stage.requests().iter().map(|r| (r.key, r.status)).collect();
        assert_eq!(seen, [(KeySeen::Wrong, Some(401))]);
        assert_eq!(ids(&stage.settled()), OLD);
    }
}

#[test]
fn a_wrong_table_is_asked_about_once() {
    let stage = Stage::new().file("data.csv", deals(12_345));
    let told = run(&mut stage.push("data.csv --table dealz --all --debounce 900"));
    assert_snapshot!(told.tidy());
    assert_eq!(stage.requests().len(), 1);
    assert_eq!(ids(&stage.settled()), OLD);
}

#[test]
fn without_a_usable_key_nothing_is_asked() {
    let stage = Stage::unused()
        .file("data.csv", deals(3))
        .file("empty", " \n")
        .file("words", "canary two")
        .file("long", format!("canary{}", "x".repeat(5_000)));
    let mode = |file: &str, mode| {
        let path = stage.folder().path().join(file);
        set_mode(path, mode);
    };
    for file in ["empty", "words", "long"] {
        mode(file, 0o600);
    }
    let mut all = String::new();
    let bare = "data.csv -t deals";
    let files = ["empty", "words", "long", "missing", "."];
    let lines: Vec<String> = std::iter::once(bare.to_owned())
        .chain(files.map(|file| format!("{bare} --api-key-file {file}")))
        .collect();
    for line in &lines {
        let mut command = stage.push(line);
        // A key file that was named must work: no other key is tried in its place.
        if line == bare {
            command.env_remove("QOBRA_API_KEY");
        }
        let _ = writeln!(all, "$ {line}\n{}", run(&mut command).tidy());
    }
    let mut command = stage.push(bare);
    let told = run(command.env("QOBRA_API_KEY", "canary two"));
    let _ = writeln!(all, "$ QOBRA_API_KEY='...' {bare}\n{}", told.tidy());
    assert_snapshot!(all);
}

/// Where rights are not read, that is said.
#[test]
fn a_key_that_others_may_read_is_refused() {
    let stage = Stage::behind().file("data.csv", deals(3)).file("open", KEY);
    set_mode(stage.folder().path().join("open"), 0o644);
    let told = run(&mut stage.push("data.csv -t deals --api-key-file open"));
    let (code, start) = match cfg!(unix) {
        true => (
            2,
            "error: the API key file `open` can be used by others (mode 0644)\n\
             hint: chmod 600 open   (of a secret in Kubernetes: defaultMode: 0400)\n",
        ),
        false => (
            0,
            "warning: who else may read the API key file `open` is not known: lists of access are not \
             read\nhint: keep it in your own folder, or see for yourself: icacls open\n",
        ),
    };
    assert_eq!(told.code(), Some(code), "{told}");
    assert!(told.stderr.starts_with(start), "{told}");
    assert_eq!(stage.requests().is_empty(), code == 2, "{told}");
}

#[test]
fn the_key_travels_encrypted_or_stays_on_this_machine() {
    let stage = Stage::unused().file("data.csv", deals(3));
    let mut all = String::new();
    for url in [
        "http://192.0.2.1",
        "http://api.qobra.co",
        "http://localhost.example:8080",
        "https://user:hunter2@api.qobra.co",
        "https://api.qobra.co/?key=hunter2",
        "ftp://api.qobra.co",
        "api.qobra.co",
    ] {
        let told = run(&mut stage.push(&format!("data.csv -t deals --base-url {url}")));
        assert!(!told.stderr.contains("hunter2"), "{told}");
        let by_variable = run(stage.push("data.csv -t deals").env("QOBRA_BASE_URL", url));
        assert_eq!(told, by_variable);
        let _ = writeln!(all, "$ --base-url {url}\n{}", told.tidy());
    }
    assert_snapshot!(all);
}

#[test]
fn a_replace_of_several_requests_needs_a_debounce() {
    let stage = Stage::unused().file("data.csv", deals(12_345));
    let told = run(&mut stage.push("data.csv -t deals --all"));
    assert_snapshot!(told.tidy());
    for line in ["--debounce 0", "--debounce 0s", "--sandbox"] {
        // The service's address cannot stand beside --sandbox.
        let mut command = stage.push(&format!("data.csv -t deals --all {line}"));
        let mut same = run(command.env_remove("QOBRA_BASE_URL"));
        let is_rehearsal = |said: &str| said.starts_with("rehearsal: ");
        same.stderr = same
            .stderr
            .split_inclusive('\n')
            .filter(|said| !is_rehearsal(said))
            .collect();
        assert_eq!(same, told, "{line}");
    }
    // A dry run shows its plan before.
    let dry = run(&mut stage.push("data.csv -t deals --all --dry-run"));
    assert_eq!((dry.status, dry.stdout), (told.status, String::new()));
    let (plan, refusal) = dry.stderr.split_at(dry.stderr.len() - told.stderr.len());
    assert_eq!(refusal, told.stderr);
    let window = "  window    none: about 10 s are needed\n";
    assert!(
        plan.starts_with("dry run: ") && plan.contains(window),
        "{plan}"
    );

    // The debounce that was named does.
    let hint = told.stderr.lines().last().unwrap();
    let named = hint.strip_prefix("hint: add ").unwrap();
    let stage = Stage::new().file("data.csv", deals(12_345));
    let told = run(&mut stage.push(&format!("data.csv -t deals --all {named}")));
    assert_eq!(told.code(), Some(0), "{told}");
    assert_eq!(sorted_ids(&stage.settled()), numbers(1..=12_345));
}

#[test]
fn a_replace_of_one_request_needs_none() {
    for debounce in ["", "--debounce 0"] {
        let stage = Stage::new().file("data.csv", deals(5_000));
        let told = run(&mut stage.push(&format!("data.csv -t deals --all {debounce}")));
        assert_snapshot!("one_request", told.tidy());
        let path = "/v1/tables/deals/records/bulk?all=true&debounce=0";
        assert_eq!(stage.requests()[0].path, path);
        assert_eq!(sorted_ids(&stage.settled()), numbers(1..=5_000));
    }
}

#[test]
fn no_table_key_leaves_its_segment_of_the_path() {
    for (key, segment) in [
        ("a/b", "a%2Fb"),
        ("../../v2", "..%2F..%2Fv2"),
        ("my deals", "my%20deals"),
        ("été?all=true#x", "%C3%A9t%C3%A9%3Fall%3Dtrue%23x"),
        ("%2e%2e", "%252e%252e"),
        ("a\\b;c", "a%5Cb%3Bc"),
        ("...", "..."),
    ] {
        let stage = Stage::of(SandboxOptions {
            tables: vec![table(key, "id")],
            ..options()
        })
        .file("data.csv", deals(2));
        let told = run(stage.push("data.csv --all --table").arg(key));
        assert_eq!(told.code(), Some(0), "{key}: {told}");
        let path = format!("/v1/tables/{segment}/records/bulk?all=true&debounce=0");
        assert_eq!(stage.requests()[0].path, path);
        stage.running.sandbox.settle();
        let table = stage.running.sandbox.table(key).unwrap();
        assert_eq!(ids(&table), ["1", "2"], "{key}");
    }
}

#[test]
fn what_can_be_no_table_key_is_refused() {
    let stage = Stage::unused().file("data.csv", deals(2));
    let long = "x".repeat(201);
    let mut all = String::new();
    for key in ["..", ".", "", "  ", "a\nb", "\u{1b}[31m", &long] {
        let told = run(stage.push("data.csv --table").arg(key));
        let _ = writeln!(all, "$ --table {key:?}\n{}", told.tidy());
    }
    stage.folder().write(
        "map.toml",
        "table = \"..\"\n[fields]\nid = \"id\"\nname = \"name\"\n",
    );
    let told = run(&mut stage.push("data.csv --mapping map.toml"));
    let _ = writeln!(all, "$ table = \"..\" in the mapping\n{}", told.tidy());
    let told = run(&mut stage.push("data.csv"));
    let _ = writeln!(all, "$ no table at all\n{}", told.tidy());
    assert_snapshot!(all);
}

#[test]
fn the_services_words_are_quoted_and_harmless() {
    // A proxy's page with an escape sequence that would paint a terminal.
    let folder = Folder::new().with("data.csv", deals(2));
    // Some services repeat the key that they refuse.
    let more = "x".repeat(400);
    let body =
        format!("{{\"detail\": \"\u{1b}[31mno access\r\n for {KEY}\", \"more\": \"{more}\"}}");
    let (address, requests) = answering(vec![answer(403, "", body)]);
    let told = run(folder
        .push()
        .args(["data.csv", "-t", "deals", "-v"])
        .env("QOBRA_API_KEY", KEY)
        .env("QOBRA_BASE_URL", format!("http://{address}")));
    let sent = requests.recv().unwrap().head;
    assert!(sent.contains(&format!("x-api-key: {KEY}\r\n")), "{sent}");
    assert_snapshot!(told.tidy());
}
