//! Events as lines: what is told where nobody watches a bar.
//!
//! A log is read afterwards, so it says that things go on and how far they are, and no more: one line of
//! progress in ten seconds. Waiting grows quiet, as nothing about it is new. Nothing here looks at a clock.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::display;
use crate::base::event::Event;
use crate::base::log::Entry;
use crate::base::model::ImportId;
use crate::screen::pace::{Detail, Pace};
use crate::screen::report;

/// So many imports have a line for each change of their state; of more, one line tells of all.
const FEW_IMPORTS: u64 = 10;

/// Makes lines of events.
#[derive(Debug)]
pub(crate) struct Log {
    detail: Detail,
    proving: Proving,
    sending: Sending,
    waiting: Pace,
    following: Following,
}

#[derive(Debug, Default)]
struct Proving {
    total: Option<u64>,
    done: u64,
    pace: Pace,
}

#[derive(Debug, Default)]
struct Sending {
    begun: Duration,
    chunks: u64,
    records: u64,
    done: u64,
    pace: Pace,
}

#[derive(Debug, Default)]
struct Following {
    imports: u64,
    statuses: BTreeMap<ImportId, String>,
    pace: Pace,
}

impl Log {
    pub(crate) fn new(detail: Detail) -> Self {
        Self {
            detail,
            proving: Proving::default(),
            sending: Sending::default(),
            waiting: Pace::slowing(Duration::ZERO),
            following: Following::default(),
        }
    }

    /// What to say of an event that came at this time, counted from any point.
    pub(crate) fn take(&mut self, event: &Event, now: Duration) -> Vec<Entry> {
        let is_watched = self.detail == Detail::None;
        match event {
            Event::Proving { bytes } => {
                self.proving = Proving {
                    total: *bytes,
                    done: 0,
                    pace: Pace::steady_after_a_while(now),
                };
                Vec::new()
            }
            Event::Proved { bytes } => {
                self.proving.done += bytes;
                let is_due = !is_watched && self.proving.pace.is_due(now);
                is_due.then(|| self.proving.line()).into_iter().collect()
            }
            Event::Sending { records, chunks } => {
                self.sending = Sending {
                    begun: now,
                    chunks: *chunks,
                    records: *records,
                    done: 0,
                    pace: Pace::steady(now),
                };
                Vec::new()
            }
            Event::Accepted { .. } => self.accepted(event, now),
            Event::Waiting { left } => {
                let is_due = !is_watched && self.waiting.is_due(now);
                is_due.then(|| waiting(*left)).into_iter().collect()
            }
            Event::Following { imports, earliest } => {
                self.following = Following {
                    imports: *imports,
                    statuses: BTreeMap::new(),
                    pace: Pace::slowing(now),
                };
                vec![following(*imports, *earliest)]
            }
            Event::Import { .. } => self.import(event),
            Event::Looked { open, left } => {
                let is_due = !is_watched && self.following.pace.is_due(now);
                let line = || self.following.line(*open, *left);
                is_due.then(line).into_iter().collect()
            }
            Event::Attempt { .. } | Event::Retry { .. } => {
                self.request(event).into_iter().collect()
            }
            other => plain(other).into_iter().collect(),
        }
    }

    /// A request that leaves, or will leave again.
    fn request(&self, event: &Event) -> Option<Entry> {
        let of = self.sending.chunks;
        Some(match event {
            Event::Attempt {
                chunk,
                attempt,
                bytes,
            } => {
                let size = display::size(*bytes);
                let line = format!("chunk {chunk} of {of}: attempt {attempt}, {size}");
                (Entry::debug("attempt", line).with("chunk", *chunk))
                    .with("attempt", *attempt)
                    .with("bytes", *bytes)
            }
            Event::Retry {
                chunk,
                pause,
                reason,
                until,
                ..
            } => {
                let again = display::time(*pause);
                let mut line = format!("chunk {chunk} of {of}: {reason}; again in {again}");
                if let Some((words, _)) = until {
                    line.push_str(&format!("; {words}"));
                }
                let left = until.as_ref().map(|(_, left)| seconds(*left));
                (Entry::warning("retry", line).with("chunk", *chunk))
                    .with("pause_seconds", seconds(*pause))
                    .with("left_seconds", left)
            }
            _ => return None,
        })
    }

    fn accepted(&mut self, event: &Event, now: Duration) -> Vec<Entry> {
        let Event::Accepted {
            chunk,
            records,
            import_id,
            took,
            window_left,
            ..
        } = event
        else {
            return Vec::new();
        };
        self.sending.done += records;
        let mut lines = Vec::new();
        if self.detail == Detail::Each {
            let line = format!(
                "chunk {chunk} of {}: {} accepted in {} (import {import_id})",
                self.sending.chunks,
                display::counted(*records, "record"),
                display::time(*took)
            );
            let entry = Entry::debug("accepted", line).with("chunk", *chunk);
            let entry = entry.with("records", *records);
            let entry = entry.with("import_id", import_id.as_str());
            lines.push(entry.with("seconds", seconds(*took)));
        }
        let is_last = self.sending.done == self.sending.records;
        if self.detail != Detail::None && (self.sending.pace.is_due(now) || is_last) {
            lines.push(self.sending.line(now, *window_left));
        }
        lines
    }

