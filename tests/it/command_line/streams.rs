//! Streams that are closed or full, environments that are empty, and a key that nobody sees.

use std::fs::{self, File};
use std::io::{self, PipeWriter};
use std::process::{Output, Stdio};
use std::thread;

use assert_cmd::Command;
use qobra_push::{ImportIds, SandboxOptions, parse_faults};
use serde_json::Value;

use crate::rig::{done, journal, runs};
use crate::stage::{OLD, Stage, deals, ids, numbers, options, sorted_ids};
use crate::support::{Folder, KEY, Told, program, run, search, set_mode, tidy};

const LINE: &str = "data.csv -t deals --all --debounce 900 --chunk-size 10 --jobs 1";

/// A stage on which a push says much: three imports, and one repetition.
fn talkative() -> Stage {
    Stage::of(SandboxOptions {
        import_ids: ImportIds::Separate,
        faults: parse_faults("500@2").unwrap(),
        ..options()
    })
    .file("data.csv", deals(30))
}

/// A pipe whose reader has gone, as that of `| head -0`.
fn broken_pipe() -> PipeWriter {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    writer
}

/// What a stream is connected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// A reader that reads.
    Read,
    /// A pipe without a reader.
    Broken,
    /// A disk without room.
    Full,
}

impl End {
    fn stdio(self) -> Stdio {
        match self {
            Self::Read => Stdio::piped(),
            Self::Broken => broken_pipe().into(),
            Self::Full => File::options()
                .write(true)
                .open("/dev/full")
                .unwrap()
                .into(),
        }
    }
}

/// Runs a line with these two streams.
fn run_with(stage: &Stage, line: &str, stdout: End, stderr: End) -> Told {
    let mut process = stage.process(line);
    process.stdout(stdout.stdio()).stderr(stderr.stdio());
    let Output {
        status,
        stdout,
        stderr,
    } = process.spawn().unwrap().wait_with_output().unwrap();
    let told = Told {
        status,
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    };
    told.check();
    told
}

#[test]
fn no_stream_stops_a_push() {
    let stage = talkative();
    let whole = run_with(&stage, LINE, End::Read, End::Read).tidy();
    let (stdout, stderr) = whole.split_once("--- stderr\n").unwrap();
    assert_eq!(stdout.matches("IMPORT\n").count(), 3);
    assert!(!stderr.is_empty());
    let mut ends = vec![End::Read, End::Broken];
    if cfg!(target_os = "linux") {
        ends.push(End::Full);
    }
    for &out in &ends {
        for &err in &ends {
            let stage = talkative();
            let told = run_with(&stage, LINE, out, err);
            assert_eq!(told.code(), Some(0), "{out:?} {err:?}: {told}");
            let table = stage.settled();
            assert_eq!(sorted_ids(&table), numbers(1..=30), "{out:?} {err:?}");
            // What still has a reader is told as if nothing were.
            if out == End::Read {
                assert_eq!(told.stdout.lines().collect::<Vec<_>>(), table.imports);
            }
            if err == End::Read {
                let told = tidy(&told.stderr);
                let mut told = pauses_aside(&told);
                // Ids that no disk took are nowhere but in the receipt, which is said.
                let is_lost = |line: &mut &str| line.starts_with("warning: standard output");
                assert_eq!(
                    told.extract_if(.., |line| is_lost(line)).count(),
                    usize::from(out == End::Full)
                );
                assert_eq!(told, pauses_aside(stderr));
            }
        }
    }
}

/// The pause before a repetition is random, and may be written in ms or s.
fn pauses_aside(stderr: &str) -> Vec<&str> {
    let lines = stderr.lines();
    lines
        .filter(|line| !line.starts_with("warning: chunk 2 of 3"))
        .collect()
}

