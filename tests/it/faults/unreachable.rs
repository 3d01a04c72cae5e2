//! An address where nobody answers: how long it is tried, and what is said of that.

use insta::assert_snapshot;
use regex::Regex;
use serde_json::Value;

use crate::faults::expected::verdict;
use crate::service::NOBODY;
use crate::stage::deals;
use crate::support::{Folder, KEY, Told, run, tidy};

fn to_nobody(folder: &Folder, line: &str) -> Told {
    let mut command = folder.push();
    command
        .args(line.split_whitespace())
        .env("QOBRA_API_KEY", KEY);
    run(command.env("QOBRA_BASE_URL", format!("http://{NOBODY}")))
}

/// What was told, with at most the first repetition: how many there are is left to chance.
fn shown(told: &Told) -> String {
    let mut repeats = 0;
    let lines = told.stderr.lines().filter(|line| {
        repeats += usize::from(line.contains("; again in "));
        repeats <= 1 || !line.contains("; again in ")
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let count = Regex::new(r"after \d+ attempts").unwrap();
    let text = count.replace(&text, "after N attempts");
    let pause = Regex::new(r"again in [^;]*").unwrap();
    tidy(&pause.replace(&text, "again in TIME"))
}

#[test]
fn it_is_given_up_soon_and_says_until_when_it_is_tried() {
    let folder = Folder::new().with("data.csv", deals(30));
    let line = "data.csv -t deals --chunk-size 10 --connect-for 1";
    for mode in ["", "--all --debounce 900 --chunk-seconds 0.05"] {
        let told = to_nobody(&folder, &format!("{line} {mode}"));
        assert_eq!(told.code(), Some(5), "{told}");
        let untouched = "0 of 3 chunks accepted; table `deals` is untouched";
        assert_eq!(verdict(&told), untouched, "{told}");
        assert_eq!(told.stderr.matches("is tried until").count(), 1, "{told}");
        if mode.is_empty() {
            assert_snapshot!(shown(&told));
        }
    }
    // Whichever is shorter ends it, and is named.
    let line = line.replace("--connect-for 1", "--retry-for 1");
    let told = to_nobody(&folder, &line);
    assert_eq!(told.code(), Some(5), "{told}");
    assert!(told.stderr.contains("(--retry-for)"), "{told}");
    assert!(
        told.stderr.contains("hint: --retry-for tries longer\n"),
        "{told}"
    );
    let told = to_nobody(&folder, "data.csv -t deals --connect-for 0");
    assert_eq!(told.code(), Some(5), "{told}");
    assert!(!told.stderr.contains("again in"), "{told}");

    let told = to_nobody(&folder, "data.csv -t deals --connect-for 1 --log json");
    let lines = told
        .stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let lines: Vec<Value> = lines.collect();
    let first = lines.iter().find(|line| line["event"] == "retry").unwrap();
    let left = first["left_seconds"].as_f64().unwrap();
    assert!(left > 0.0 && left <= 1.0, "{first}");
}

#[test]
fn imports_are_not_followed_for_an_hour_there() {
    let folder = Folder::new();
    let line = "status 64a1 64a2 --wait --connect-for 1";
    let told = to_nobody(&folder, line);
    assert_eq!(told.code(), Some(5), "{told}");
    assert_snapshot!(tidy(&told.stderr));
}
