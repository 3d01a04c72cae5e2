//! What the page shows besides records: copied from the state, so that the state is free again before any HTML
//! is written. Foreign text is made harmless here, and never copied in full length.

use std::time::Duration;

use super::ask::link_to;
use crate::base::display;
use crate::service::sandbox::clock::SandboxClock;
use crate::service::sandbox::fault::SandboxFault;
use crate::service::sandbox::import::{Import, Progress};
use crate::service::sandbox::log::{KeySeen, RequestSeen};
use crate::service::sandbox::record::Rejected;
use crate::service::sandbox::state::Sandbox;
use crate::service::sandbox::table::Table;

/// The most of each that is shown.
const MOST_TABLES: usize = 200;
const MOST_WINDOWS: usize = 50;
const MOST_IMPORTS: usize = 20;
const MOST_REJECTS: usize = 20;
const MOST_REQUESTS: usize = 50;
const MOST_DROPPED: usize = 50;
const MOST_FAULTS: usize = 100;

/// The first of many, and how many there are more.
#[derive(Debug)]
pub(super) struct First<T> {
    pub(super) shown: Vec<T>,
    pub(super) more: usize,
}

impl<T> First<T> {
    fn of<F>(all: impl Iterator<Item = F>, most: usize, show: impl Fn(F) -> T) -> Self {
        let mut all = all;
        let shown = all.by_ref().take(most).map(show).collect();
        Self {
            shown,
            more: all.count(),
        }
    }
}

#[derive(Debug)]
pub(super) struct Facts {
    pub(super) tables: First<TableFacts>,
    pub(super) windows: First<WindowFacts>,
    pub(super) imports: First<ImportFacts>,
    pub(super) requests: First<RequestFacts>,
    pub(super) faults: First<FaultFacts>,
    pub(super) next_push: u64,
}

#[derive(Debug)]
pub(super) struct TableFacts {
    pub(super) key: String,
    pub(super) link: String,
    pub(super) records: String,
    pub(super) deletes: String,
    pub(super) imports: String,
    pub(super) dropped: First<String>,
}

#[derive(Debug)]
pub(super) struct WindowFacts {
    pub(super) table: String,
    pub(super) mode: &'static str,
    pub(super) requests: String,
    pub(super) records: String,
    pub(super) closes: String,
}

#[derive(Debug)]
pub(super) struct ImportFacts {
    pub(super) id: String,
    pub(super) table: String,
    pub(super) created: String,
    pub(super) status: &'static str,
    pub(super) written: String,
    pub(super) rejected: usize,
    pub(super) rejects: First<RejectFacts>,
}

#[derive(Debug)]
pub(super) struct RejectFacts {
    pub(super) line: usize,
    pub(super) field: String,
    pub(super) details: String,
}

#[derive(Debug)]
pub(super) struct RequestFacts {
    pub(super) at: String,
    pub(super) what: String,
    pub(super) status: String,
    pub(super) mood: &'static str,
    pub(super) records: String,
    pub(super) size: String,
    pub(super) remark: String,
}

#[derive(Debug)]
pub(super) struct FaultFacts {
    pub(super) text: String,
    pub(super) state: &'static str,
}

impl Facts {
    pub(super) fn of(sandbox: &Sandbox) -> Self {
        let state = sandbox.caught_up();
        let (world, clock) = (&state.world, &sandbox.clock);
        let now = clock.now();
        Self {
            tables: First::of(world.tables(), MOST_TABLES, table),
            windows: First::of(world.windows(), MOST_WINDOWS, |window| WindowFacts {
                table: display::shown(window.table),
                mode: match window.replace {
                    true => "replace",
                    false => "upsert",
                },
                requests: display::count(window.requests as u64),
                records: display::count(window.records as u64),
                closes: countdown(window.closes_at.saturating_sub(now)),
            }),
            imports: First::of(world.imports().iter().rev(), MOST_IMPORTS, |of| {
                import(of, clock)
            }),
            requests: First::of(state.seen.iter().rev(), MOST_REQUESTS, |of| {
                request(of, clock)
            }),
            faults: First::of(state.faults.all().iter(), MOST_FAULTS, |of| {
                fault(of, state.faults.next())
            }),
            next_push: state.faults.next(),
        }
    }
}

