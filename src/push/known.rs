//! What is known of the service, as one push uses it: where a probe asked, and nothing has contradicted it
//! since.
//!
//! What is known makes a push faster, or its words more certain. None of it is needed: what is not known, or
//! must not be used, leaves everything as it is under every answer.

use crate::base::clock::Moment;
use crate::base::display;
use crate::base::event::Events;
use crate::push::plan::Plan;
use crate::push::send::Sent;
use crate::runs::journal::{FactsLine, PlanLine};
use crate::runs::known::{Dropped, Known};
use crate::runs::state::StateDir;
use crate::service::BaseUrl;
use crate::service::facts::WindowReading;
use crate::service::facts::{Facts, Most};

/// The limits where nothing was typed.
const USUAL: (u64, u64) = (5_000, 16 << 20);

/// The facts that make a difference.
const USED: [&str; 8] = [
    "window",
    "records",
    "bytes",
    "repeated",
    "unknown_import",
    "import_seen_after",
    "wrong_key",
    "wrong_table",
];

/// What shows that facts do not hold.
#[derive(Debug)]
pub(crate) struct Contradiction {
    facts: &'static [&'static str],
    why: String,
}

impl Contradiction {
    fn new(facts: &'static [&'static str], why: String) -> Self {
        Self { facts, why }
    }

    pub(crate) fn of_window(why: String) -> Self {
        Self::new(&["window"], why)
    }
}

/// Reads what is known. What cannot be read is said, and not known.
pub(crate) fn read(state: &StateDir, base_url: &BaseUrl, events: &Events) -> Option<Known> {
    Known::read(state, base_url).unwrap_or_else(|error| {
        events.warn(error.message, error.hint);
        None
    })
}

/// The day on which a probe asked, in words.
pub(crate) fn day(known: &Known) -> String {
    known.probed_at.strftime("%Y-%m-%d").to_string()
}

/// Plans a push by what is known.
pub(crate) fn heed(plan: &mut Plan, known: Option<&Known>, events: &Events) {
    let Some(known) = known else { return };
    plan.send.reading = known.facts.window;
    let chunks = &mut plan.prove.chunks;
    let limits = [
        (
            &mut chunks.max_records,
            USUAL.0,
            known.facts.records,
            "--chunk-size",
        ),
        (
            &mut chunks.max_body,
            USUAL.1,
            known.facts.bytes,
            "--max-body",
        ),
    ];
    for (limit, usual, most, option) in limits {
        let Some((refused, below)) = most
            .and_then(below)
            .filter(|(refused, _)| *limit >= *refused)
        else {
            continue;
        };
        let (told, besides) = match option {
            "--max-body" => (
                display::size as fn(u64) -> String,
                ", and a larger record alone",
            ),
            _ => (records as fn(u64) -> String, ""),
        };
        let message = format!(
            "the service refuses requests of {} and more, as a probe found on {}: at most {} go in one{besides}",
            told(refused),
            day(known),
            told(below)
        );
        match *limit == usual {
            true => events.note(message),
            false => events.warn(
                format!("{option} asks for too much: {message}"),
                "--no-facts tries it all the same".to_owned(),
            ),
        }
        *limit = below;
    }
}

fn records(count: u64) -> String {
    display::counted(count, "record")
}

/// The least that is refused, and what goes instead: what was taken, else half of it, as after a refusal.
fn below(most: Most) -> Option<(u64, u64)> {
    let refused = most.refused.filter(|refused| *refused > 1)?;
    let taken = most.taken.filter(|taken| (1..refused).contains(taken));
    Some((refused, taken.unwrap_or(refused / 2)))
}

/// What a run's plan says of it.
pub(crate) fn line(known: Option<&Known>) -> Option<FactsLine> {
    let known = known?;
    let json = serde_json::to_value(&known.facts).unwrap_or_default();
    let used = USED.iter().filter(|name| !json[**name].is_null());
    Some(FactsLine {
        probed_at: known.probed_at,
        window: known.facts.window,
        used: used.map(|name| (*name).to_owned()).collect(),
    })
}

/// From which request the window of a run that is taken up again counts: as the run took it, if that is
/// known still.
pub(crate) fn reading(line: &PlanLine, known: Option<&Known>) -> Option<WindowReading> {
    let then = line.facts.as_ref()?.window?;
    let now = known?.facts.window?;
    (then == now).then_some(now)
}

/// Takes a fact for none any more: it is not used from here on, and leaves the file. Said once.
pub(crate) fn contradict(
    known: &mut Option<Known>,
    Contradiction { facts, why }: Contradiction,
    now: &Moment,
    (state, events): (&StateDir, &Events),
) {
    let Some(known) = known else { return };
    let had = facts.iter().filter(|fact| known.facts.forget(fact));
    let had: Vec<_> = had.map(|fact| (*fact).to_owned()).collect();
    if had.is_empty() {
        return;
    }
    let hint = "`qobra-push probe` on a scratch table asks the service again".to_owned();
    events.warn(
        format!(
            "{why}: what a probe found on {} ({}) does not hold, and is not relied on any more",
            day(known),
            display::listed(&had)
        ),
        hint,
    );
    for fact in had {
        let (at, why) = (now.wall, why.clone());
        if let Err(error) = known.drop_fact(state, Dropped { fact, at, why }) {
            events.warn(error.message, error.hint);
        }
    }
}

