//! The requests over time, and what of the window they took: where everything stands in an SVG.

use std::time::Duration;

use super::requests::{Drawn, End, Requests};
use crate::base::display;

/// The width of the picture, in percent: the SVG is as wide as the page, and texts and circles keep their form.
const WIDTH: f64 = 100.0;

/// The height of a lane of requests, and of the space between two.
const LANE: f64 = 16.0;
const GAP: f64 = 4.0;

/// Nothing is drawn narrower: it could not be seen.
const NARROWEST: f64 = 0.4;

/// The requests in lanes: those in one lane never overlap, so that there are as many lanes as requests in
/// flight.
pub(super) struct Picture {
    pub bars: Vec<Bar>,
    pub height: f64,
    pub ticks: Vec<Tick>,
    /// What is said of it where it is not seen.
    pub words: String,
    /// What each colour means that it has.
    pub legend: Vec<(&'static str, &'static str)>,
    pub hidden: usize,
    pub window: Option<WindowBar>,
}

/// A moment that is named.
pub(super) struct Tick {
    pub x: f64,
    pub anchor: &'static str,
    pub label: String,
}

/// One attempt.
pub(super) struct Bar {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    /// What it is drawn like, as a class of the style sheet.
    pub class: &'static str,
    /// What is said of it.
    pub title: String,
}

/// The window from its opening to its end.
pub(super) struct WindowBar {
    pub used_until: f64,
    pub deadline: f64,
    pub deadline_at: String,
    /// At which end of the deadline's name it stands.
    pub anchor: &'static str,
    pub closes: f64,
    pub launched: Option<f64>,
    pub lasts: String,
    pub words: String,
}

impl Picture {
    /// None where no request was made.
    pub(super) fn of(requests: &Requests) -> Option<Self> {
        let over = last(requests).max(Duration::from_millis(1));
        let scale = WIDTH / over.as_secs_f64();
        let mut lanes: Vec<f64> = Vec::new();
        let bars: Vec<_> = (requests.attempts.iter())
            .map(|attempt| bar(attempt, over, scale, &mut lanes))
            .collect();
        (!bars.is_empty()).then(|| Self {
            bars,
            height: lanes.len() as f64 * (LANE + GAP),
            ticks: ticks(over),
            words: format!(
                "The requests over {}, from left to right",
                display::time(over)
            ),
            legend: legend(requests),
            hidden: requests.count - requests.attempts.len(),
            window: window(requests, over),
        })
    }
}

/// The beginning, the middle and the end.
fn ticks(over: Duration) -> Vec<Tick> {
    let tick = |x, anchor, label| Tick { x, anchor, label };
    vec![
        tick(0.0, "start", "0 s".to_owned()),
        tick(WIDTH / 2.0, "middle", display::time(over / 2)),
        tick(WIDTH, "end", display::time(over)),
    ]
}

fn legend(requests: &Requests) -> Vec<(&'static str, &'static str)> {
    let all = [
        (End::Accepted, "accepted"),
        (End::Failed, "not applied, and tried again or given up"),
        (End::Unknown, "without a good answer"),
    ];
    let is_there = |end: End| requests.attempts.iter().any(|attempt| attempt.end == end);
    let there = all.into_iter().filter(|(end, _)| is_there(*end));
    there.map(|(end, words)| (class(end), words)).collect()
}

/// What an attempt is drawn like.
fn class(end: End) -> &'static str {
    match end {
        End::Accepted => "accepted",
        End::Failed => "failed",
        End::Unknown => "unknown",
    }
}

/// When the last thing happened that is drawn.
fn last(requests: &Requests) -> Duration {
    let ends = (requests.attempts.iter()).map(|attempt| attempt.until.unwrap_or(attempt.from));
    ends.max().unwrap_or_default()
}

fn bar(attempt: &Drawn, over: Duration, scale: f64, lanes: &mut Vec<f64>) -> Bar {
    let from = attempt.from.as_secs_f64() * scale;
    let until = attempt.until.unwrap_or(over).as_secs_f64() * scale;
    let width = (until - from).max(NARROWEST);
    let x = from.min(WIDTH - width);
    let free = lanes.iter().position(|end| *end <= x);
    let lane = free.unwrap_or_else(|| {
        lanes.push(0.0);
        lanes.len() - 1
    });
    lanes[lane] = x + width;
    Bar {
        x: rounded(x),
        y: lane as f64 * (LANE + GAP),
        width: rounded(width),
        class: class(attempt.end),
        title: title(attempt),
    }
}

/// More digits make a long file and show nothing.
fn rounded(place: f64) -> f64 {
    (place * 100.0).round() / 100.0
}

/// `records 1 to 5,000, attempt 2: accepted after 1.2 s`.
fn title(attempt: &Drawn) -> String {
    let range = crate::base::model::RecordRange {
        first: attempt.first,
        last: attempt.last,
    };
    let took = (attempt.until).map(|until| display::time(until.saturating_sub(attempt.from)));
    let end = match (attempt.end, took) {
        (End::Accepted, Some(took)) => format!("accepted after {took}"),
        (End::Failed, Some(took)) => format!("not applied, failed after {took}"),
        (_, Some(took)) => format!("possibly applied, no good answer after {took}"),
        (_, None) => "nobody saw its end".to_owned(),
    };
    let records = display::records(range);
    let again = match attempt.number {
        1 => String::new(),
        number => format!(", attempt {number}"),
    };
    format!("{records}{again}: {end}")
}

/// The window beside what was used of it; on a scale of its own, since a debounce of a quarter of an hour
/// would leave nothing to see of requests that took seconds.
fn window(requests: &Requests, over: Duration) -> Option<WindowBar> {
    let limits = requests.window?;
    let end = limits
        .closes
        .max(requests.launched.unwrap_or_default())
        .max(over);
    // Room for the whole dot at the right.
    let scale = (WIDTH - 0.8) / end.as_secs_f64().max(0.001);
    let at = |moment: Duration| rounded(moment.as_secs_f64() * scale);
    let left = limits.deadline.saturating_sub(over);
    let words = match over > limits.deadline {
        true => format!(
            "the last answer came {} after the deadline",
            display::time(over - limits.deadline)
        ),
        false => format!(
            "the last answer came {} before the deadline",
            display::time(left)
        ),
    };
    let deadline = at(limits.deadline);
    Some(WindowBar {
        used_until: at(over).max(NARROWEST),
        deadline,
        deadline_at: display::time(limits.deadline),
        anchor: match deadline > WIDTH / 2.0 {
            true => "end",
            false => "start",
        },
        closes: at(limits.closes),
        launched: requests.launched.map(at),
        lasts: display::time(end),
        words,
    })
}