    fn import(&mut self, event: &Event) -> Vec<Entry> {
        let Event::Import {
            id,
            status,
            progress,
            records,
        } = event
        else {
            return Vec::new();
        };
        let statuses = &mut self.following.statuses;
        // Each hundredth would be a line; a change of the word is one.
        let is_new = statuses.insert(id.clone(), status.clone()).as_ref() != Some(status);
        let is_told = match self.detail {
            Detail::None => false,
            Detail::Paced => self.following.imports <= FEW_IMPORTS,
            Detail::Each => true,
        };
        if !is_new || !is_told {
            return Vec::new();
        }
        let line = import_line(id, status, *progress, *records);
        let entry = Entry::info("import", line).with("import_id", id.as_str());
        let entry = entry.with("status", &**status).with("records", *records);
        vec![entry.with("percent", *progress)]
    }
}

impl Proving {
    fn line(&self) -> Entry {
        let done = display::size(self.done);
        let line = match self.total.filter(|total| *total > 0) {
            None => format!("proving: {done} read"),
            Some(total) => format!(
                "proving: {done} of {} read ({} %)",
                display::size(total),
                percent(self.done, total)
            ),
        };
        let entry = Entry::info("proving", line).with("bytes", self.done);
        let share = self.total.map(|total| percent(self.done, total));
        entry.with("total_bytes", self.total).with("percent", share)
    }
}

impl Sending {
    /// `10,000 of 30,000 records accepted (33 %), 5,878 records/s, window closes in 13 min`
    fn line(&self, now: Duration, window_left: Option<Duration>) -> Entry {
        let share = percent(self.done, self.records);
        let mut line = format!(
            "{} of {} accepted ({share} %)",
            display::count(self.done),
            display::counted(self.records, "record"),
        );
        let spent = now.saturating_sub(self.begun);
        // Of less than a second a rate would be made of nothing.
        let rate = (spent >= Duration::from_secs(1))
            .then(|| (self.done as f64 / spent.as_secs_f64()).round() as u64);
        if let Some(rate) = rate {
            line.push_str(&format!(", {} records/s", display::count(rate)));
        }
        if let Some(left) = window_left.filter(|_| self.done < self.records) {
            line.push_str(&format!(", window closes in {}", display::time(left)));
        }
        Entry::info("progress", line)
            .with("records", self.done)
            .with("total_records", self.records)
            .with("percent", share)
            .with("records_per_second", rate)
            .with("window_left_seconds", window_left.map(seconds))
    }
}

impl Following {
    /// `3 of 4 imports have not ended (2 scheduled, 1 started); followed for another 52 min at most`
    fn line(&self, open: u64, left: Duration) -> Entry {
        let mut counts = BTreeMap::<&str, u64>::new();
        for status in self.statuses.values() {
            *counts.entry(status).or_default() += 1;
        }
        let counts = counts
            .iter()
            .map(|(status, n)| format!("{} {status}", display::count(*n)));
        let seen = match counts.collect::<Vec<_>>() {
            none if none.is_empty() => "none seen yet".to_owned(),
            some => some.join(", "),
        };
        let line = format!(
            "{} of {} not ended ({seen}); followed for another {} at most",
            display::count(open),
            display::counted(self.imports, "import"),
            display::time(left)
        );
        Entry::info("following", line)
            .with("imports", self.imports)
            .with("open", open)
            .with("left_seconds", seconds(left))
    }
}

/// What is told as it comes, wherever the run stands.
fn plain(event: &Event) -> Option<Entry> {
    Some(match event {
        Event::Note(note) => Entry::info("note", note),
        Event::Detail(detail) => Entry::debug("detail", detail),
        Event::Warning { message, hint } => Entry::warning("warning", message).hints(hint.clone()),
        Event::Alarm { message, hint } => Entry::warning("warning", message)
            .hints(hint.clone())
            .insistent(),
        Event::Totals(lines) => return report::totals(lines),
        Event::BadRecord(line) => Entry::warning("bad_record", line)
            .labelled(None)
            .insistent(),
        Event::Interrupted(words) => Entry::error("interrupted", words),
        _ => return None,
    })
}

fn waiting(left: Duration) -> Entry {
    let line = format!(
        "waiting for an earlier replace of the table, {} at most",
        display::time(left)
    );
    Entry::info("waiting", line).with("left_seconds", seconds(left))
}

fn following(imports: u64, earliest: Option<Duration>) -> Entry {
    let mut line = format!("following {}", display::counted(imports, "import"));
    let earliest = earliest.filter(|earliest| !earliest.is_zero());
    if let Some(earliest) = earliest {
        let time = display::time(earliest);
        line.push_str(&format!("; nothing starts before {time} have passed"));
    }
    Entry::info("following", line)
        .with("imports", imports)
        .with("earliest_seconds", earliest.map(seconds))
}

/// `import 64a…: started, 40 %, 5,000 records`
pub(crate) fn import_line(
    id: &ImportId,
    status: &str,
    progress: Option<u8>,
    records: Option<u64>,
) -> String {
    let mut line = format!("import {id}: {status}");
    if let Some(progress) = progress.filter(|progress| (1..100).contains(progress)) {
        line.push_str(&format!(", {progress} %"));
    }
    if let Some(records) = records {
        line.push_str(&format!(", {}", display::counted(records, "record")));
    }
    line
}

/// Whole hundredths, rounded down: 100 only where all is done.
fn percent(done: u64, total: u64) -> u64 {
    let share = (u128::from(done) * 100).checked_div(total.into());
    share.map_or(100, |share| u64::try_from(share.min(100)).unwrap_or(100))
}

/// Seconds to the thousandth.
fn seconds(time: Duration) -> f64 {
    time.as_millis() as f64 / 1e3
}
