//! Whether a replace fits into its window, and from what that is known.

use insta::assert_snapshot;
use qobra_push::SandboxOptions;
use regex::Regex;

use crate::rig::{ends, said};
use crate::stage::{Stage, deals, numbers, options, sorted_ids};
use crate::support::run;

#[test]
fn a_window_that_cannot_be_met_is_refused() {
    let stage = Stage::unused().file("data.csv", deals(600));
    let sizes = "--chunk-size 10 --jobs 4";
    let mut all = String::new();
    // 1 + 15 rounds: 80 s at 5 s each, 16 minutes at a minute each.
    for window in [
        "--debounce 88",
        "--debounce 0",
        "--debounce 900 --chunk-seconds 1m",
    ] {
        let line = format!("data.csv -t deals --all {sizes} {window}");
        let told = said(&stage, &line, 3);
        // A dry run sees it too, and shows its plan before.
        let dry = said(&stage, &format!("{line} --dry-run"), 3);
        let refusal = |told: &str| told.find("error: ").map(|at| told[at..].to_owned());
        assert_eq!(refusal(&dry), refusal(&told));
        all.push_str(&told);
    }
    assert_snapshot!(all);

    // The debounce that a hint names does, and so does knowing better.
    for window in [
        "--debounce 2m",
        "--debounce 89",
        "--debounce 18m --chunk-seconds 60",
        "--debounce 5 --chunk-seconds 0.1",
    ] {
        let stage = Stage::new().file("data.csv", deals(600));
        ends(
            &stage,
            &format!("data.csv {sizes} -t deals --all {window}"),
            0,
        );
        assert_eq!(sorted_ids(&stage.settled()), numbers(1..=600), "{window}");
    }
}

#[test]
fn earlier_runs_tell_what_a_request_takes() {
    // The first push takes over a second for its only request.
    let stage = Stage::of(SandboxOptions {
        faults: qobra_push::parse_faults("slow:1.2@1").unwrap(),
        ..options()
    })
    .file("one.csv", deals(3))
    .file("data.csv", deals(600));
    ends(&stage, "one.csv -t deals", 0);
    let line = "data.csv -t deals --all --chunk-size 10";
    let told = ends(&stage, &format!("{line} --debounce 10 -n"), 3);
    // A busy machine takes longer.
    let known = Regex::new(r"\b[1-3]\.\d s each as earlier pushes to this table took").unwrap();
    assert!(known.is_match(&told.stderr), "{told}");
    // 16 rounds of what is assumed where nothing is known would not fit here.
    ends(&stage, &format!("{line} --debounce 80 -n"), 0);
    let fresh = stage.folder().path().join("fresh");
    let told = run(stage
        .push(&format!("{line} --debounce 80 -n --state-dir"))
        .arg(fresh));
    assert_eq!(told.code(), Some(3), "{told}");
    assert!(told.stderr.contains("5.0 s each as is assumed"), "{told}");
    // What the user says goes first.
    ends(
        &stage,
        &format!("{line} --debounce 10 --chunk-seconds 0.1"),
        0,
    );
    assert_eq!(sorted_ids(&stage.settled()), numbers(1..=600));
    let runs = ends(&stage, "runs", 0);
    assert_eq!(runs.stdout.matches(" accepted").count(), 2, "{runs}");
}

#[test]
fn a_rehearsal_asks_for_no_room() {
    let stage = Stage::unused().file("data.csv", deals(600));
    let mut command = stage.push("data.csv -t deals --all --debounce 2 --chunk-size 10 --sandbox");
    let told = run(command.env_remove("QOBRA_BASE_URL"));
    assert_eq!(told.code(), Some(0), "{told}");
}
