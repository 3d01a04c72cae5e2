//! A journal that is there and cannot be read, as a power cut may leave it: nobody knows what its run
//! sent, so its table is waited for as long as any replace may wait.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::rig::{
    READINGS, REPLACE, UPSERT, Watched, done, each, folder_name, journal, killed_at, posts, runs,
    service,
};
use crate::stage::{Stage, deals};

/// Records of the pushes here: five chunks.
const RECORDS: u64 = 23;

const DAY: Duration = Duration::from_secs(86_400);

/// What is left of a journal, and what is said of it.
const LEFT: [(&str, &str); 4] = [
    ("", "is empty"),
    ("\0\0\0\0\0\0\0\0", "holds nothing but zeros"),
    ("{\"line\":\"plan\",\"schema\":1,", "has no whole line"),
    ("\0\0\0\0{\"line\":\"pl\n", "has no whole line"),
];

/// A replace that died in the middle, and whose journal holds this now.
fn lost(left: &str) -> (Stage, PathBuf) {
    let stage = service(READINGS[0], "").file("deals.csv", deals(RECORDS));
    let line = REPLACE.replace("--jobs 2", "--jobs 1");
    assert!(killed_at(&stage, &line, "journal-answer-after:2"));
    let run = runs(&stage)[0].clone();
    fs::write(journal(&run), left).unwrap();
    (stage, run)
}

fn written(run: &std::path::Path, ago: Duration) {
    let file = File::options().write(true).open(journal(run)).unwrap();
    file.set_modified(SystemTime::now() - ago).unwrap();
}

#[test]
fn every_command_speaks_of_it() {
    for (left, what) in LEFT {
        let (stage, run) = lost(left);
        let id = folder_name(&run);
        let why = format!("{what}: what its run sent cannot be known");
        let way_out = format!("rm -r {}", run.display());

        let listed = done(&stage, "runs");
        assert_eq!(listed.code(), Some(0), "{listed}");
        let row = format!("{id}  unreadable   unknown    deals  its journal cannot be read\n");
        assert_eq!(listed.stdout, row, "{listed}");
        let document: Value =
            serde_json::from_str(&done(&stage, "runs --output json").stdout).unwrap();
        assert_eq!(document["runs"][0]["state"], "unreadable", "{document}");
        assert_eq!(done(&stage, "runs -t other").stdout, "");

        let doctor = done(&stage, "doctor -t deals");
        assert_eq!(doctor.code(), Some(0), "{doctor}");
        // Its lines are broken where a terminal ends.
        let doctor = doctor
            .stdout
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(doctor.contains("would send nothing before 20"), "{doctor}");
        let dry_run = done(&stage, &format!("{UPSERT} --dry-run"));
        assert_eq!(dry_run.code(), Some(0), "{dry_run}");
        assert!(
            dry_run.stderr.contains("nothing is sent before 20"),
            "{dry_run}"
        );
        for line in [
            "resume".to_owned(),
            format!("resume {id}"),
            "status".to_owned(),
        ] {
            let told = done(&stage, &line);
            assert_eq!(told.code(), Some(2), "{line}: {told}");
            assert!(
                told.stderr.contains(&why) && told.stderr.contains(&way_out),
                "{told}"
            );
        }
        for told in [&listed.stderr, &doctor, &dry_run.stderr] {
            assert!(told.contains(&why) && told.contains(&way_out), "{told}");
        }
    }
}

#[test]
#[cfg_attr(windows, ignore = "Windows has no signals for another process")]
fn a_push_waits_as_long_as_a_replace_of_it_may_wait() {
    let modes = [UPSERT, REPLACE];
    let all = LEFT.map(|(left, _)| modes.map(|line| (left, line)));
    each(all.concat(), |(left, line)| {
        let (stage, run) = lost(left);
        let before = posts(&stage).len();
        written(&run, 6 * DAY);
        // Somebody must look, so it is said even where quiet is wanted.
        let mut push = Watched::start(stage.process(&format!("{line} -q")));
        push.says("may still be waiting at the service: nothing is sent before");
        push.says("hint: see in Qobra that no import of this table is waiting");
        push.signal("TERM");
        let told = push.end();
        assert_eq!(told.code(), Some(143), "{told}");
        assert_eq!(posts(&stage).len(), before, "{told}");
        assert!(run.exists(), "no push removes it");

        written(&run, 8 * DAY);
        stage.running.sandbox.settle();
        let told = done(&stage, line);
        assert_eq!(told.code(), Some(0), "{told}");
        assert!(!told.stderr.contains("nothing is sent before"), "{told}");
        assert_eq!(posts(&stage).len(), before + 5, "{told}");
    });
}

#[test]
fn the_way_out_that_is_named_is_one() {
    let (stage, run) = lost("");
    let hint = done(&stage, "resume").stderr;
    let line = hint.split("remove the run: ").nth(1).unwrap().trim();
    let removed = match cfg!(windows) {
        true => {
            let words: Vec<&str> = line.split(' ').collect();
            std::process::Command::new(words[0])
                .args(&words[1..])
                .status()
        }
        false => std::process::Command::new("sh").args(["-c", line]).status(),
    };
    assert!(removed.unwrap().success() && !run.exists(), "{line}");
    stage.running.sandbox.settle();
    let told = done(&stage, UPSERT);
    assert_eq!(told.code(), Some(0), "{told}");
    assert_eq!(done(&stage, "runs").stderr, "");
}

/// Older data never goes over what nobody can read.
#[test]
fn an_open_run_is_not_resumed_over_it() {
    let stage = service(READINGS[0], "").file("deals.csv", deals(RECORDS));
    for point in ["journal-answer-after:2", "journal-answer-after:3"] {
        assert!(killed_at(&stage, UPSERT, point));
    }
    let [open, later] = [0, 1].map(|n| runs(&stage)[n].clone());
    fs::write(journal(&later), "").unwrap();
    let before = posts(&stage).len();
    let told = done(&stage, &format!("resume {}", folder_name(&open)));
    assert_eq!(told.code(), Some(3), "{told}");
    assert!(
        told.stderr.contains("may have written newer data"),
        "{told}"
    );
    assert_eq!(posts(&stage).len(), before);
    let told = done(&stage, "status");
    assert!(
        told.stderr
            .contains(&format!("run {} came after it", folder_name(&later))),
        "{told}"
    );
    fs::remove_dir_all(later).unwrap();
    assert_eq!(done(&stage, "resume").code(), Some(0));
}

/// A kill leaves no such journal: there is none before its plan is whole.
#[test]
fn a_kill_before_the_plan_leaves_no_journal() {
    let stage = service(READINGS[0], "").file("deals.csv", deals(RECORDS));
    assert!(killed_at(&stage, UPSERT, "journal-plan-before:1"));
    assert!(!journal(&runs(&stage)[0]).exists());
    assert_eq!(done(&stage, UPSERT).code(), Some(0));
}
