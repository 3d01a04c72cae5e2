use std::collections::BTreeSet;
use std::time::Duration;

use super::machine::{Machine, URL};
use super::table::Input;
use crate::base::model::{ImportId, Mode, RecordRange, TableKey, TableState};
use crate::runs::journal::{Answered, ChunkLine, EndLine, Line, PlanLine, PlanOptions, SCHEMA};
use crate::runs::state::RunDir;

/// What becomes of a run's requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Accepted,
    Refused,
    Lost,
    Half,
}

pub(super) fn accepted_state(bad: u64) -> TableState {
    match bad {
        0 => TableState::Pending,
        _ => TableState::Gaps,
    }
}

pub(super) fn followed_state(mode: Mode, missing: u64) -> TableState {
    match (missing, mode) {
        (0, Mode::Replace { .. }) => TableState::Replaced,
        (0, Mode::Upsert) => TableState::Updated,
        _ => TableState::Gaps,
    }
}

/// Two chunks, or as many as there are records.
pub(super) fn plan(run: &RunDir, mode: Mode, input: &Input, machine: &Machine) -> PlanLine {
    let numbers: BTreeSet<_> = (input.records.iter().map(|(number, ..)| *number))
        .filter(|number| !input.dropped.contains(number))
        .collect();
    let middle = input.last() / 2;
    let chunk = |number, first, last| ChunkLine {
        number,
        range: RecordRange { first, last },
        records: numbers.range(first..=last).count() as u64,
        body_bytes: 1,
        digest: 1,
        extents: Vec::new(),
        firsts: Vec::new(),
    };
    let chunks = match input.last() {
        0 => Vec::new(),
        1 => vec![chunk(1, 1, 1)],
        last => vec![chunk(1, 1, middle), chunk(2, middle + 1, last)],
    };
    PlanLine {
        schema: SCHEMA,
        version: "0.1.0".to_owned(),
        run: run.id().clone(),
        started: machine.clock.now(),
        base_url: URL.to_owned(),
        table: TableKey::new("deals").unwrap(),
        mode,
        host: None,
        rollback_of: None,
        sync: None,
        options: PlanOptions::default(),
        inputs: Vec::new(),
        mapping: None,
        records_read: input.last(),
        rejected: input.bad,
        duplicates_dropped: input.dropped.len() as u64,
        dropped: Vec::new(),
        keys: Vec::new(),
        totals: Vec::new(),
        changes: None,
        facts: None,
        differing: None,
        chunks,
    }
}

pub(super) fn attempt(range: RecordRange, machine: &Machine) -> Line {
    Line::Attempt {
        range,
        records: range.span(),
        attempt: 1,
        at: machine.clock.now(),
        limit: Duration::from_secs(30),
    }
}

pub(super) fn import(run: &RunDir) -> ImportId {
    ImportId::new(&format!("import-{}", run.id())).unwrap()
}

pub(super) fn answer(range: RecordRange, fate: Fate, run: &RunDir, machine: &Machine) -> Line {
    let import_id = import(run);
    let result = match fate {
        Fate::Accepted | Fate::Half => Answered::Accepted { import_id },
        Fate::Refused => Answered::NotApplied {
            why: "status 401".to_owned(),
        },
        Fate::Lost => Answered::Ambiguous {
            why: "reset".to_owned(),
        },
    };
    Line::Answer {
        range,
        records: range.span(),
        at: machine.clock.now(),
        result,
    }
}

pub(super) fn seen(run: &RunDir, (has_error, is_over): (bool, bool), machine: &Machine) -> Line {
    Line::Import {
        id: import(run),
        status: "finished".to_owned(),
        has_error,
        is_over,
        at: machine.clock.now(),
    }
}

pub(super) fn end_line(
    state: TableState,
    rejects: Option<u64>,
    base: bool,
    machine: &Machine,
) -> Line {
    let exit_code = match state {
        TableState::Pending | TableState::Replaced | TableState::Updated => 0,
        TableState::Gaps => 7,
        TableState::Untouched => 4,
        TableState::AtRisk | TableState::Unknown => 6,
    };
    Line::End(EndLine {
        exit_code,
        table_state: state.word().to_owned(),
        rejects,
        base,
        at: machine.clock.now(),
    })
}
