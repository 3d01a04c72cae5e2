//! A push as cron and systemd start it: hardly an environment, no terminal, nobody who reads along.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::rig::{done, runs};
use crate::stage::{Stage, deals, numbers, sorted_ids};
use crate::support::{KEY, Told, program, run};

const LINE: &str = "data.csv -t deals --all --debounce 900 --chunk-size 10 --jobs 1 -q";

/// A folder of the stage, which stands there.
fn folder(stage: &Stage, name: &str) -> PathBuf {
    let path = stage.folder().path().join(name);
    fs::create_dir_all(&path).unwrap();
    // Whatever the umask of who runs the tests: systemd's folders are so.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// The line as systemd starts it: two folders, the service's address, and a closed standard input.
fn by_systemd(stage: &Stage, line: &str) -> Told {
    let credentials = folder(stage, "credentials");
    fs::write(credentials.join("qobra-api-key"), KEY).unwrap();
    // The rights that systemd's access lists show.
    let rights = fs::Permissions::from_mode(0o440);
    fs::set_permissions(credentials.join("qobra-api-key"), rights).unwrap();
    let mut command = assert_cmd::Command::new("/bin/sh");
    command
        .env_clear()
        .current_dir(stage.folder().path())
        .env("CREDENTIALS_DIRECTORY", credentials)
        .env("STATE_DIRECTORY", folder(stage, "state"))
        .env("QOBRA_BASE_URL", stage.url())
        .args(["-c", &format!("exec \"$0\" {line} <&-")])
        .arg(program());
    run(&mut command)
}

/// A line whose standard output is a disk without room.
fn into_the_full(stage: &Stage, line: &str) -> Told {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut process = stage.process(line);
    process.stdout(full).stderr(std::process::Stdio::piped());
    let output = process.spawn().unwrap().wait_with_output().unwrap();
    let told = Told {
        status: output.status,
        stdout: String::new(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    told.check();
    told
}

#[test]
fn a_success_says_its_imports_and_nothing_else() {
    let stage = Stage::new().file("data.csv", deals(30));
    let told = by_systemd(&stage, LINE);
    assert_eq!((told.code(), told.stderr.as_str()), (Some(0), ""), "{told}");
    let table = stage.settled();
    assert_eq!(sorted_ids(&table), numbers(1..=30));
    assert_eq!(told.stdout.lines().collect::<Vec<_>>(), table.imports);
    // The state is in systemd's folder itself.
    assert_eq!(runs(&stage).len(), 1);
}

#[test]
fn a_failure_is_told_in_a_few_lines() {
    for (fault, code, held) in [
        ("401@1", 4, "; the table is as it was"),
        ("401@2", 6, ""),
        ("503@1x100", 5, ""),
    ] {
        let stage = Stage::with_faults(fault).file("data.csv", deals(30));
        let told = by_systemd(&stage, &format!("{LINE} --retry-for 1"));
        assert_eq!(told.code(), Some(code), "{told}");
        let lines: Vec<_> = told.stderr.lines().collect();
        assert!((2..=5).contains(&lines.len()), "{told}");
        assert!(lines[0].starts_with("error: "), "{told}");
        assert!(
            lines.iter().any(|line| line.starts_with("hint: ")),
            "{told}"
        );
        assert!(
            told.stderr.contains("of 3 chunks accepted"),
            "{held} {told}"
        );
    }
    let stage = Stage::unused().file("data.csv", "id,name\n1,a\n1,b\n");
    let told = by_systemd(&stage, LINE);
    assert_eq!((told.code(), told.stdout.as_str()), (Some(3), ""), "{told}");
    assert!((2..=5).contains(&told.stderr.lines().count()), "{told}");
}

#[test]
fn a_closed_standard_input_is_no_input() {
    let stage = Stage::unused();
    let told = by_systemd(&stage, "- --format csv -t deals");
    assert_eq!(told.code(), Some(3), "{told}");
    assert!(told.stderr.starts_with("error: "), "{told}");
}

/// The table is right, so the code is that of a success; that the ids are lost is said even to those
/// who want quiet, with the place where they stand.
#[test]
fn imports_that_no_disk_took_are_not_lost_in_silence() {
    for (line, quiet) in [("", true), ("--output json", true), ("-v", false)] {
        let stage = Stage::new().file("data.csv", deals(30));
        let line = format!(
            "{} {line}",
            LINE.replace(" -q", if quiet { " -q" } else { "" })
        );
        let told = into_the_full(&stage, &line);
        assert_eq!(told.code(), Some(0), "{line}: {told}");
        let receipt = runs(&stage)[0].join("receipt.json");
        let warning = format!(
            "warning: standard output cannot be written: No space left on device (os error 28); the \
             import ids are in the receipt, {}",
            receipt.display()
        );
        let lines: Vec<_> = told.stderr.lines().collect();
        assert_eq!(
            lines.iter().filter(|line| **line == warning).count(),
            1,
            "{told}"
        );
        assert!(!quiet || lines.len() == 1, "{told}");
        let receipt = fs::read_to_string(receipt).unwrap();
        let receipt: Value = serde_json::from_str(&receipt).unwrap();
        let ids = receipt["imports"].as_array().unwrap().iter();
        let ids: Vec<_> = ids.map(|import| import["id"].as_str().unwrap()).collect();
        assert_eq!(ids, stage.settled().imports, "{line}");

        // A listing that nobody gets is no success, an import's state stands in the code.
        let told = into_the_full(&stage, "runs");
        let error =
            "error: cannot write to standard output: No space left on device (os error 28)\n";
        assert_eq!(
            (told.code(), told.stderr.as_str()),
            (Some(1), error),
            "{told}"
        );
        let told = into_the_full(&stage, "status --wait -q");
        let warning =
            "warning: standard output cannot be written: No space left on device (os error 28)\n";
        assert_eq!(
            (told.code(), told.stderr.as_str()),
            (Some(0), warning),
            "{told}"
        );
        assert_eq!(done(&stage, "resume").stderr, "nothing to resume\n");
    }
}
