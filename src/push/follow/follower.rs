//! Round after round of questions, until every import is over or the time is.

use std::cell::Cell;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::{self, Either};
use tokio::time::Instant;

use super::pause;
use crate::base::clock::Moment;
use crate::base::display;
use crate::base::event::{Event, Events};
use crate::base::model::{ImportId, Mode, TableKey};
use crate::base::signals::{Interrupts, Signal};
use crate::push::verdict::ImportSeen;
use crate::service::retry::FailureKind;
use crate::service::{CallError, Import, Percent, Service, retry};

/// How many imports are asked for at a time.
pub(super) const AT_A_TIME: usize = 4;

/// How imports are followed.
#[derive(Clone, Debug)]
pub(crate) struct FollowOptions {
    /// Whose entries must be finished; none for every table's.
    pub table: Option<TableKey>,
    /// Nothing can start before so much time from now: the rest of the debounce.
    pub earliest: Option<Duration>,
    /// How long to wait for the end of all of them.
    pub timeout: Duration,
    /// How long an import may be unknown to the service at first (counted from `earliest`, as it
    /// may be made only when it starts).
    pub first_seen_grace: Duration,
    /// The status besides 404 that the service is known to answer of an import that it does not know.
    pub unknown_status: Option<u16>,
    /// How long to try an address where nobody has answered yet; as long as all else where somebody has.
    pub connect_for: Duration,
}

impl FollowOptions {
    /// The usual grace for an import that the service does not know yet.
    pub(crate) const FIRST_SEEN_GRACE: Duration = Duration::from_secs(60);
}

/// How long nothing can start yet, of a window that counts from this moment at the earliest.
pub(crate) fn earliest(mode: Mode, opened: Option<&Moment>, now: &Moment) -> Option<Duration> {
    let spent = opened.map_or(Duration::ZERO, |opened| opened.elapsed_at_most(now));
    Some(mode.window()?.saturating_sub(spent)).filter(|left| !left.is_zero())
}

/// What following needs from outside.
pub(crate) struct FollowMeans<'a, S> {
    pub service: &'a S,
    /// Who listens.
    pub events: &'a Events,
    /// Signals from the user and the system.
    pub interrupts: &'a Interrupts,
}

/// What was seen of the imports.
#[derive(Debug)]
pub(crate) struct Followed {
    /// One for each id, in the order in which they were given.
    pub imports: Vec<FollowedImport>,
    /// Why the following ended.
    pub end: FollowEnd,
}

/// What was seen of one import.
#[derive(Debug)]
pub(crate) struct FollowedImport {
    pub id: ImportId,
    /// What the service showed last, if anything.
    pub last: Option<Import>,
    pub end: Ended,
}

#[derive(Clone, Debug)]
pub(crate) enum Ended {
    /// The import is over, with or without errors.
    Over,
    /// The service does not know the import.
    NotFound,
    /// The import cannot be asked for.
    Failed(CallError),
    /// The import was not over when the following ended; the last failure, if the last call failed.
    Open(Option<CallError>),
}

/// Why following ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FollowEnd {
    /// There is no import left to be asked for.
    AllEnded,
    /// The time was up.
    TimedOut,
    /// The user or the system wanted it; the imports go on.
    Interrupted(Signal),
    /// One look was asked for.
    Looked,
}

impl Followed {
    /// Whether the service showed an error of an import for this table.
    pub(crate) fn has_error(&self, id: &ImportId, table: &TableKey) -> bool {
        let mut imports = self.imports.iter();
        imports.any(|import| import.id == *id && import.has_error(table))
    }

    /// Whether every import is over.
    pub(crate) fn are_all_over(&self) -> bool {
        self.imports.iter().all(FollowedImport::is_over)
    }
}

impl FollowedImport {
    /// What `verdict` judges.
    pub(crate) fn seen(&self) -> ImportSeen<'_> {
        match (&self.end, &self.last) {
            (Ended::NotFound, _) => ImportSeen::NotFound,
            (_, Some(import)) => ImportSeen::Import(import),
            (_, None) => ImportSeen::Nothing,
        }
    }

    /// Whether its end was seen.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.end, Ended::Over)
    }

    /// Whether the service showed an error for this table.
    pub(crate) fn has_error(&self, table: &TableKey) -> bool {
        let Some(last) = &self.last else { return false };
        let mut entries = last.entries(Some(table));
        entries.any(|entry| entry.error.is_some())
    }
}

