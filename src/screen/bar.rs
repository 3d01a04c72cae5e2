//! The bar: what a run does now, on lines of at most so many columns.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::display::{self, counted};
use crate::base::model::ImportId;
use crate::screen::course::{Course, Following, Seen, Sending, Wait};
use crate::screen::fit::{Part, gauge, line, spinner, whole};
use crate::screen::flow::Flow;

/// So many imports have a line each.
const FEW_IMPORTS: usize = 10;

/// What takes less is not told: a line that goes as it comes is nothing but a flicker.
const SHORT: Duration = Duration::from_millis(300);

/// The lines of a course; none where nothing goes on. The name stands in front where there are others.
pub(crate) fn lines(
    course: &Course,
    name: Option<&str>,
    now: Duration,
    width: usize,
) -> Option<Vec<String>> {
    let parts = match course {
        Course::Idle => return None,
        Course::Step { since, .. } if now.saturating_sub(*since) < SHORT => {
            return Some(Vec::new());
        }
        Course::Step { what, since } => step(what, now.saturating_sub(*since), now),
        Course::Locked { until } => wait(
            [
                "waiting for the lock of the table",
                "waiting for the lock",
                "lock",
            ],
            until.saturating_sub(now),
        ),
        Course::Proving(flow) => proving(flow, now),
        Course::Quiet { until } => wait(
            [
                "waiting for an earlier replace of the table",
                "waiting for an earlier replace",
                "wait",
            ],
            until.saturating_sub(now),
        ),
        Course::Sending(sending) => self::sending(sending, now),
        Course::Following(following) => self::following(following, now),
    };
    let name = name.map(|name| Part::new(2, [format!("{name}:"), display::fit(name, 8)]));
    let parts: Vec<_> = name.into_iter().chain(parts).collect();
    let mut lines = vec![line(&parts, width)];
    if let Course::Following(Following { seen, .. }) = course
        && seen.len() <= FEW_IMPORTS
    {
        lines.extend(seen.iter().map(|seen| line(&import(seen), width)));
    }
    Some(lines)
}

/// What has no known end says for how long it goes on.
fn step(what: &str, spent: Duration, now: Duration) -> Vec<Part> {
    let mut parts = vec![Part::new(2, [spinner(now)]), Part::new(0, [what])];
    let spent = Duration::from_secs(spent.as_secs());
    if !spent.is_zero() {
        parts.push(Part::new(1, [whole(spent)]));
    }
    parts
}

/// What ends at a known time at the latest.
fn wait(what: [&str; 3], left: Duration) -> Vec<Part> {
    let left = whole(left);
    vec![
        Part::new(1, what),
        Part::new(0, [format!("{left} at most"), left]),
    ]
}

fn proving(flow: &Flow, now: Duration) -> Vec<Part> {
    let done = display::size(flow.done);
    let Some((total, percent)) = flow.total.zip(flow.percent()) else {
        let mut parts = step("proving", Duration::ZERO, now);
        parts.push(Part::new(1, [format!("{done} read"), done]));
        return parts;
    };
    if flow.is_done() {
        let read = format!("all {} read", display::size(total));
        let mut parts = step("proving", Duration::ZERO, now);
        parts.push(Part::new(1, [read, "all read".to_owned()]));
        return parts;
    }
    let total = display::size(total);
    let of = [format!("{done} of {total}")];
    let mut parts = vec![Part::new(6, ["proving"])];
    parts.extend(share(percent));
    parts.push(Part::new(7, of));
    parts.extend(left(flow, now));
    parts
}

/// The gauge, and its number.
fn share(percent: u64) -> [Part; 2] {
    let gauges = [gauge(percent, 20), gauge(percent, 10)];
    [Part::new(9, gauges), Part::new(1, [format!("{percent} %")])]
}

/// How long the rest takes, in minutes where it is some.
fn left(flow: &Flow, now: Duration) -> Option<Part> {
    let left = match flow.left(now)? {
        left if left < Duration::from_secs(120) => whole(left),
        left => whole(Duration::from_secs(left.as_secs().div_ceil(60) * 60)),
    };
    let forms = [format!("about {left} left"), format!("{left} left")];
    Some(Part::new(5, forms))
}

