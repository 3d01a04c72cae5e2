//! A line of several parts that never wraps: where there is little room, what matters least is left out.

use std::time::Duration;

use console::measure_text_width;

use crate::base::display;

/// What stands between two parts.
const GAP: &str = "  ";

/// A part of a line, in its forms from the longest to the shortest.
#[derive(Debug)]
pub(crate) struct Part {
    /// 0 is what matters most.
    rank: u8,
    forms: Vec<String>,
}

impl Part {
    pub(crate) fn new(rank: u8, forms: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let forms = forms.into_iter().map(Into::into).collect();
        Self { rank, forms }
    }
}

/// The parts in their order, which take no more than so many columns: as many as there is room for, then each
/// as long as there is. What matters most comes first in both.
pub(crate) fn line(parts: &[Part], width: usize) -> String {
    let mut by_rank: Vec<_> = (0..parts.len()).collect();
    by_rank.sort_by_key(|at| parts[*at].rank);
    let mut chosen: Vec<Option<&str>> = vec![None; parts.len()];
    for at in &by_rank {
        let shortest = parts[*at].forms.last();
        choose(&mut chosen, *at, shortest.into_iter(), width);
    }
    for at in &by_rank {
        if chosen[*at].is_some() {
            choose(&mut chosen, *at, parts[*at].forms.iter(), width);
        }
    }
    if chosen.iter().all(Option::is_none) {
        let first = by_rank.first().and_then(|at| parts[*at].forms.last());
        return first.map_or_else(String::new, |form| display::fit(form, width));
    }
    text(&chosen)
}

/// Gives a part the first form that there is room for, if there is one.
fn choose<'a>(
    chosen: &mut [Option<&'a str>],
    at: usize,
    forms: impl Iterator<Item = &'a String>,
    width: usize,
) {
    let before = chosen[at];
    for form in forms {
        chosen[at] = Some(form);
        if measure_text_width(&text(chosen)) <= width {
            return;
        }
    }
    chosen[at] = before;
}

fn text(chosen: &[Option<&str>]) -> String {
    let shown: Vec<_> = chosen.iter().flatten().copied().collect();
    shown.join(GAP)
}

/// `██████░░░░`: how much is done.
pub(crate) fn gauge(percent: u64, width: usize) -> String {
    let percent = usize::try_from(percent).unwrap_or(100).min(100);
    let full = width * percent / 100;
    format!("{}{}", "█".repeat(full), "░".repeat(width - full))
}

/// Something that turns while time goes on.
pub(crate) fn spinner(now: Duration) -> String {
    const FORMS: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
    let at = now.as_millis() / 100 % FORMS.len() as u128;
    FORMS[usize::try_from(at).unwrap_or(0)].to_owned()
}

/// A time in whole seconds, rounded up, so that a countdown's last one is `1 s`.
pub(crate) fn whole(time: Duration) -> String {
    let seconds = (time.as_secs()).saturating_add(u64::from(time.subsec_nanos() > 0));
    match seconds {
        0..10 => format!("{seconds} s"),
        _ => display::time(Duration::from_secs(seconds)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_least_goes_first() {
        let parts = [
            Part::new(1, ["sending"]),
            Part::new(0, ["again in 12 s", "12 s"]),
            Part::new(2, ["120 of 300", "40 %"]),
        ];
        let lines = [40, 34, 33, 30, 20, 18, 13, 10, 3, 1].map(|width| line(&parts, width));
        assert_eq!(
            lines,
            [
                "sending  again in 12 s  120 of 300",
                "sending  again in 12 s  120 of 300",
                "sending  again in 12 s  40 %",
                "sending  again in 12 s  40 %",
                "sending  12 s  40 %",
                "sending  12 s",
                "sending  12 s",
                "12 s  40 %",
                "12…",
                "…",
            ]
        );
    }

    #[test]
    fn width_is_what_a_terminal_shows() {
        assert_eq!(line(&[Part::new(0, ["日本語の表"])], 6), "日本…");
        assert_eq!(
            measure_text_width(&line(&[Part::new(0, ["e\u{301}é"])], 2)),
            2
        );
    }

    #[test]
    fn a_countdown_ends_with_its_last_second() {
        let shown = [0.0, 0.001, 1.0, 9.2, 59.5, 61.0, 3_600.4].map(Duration::from_secs_f64);
        let shown = shown.map(whole);
        assert_eq!(
            shown,
            ["0 s", "1 s", "1 s", "10 s", "1 min", "1 min 1 s", "1 h"]
        );
    }

    #[test]
    fn a_gauge_is_full_only_at_its_end() {
        assert_eq!(gauge(0, 4), "░░░░");
        assert_eq!(gauge(99, 4), "███░");
        assert_eq!(gauge(100, 4), "████");
        assert_eq!(gauge(u64::MAX, 4), "████");
    }
}