/// The first table's key: what is shown where nothing was asked for.
pub(super) fn first_table(sandbox: &Sandbox) -> Option<String> {
    let state = sandbox.caught_up();
    state
        .world
        .tables()
        .next()
        .map(|table| table.spec.key.clone())
}

fn table(table: &Table) -> TableFacts {
    TableFacts {
        key: display::shown(&table.spec.key),
        link: link_to(&table.spec.key),
        records: display::count(table.rows().len() as u64),
        deletes: display::count(table.deletes),
        imports: display::count(table.imports.len() as u64),
        dropped: First::of(table.dropped.iter(), MOST_DROPPED, |name| {
            display::shown(name)
        }),
    }
}

fn import(import: &Import, clock: &SandboxClock) -> ImportFacts {
    let reject = |(line, rejected): &(usize, Box<Rejected>)| RejectFacts {
        line: *line,
        field: display::shown(&rejected.field),
        details: display::shown(&rejected.misfit.details),
    };
    ImportFacts {
        id: import.id.clone(),
        table: display::shown(&import.table),
        created: time_of_day(clock, import.created_at),
        status: match import.progress(clock.now()) {
            Progress::Scheduled => "scheduled",
            Progress::Started => "started",
            Progress::Finished { .. } => "finished",
        },
        written: display::count(import.written.len() as u64),
        rejected: import.rejected.len(),
        rejects: First::of(import.rejected.iter(), MOST_REJECTS, reject),
    }
}

fn request(seen: &RequestSeen, clock: &SandboxClock) -> RequestFacts {
    let key = match seen.key {
        KeySeen::Accepted => None,
        KeySeen::Missing => Some("no key".to_owned()),
        KeySeen::Wrong => Some("wrong key".to_owned()),
    };
    let fault = seen.fault.as_ref().map(|fault| format!("fault {fault}"));
    let remark: Vec<_> = key.into_iter().chain(fault).collect();
    RequestFacts {
        at: time_of_day(clock, seen.at),
        what: format!(
            "{} {}",
            display::shown(&seen.method),
            display::shown(&seen.path)
        ),
        status: seen
            .status
            .map_or_else(|| "none".to_owned(), |status| status.to_string()),
        mood: match seen.status {
            Some(200..=299) => "good",
            Some(_) => "bad",
            None => "watch",
        },
        records: seen.records.map(display::count).unwrap_or_default(),
        size: seen.bytes.map(display::size).unwrap_or_default(),
        remark: remark.join(", "),
    }
}

fn fault((fault, is_used): &(SandboxFault, bool), next: u64) -> FaultFacts {
    FaultFacts {
        text: fault.to_string(),
        state: match is_used {
            _ if fault.when.is_over(next) => "is over",
            true => "was met, and goes on",
            false => "not met yet",
        },
    }
}

fn time_of_day(clock: &SandboxClock, moment: Duration) -> String {
    clock.calendar(moment).strftime("%H:%M:%S").to_string()
}

/// `14:59`, `1:00:00`: whole seconds, so that it goes down by one a second.
fn countdown(left: Duration) -> String {
    let seconds = left
        .as_secs()
        .saturating_add(u64::from(left.subsec_nanos() > 0));
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_countdown_ends_when_it_shows_nothing_left() {
        for (left, shown) in [
            (Duration::ZERO, "0:00"),
            (Duration::from_millis(1), "0:01"),
            (Duration::from_secs(899), "14:59"),
            (Duration::from_secs(3600), "1:00:00"),
            (Duration::MAX, "5124095576030431:00:15"),
        ] {
            assert_eq!(countdown(left), shown);
        }
    }
}
