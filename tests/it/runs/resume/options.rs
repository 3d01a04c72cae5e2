//! What `resume` may be told anew: the table, how hard to try, and where the service is by now.

use super::{ONE_BY_ONE, RECORDS, stage};
use crate::rig::{done, is_over, killed_at, posts};
use crate::stage::{Stage, deals, options, table};
use crate::support::{KEY, run};

#[test]
fn the_open_run_of_one_table() {
    let options = qobra_push::SandboxOptions {
        tables: vec![table("deals", "id"), table("other", "id")],
        ..options()
    };
    let stage = Stage::of(options).file("deals.csv", deals(RECORDS));
    let other = ONE_BY_ONE.replace("--table deals", "--table other");
    assert!(killed_at(&stage, ONE_BY_ONE, "journal-answer-after:2"));
    assert!(killed_at(&stage, &other, "journal-answer-after:2"));
    let none = done(&stage, "resume --table nothing");
    assert_eq!(none.stderr, "nothing to resume\n");
    let told = done(&stage, "resume --table deals");
    assert_eq!(told.code(), Some(0), "{told}");
    let left = done(&stage, "resume");
    assert_eq!(left.code(), Some(0), "{left}");
    assert!(left.stderr.contains("table `other`"), "{left}");
    is_over(&stage, false, RECORDS, &told.to_string());
}

#[test]
fn how_hard_it_tries() {
    let stage = Stage::with_faults("503@3").file("deals.csv", deals(RECORDS));
    assert!(killed_at(&stage, ONE_BY_ONE, "journal-answer-after:2"));
    let before = posts(&stage).len();
    let told = done(&stage, "resume --retry-for 0 --jobs 1");
    assert_eq!(told.code(), Some(6), "{told}");
    assert_eq!(posts(&stage).len(), before + 1, "{told}");
    assert_eq!(done(&stage, "resume").code(), Some(0));
    is_over(&stage, false, RECORDS, "at last");
}

/// The same service by another name goes on, loudly; another one does not know the run's import.
#[test]
fn another_address_of_the_same_service_only() {
    let stage = stage();
    assert!(killed_at(&stage, ONE_BY_ONE, "journal-answer-after:2"));
    let before = posts(&stage).len();
    let other = Stage::new();
    let told = done(&stage, &format!("resume --base-url {}", other.url()));
    assert_eq!(told.code(), Some(3), "{told}");
    assert!(
        told.stderr
            .contains(": it is another one; nothing was sent"),
        "{told}"
    );
    assert!(other.posts().is_empty(), "{told}");

    let moved = stage.url().replace("127.0.0.1", "localhost");
    let gone = done(&stage, "resume --base-url http://127.0.0.1:1 --retry-for 0");
    assert_eq!(gone.code(), Some(5), "{gone}");
    assert_eq!(posts(&stage).len(), before);
    let told = done(&stage, &format!("resume -q --base-url {moved}"));
    assert_eq!(told.code(), Some(0), "{told}");
    let loud = format!("goes on at {moved}; it was begun at {}", stage.url());
    assert!(told.stderr.contains(&loud), "{told}");
    is_over(&stage, false, RECORDS, &told.to_string());
}

/// Where something was pushed at the new address before, the run may be the older one.
#[test]
fn an_address_with_a_past_of_its_own_is_refused() {
    let stage = stage();
    assert!(killed_at(&stage, ONE_BY_ONE, "journal-answer-after:2"));
    let moved = stage.url().replace("127.0.0.1", "localhost");
    stage
        .folder()
        .write("newer.csv", "id,name,amount\n1,newer,7\n");
    let newer = format!("newer.csv --table deals --base-url {moved}");
    assert_eq!(done(&stage, &newer).code(), Some(0));
    let before = posts(&stage).len();
    let told = done(&stage, &format!("resume --base-url {moved}"));
    assert_eq!(told.code(), Some(3), "{told}");
    assert!(told.stderr.contains("was pushed to at "), "{told}");
    assert_eq!(posts(&stage).len(), before);
}

/// The shells offer the runs that can be taken up, and make nothing.
#[test]
fn completions_know_the_runs() {
    let stage = stage();
    let asked = |words: &[&str]| {
        let mut command = stage.push("");
        command
            .env("COMPLETE", "zsh")
            .env("_CLAP_COMPLETE_INDEX", words.len().to_string())
            .env("_CLAP_IFS", "\n")
            .env("QOBRA_API_KEY", KEY)
            .args(["--", "qobra-push"])
            .args(words);
        let told = run(&mut command);
        assert_eq!((told.code(), told.stderr.as_str()), (Some(0), ""));
        told.stdout
    };
    asked(&["resume", ""]);
    assert!(!stage.folder().path().join("state").exists());
    assert!(killed_at(&stage, ONE_BY_ONE, "journal-answer-after:2"));
    let run = crate::rig::folder_name(&crate::rig::runs(&stage)[0]);
    let offered = asked(&["resume", "2"]);
    assert!(
        offered.starts_with(&format!("{run}:table `deals`, ")),
        "{offered}"
    );
    assert_eq!(asked(&["resume", "-t", "other", "2"]), "");
    assert_eq!(asked(&["rollback", "-t", "deals", "2"]), "");
    assert_eq!(done(&stage, "resume").code(), Some(0));
    assert_eq!(asked(&["resume", "2"]), "");
    // What is over can be shown.
    let shown = asked(&["report", "2"]);
    assert!(
        shown.starts_with(&format!("{run}:table `deals`, ")),
        "{shown}"
    );
}
