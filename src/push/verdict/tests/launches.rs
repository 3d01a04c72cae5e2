//! What the times of launches mean for a replace of several requests.

use std::time::Duration;

use jiff::Timestamp;

use super::{FINISHED, entry, id, import, judged, judged_as};
use crate::base::model::Mode;
use crate::push::verdict::judgement::{ImportSeen, Observed, VerdictState};
use crate::service::Import;

#[test]
fn a_chunk_accepted_after_the_launch_is_a_risk() {
    let time = |text: &str| text.parse::<Timestamp>().unwrap();
    let debounce = Duration::from_secs(900);
    let replace = Some(Mode::Replace { debounce });
    let launched = |at: &str, count| {
        let fields = format!("{FINISHED},\"launched_at\":\"{at}\"");
        import(&fields, &[&entry("deals", count, "null")])
    };
    let (first, second) = (
        launched("2026-01-01T10:15:00Z", "60"),
        launched("2026-01-01T10:20:00Z", "40"),
    );
    let (a, b) = (id(1), id(2));
    let judged = |answers: [&str; 2], mode, requests| {
        let observed = [(&a, &first, answers[0]), (&b, &second, answers[1])];
        let observed = observed.map(|(id, import, at)| Observed {
            id,
            seen: ImportSeen::Import(import),
            last_answer: Some(time(at)),
        });
        judged_as(&observed, |facts| {
            (facts.mode, facts.requests) = (mode, requests);
        })
    };
    let in_time = ["2026-01-01T10:00:00Z", "2026-01-01T10:15:01Z"];
    assert_eq!(judged(in_time, replace, 2).state, VerdictState::Clean);
    // Before its own import's launch, but after the first one's: it opened a window of its own.
    let late = ["2026-01-01T10:00:00Z", "2026-01-01T10:15:02Z"];
    let verdict = judged(late, replace, 2);
    assert_eq!(verdict.state, VerdictState::AtRisk);
    assert_eq!(
        verdict.notes,
        [
            "a chunk was accepted at 2026-01-01 10:15:02 UTC, after import i1 had been launched at \
             2026-01-01 10:15:00 UTC: it may have deleted what the others loaded"
        ]
    );
    // An upsert deletes nothing, a single request and one that nothing waits for have no window.
    let at_once = Some(Mode::Replace {
        debounce: Duration::ZERO,
    });
    for (mode, requests) in [
        (Some(Mode::Upsert), 2),
        (replace, 1),
        (at_once, 2),
        (None, 2),
    ] {
        assert_eq!(judged(late, mode, requests).state, VerdictState::Clean);
    }
}

/// All times are the service's: what is launched before the debounce is over was not held together.
#[test]
fn an_import_launched_before_the_debounce_is_over_is_a_risk() {
    let replace = |seconds| Mode::Replace {
        debounce: Duration::from_secs(seconds),
    };
    let shown = |(created, launched): (&str, &str), count: &str| {
        let day = "2026-01-01T10:";
        let fields = format!(
            "{FINISHED},\"created_at\":\"{day}{created}Z\",\"launched_at\":\"{day}{launched}Z\""
        );
        import(&fields, &[&entry("deals", count, "null")])
    };
    let of = |imports: &[Import], debounce| {
        judged(imports, |facts| {
            (facts.mode, facts.requests) = (Some(replace(debounce)), 2);
        })
    };
    let both = |[first, second]: [(&str, &str); 2], debounce| {
        of(&[shown(first, "60"), shown(second, "40")], debounce)
    };
    let state = |imports, debounce| both(imports, debounce).state;
    // Both at the end of one window, which counts from the first or from the last; one after the other.
    for second in [
        ("05:00", "15:00"),
        ("05:00", "20:00"),
        ("05:00", "45:00"),
        // As exact as a scheduler is.
        ("00:01", "14:31"),
    ] {
        let imports = [("00:00", "15:00"), second];
        assert_eq!(state(imports, 900), VerdictState::Clean, "{second:?}");
    }
    let early = [("00:00", "15:00"), ("00:02", "00:03")];
    let verdict = both(early, 900);
    assert_eq!(verdict.state, VerdictState::AtRisk);
    assert_eq!(
        verdict.notes,
        [
            "import i2 was launched at 2026-01-01 10:00:03 UTC, where the first one was created at 2026-01-01 \
             10:00:00 UTC and the service was told to wait 15 min (--debounce): one may have deleted what another \
             loaded"
        ]
    );
    // No second is certain.
    assert_eq!(
        state([("00:00", "00:02"), ("00:00", "00:02")], 3),
        VerdictState::Clean
    );
    // One import is told by its count, where it gives one.
    for (count, state) in [("100", VerdictState::Clean), ("null", VerdictState::AtRisk)] {
        let verdict = of(&[shown(("00:00", "00:01"), count)], 900);
        assert_eq!(verdict.state, state, "{count}");
    }
}
