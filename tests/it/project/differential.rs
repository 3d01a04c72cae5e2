//! Differential testing: two builds of the program, side by side over made-up inputs, must do the
//! same. This is what a change to the code, and to nothing that it does, is judged by.
//!
//! `QOBRA_PUSH_TEST_OTHER=PATH` names the other build's program. Without it this build is compared
//! with itself, which holds that a run can be repeated. `QOBRA_PUSH_TEST_DIFFERENTIAL=10000` makes
//! more inputs; a failure names the seed of its input, which `QOBRA_PUSH_TEST_SEED=NUMBER` repeats
//! alone.

mod cells;
mod inputs;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use self::inputs::{Case, Quality};
use crate::rig::runs_in;
use crate::service::script::Scripted;
use crate::support::{KEY, below, blotted_times, needed, program, run, tidy};

/// Inputs in a usual run of the tests.
const USUAL: u64 = 24;

/// What one build did with an input.
#[derive(Debug, PartialEq, Eq)]
struct Done {
    code: Option<i32>,
    /// The requests' bodies, sorted: several are in flight together.
    bodies: Vec<String>,
    /// Both streams.
    said: String,
    /// What the run's folder keeps to be read: the receipt and the rejects.
    kept: Vec<String>,
}

/// Lets one build push an input to a service of its own.
fn done(program: &Path, case: &Case) -> Done {
    let service = Scripted::new(&["import"], []);
    for (name, content) in &case.files {
        service.folder.write(name, content);
    }
    let mut command = Command::new(program);
    command
        .env_clear()
        .envs(needed())
        .current_dir(service.folder.path())
        .env("QOBRA_PUSH_STATE_DIR", service.folder.path().join("state"))
        .env("QOBRA_BASE_URL", service.url())
        .env("QOBRA_API_KEY", KEY)
        .args(&case.line);
    let told = run(&mut assert_cmd::Command::from_std(command));
    let blotted = |text: String| blotted_times(&tidy(&below(service.folder.path(), &text)));
    let mut bodies = service.bodies();
    bodies.sort_unstable();
    let kept = runs_in(service.folder.path()).into_iter().flat_map(|run| {
        let files = crate::rig::entries(&run).into_iter();
        files.filter(|file| !file.ends_with("journal.jsonl") && !file.ends_with("base"))
    });
    Done {
        code: told.code(),
        bodies,
        said: blotted(told.to_string()),
        kept: kept
            .map(|file| blotted(String::from_utf8_lossy(&std::fs::read(file).unwrap()).into()))
            .collect(),
    }
}

/// Compares the builds over inputs of a quality, as far as `same` says what must be the same.
fn compare(quality: Quality, same: fn(&Done, &Done) -> bool) {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let other = std::env::var_os("QOBRA_PUSH_TEST_OTHER").map_or_else(program, PathBuf::from);
    let judge = |seed| {
        let case = Case::of(seed, quality);
        let (new, old) = (done(&program(), &case), done(&other, &case));
        assert!(
            same(&new, &old),
            "QOBRA_PUSH_TEST_SEED={seed}: {case}\n=== this build {new:#?}\n=== the other {old:#?}"
        );
        new.bodies.len() as u64
    };
    if let Some(seed) = number("QOBRA_PUSH_TEST_SEED") {
        judge(seed);
        return;
    }
    let count = number("QOBRA_PUSH_TEST_DIFFERENTIAL").unwrap_or(USUAL);
    let (next, bodies) = (AtomicU64::new(0), AtomicU64::new(0));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let seed = next.fetch_add(1, Ordering::Relaxed)
                    && seed < count
                {
                    bodies.fetch_add(judge(seed), Ordering::Relaxed);
                }
            });
        }
    });
    let bodies = bodies.into_inner();
    assert!(
        bodies > count / 2,
        "{bodies} bodies of {count} inputs judge nothing"
    );
}

#[test]
fn good_inputs_make_the_same_bodies() {
    compare(Quality::Good, |new, old| {
        new.code == Some(0) && (new.code, &new.bodies) == (old.code, &old.bodies)
    });
}

#[test]
fn whatever_is_pushed_everything_is_told_the_same() {
    compare(Quality::Any, |new, old| new == old);
}

#[test]
fn the_comparison_can_fail() {
    let case = Case::of(1, Quality::Good);
    let mut changed = Case::of(1, Quality::Good);
    changed.line.push("--quiet".to_owned());
    let (one, quiet) = (done(&program(), &case), done(&program(), &changed));
    assert_eq!(one.bodies, quiet.bodies);
    assert_ne!(one.said, quiet.said);
    let other = done(&program(), &Case::of(2, Quality::Good));
    assert_ne!(one.bodies, other.bodies);
}