#[test]
#[cfg_attr(windows, ignore = "it is typed into a shell of Unix")]
fn streams_that_were_never_opened() {
    for closed in 1..8_u32 {
        let names = ["<&-", ">&-", "2>&-"].into_iter().enumerate();
        let closed: Vec<_> = names.filter(|(n, _)| closed >> n & 1 == 1).collect();
        let closed = closed.into_iter().map(|(_, one)| one);
        let closed = closed.collect::<Vec<_>>().join(" ");
        let stage = talkative();
        let mut command = stage.folder().command("sh");
        command
            .args(["-c", &format!("exec \"$0\" {LINE} {closed}")])
            .arg(program())
            .env("QOBRA_BASE_URL", stage.url())
            .env("QOBRA_API_KEY", KEY);
        assert_eq!(run(&mut command).code(), Some(0), "{closed}");
        assert_eq!(sorted_ids(&stage.settled()), numbers(1..=30), "{closed}");
        // No file of the run was opened in a stream's place and written into: every line is its own.
        let run = &runs(&stage)[0];
        for line in fs::read_to_string(journal(run)).unwrap().lines() {
            let line: Value = serde_json::from_str(line).unwrap();
            assert!(line["line"].is_string(), "{closed}: {line}");
        }
        let receipt = fs::read_to_string(run.join("receipt.json")).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&receipt).unwrap()["exit_code"],
            0
        );
        assert_eq!(
            fs::read_to_string(stage.folder().path().join("data.csv")).unwrap(),
            deals(30)
        );
        assert_eq!(
            done(&stage, "resume").stderr,
            "nothing to resume\n",
            "{closed}"
        );
    }
}

#[test]
fn a_failure_keeps_its_code_when_nobody_reads() {
    let dead = |stage: &Stage, line: &str| run_with(stage, line, End::Broken, End::Broken).code();
    let refused = Stage::with_faults("401@2").file("data.csv", deals(30));
    assert_eq!(dead(&refused, LINE), Some(6));
    let refused = Stage::with_faults("401@1").file("data.csv", deals(30));
    assert_eq!(dead(&refused, LINE), Some(4));
    assert_eq!(ids(&refused.settled()), OLD);

    let unused = Stage::unused()
        .file("data.csv", deals(30))
        .file("bad.csv", "id\n1\n2,3\n");
    assert_eq!(dead(&unused, "bad.csv -t deals"), Some(3));
    assert_eq!(dead(&unused, "nowhere.csv -t deals"), Some(2));
    assert_eq!(dead(&unused, "--no-such-option"), Some(2));
    for line in [
        "data.csv -t deals --dry-run",
        "--help",
        "-h",
        "--version",
        "man",
        "completions bash",
    ] {
        assert_eq!(dead(&unused, line), Some(0), "{line}");
    }
}

#[test]
fn nothing_of_the_environment_is_needed() {
    // Folder and program are all that there is: no PATH, no HOME, no TERM.
    let stage = talkative();
    let bare = run(&mut stage.push(LINE));
    assert_eq!(bare.code(), Some(0), "{bare}");
    for (name, value) in [
        ("TERM", "dumb"),
        ("TERM", ""),
        ("TERM", "xterm-256color"),
        ("HOME", "/nowhere"),
        ("TZ", "Nowhere/Nothing"),
        ("LC_ALL", "tr_TR.UTF-8"),
        ("TMPDIR", "/nowhere"),
        ("COLUMNS", "1"),
        ("HTTP_PROXY", "http://127.0.0.1:1"),
        ("http_proxy", "http://127.0.0.1:1"),
        ("ALL_PROXY", "http://127.0.0.1:1"),
    ] {
        let stage = talkative();
        let told = run(stage.push(LINE).env(name, value));
        assert_eq!(told.code(), Some(0), "{name}={value}: {told}");
        let (told, bare) = (told.tidy(), bare.tidy());
        assert_eq!(pauses_aside(&told), pauses_aside(&bare), "{name}={value}");
    }
}

#[test]
fn a_push_needs_a_place_for_its_journal() {
    let stage = Stage::new().file("data.csv", deals(3));
    let bare = |line: &str| {
        let mut command = stage.push(&format!("data.csv -t deals {line}"));
        command.env_remove("QOBRA_PUSH_STATE_DIR");
        command
    };
    let told = run(&mut bare(""));
    assert_eq!(told.code(), Some(2), "{told}");
    let hint = "hint: name a folder with --state-dir or QOBRA_PUSH_STATE_DIR\n";
    assert!(told.stderr.ends_with(hint), "{told}");
    assert_eq!(stage.requests().len(), 0);
    for line in ["--dry-run", "--sandbox"] {
        let told = run(bare(line).env_remove("QOBRA_BASE_URL"));
        assert_eq!(told.code(), Some(0), "{line}: {told}");
    }
    // The first that is set, and nothing but it, is used.
    let at_home = match std::env::consts::OS {
        "windows" => ("LOCALAPPDATA", "home", "home/qobra-push"),
        "macos" => (
            "HOME",
            "home",
            "home/Library/Application Support/qobra-push",
        ),
        _ => ("HOME", "home", "home/.local/state/qobra-push"),
    };
    let places = [
        at_home,
        ("XDG_STATE_HOME", "xdg", "xdg/qobra-push"),
        ("STATE_DIRECTORY", "systemd", "systemd"),
        ("QOBRA_PUSH_STATE_DIR", "own", "own"),
    ];
    let path = |name: &str| stage.folder().path().join(name);
    for set in 1..=places.len() {
        let mut command = bare("");
        for (variable, folder, _) in &places[..set] {
            command.env(variable, path(folder));
        }
        assert_eq!(run(&mut command).code(), Some(0));
        for (n, (variable, _, place)) in places.iter().enumerate() {
            assert_eq!(path(place).is_dir(), n < set, "{variable}");
        }
    }
    let told = run(bare("--state-dir").arg(path("option")));
    assert_eq!(told.code(), Some(0), "{told}");
    assert!(path("option").is_dir());
}

