//! Kills and signals in the middle: what is open is resumed, what was not begun is pushed again.

use qobra_push::{SandboxClock, SandboxOptions, parse_faults};

use super::tables::{filled, held, sent, service, stage};
use crate::rig::{Watched, done, ends, killed_at};
use crate::stage::Stage;

#[test]
fn a_kill_in_the_middle_is_resumed_and_the_rest_pushed_again() {
    let points = [
        "journal-attempt-after:2",
        "journal-answer-before:2",
        "journal-plan-after:2",
    ];
    for point in points {
        let stage = stage();
        assert!(killed_at(&stage, "sync", point), "{point}");
        // Owners went; of deals nobody knows; quotas were not begun.
        assert_eq!(sent(&stage)[0], "owners", "{point}");
        ends(&stage, "resume", 0);
        assert_eq!(held(&stage), [2, 4, 0], "{point}");
        ends(&stage, "sync quotas", 0);
        assert_eq!(held(&stage), [2, 4, 3], "{point}");
        assert_eq!(
            done(&stage, "resume").stderr,
            "nothing to resume\n",
            "{point}"
        );
    }
}

#[test]
fn a_kill_is_mended_by_the_same_line_too() {
    let stage = stage();
    assert!(killed_at(
        &stage,
        "sync --debounce 1",
        "journal-answer-before:2"
    ));
    ends(&stage, "sync --debounce 1", 0);
    assert_eq!(held(&stage), [2, 4, 3]);
}

#[test]
#[cfg_attr(windows, ignore = "Windows has no signals for another process")]
fn a_signal_ends_the_table_in_flight_and_sends_no_other() {
    let stage = filled(Stage::of(SandboxOptions {
        faults: parse_faults("slow:2@1").unwrap(),
        clock: SandboxClock::real(),
        ..service()
    }));
    let mut sync = Watched::start(stage.process("sync --debounce 1"));
    sync.says("owners: sending");
    crate::rig::until(|| (!stage.posts().is_empty()).then_some(()));
    sync.signal("INT");
    let told = sync.end();
    assert_eq!(told.code(), Some(130), "{told}");
    assert_eq!(sent(&stage), ["owners"]);
    for name in ["deals", "quotas"] {
        let line = format!(
            "{name} is not sent: a signal came first; later: qobra-push sync {name} --debounce=1\n"
        );
        assert!(told.stderr.contains(&line), "{told}");
    }
}