/// Follows imports to their end. `ids` are distinct.
pub(crate) async fn follow<S: Service>(
    ids: &[ImportId],
    options: &FollowOptions,
    means: FollowMeans<'_, S>,
) -> Followed {
    means.events.emit(Event::Following {
        imports: ids.len() as u64,
        earliest: options.earliest,
    });
    let mut follower = Follower::new(ids, options, &means);
    let end = {
        let rounds = std::pin::pin!(follower.rounds());
        let time_is_up = std::pin::pin!(tokio::time::sleep(options.timeout));
        let signal = std::pin::pin!(means.interrupts.first());
        match future::select(rounds, future::select(signal, time_is_up)).await {
            Either::Left(((), _)) => FollowEnd::AllEnded,
            Either::Right((Either::Left((signal, _)), _)) => FollowEnd::Interrupted(signal),
            Either::Right((Either::Right(((), _)), _)) => FollowEnd::TimedOut,
        }
    };
    follower.finish(end)
}

/// Asks for each import once. A failure of any kind is told as [`Ended::Failed`].
pub(crate) async fn look_once<S: Service>(
    ids: &[ImportId],
    table: Option<&TableKey>,
    means: FollowMeans<'_, S>,
) -> Followed {
    let options = FollowOptions {
        table: table.cloned(),
        earliest: None,
        timeout: Duration::ZERO,
        first_seen_grace: Duration::ZERO,
        unknown_status: None,
        connect_for: Duration::MAX,
    };
    let mut follower = Follower::new(ids, &options, &means);
    let end = {
        let look = std::pin::pin!(follower.look());
        let signal = std::pin::pin!(means.interrupts.first());
        match future::select(look, signal).await {
            Either::Left(_) => FollowEnd::Looked,
            Either::Right((signal, _)) => FollowEnd::Interrupted(signal),
        }
    };
    follower.give_up();
    let is_done = follower.tracks.iter().all(|track| !track.is_open());
    let end = match end {
        FollowEnd::Looked if is_done => FollowEnd::AllEnded,
        end => end,
    };
    follower.finish(end)
}

/// Asks for imports until there is none left to be asked for.
pub(super) struct Follower<'a, S> {
    tracks: Vec<Track>,
    options: &'a FollowOptions,
    means: &'a FollowMeans<'a, S>,
    start: Instant,
    /// Whether any call came to where somebody answers.
    has_answered: Cell<bool>,
}

/// What is known of one import.
pub(super) struct Track {
    id: ImportId,
    last: Option<Import>,
    end: Ended,
    /// What was told last: a change is told once.
    told: Option<(String, Option<u8>)>,
}

impl<'a, S: Service> Follower<'a, S> {
    fn new(ids: &[ImportId], options: &'a FollowOptions, means: &'a FollowMeans<'a, S>) -> Self {
        Self {
            tracks: ids.iter().cloned().map(Track::new).collect(),
            options,
            means,
            start: Instant::now(),
            has_answered: Cell::new(false),
        }
    }

    async fn rounds(&mut self) {
        let mut round = 0;
        loop {
            let asked = self.look().await;
            if self.tracks.iter().all(|track| !track.is_open()) {
                return;
            }
            let spent = self.start.elapsed();
            let patience = match self.has_answered.get() {
                true => Duration::MAX,
                false => self.options.connect_for.saturating_sub(spent),
            };
            if patience.is_zero() {
                return self.give_up();
            }
            let early = self.early().saturating_sub(spent);
            let left = self.options.timeout.saturating_sub(spent);
            let open = self.tracks.iter().filter(|track| track.is_open()).count() as u64;
            self.means.events.emit(Event::Looked { open, left });
            let own = pause::between(round, early, fastrand::f64());
            let pause = pause::within(own.max(asked), asked, left);
            tokio::time::sleep(pause.min(patience)).await;
            // The pauses begin anew where things begin to happen.
            round = if early.is_zero() { round + 1 } else { 0 };
        }
    }

