//! What a run came to: the exit code, the table's state, what went wrong and what to try.

use std::fmt;
use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};

use crate::api::{CallError, TlsFault};
use crate::display;
use crate::model::{Mode, TableKey};
use crate::retry::Reason;
use crate::send::{Delivery, DeliveryState, Sent, Stop};

/// The exit codes: a public contract, listed with their meaning by `cli`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Every chunk was accepted.
    Done,
    /// A bug.
    Bug,
    /// Command line, configuration, key file or mapping wrong; nothing sent.
    Usage,
    /// Input refused; nothing sent.
    Input,
    /// The service refused; nothing can have been applied.
    Refused,
    /// The service could not be reached; nothing can have been applied.
    Unreachable,
    /// Some chunks accepted or possibly applied, not all.
    Partial,
}

impl Exit {
    /// The number that scripts see.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Bug => 1,
            Self::Usage => 2,
            Self::Input => 3,
            Self::Refused => 4,
            Self::Unreachable => 5,
            Self::Partial => 6,
        }
    }
}

/// What the table holds after the run, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableState {
    /// What it held before.
    Untouched,
    /// What it held before, until the service runs the accepted imports.
    Pending,
    /// An incomplete content is about to go live, or part of the records is missing.
    AtRisk,
    /// Nobody can say: a request may have been applied.
    Unknown,
}

impl fmt::Display for TableState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Untouched => "untouched",
            Self::Pending => "pending",
            Self::AtRisk => "at_risk",
            Self::Unknown => "unknown",
        })
    }
}

/// Why a run ended without success.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What went wrong; never empty.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub struct Problem {
    /// What and where.
    pub message: String,
    /// What to try.
    pub hints: Vec<String>,
}

impl Problem {
    /// A problem with at most one hint.
    pub fn new(message: impl Into<String>, hint: Option<String>) -> Self {
        Self {
            message: message.into(),
            hints: hint.into_iter().collect(),
        }
    }
}

impl Failure {
    /// A failure of one problem.
    pub fn new(exit: Exit, message: impl Into<String>, hint: Option<String>) -> Self {
        Self {
            exit,
            problems: vec![Problem::new(message, hint)],
        }
    }

    /// Adds something to try to the last problem.
    fn hint(&mut self, hint: String) {
        if let Some(problem) = self.problems.last_mut() {
            problem.hints.push(hint);
        }
    }
}

/// What a push that got as far as sending came to.
#[derive(Debug)]
pub struct Outcome {
    /// What the table holds.
    pub table_state: TableState,
    /// Records in all chunks.
    pub records: u64,
    /// Records in accepted chunks.
    pub accepted_records: u64,
    /// All chunks.
    pub chunks: u64,
    /// Accepted chunks.
    pub accepted_chunks: u64,
    /// From the first attempt to the last answer.
    pub took: Duration,
    /// What the table will hold and when, in a sentence.
    pub prospect: String,
    /// What went wrong, if anything did.
    pub failure: Option<Failure>,
}

/// What the judgement needs to know of the push besides its deliveries.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The table.
    pub table: &'a TableKey,
    /// How it was written.
    pub mode: Mode,
    /// The service's host.
    pub host: &'a str,
}

impl Outcome {
    /// Judges what became of the chunks.
    #[must_use]
    pub fn judge(sent: &Sent, context: Context<'_>) -> Self {
        let accepted = |delivery: &&Delivery| matches!(delivery.state, DeliveryState::Accepted(_));
        let deliveries = &sent.deliveries;
        let accepted_chunks = deliveries.iter().filter(accepted).count() as u64;
        let accepted_records = deliveries.iter().filter(accepted).map(|d| d.records).sum();
        let is_unknown = deliveries
            .iter()
            .any(|d| matches!(d.state, DeliveryState::Unknown(_)));
        let chunks = deliveries.len() as u64;
        let table_state = match (is_unknown, accepted_chunks) {
            (true, _) => TableState::Unknown,
            (false, 0) => TableState::Untouched,
            (false, n) if n == chunks => TableState::Pending,
            (false, _) => TableState::AtRisk,
        };
        let mut outcome = Self {
            table_state,
            records: deliveries.iter().map(|d| d.records).sum(),
            accepted_records,
            chunks,
            accepted_chunks,
            took: sent.took,
            prospect: String::new(),
            failure: None,
        };
        outcome.prospect = outcome.prospect(sent, context);
        outcome.failure = first_stop(deliveries).map(|(delivery, stop)| {
            let is_untouched = table_state == TableState::Untouched;
            let mut failure = explain(delivery, stop, context, outcome.chunks);
            if !is_untouched {
                failure.exit = Exit::Partial;
                failure.hint(again(sent, context));
            }
            failure
        });
        outcome
    }

    /// The exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        self.failure
            .as_ref()
            .map_or(Exit::Done, |failure| failure.exit)
    }

    fn prospect(&self, sent: &Sent, Context { table, mode, .. }: Context<'_>) -> String {
        let table = format!("table {}", display::quoted(table.as_str()));
        let records = display::counted(self.accepted_records, "record");
        let of_all = display::count(self.records);
        let when = when(sent, mode);
        match (self.table_state, mode) {
            (TableState::Untouched, _) => format!("{table} is untouched"),
            (TableState::Pending, Mode::Upsert) => {
                format!("{table} will hold these {records}, besides what it has, {when}")
            }
            (TableState::Pending, Mode::Replace { .. }) => {
                format!("{table} will hold exactly these {records} {when}")
            }
            (TableState::AtRisk, Mode::Upsert) => format!(
                "{table} will have {records} of the {of_all} written {when}; the others were not sent"
            ),
            (TableState::AtRisk, Mode::Replace { .. }) => {
                format!("{table} is at risk: it will hold only {records} of the {of_all} {when}")
            }
            (TableState::Unknown, Mode::Upsert) => format!(
                "{table}: {records} of the {of_all} were accepted, and others may have been written"
            ),
            (TableState::Unknown, Mode::Replace { .. }) => format!(
                "{table} is at risk: {records} of the {of_all} were accepted, others may have been, \
                 and its old content may go {when}"
            ),
        }
    }
}

