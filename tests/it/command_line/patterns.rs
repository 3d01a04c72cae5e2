//! What is typed where one thinks in folders: patterns that no shell expands, folders, and what programs
//! of offices leave beside a file that is open.

use insta::assert_snapshot;

use crate::rig::{READINGS, UPSERT, done, is_over, said_words, service};
use crate::stage::{OLD, Stage, deals, ids};
use crate::support::run;

/// Some exports, with what lies beside them.
fn exports(stage: Stage) -> Stage {
    let folder = stage.folder().path().join("exports");
    std::fs::create_dir_all(folder.join("2026.csv")).unwrap();
    std::fs::create_dir_all(stage.folder().path().join("my files")).unwrap();
    stage
        .file("exports/b.csv", "id,name\n2,B\n")
        .file("exports/a.csv", "id,name\n1,A\n")
        .file("exports/.hidden.csv", "id,name\n9,H\n")
        .file("exports/~$a.csv", b"\x03Ann\0\0")
        .file("exports/a.xlsx.txt", "id;name\n3;C\n")
        .file("my files/only one.tsv", "id\tname\n4\tD\n")
}

#[test]
fn a_pattern_stands_for_the_files_that_it_matches() {
    let stage = exports(Stage::new());
    let told = run(&mut stage.push("exports/*.csv -t deals --all"));
    assert_eq!(told.code(), Some(0), "{told}");
    assert_eq!(ids(&stage.settled()), ["1", "2"]);
    let words = "exports/*.csv stands for 2 files: exports/a.csv, exports/b.csv";
    assert!(as_on_unix(told.stderr.clone()).contains(words), "{told}");
    if cfg!(windows) {
        // No name has an asterisk there.
        return;
    }
    // A name is a name where there is a file of it.
    let stage = Stage::new()
        .file("deals*.csv", "id,name\n1,A\n")
        .file("deals-2.csv", "id,name\n2,B\n");
    let told = run(&mut stage.push("deals*.csv -t deals --all"));
    assert_eq!(told.code(), Some(0), "{told}");
    assert_eq!(ids(&stage.settled()), ["1"]);
}

#[test]
fn patterns_folders_and_lock_files_are_told() {
    let stage = exports(Stage::unused());
    let told = said_words(
        &stage,
        &[
            &["exports/?.csv", "-t", "deals", "--dry-run"],
            &["exports/*", "-t", "deals", "-n"],
            &["exports/*.csv", "exports/a.csv", "-t", "deals"],
            &["exports/*.xlsx", "-t", "deals"],
            &["*/no*.csv", "-t", "deals"],
            &["exports/a[1].csv", "-t", "deals"],
            &["init", "exports/*.csv"],
            &["init", "*/only*", "-t", "deals"],
            &["exports", "-t", "deals"],
            &["my files/", "-t", "deals"],
            &["init", "exports/2026.csv"],
            &["exports/~$a.csv", "-t", "deals"],
            &["~$Deals 2026.xlsx", "-t", "deals"],
            &["exports/.~lock.b.csv#", "-t", "deals"],
        ],
    );
    assert_eq!(ids(&stage.settled()), OLD);
    assert_snapshot!(as_on_unix(told));
}

/// Files below these folders as they are named and typed on Unix.
fn as_on_unix(told: String) -> String {
    if cfg!(unix) {
        return told;
    }
    let told = told.replace(r"exports\", "exports/");
    let told = told.replace(r"my files\", "my files/");
    let names = ["my files/only one.tsv", "Deals 2026.xlsx"].into_iter();
    names.fold(told, |told, name| {
        told.replace(&format!("\"{name}\""), &format!("'{name}'"))
    })
}

/// Later files that a pattern would match are none of the run's.
#[test]
fn a_push_of_a_pattern_is_resumed() {
    let all = deals(23);
    let lines: Vec<&str> = all.lines().collect();
    let part = |lines: &[&str]| format!("id,name,amount\n{}\n", lines.join("\n"));
    let stage = service(READINGS[0], "")
        .file("a.csv", part(&lines[1..8]))
        .file("b.csv", part(&lines[8..]));
    let mut command = stage.push(&UPSERT.replace("deals.csv", "?.csv"));
    command.env("QOBRA_PUSH_TEST_CRASH", "journal-answer-after:2");
    let told = run(&mut command);
    assert_eq!(told.code(), None, "{told}");
    let stage = stage.file("c.csv", "id,name,amount\n99,X,1\n");
    let told = done(&stage, "resume");
    assert_eq!(told.code(), Some(0), "{told}");
    is_over(&stage, false, 23, "a pattern");
}
