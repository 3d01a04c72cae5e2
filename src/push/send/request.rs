//! The requests of one part: an attempt, others as `retry` decides (backoff with jitter), and two
//! halves in its place where the service finds it too large. Its body comes from `build`.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{self, Either};
use jiff::Timestamp;
use tokio::time::Instant;

use super::build::BuiltPart;
use super::part::{Means, Part, PartProgress, PartResult, PartState, SendOptions, Stop};
use super::rate::Rate;
use super::reach::Reach;
use super::split::{self, Doubts};
use super::watch::until_over;
use crate::base::clock::Moment;
use crate::base::display;
use crate::base::event::Event;
use crate::base::model::{Mode, RecordRange};
use crate::service::retry::{Decision, StopReason};
use crate::service::window::Window;
use crate::service::{Accepted, CallError, Push, Service, retry};

/// What a request may take besides carrying its body.
const PATIENCE: Duration = Duration::from_secs(30);

/// The slowest link that still succeeds, in bytes a second.
const SLOWEST_LINK: u64 = 50_000;

/// Sends parts to the service. One for a whole push.
pub(super) struct PartSender<'a, S> {
    options: &'a SendOptions,
    means: &'a Means<'a, S>,
    rate: &'a Rate,
    reach: Reach,
    window: &'a RefCell<Option<Window>>,
    /// When the first request began that may have reached the service, window or not.
    opened: Cell<Option<Moment>>,
    /// What is under way, for the case that the push is left in the middle of it.
    progress: RefCell<BTreeMap<RecordRange, PartProgress>>,
    doubts: Doubts,
}

/// How a part ended.
pub(super) enum Step {
    /// The part arrived or will not be tried again.
    Done(PartResult),
    /// The part goes on as its halves.
    Split(Part, Part),
}

/// How the attempts of a part ended.
enum Attempts {
    Ended(PartState),
    TooLarge,
}

