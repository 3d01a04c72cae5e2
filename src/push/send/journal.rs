//! The journal as sending writes it: a line before each attempt and one after each answer.

use std::cell::Cell;
use std::time::Duration;

use crate::base::clock::{Clock, Moment};
use crate::base::disk;
use crate::base::display;
use crate::base::event::Events;
use crate::base::model::{ImportId, RecordRange, TableState};
use crate::runs::journal::{Answered, EndLine, JournalWriter, Line, Resumption};
use crate::service::{Accepted, CallError, Status};

/// Writes the journal. Before the first request a failure to write stops the push; after it half a
/// table would be worse than half a journal, so it is said loudly, once, and the push goes on.
pub(crate) struct RunJournal<'a> {
    writer: Option<JournalWriter>,
    clock: &'a Clock,
    events: &'a Events,
    has_failed: Cell<bool>,
    has_attempts: Cell<bool>,
}

/// A run's journal behind its requests: that it cannot be written is said once of both halves.
#[derive(Default)]
pub(crate) struct JournalRest {
    writer: Option<JournalWriter>,
    has_failed: bool,
}

impl JournalRest {
    pub(crate) fn go_on<'a>(self, clock: &'a Clock, events: &'a Events) -> RunJournal<'a> {
        let journal = RunJournal::new(self.writer, clock, events);
        journal.has_failed.set(self.has_failed);
        journal
    }
}

impl<'a> RunJournal<'a> {
    /// A journal that is written here, or one that nobody keeps.
    pub(crate) fn new(writer: Option<JournalWriter>, clock: &'a Clock, events: &'a Events) -> Self {
        Self {
            writer,
            clock,
            events,
            has_failed: Cell::new(false),
            has_attempts: Cell::new(false),
        }
    }

    /// What is left of it once the requests are over, for whoever writes the imports and the end down.
    pub(crate) fn rest(self) -> JournalRest {
        JournalRest {
            writer: self.writer,
            has_failed: self.has_failed.get(),
        }
    }

    /// A request is about to leave. An error only where none has left before.
    pub(super) fn attempt(
        &self,
        range: RecordRange,
        records: u64,
        attempt: u32,
        at: &Moment,
        limit: Duration,
    ) -> Result<(), String> {
        let written = self.append(&Line::Attempt {
            range,
            records,
            attempt,
            at: *at,
            limit,
        });
        if self.has_attempts.replace(true) {
            self.warn_once(written);
            return Ok(());
        }
        written.map_err(|error| {
            format!(
                "the run's journal cannot be written: {}",
                disk::told(&error)
            )
        })
    }

    /// An attempt's answer, or what came instead.
    pub(super) fn answer(
        &self,
        range: RecordRange,
        records: u64,
        answer: &Result<Accepted, CallError>,
    ) {
        let result = match answer {
            Ok(accepted) if accepted.objects_imported == records => Answered::Accepted {
                import_id: accepted.import_id.clone(),
            },
            Ok(accepted) => Answered::Miscounted {
                answered: accepted.objects_imported,
            },
            Err(error) if error.is_surely_not_applied() => Answered::NotApplied {
                why: without_words(error),
            },
            Err(error) => Answered::Ambiguous {
                why: without_words(error),
            },
        };
        let at = self.clock.now();
        self.note(&Line::Answer {
            range,
            records,
            at,
            result,
        });
    }

    /// What was sent as one range goes on as its halves.
    pub(super) fn split(&self, range: RecordRange, second: u64) {
        self.note(&Line::Split {
            range,
            second,
            at: self.clock.now(),
        });
    }

    /// What a look at an import showed.
    pub(crate) fn glimpse(&self, id: &ImportId, status: &Status) {
        let at = self.clock.now();
        self.note(&Line::glimpse(id, status.word(), at));
    }

    /// What was seen last of an import that was followed: whether it has an error for the table, and
    /// whether that was its end.
    pub(crate) fn followed(
        &self,
        id: &ImportId,
        status: &Status,
        (has_error, is_over): (bool, bool),
    ) {
        self.note(&Line::Import {
            id: id.clone(),
            status: display::shown(status.word()),
            has_error,
            is_over,
            at: self.clock.now(),
        });
    }

    /// The run is taken up again.
    pub(crate) fn resumed(&self, how: Resumption) -> std::io::Result<()> {
        self.append(&Line::Resumed {
            how,
            at: self.clock.now(),
        })
    }

    /// How the run ended. The last line. `rejects` says how many records the table lacks, where all
    /// of them stand in the rejects file; `base`, whether the run leaves one.
    pub(crate) fn end(
        &self,
        exit_code: u8,
        table_state: TableState,
        rejects: Option<u64>,
        base: bool,
    ) {
        self.note(&Line::End(EndLine {
            exit_code,
            table_state: table_state.word().to_owned(),
            rejects,
            base,
            at: self.clock.now(),
        }));
    }

    fn append(&self, line: &Line) -> std::io::Result<()> {
        match &self.writer {
            Some(writer) => writer.append(line),
            None => Ok(()),
        }
    }

    fn note(&self, line: &Line) {
        self.warn_once(self.append(line));
    }

    fn warn_once(&self, written: std::io::Result<()>) {
        if let Err(error) = written
            && !self.has_failed.replace(true)
        {
            self.events.warn(
                format!(
                    "the run's journal cannot be written: {}; the push goes on",
                    disk::told(&error)
                ),
                "if the push is interrupted now, `resume` may send again what has arrived: that is \
                 harmless. Make room on the disk of the state folder"
                    .to_owned(),
            );
        }
    }
}

/// The service's words may repeat values of records, which no journal holds.
fn without_words(error: &CallError) -> String {
    match error {
        CallError::Status { status, .. } => format!("status {status}"),
        CallError::NotTheApi { .. } => "not the API".to_owned(),
        CallError::BadAnswer { .. } => "an answer that cannot be understood".to_owned(),
        CallError::Unreadable { .. } => "an answer that cannot be read".to_owned(),
        error => error.to_string(),
    }
}