#[test]
fn a_pipe_needs_a_place_for_its_copy() {
    let stage = Stage::unused().file("file", "");
    let nowhere = stage.folder().path().join("file").join("x");
    let temporary = if cfg!(windows) { "TMP" } else { "TMPDIR" };
    // A push keeps the copy in its run's folder, a dry run leaves nothing behind.
    for (line, variable, hint) in [
        ("", "QOBRA_PUSH_STATE_DIR", "--state-dir"),
        ("--dry-run", temporary, temporary),
    ] {
        let mut command = stage.push(&format!("- --format csv -t deals {line}"));
        let told = run(command.env(variable, &nowhere).write_stdin(deals(3)));
        assert_eq!(told.code(), Some(2), "{told}");
        let hint_line = told.stderr.lines().last().unwrap_or_default();
        let is_named = hint_line.starts_with("hint: ") && hint_line.contains(hint);
        assert!(is_named, "{told}");
    }
}

/// Runs with the key in the environment, then in a file. [`run`] searches what was told; here the
/// folder is searched for it too.
fn both_ways(stage: impl Fn() -> Stage, line: &str, code: i32) {
    for by_file in [false, true] {
        let stage = stage().file("data.csv", deals(30)).file("key", KEY);
        let key = stage.folder().path().join("key");
        set_mode(&key, 0o600);
        let mut command = stage.push(&format!("{LINE} -v --retry-for 1 {line}"));
        if by_file {
            command
                .env_remove("QOBRA_API_KEY")
                .args(["--api-key-file", "key"]);
        }
        let told = run(&mut command);
        assert_eq!(told.code(), Some(code), "{line}: {told}");
        assert!(told.stderr.contains("attempt 1"), "{told}");
        fs::remove_file(key).unwrap();
        assert!(search(stage.folder().path()) > 1, "{line}: no journal");
    }
}

#[test]
fn nobody_sees_the_key() {
    let faults = [
        ("401@1", 4),
        ("403@2", 6),
        ("404@1", 4),
        ("400@1", 4),
        ("413@3", 0),
        ("302@1", 4),
        ("307@1", 4),
        ("html@1", 4),
        ("501@1", 6),
        ("count:1@1", 6),
        ("503@1x100", 5),
        ("429:600@1", 5),
        ("reset@1x100", 6),
        ("garbage@1x100", 6),
        ("cut@2x100", 6),
    ];
    let other_key = || {
        Stage::of(SandboxOptions {
            key: Some("another".to_owned()),
            ..options()
        })
    };
    // All at once, for some only wait.
    thread::scope(|scope| {
        for (fault, code) in faults {
            scope.spawn(move || both_ways(|| Stage::with_faults(fault), "", code));
        }
        scope.spawn(|| both_ways(Stage::new, "", 0));
        scope.spawn(|| both_ways(Stage::new, "-v --color always", 0));
        scope.spawn(|| both_ways(other_key, "", 4));
        scope.spawn(|| both_ways(Stage::unused, "--base-url http://127.0.0.1:1", 5));
    });
}

#[test]
fn nobody_sees_a_proxys_password() {
    let folder = Folder::new().with("data.csv", deals(3));
    let push = |line: &str| -> Command {
        let mut command = folder.push();
        command
            .args(["data.csv", "-t", "deals", "-vv", "--retry-for", "0"])
            .args(["--base-url", "https://service.invalid"])
            .args(line.split_whitespace())
            .env("QOBRA_API_KEY", KEY)
            .env("HTTPS_PROXY", "http://user:canary-word@127.0.0.1:1");
        command
    };
    // 2 where the machine has no certificates: then no connection is tried.
    let told = run(&mut push(""));
    assert!(matches!(told.code(), Some(2 | 5)), "{told}");
}