/// An import that runs before what is known of its window allows it.
pub(crate) fn early(reading: Option<WindowReading>) -> Contradiction {
    let why = format!(
        "the service ran the import before its debounce was over, counted from the {}",
        request(reading)
    );
    Contradiction::of_window(why)
}

/// From which request a reading counts.
pub(crate) fn request(reading: Option<WindowReading>) -> &'static str {
    match reading {
        Some(WindowReading::Last) => "last request that was accepted",
        _ => "first request",
    }
}

/// Drops what the requests of a push show to be wrong.
pub(crate) fn check(
    known: &mut Option<Known>,
    sent: &Sent,
    now: &Moment,
    told: (&StateDir, &Events),
) {
    let facts = known.as_ref().map(|known| known.facts.clone());
    for one in contradicted(&facts.unwrap_or_default(), sent) {
        contradict(known, one, now, told);
    }
}

fn contradicted(facts: &Facts, sent: &Sent) -> Vec<Contradiction> {
    let mut found = Vec::new();
    if sent.is_launch_early {
        found.push(early(facts.window));
    }
    let of = |most: Option<Most>| most.unwrap_or_default();
    let (records, bytes) = (of(facts.records), of(facts.bytes));
    // Whichever of both it was that was too much, neither is what it was.
    if let Some((sent_records, sent_bytes)) = sent.too_large
        && records.taken >= Some(sent_records)
        && bytes.taken >= Some(sent_bytes)
    {
        let why = format!(
            "the service refuses {} in {} as too large",
            display::counted(sent_records, "record"),
            display::size(sent_bytes)
        );
        found.push(Contradiction::new(&["records", "bytes"], why));
    }
    let (most_records, most_bytes) = sent.most_accepted();
    if records
        .refused
        .is_some_and(|refused| most_records >= refused)
    {
        let why = format!(
            "the service takes {} in a request",
            display::counted(most_records, "record")
        );
        found.push(Contradiction::new(&["records.refused"], why));
    }
    if bytes.refused.is_some_and(|refused| most_bytes >= refused) {
        let why = format!(
            "the service takes a request of {}",
            display::size(most_bytes)
        );
        found.push(Contradiction::new(&["bytes.refused"], why));
    }
    found
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;
    use crate::base::model::{ImportId, RecordRange};
    use crate::push::send::{Part, PartResult, PartState};

    fn most(taken: impl Into<Option<u64>>, refused: impl Into<Option<u64>>) -> Most {
        Most {
            taken: taken.into(),
            refused: refused.into(),
        }
    }

    #[test]
    fn what_is_refused_gives_way_to_what_was_taken() {
        assert_eq!(below(most(40, 50)), Some((50, 40)));
        assert_eq!(below(most(None, 50)), Some((50, 25)));
        // Nonsense, such as limits that changed while they were tried.
        assert_eq!(below(most(60, 50)), Some((50, 25)));
        assert_eq!(below(most(0, 50)), Some((50, 25)));
        assert_eq!(below(most(40, None)), None);
        assert_eq!(below(most(None, 1)), None);
    }

    /// A push of one request that was accepted.
    fn sent(records: u64, bytes: u64) -> Sent {
        let result = PartResult {
            part: Part {
                chunk: 1,
                range: RecordRange {
                    first: 1,
                    last: records,
                },
                records,
            },
            place: None,
            bytes,
            attempts: 1,
            took: Duration::ZERO,
            accepted_at: None,
            began_at: None,
            may_count_twice: false,
            state: PartState::Accepted(ImportId::new("a").unwrap()),
        };
        Sent {
            results: vec![result],
            chunks: 1,
            halt: None,
            opened: None,
            moved: None,
            is_launch_early: false,
            too_large: None,
            started_at: Timestamp::UNIX_EPOCH,
            took: Duration::ZERO,
        }
    }

    #[test]
    fn what_a_push_sees_contradicts_what_is_known() {
        let facts = Facts {
            window: Some(WindowReading::Last),
            records: Some(most(50, 100)),
            bytes: Some(most(5_000, 10_000)),
            ..Facts::default()
        };
        let names = |facts: &Facts, sent: &Sent| -> Vec<&str> {
            let found = contradicted(facts, sent);
            found.iter().flat_map(|one| one.facts).copied().collect()
        };
        let good = sent(50, 5_000);
        let too_large = |records, bytes| Sent {
            too_large: Some((records, bytes)),
            ..sent(1, 1)
        };
        let early = Sent {
            is_launch_early: true,
            ..sent(1, 1)
        };
        assert_eq!(names(&facts, &good), [""; 0]);
        assert_eq!(names(&facts, &early), ["window"]);
        assert_eq!(names(&facts, &too_large(50, 5_000)), ["records", "bytes"]);
        // More than was ever taken: nobody said that it would be.
        assert_eq!(names(&facts, &too_large(51, 5_000)), [""; 0]);
        assert_eq!(names(&facts, &too_large(50, 5_001)), [""; 0]);
        assert_eq!(names(&facts, &sent(100, 1)), ["records.refused"]);
        assert_eq!(names(&facts, &sent(99, 10_000)), ["bytes.refused"]);
        for seen in [early, too_large(50, 5_000), sent(100, 10_000)] {
            let nothing = Facts {
                window: Some(WindowReading::First),
                ..Facts::default()
            };
            let found = names(&nothing, &seen);
            assert!(found.iter().all(|name| *name == "window"), "{found:?}");
        }
    }
}
