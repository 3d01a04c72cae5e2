//! Runs to test with: three chunks of ten records, on clocks that are moved by hand.

#[cfg(all(unix, debug_assertions))]
mod accidents;
mod file;
mod laws;
mod standing;
mod status;
mod view;

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::base::clock::{Clock, Moment};
use crate::base::model::{ImportId, Mode, RecordRange, TableKey};

pub(super) const UPSERT: Mode = Mode::Upsert;
pub(super) const REPLACE: Mode = Mode::Replace {
    debounce: seconds(900),
};

pub(super) const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

pub(super) fn range(first: u64, last: u64) -> RecordRange {
    RecordRange { first, last }
}

pub(super) fn id(text: &str) -> ImportId {
    ImportId::new(text).unwrap()
}

pub(super) fn chunk(number: u64, first: u64, last: u64) -> ChunkLine {
    ChunkLine {
        number,
        range: range(first, last),
        records: last - first + 1,
        body_bytes: 500,
        digest: u64::MAX - number,
        firsts: Vec::new(),
        extents: vec![ExtentLine([0, first * 100, last * 100 + 100, first + 1])],
    }
}

pub(super) fn plan(mode: Mode) -> PlanLine {
    PlanLine {
        schema: SCHEMA,
        version: "0.1.0".to_owned(),
        run: "20260101T000000Z-0001".parse().unwrap(),
        started: Clock::manual().now(),
        base_url: "https://api.qobra.co".to_owned(),
        table: TableKey::new("deals").unwrap(),
        mode,
        host: Some("export-1".to_owned()),
        rollback_of: None,
        sync: None,
        options: PlanOptions {
            jobs: 4,
            retry_for: seconds(300),
            connect_for: seconds(30),
            chunk_time: seconds(5),
            chunk_size: 10,
            max_body: 16 << 20,
            format: "csv".to_owned(),
            delimiter: Some(';'),
            id_field: "id".to_owned(),
            name_field: "name".to_owned(),
            duplicates: "error".to_owned(),
            ..PlanOptions::default()
        },
        inputs: vec![InputLine {
            sheet: None,
            encoding: None,
            member: None,
            positions: None,
            path: Some(PathBuf::from("/data/deals.csv")),
            kept: None,
            delimiter: None,
            bytes: 3_100,
            records: None,
            digest: "blake3:00".to_owned(),
        }],
        mapping: None,
        records_read: 30,
        rejected: 0,
        duplicates_dropped: 0,
        dropped: Vec::new(),
        keys: vec!["id".to_owned()],
        totals: Vec::new(),
        facts: None,
        changes: None,
        differing: None,
        chunks: vec![chunk(1, 1, 10), chunk(2, 11, 20), chunk(3, 21, 30)],
    }
}

/// A run under way: its view, and the clocks its lines are written by.
pub(super) struct Run {
    pub clock: Clock,
    pub journal: Journal,
}

impl Run {
    pub(crate) fn new(mode: Mode) -> Self {
        Self::of(plan(mode))
    }

    pub(crate) fn of(plan: PlanLine) -> Self {
        Self {
            clock: Clock::manual(),
            journal: Journal::new(plan),
        }
    }

    pub(crate) fn now(&self) -> Moment {
        self.clock.now()
    }

    pub(crate) fn attempt(&mut self, first: u64, last: u64) -> &mut Self {
        self.journal.apply(&attempt(first, last, self.clock.now()));
        self
    }

    pub(crate) fn answer(&mut self, first: u64, last: u64, result: Answered) -> &mut Self {
        self.journal
            .apply(&answer(first, last, result, self.clock.now()));
        self
    }

    /// An attempt that takes a second and is accepted.
    pub(crate) fn accept(&mut self, first: u64, last: u64, import: &str) -> &mut Self {
        self.attempt(first, last).after(1);
        let import_id = id(import);
        self.answer(first, last, Answered::Accepted { import_id })
    }

    pub(crate) fn split(&mut self, first: u64, last: u64, second: u64) -> &mut Self {
        let at = self.now();
        let range = range(first, last);
        self.journal.apply(&Line::Split { range, second, at });
        self
    }

    pub(crate) fn see(&mut self, import: &str, status: &str) -> &mut Self {
        let at = self.clock.now();
        self.journal.apply(&Line::glimpse(&id(import), status, at));
        self
    }

    pub(crate) fn resume(&mut self, how: Resumption) -> &mut Self {
        let at = self.now();
        self.journal.apply(&Line::Resumed { how, at });
        self
    }

    pub(crate) fn gap(&mut self) -> &mut Self {
        let at = self.now();
        self.journal.apply(&Line::Gap { at });
        self
    }

    pub(crate) fn end(&mut self, exit_code: u8) -> &mut Self {
        self.journal.apply(&end(exit_code, self.clock.now()));
        self
    }

    pub(crate) fn after(&mut self, n: u64) -> &mut Self {
        self.clock.advance(seconds(n));
        self
    }
}

pub(super) fn attempt(first: u64, last: u64, at: Moment) -> Line {
    Line::Attempt {
        range: range(first, last),
        records: last - first + 1,
        attempt: 1,
        at,
        limit: seconds(30),
    }
}

pub(super) fn answer(first: u64, last: u64, result: Answered, at: Moment) -> Line {
    Line::Answer {
        range: range(first, last),
        records: last - first + 1,
        at,
        result,
    }
}

pub(super) fn end(exit_code: u8, at: Moment) -> Line {
    let table_state = "pending".to_owned();
    Line::End(EndLine {
        exit_code,
        table_state,
        rejects: None,
        base: false,
        at,
    })
}

pub(super) fn not_applied() -> Answered {
    let why = "503".to_owned();
    Answered::NotApplied { why }
}

pub(super) fn ambiguous() -> Answered {
    let why = "reset".to_owned();
    Answered::Ambiguous { why }
}

pub(super) fn accepted(import: &str) -> Answered {
    let import_id = id(import);
    Answered::Accepted { import_id }
}

/// A folder, and where its journal stands.
pub(super) fn folder() -> (TempDir, PathBuf) {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("journal.jsonl");
    (temp, path)
}