fn sending(sending: &Sending, now: Duration) -> Vec<Part> {
    let flow = &sending.flow;
    let total = flow.total.unwrap_or_default();
    if flow.is_done() && flow.done > 0 {
        let all = format!("all {} accepted", counted(total, "record"));
        return vec![Part::new(0, [all, "all accepted".to_owned()])];
    }
    if total == 0 {
        let mut parts = vec![Part::new(1, ["sending no record"])];
        parts.extend(sending.wait(now).as_ref().map(waited_for));
        return parts;
    }
    let (done, of) = (display::count(flow.done), counted(total, "record"));
    let of = [
        format!("{done} of {of}"),
        format!("{done} of {}", display::count(total)),
    ];
    let is_stopping = sending.stop.is_some();
    let doing = if is_stopping { "stopping" } else { "sending" };
    let mut parts = vec![Part::new(6, [doing])];
    parts.extend(share(flow.percent().unwrap_or_default()));
    parts.push(Part::new(7, of));
    parts.extend(match (sending.stop, sending.wait(now)) {
        (Some(stop), _) => Some(farewell(stop.saturating_sub(now))),
        (None, Some(wait)) => Some(waited_for(&wait)),
        (None, None) => left(flow, now),
    });
    parts.extend(sending.window.map(|over| window(over.saturating_sub(now))));
    parts
}

/// How long what is under way has after a signal.
fn farewell(left: Duration) -> Part {
    let left = whole(left);
    let forms = [
        format!("what is under way has {left} to end"),
        format!("at most {left}"),
        left,
    ];
    Part::new(0, forms)
}

fn window(left: Duration) -> Part {
    let forms = match left.is_zero() {
        true => ["the window is over".to_owned(), "window over".to_owned()],
        false => ["window closes in", "window"].map(|what| format!("{what} {}", whole(left))),
    };
    Part::new(4, forms)
}

fn waited_for(wait: &Wait) -> Part {
    match wait {
        Wait::Pause(chunk, left) => {
            let left = match left.is_zero() {
                true => "at once".to_owned(),
                false => format!("in {}", whole(*left)),
            };
            let forms = [
                format!("waiting: chunk {chunk} again {left}"),
                format!("again {left}"),
            ];
            Part::new(0, forms)
        }
        Wait::Answer(silent) => {
            let silent = whole(Duration::from_secs(silent.as_secs()));
            let forms = [
                format!("no answer for {silent}"),
                format!("no answer {silent}"),
            ];
            Part::new(0, forms)
        }
    }
}

fn following(following: &Following, now: Duration) -> Vec<Part> {
    if let Some(early) = following.early(now) {
        let forms = [
            "waiting for the debounce to end",
            "debounce ends",
            "debounce",
            "wait",
        ];
        let left = format!("in {}", whole(early));
        return vec![Part::new(1, forms), Part::new(0, [left, whole(early)])];
    }
    let imports = counted(following.imports, "import");
    let head = [format!("following {imports}"), imports.clone()];
    let mut parts = vec![Part::new(0, head)];
    if following.seen.len() > FEW_IMPORTS {
        parts.push(Part::new(1, [counts(&following.seen)]));
    } else if following.open < following.imports {
        let ended = following.imports - following.open;
        let forms = [format!("{} ended", display::count(ended))];
        parts.push(Part::new(1, forms));
    }
    if let Some(until) = following.until {
        let left = whole(until.saturating_sub(now));
        let forms = [
            format!("for another {left} at most"),
            format!("{left} at most"),
        ];
        parts.push(Part::new(2, forms));
    }
    parts
}

/// `300 scheduled, 100 finished`
fn counts(seen: &[Seen]) -> String {
    let mut counts = BTreeMap::<&str, u64>::new();
    for seen in seen {
        *counts.entry(&seen.status).or_default() += 1;
    }
    let counts = counts.into_iter().rev();
    let counts: Vec<_> = counts
        .map(|(status, count)| format!("{} {status}", display::count(count)))
        .collect();
    counts.join(", ")
}

/// One import's state. Its id is known by its end where there is little room.
fn import(seen: &Seen) -> Vec<Part> {
    let Seen {
        id,
        status,
        progress,
        records,
    } = seen;
    let mut parts = vec![Part::new(
        1,
        [format!("import {id}:"), format!("{id}:"), tail(id)],
    )];
    parts.push(Part::new(0, [status]));
    if let Some(progress) = progress.filter(|progress| (1..100).contains(progress)) {
        let [gauge, percent] = share(progress.into());
        parts.extend([percent, gauge]);
    }
    if let Some(records) = records {
        parts.push(Part::new(3, [counted(*records, "record")]));
    }
    parts
}

/// `…a9c4:`
fn tail(id: &ImportId) -> String {
    let id = id.as_str();
    match id.char_indices().nth_back(3) {
        Some((at, _)) if at > 0 => format!("…{}:", &id[at..]),
        _ => format!("{id}:"),
    }
}