    /// Asks once for each import that is open. Gives the longest wait that the service asked for.
    async fn look(&mut self) -> Duration {
        let (service, events) = (self.means.service, self.means.events);
        let grace = self.early().saturating_add(self.options.first_seen_grace);
        let is_early = self.start.elapsed() < grace;
        let (table, has_answered) = (self.options.table.as_ref(), &self.has_answered);
        let connect_for = self.options.connect_for;
        let unknown_status = self.options.unknown_status;
        let open = self.tracks.iter_mut().filter(|track| track.is_open());
        let calls = open.map(|track| async move {
            let answer = service.import(&track.id).await;
            if !matches!(&answer, Err(error) if retry::is_unreached(error)) {
                has_answered.set(true);
            }
            let limit = (!has_answered.get()).then_some(connect_for);
            let is_unknown = |status| status == 404 || Some(status) == unknown_status;
            let is_unknown = match &answer {
                Err(CallError::Status { status, .. }) => is_unknown(*status),
                _ => false,
            };
            track.take(answer, (is_unknown, is_early), (table, limit), events)
        });
        let waits = futures_util::stream::iter(calls).buffer_unordered(AT_A_TIME);
        waits
            .fold(Duration::ZERO, |longest, wait| {
                future::ready(longest.max(wait))
            })
            .await
    }

    /// Nobody ever answered: nothing is to be waited for.
    fn give_up(&mut self) {
        for track in &mut self.tracks {
            if let Ended::Open(Some(error)) = &track.end {
                track.end = Ended::Failed(error.clone());
            }
        }
    }

    fn early(&self) -> Duration {
        self.options.earliest.unwrap_or_default()
    }

    fn finish(self, end: FollowEnd) -> Followed {
        let imports = self.tracks.into_iter().map(|track| FollowedImport {
            id: track.id,
            last: track.last,
            end: track.end,
        });
        Followed {
            imports: imports.collect(),
            end,
        }
    }
}

impl Track {
    fn new(id: ImportId) -> Self {
        Self {
            id,
            last: None,
            end: Ended::Open(None),
            told: None,
        }
    }

    fn is_open(&self) -> bool {
        matches!(self.end, Ended::Open(_))
    }

    /// Takes an answer in. Gives how long the service asks to wait.
    fn take(
        &mut self,
        answer: Result<Import, CallError>,
        (is_unknown, is_early): (bool, bool),
        (table, limit): (Option<&TableKey>, Option<Duration>),
        events: &Events,
    ) -> Duration {
        let error = match answer {
            Ok(import) => {
                self.tell(&import, table, events);
                self.end = match import.is_over(table) {
                    true => Ended::Over,
                    false => Ended::Open(None),
                };
                self.last = Some(import);
                return Duration::ZERO;
            }
            Err(error) => error,
        };
        let asked = error.asked_to_wait();
        if is_unknown && !is_early && self.last.is_none() {
            self.end = Ended::NotFound;
            return Duration::ZERO;
        }
        // What was there cannot have been a wrong id: one server of several may lag behind.
        if !is_unknown && retry::kind(&error) == FailureKind::Final {
            self.end = Ended::Failed(error);
            return Duration::ZERO;
        }
        if !is_unknown && matches!(self.end, Ended::Open(None)) {
            let limit = limit.filter(|limit| *limit < Duration::MAX);
            let until = limit.map_or_else(String::new, |limit| {
                format!(" for {} (--connect-for)", display::time(limit))
            });
            events.note(format!("import {}: {error}; asking again{until}", self.id));
        }
        self.end = Ended::Open(Some(error));
        asked
    }

    /// Tells a change of state.
    fn tell(&mut self, import: &Import, table: Option<&TableKey>, events: &Events) {
        let status = display::shown(import.status.word());
        let progress = import.progress.map(|Percent(progress)| progress);
        let state = Some((status.clone(), progress));
        if self.told == state {
            return;
        }
        self.told = state;
        let counts = import.entries(table).map(|entry| entry.number_of_records);
        events.emit(Event::Import {
            id: self.id.clone(),
            status,
            progress,
            records: counts.flatten().reduce(u64::saturating_add),
        });
    }
}
