//! The requests over time, and what of the window they took: where everything stands in an SVG.

use std::time::Duration;

use super::requests::{Drawn, End, Requests};
use crate::base::display;

/// The width of the picture, in the SVG's own units; a browser makes it as wide as the page.
pub(super) const WIDTH: f64 = 1_000.0;

/// The height of a lane of requests, and of the space between two.
const LANE: f64 = 16.0;
const GAP: f64 = 4.0;

/// Nothing is drawn narrower: it could not be seen.
const NARROWEST: f64 = 2.0;

/// The requests in lanes: those in one lane never overlap, so that there are as many lanes as requests in
/// flight.
pub(super) struct Picture {
    pub bars: Vec<Bar>,
    pub height: f64,
    /// How long the picture takes, from its left to its right.
    pub lasts: String,
    pub hidden: usize,
    pub window: Option<WindowBar>,
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

/// The window from its opening to its end, in the picture's units.
pub(super) struct WindowBar {
    pub opens: f64,
    pub used_until: f64,
    pub deadline: f64,
    pub closes: f64,
    pub launched: Option<f64>,
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
            lasts: display::time(over),
            hidden: requests.count - requests.attempts.len(),
            window: window(requests, over),
        })
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
        class: match attempt.end {
            End::Accepted => "accepted",
            End::Failed => "failed",
            End::Unknown => "unknown",
        },
        title: title(attempt),
    }
}

/// To a tenth of a unit: more digits make a long file and show nothing.
fn rounded(place: f64) -> f64 {
    (place * 10.0).round() / 10.0
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
    let scale = (WIDTH - 8.0) / end.as_secs_f64().max(0.001);
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
    Some(WindowBar {
        opens: 0.0,
        used_until: at(over).max(NARROWEST),
        deadline: at(limits.deadline),
        closes: at(limits.closes),
        launched: requests.launched.map(at),
        words,
    })
}