/// When the service is expected to import what it accepted.
fn when(sent: &Sent, mode: Mode) -> String {
    match mode {
        Mode::Replace { debounce } if !debounce.is_zero() => format!(
            "from about {} on ({} after the first request)",
            clock_time(sent.opened_at + debounce),
            display::time(debounce)
        ),
        _ => "once the service has run the import".to_owned(),
    }
}

/// `14:05:12`, in the zone of this machine.
#[must_use]
pub fn clock_time(time: Timestamp) -> String {
    time.to_zoned_datetime(TimeZone::system())
        .strftime("%H:%M:%S")
        .to_string()
}

/// How to mend a push that arrived in part.
fn again(sent: &Sent, Context { mode, .. }: Context<'_>) -> String {
    match mode {
        Mode::Upsert => "push the same input again: records are written by their id, so repeating \
                         what arrived does no harm"
            .to_owned(),
        Mode::Replace { debounce } => {
            let over = sent.opened_at + sent.took + debounce + crate::window::margin(debounce);
            format!(
                "push the whole input again with --all, after {}",
                clock_time(over)
            )
        }
    }
}

/// The stop that ended the push: the first in the order of the chunks that is no consequence.
fn first_stop(deliveries: &[Delivery]) -> Option<(&Delivery, &Stop)> {
    let stops = deliveries
        .iter()
        .filter_map(|delivery| match &delivery.state {
            DeliveryState::NotApplied(stop) | DeliveryState::Unknown(stop) => {
                Some((delivery, stop))
            }
            DeliveryState::Accepted(_) | DeliveryState::NotSent => None,
        });
    stops.min_by_key(|(_, stop)| matches!(stop, Stop::Abandoned(_)))
}

/// What a stop means where nothing was applied, and what to try.
fn explain(delivery: &Delivery, stop: &Stop, context: Context<'_>, chunks: u64) -> Failure {
    let chunk = format!(
        "chunk {} of {chunks} ({})",
        delivery.chunk,
        display::records(delivery.range)
    );
    match stop {
        Stop::Failed(error, reason) => {
            let tried = match (reason, delivery.attempts) {
                (Reason::Final, _) | (_, 0 | 1) => String::new(),
                (_, n) => format!(", after {n} attempts"),
            };
            let asked = match reason {
                Reason::AskedToWait(wait) => {
                    format!(", and asks to wait {}", display::time(*wait))
                }
                Reason::Final | Reason::TimeIsUp => String::new(),
            };
            let host = context.host;
            let line = format!("{chunk} was not taken by {host}: {error}{asked}{tried}");
            Failure::new(exit_of(error, *reason), line, hint(error, context))
        }
        Stop::Abandoned(error) => Failure::new(Exit::Partial, format!("{chunk}: {error}"), None),
        Stop::Miscounted { sent, answered } => Failure::new(
            Exit::Partial,
            format!(
                "{chunk}: {} sent, but the service counted {}",
                display::counted(*sent, "record"),
                display::count(*answered)
            ),
            None,
        ),
        Stop::Changed(why) => Failure::new(
            Exit::Input,
            format!("{chunk} was not sent: {why}"),
            Some("leave the input alone while it is pushed".to_owned()),
        ),
    }
}

fn exit_of(error: &CallError, reason: Reason) -> Exit {
    match (error, reason) {
        (CallError::Tls { .. }, _) => Exit::Usage,
        (_, Reason::TimeIsUp | Reason::AskedToWait(_)) => Exit::Unreachable,
        (_, Reason::Final) => Exit::Refused,
    }
}

/// The usual mistake behind an error, in Qobra's own words where it lists it.
fn hint(error: &CallError, Context { table, host, .. }: Context<'_>) -> Option<String> {
    let table = display::quoted(table.as_str());
    let hint = match error {
        CallError::Status {
            status: 401 | 403, ..
        } => "check the API key. Qobra says of imports that do not appear in its list: check the \
             authentication"
            .to_owned(),
        CallError::Status { status: 404, .. } => format!(
            "is {table} the table's key, as Qobra's app shows it? The table must exist already: a \
             first import by hand in the app makes it"
        ),
        CallError::Status { status: 413, .. } => {
            "send smaller requests: --max-body or --chunk-size".to_owned()
        }
        CallError::Status {
            status: 400 | 422, ..
        } => "do the field names in the mapping match those set in Qobra?".to_owned(),
        CallError::Status {
            status: 300..400, ..
        } => "redirects are not followed: correct --base-url".to_owned(),
        CallError::Status { .. } => "run it again later".to_owned(),
        CallError::NotTheApi { .. } => {
            "does a proxy or a login page stand between this machine and the service?".to_owned()
        }
        CallError::Connect { .. } => {
            format!("is {host} right (--base-url), and can it be reached from here?")
        }
        CallError::Tls { fault, .. } => match fault {
            TlsFault::Dates => "check this machine's clock".to_owned(),
            TlsFault::UnknownIssuer => "does a proxy break TLS open? name the file of its \
                                        certificate with --ca-cert"
                .to_owned(),
            TlsFault::WrongName => format!("is {host} right (--base-url)?"),
            TlsFault::Other => format!("does {host} speak TLS?"),
        },
        CallError::Broken { .. } | CallError::Timeout { .. } | CallError::BadAnswer { .. } => {
            return None;
        }
    };
    Some(hint)
}