impl<'a, S: Service> PartSender<'a, S> {
    pub(super) fn new(
        options: &'a SendOptions,
        means: &'a Means<'a, S>,
        (rate, reach): (&'a Rate, Reach),
        window: &'a RefCell<Option<Window>>,
        doubtful: Vec<RecordRange>,
    ) -> Self {
        Self {
            options,
            means,
            rate,
            reach,
            window,
            opened: Cell::default(),
            progress: RefCell::default(),
            doubts: Doubts::new(doubtful),
        }
    }

    /// When the first request began that may have reached the service.
    pub(super) fn opened(&self) -> Option<Moment> {
        let window = self.window.borrow();
        let known = window.as_ref().and_then(Window::opened);
        known.copied().or(self.opened.get())
    }

    /// Sends one part, repeatedly if need be.
    pub(super) async fn send(&self, built: BuiltPart<'_>) -> Step {
        let BuiltPart {
            part,
            body,
            place,
            middle,
            room: _room,
        } = built;
        let mut result = PartResult {
            place,
            bytes: body.len() as u64,
            ..PartResult::not_sent(part)
        };
        if self.rate.is_too_large(result.bytes) && self.can_split(part) {
            return self.split(part, middle, None);
        }
        let begun = Instant::now();
        let ended = self.attempts(part, &body).await;
        let progress = self.progress.borrow_mut().remove(&part.range);
        result.attempts = progress.map_or(0, |progress| progress.attempts);
        if let Some((at, began_at, is_again)) = progress.and_then(|progress| progress.accepted) {
            (result.accepted_at, result.began_at) = (Some(at), began_at);
            result.may_count_twice = is_again;
        }
        result.took = begun.elapsed();
        match ended {
            Attempts::TooLarge => {
                self.split(part, middle, progress.and_then(|progress| progress.doubt))
            }
            Attempts::Ended(state) => {
                if !matches!(state, PartState::Accepted(_)) {
                    self.rate.stop();
                }
                result.state = state;
                Step::Done(result)
            }
        }
    }

    /// Marks what may have been applied by an earlier request.
    pub(super) fn settle(&self, results: &mut [PartResult]) {
        self.doubts.settle(results);
    }

    /// What has no result when the push ends: parts that waited, and those left in the middle.
    pub(super) fn left_behind(&self, waiting: impl Iterator<Item = Part>) -> Vec<PartResult> {
        let progress = self.progress.borrow();
        let left = progress.values().map(|progress| {
            let reason = "the program ended before the answer came".to_owned();
            let stop = Stop::Abandoned(CallError::Broken { reason });
            let state = match progress.is_in_flight || progress.doubt.is_some() {
                true => PartState::Unknown(stop),
                false => PartState::NotApplied(stop),
            };
            PartResult {
                attempts: progress.attempts,
                state,
                ..PartResult::not_sent(progress.part)
            }
        });
        left.chain(waiting.map(PartResult::not_sent)).collect()
    }

    /// Calls until the part is accepted or there is no point in calling again.
    async fn attempts(&self, part: Part, body: &Bytes) -> Attempts {
        let begun = Instant::now();
        let mut last_error = None;
        loop {
            self.rate.quiet().await;
            let now = self.means.clock.now();
            let limit = match self.limit(body.len() as u64, &now) {
                Some(limit) if !self.rate.has_stopped() => limit,
                limit => return self.give_up(part, last_error.take(), limit.is_none()),
            };
            let attempt = match self.note_attempt(part, &now, limit) {
                Ok(attempt) => attempt,
                Err(why) => {
                    let stop = Stop::NoJournal(why);
                    return Attempts::Ended(PartState::NotApplied(stop));
                }
            };
            let bytes = body.len() as u64;
            self.means.events.emit(Event::Attempt {
                chunk: part.chunk,
                attempt,
                bytes,
            });
            let answer = self.call(body, limit, &now).await;
            self.note_answer(part, &answer, &now);
            let error = match answer {
                Ok(accepted) => {
                    return Attempts::Ended(self.accepted(part, accepted, &now, begun));
                }
                Err(error @ CallError::Status { status: 413, .. }) => {
                    self.rate.found_too_large(part.records, bytes);
                    if self.can_split(part) {
                        return Attempts::TooLarge;
                    }
                    error
                }
                Err(error) => error,
            };
            match self.after(&error, part, attempt, begun.elapsed()) {
                Ok(pause) => self.rate.pause_before_retry(pause).await,
                Err(stop) => return Attempts::Ended(self.failed(part, stop)),
            }
            last_error = Some(error);
        }
    }

    /// One request, left when the window is over.
    async fn call(
        &self,
        body: &Bytes,
        timeout: Duration,
        begun: &Moment,
    ) -> Result<Accepted, CallError> {
        let calling = self.means.service.push(Push {
            table: &self.options.table,
            mode: self.options.mode,
            body: body.clone(),
            timeout,
        });
        let over = until_over(self.window, begun, self.means.clock);
        match future::select(pin!(over), pin!(calling)).await {
            Either::Left(_) => {
                let after = begun.elapsed_at_most(&self.means.clock.now());
                Err(CallError::Timeout { after })
            }
            Either::Right((answer, _)) => answer,
        }
    }

    /// How long the next request may take; none where the window has no room for it.
    fn limit(&self, bytes: u64, now: &Moment) -> Option<Duration> {
        let own = PATIENCE + Duration::from_secs(bytes / SLOWEST_LINK);
        match &*self.window.borrow() {
            None => Some(own),
            Some(window) => Some(window.limit(now, self.rate.usual())?.min(own)),
        }
    }

    fn note_attempt(&self, part: Part, now: &Moment, limit: Duration) -> Result<u32, String> {
        let mut progress = self.progress.borrow_mut();
        let entry = progress
            .entry(part.range)
            .or_insert(PartProgress::new(part));
        let attempt = entry.attempts + 1;
        let journal = self.means.journal;
        journal.attempt(part.range, part.records, attempt, now, limit)?;
        self.means.interrupts.begin_sending();
        entry.attempts = attempt;
        entry.is_in_flight = true;
        Ok(attempt)
    }

    fn note_answer(&self, part: Part, answer: &Result<Accepted, CallError>, begun: &Moment) {
        self.means.journal.answer(part.range, part.records, answer);
        let error = answer.as_ref().err();
        self.reach.heard(error);
        let may_be_applied = error.is_none_or(|error| !error.is_surely_not_applied());
        if let Some(progress) = self.progress.borrow_mut().get_mut(&part.range) {
            let now = self.means.clock.now();
            let accepted = answer.as_ref().ok().map(|answer| {
                let began_at = |at: Timestamp| at.checked_sub(begun.elapsed_at_most(&now)).ok();
                let served_at = answer.served_at;
                (served_at.unwrap_or(now.wall), served_at.and_then(began_at))
            });
            progress.answered(accepted, may_be_applied.then_some(begun));
        }
        if may_be_applied {
            self.opened.set(self.opened.get().or(Some(*begun)));
            if let Some(window) = &mut *self.window.borrow_mut() {
                window.may_have_opened(begun);
                if error.is_none() {
                    window.was_accepted(begun);
                }
            }
        }
    }

    /// The service took the part; did it take all of it?
    fn accepted(&self, part: Part, answer: Accepted, at: &Moment, begun: Instant) -> PartState {
        let Accepted {
            import_id,
            objects_imported,
            ..
        } = answer;
        if objects_imported != part.records {
            let (sent, answered) = (part.records, objects_imported);
            return PartState::Unknown(Stop::Miscounted { sent, answered });
        }
        let now = self.means.clock.now();
        let answer_time = at.elapsed_at_most(&now);
        self.rate.arrived(part.range, &import_id, answer_time);
        self.means.events.emit(Event::Accepted {
            chunk: part.chunk,
            range: part.range,
            records: part.records,
            import_id: import_id.clone(),
            took: begun.elapsed(),
            window_left: self
                .window
                .borrow()
                .as_ref()
                .map(|window| window.left(&now)),
        });
        PartState::Accepted(import_id)
    }

    /// The pause before the next attempt, or why there is none.
    fn after(
        &self,
        error: &CallError,
        part: Part,
        failures: u32,
        spent: Duration,
    ) -> Result<Duration, Stop> {
        let bound = self.reach.patience(error);
        let (now, patience) = (self.means.clock.now(), bound.time.saturating_sub(spent));
        let window = self.window.borrow().as_ref().map(|w| w.left(&now));
        let left = window.map_or(patience, |window| window.min(patience));
        match retry::decide(error, failures, left, fastrand::f64()) {
            Decision::Stop(StopReason::TimeIsUp | StopReason::AskedToWait(_))
                if left < patience =>
            {
                Err(Stop::WindowOver(Some(error.clone())))
            }
            Decision::Stop(StopReason::TimeIsUp) => Err(Stop::Failed(error.clone(), bound.over)),
            Decision::Stop(reason) => Err(Stop::Failed(error.clone(), reason)),
            Decision::Again(_) if self.rate.has_stopped() => Err(Stop::Abandoned(error.clone())),
            Decision::Again(pause) => {
                let for_all = retry::asks_for_less(error);
                if for_all {
                    self.rate.slow_down(Instant::now(), pause);
                }
                let option = if left < patience {
                    "--debounce"
                } else {
                    bound.option
                };
                let until = self.reach.is_news(error).then(|| {
                    let until = display::clock_time(now.wall + left, now.wall);
                    format!(
                        "{} is tried until {until} ({option})",
                        self.means.service.host()
                    )
                });
                self.means.events.emit(Event::Retry {
                    chunk: part.chunk,
                    pause,
                    reason: error.to_string(),
                    until: until.map(|until| (until, left)),
                    for_all,
                });
                Ok(pause)
            }
        }
    }

    /// No further attempt: the push was stopped, or its window is over.
    fn give_up(&self, part: Part, error: Option<CallError>, is_over: bool) -> Attempts {
        Attempts::Ended(match (error, is_over) {
            (error, true) => self.failed(part, Stop::WindowOver(error)),
            (Some(error), false) => self.failed(part, Stop::Abandoned(error)),
            (None, false) => PartState::NotSent,
        })
    }

    fn failed(&self, part: Part, stop: Stop) -> PartState {
        let progress = self.progress.borrow();
        match progress
            .get(&part.range)
            .is_some_and(|progress| progress.doubt.is_some())
        {
            true => PartState::Unknown(stop),
            false => PartState::NotApplied(stop),
        }
    }

    fn can_split(&self, part: Part) -> bool {
        split::can_split(self.options.mode, part)
    }

    /// Goes on with the halves. What the whole left open stays with them: whether it was applied,
    /// and since when a window may be open.
    fn split(&self, part: Part, middle: u64, doubt: Option<Moment>) -> Step {
        self.means.journal.split(part.range, middle + 1);
        if doubt.is_some() {
            self.doubts.add(part.range);
        }
        if let Mode::Replace { debounce } = self.options.mode {
            // One request became several: from now on they have a window to meet, which an earlier
            // attempt of the whole may have opened.
            let mut window = self.window.borrow_mut();
            let reading = self.options.reading;
            let window = window.get_or_insert_with(|| Window::new(debounce, reading));
            if let Some(opened) = self.opened.get() {
                window.may_have_opened(&opened);
            }
        }
        let (first, second) = split::halves(part, middle);
        Step::Split(first, second)
    }
}
