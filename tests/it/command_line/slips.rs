//! Slips of the hand: what was typed is not there, and what is there says so.

use insta::assert_snapshot;

use crate::rig::{READINGS, UPSERT, done, killed_at, said_words, service};
use crate::stage::{Stage, deals};
use crate::support::run;

#[test]
fn a_command_that_there_is_not() {
    let stage = Stage::unused().file("x.csv", deals(3));
    assert_snapshot!(said_words(
        &stage,
        &[
            &["statsu"],
            &["push", "x.csv"],
            &["upload", "x.csv", "-t", "deals", "--all"],
            &["x.csv", "-t", "deals", "run"],
            &["Init", "x.csv"],
            &["rnus", "-t", "deals"],
            &["deals", "-t", "deals"],
        ]
    ));
}

/// A file of a command's name but for a slip is a file all the same.
#[test]
fn a_file_that_is_there_is_no_slip() {
    let stage = Stage::new().file("push", deals(3));
    let told = run(&mut stage.push("push -t deals --format csv"));
    assert_eq!(told.code(), Some(0), "{told}");
    assert_eq!(stage.settled().records.len(), 5);
}

/// Other systems find some of them.
#[cfg(target_os = "linux")]
#[test]
fn files_that_are_named_otherwise() {
    let stage = Stage::unused()
        .file("Contrats signés.csv", deals(3))
        .file(
            "Factures payées.csv".replace('é', "e\u{301}").as_str(),
            deals(3),
        )
        .file("deals-2026.csv", deals(3))
        .file("deals.toml", "[fields]\nid = \"id\"\n");
    assert_snapshot!(said_words(
        &stage,
        &[
            &["Contrats signes.csv", "-t", "deals"],
            &["Contrats signe\u{301}s.csv", "-t", "deals"],
            &["Factures payées.csv", "-t", "deals"],
            &["deals-2025.csv", "-t", "deals"],
            &["init", "deals_2026.csv"],
            &["deals-2026.csv", "-t", "deals", "-m", "deal.toml"],
            &["deals-2026.csv", "-t", "deals", "-m", "maps/deals.toml"],
        ]
    ));
}

#[test]
fn a_file_is_pushed_once() {
    let stage = Stage::unused()
        .file("x.csv", deals(3))
        .file("y.csv", deals(3));
    let lines: [&[&str]; 2] = [
        &["x.csv", "x.csv", "-t", "deals"],
        &[
            "x.csv",
            "y.csv",
            "./x.csv",
            "-t",
            "deals",
            "--duplicates",
            "first",
        ],
    ];
    assert_snapshot!(said_words(&stage, &lines));
}

/// Windows tells no number of a file without unsafe code, so that its hard links are not known there.
#[cfg(unix)]
#[test]
fn a_link_is_the_same_file() {
    let stage = Stage::unused().file("x.csv", deals(3));
    let folder = stage.folder().path();
    std::fs::hard_link(folder.join("x.csv"), folder.join("hard.csv")).unwrap();
    std::os::unix::fs::symlink("x.csv", folder.join("soft.csv")).unwrap();
    let lines: [&[&str]; 2] = [
        &["x.csv", "hard.csv", "-t", "deals", "--dry-run"],
        &["x.csv", "soft.csv", "-t", "deals"],
    ];
    assert_snapshot!(said_words(&stage, &lines));
}

#[test]
fn times_that_are_too_long() {
    let stage = Stage::unused().file("x.csv", deals(3));
    assert_snapshot!(said_words(
        &stage,
        &[
            &["x.csv", "-t", "deals", "--all", "--debounce", "30d"],
            &["x.csv", "-t", "deals", "--all", "--debounce", "a day"],
            &[
                "x.csv",
                "-t",
                "deals",
                "--all",
                "--debounce",
                "1d",
                "--dry-run"
            ],
        ]
    ));
}

/// What was proved was one file, and no other is it.
#[test]
fn a_resume_names_no_other_file() {
    for (gone, why) in [
        ("deals.toml", "there is no mapping"),
        ("deals.csv", "no such file"),
    ] {
        let map = "[fields]\nid = \"id\"\nname = \"name\"\namount = \"amount\"\n";
        let stage = service(READINGS[0], "")
            .file("deals.csv", deals(23))
            .file("deals.toml", map)
            .file("deals1.csv", deals(23))
            .file("deals1.toml", map);
        let line = format!("{UPSERT} -m deals.toml");
        assert!(killed_at(&stage, &line, "journal-answer-after:2"));
        std::fs::remove_file(stage.folder().path().join(gone)).unwrap();
        let told = done(&stage, "resume");
        assert!(told.stderr.contains(why), "{told}");
        assert!(!told.stderr.contains("deals1"), "{told}");
        assert!(!told.stderr.contains("init"), "{told}");
    }
}
