//! One parcel's way to the service: call, repeat as `retry` decides, cut it in two where the service
//! finds it too large. Its body comes from `prepare`.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{self, Either};
use tokio::time::Instant;

use super::halves::{self, Doubts};
use super::pace::Pace;
use super::part::{Delivery, DeliveryState, Means, Parcel, SendOptions, Stop, journal_words};
use super::prepare::Prepared;
use super::under_way::UnderWay;
use super::watch::until_over;
use crate::base::clock::Moment;
use crate::base::event::Event;
use crate::base::model::{Mode, RecordRange};
use crate::service::retry::{Decision, Reason};
use crate::service::window::Window;
use crate::service::{Accepted, CallError, Push, Service, retry};

/// What a request may take besides carrying its body.
const PATIENCE: Duration = Duration::from_secs(30);

/// The slowest link that still succeeds, in bytes a second.
const SLOWEST_LINK: u64 = 50_000;

/// Brings parcels to the service. One for a whole push.
pub(super) struct Courier<'a, S> {
    options: &'a SendOptions,
    means: &'a Means<'a, S>,
    pace: &'a Pace,
    window: &'a RefCell<Option<Window>>,
    /// When the first request began that may have reached the service, window or not.
    opened: Cell<Option<Moment>>,
    /// What is under way, for the case that the push is left in the middle of it.
    under_way: RefCell<BTreeMap<RecordRange, UnderWay>>,
    doubts: Doubts,
}

/// How a parcel ended.
pub(super) enum Step {
    /// It arrived or will not be tried again.
    Done(Delivery),
    /// It goes on as its halves.
    Split(Parcel, Parcel),
}

/// How the attempts of a parcel ended.
enum Attempts {
    Ended(DeliveryState),
    TooLarge,
}

impl<'a, S: Service> Courier<'a, S> {
    pub(super) fn new(
        options: &'a SendOptions,
        means: &'a Means<'a, S>,
        pace: &'a Pace,
        window: &'a RefCell<Option<Window>>,
        doubtful: Vec<RecordRange>,
    ) -> Self {
        Self {
            options,
            means,
            pace,
            window,
            opened: Cell::default(),
            under_way: RefCell::default(),
            doubts: Doubts::new(doubtful),
        }
    }

    /// When the first request began that may have reached the service.
    pub(super) fn opened(&self) -> Option<Moment> {
        let window = self.window.borrow();
        let known = window.as_ref().and_then(Window::opened);
        known.copied().or(self.opened.get())
    }

    /// Sends one parcel, repeatedly if need be.
    pub(super) async fn send(&self, prepared: Prepared<'_>) -> Step {
        let Prepared {
            parcel,
            body,
            place,
            middle,
            room: _room,
        } = prepared;
        let mut delivery = Delivery {
            place,
            bytes: body.len() as u64,
            ..Delivery::not_sent(parcel)
        };
        if self.pace.is_too_large(delivery.bytes) && self.can_split(parcel) {
            return self.split(parcel, middle, None);
        }
        let begun = Instant::now();
        let ended = self.attempts(parcel, &body).await;
        let under_way = self.under_way.borrow_mut().remove(&parcel.range);
        delivery.attempts = under_way.map_or(0, |under_way| under_way.attempts);
        if let Some((at, is_again)) = under_way.and_then(|under_way| under_way.accepted) {
            (delivery.accepted_at, delivery.may_count_twice) = (Some(at), is_again);
        }
        delivery.took = begun.elapsed();
        match ended {
            Attempts::TooLarge => self.split(
                parcel,
                middle,
                under_way.and_then(|under_way| under_way.doubt),
            ),
            Attempts::Ended(state) => {
                if !matches!(state, DeliveryState::Accepted(_)) {
                    self.pace.stop();
                }
                delivery.state = state;
                Step::Done(delivery)
            }
        }
    }

    /// Marks what may have been applied by an earlier request.
    pub(super) fn settle(&self, deliveries: &mut [Delivery]) {
        self.doubts.settle(deliveries);
    }

    /// What has no result when the push ends: parcels that waited, and those left in the middle.
    pub(super) fn left_behind(&self, waiting: VecDeque<Parcel>) -> Vec<Delivery> {
        let under_way = self.under_way.borrow();
        let left = under_way.values().map(|under_way| {
            let reason = "the program ended before the answer came".to_owned();
            let stop = Stop::Abandoned(CallError::Broken { reason });
            let state = match under_way.is_in_flight || under_way.doubt.is_some() {
                true => DeliveryState::Unknown(stop),
                false => DeliveryState::NotApplied(stop),
            };
            Delivery {
                attempts: under_way.attempts,
                state,
                ..Delivery::not_sent(under_way.parcel)
            }
        });
        left.chain(waiting.into_iter().map(Delivery::not_sent))
            .collect()
    }

    /// Calls until the parcel is accepted or there is no point in calling again.
    async fn attempts(&self, parcel: Parcel, body: &Bytes) -> Attempts {
        let begun = Instant::now();
        let mut last_error = None;
        loop {
            self.pace.quiet().await;
            let now = self.means.clock.now();
            let limit = match self.limit(body.len() as u64, &now) {
                Some(limit) if !self.pace.has_stopped() => limit,
                limit => return self.give_up(parcel, last_error.take(), limit.is_none()),
            };
            let attempt = match self.note_attempt(parcel, &now, limit) {
                Ok(attempt) => attempt,
                Err(why) => {
                    let stop = Stop::NoJournal(why);
                    return Attempts::Ended(DeliveryState::NotApplied(stop));
                }
            };
            let bytes = body.len() as u64;
            self.means.events.emit(Event::Attempt {
                chunk: parcel.chunk,
                attempt,
                bytes,
            });
            let answer = self.call(body, limit, &now).await;
            self.note_answer(parcel, &answer, &now);
            let error = match answer {
                Ok(accepted) => {
                    return Attempts::Ended(self.accepted(parcel, accepted, &now, begun));
                }
                Err(CallError::Status { status: 413, .. }) if self.can_split(parcel) => {
                    self.pace.too_large(bytes);
                    return Attempts::TooLarge;
                }
                Err(error) => error,
            };
            match self.after(&error, parcel, attempt, begun.elapsed()) {
                Ok(pause) => self.pace.pause_before_retry(pause).await,
                Err(stop) => return Attempts::Ended(self.failed(parcel, stop)),
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
            Some(window) => Some(window.limit(now, self.pace.usual())?.min(own)),
        }
    }

    fn note_attempt(&self, parcel: Parcel, now: &Moment, limit: Duration) -> Result<u32, String> {
        let mut under_way = self.under_way.borrow_mut();
        let entry = under_way
            .entry(parcel.range)
            .or_insert(UnderWay::new(parcel));
        let attempt = entry.attempts + 1;
        let diary = self.means.diary;
        diary
            .attempt(parcel.range, parcel.records, attempt, now, limit)
            .map_err(|error| journal_words(&error))?;
        self.means.interrupts.begin_sending();
        entry.attempts = attempt;
        entry.is_in_flight = true;
        Ok(attempt)
    }

    fn note_answer(&self, parcel: Parcel, answer: &Result<Accepted, CallError>, begun: &Moment) {
        self.means
            .diary
            .answer(parcel.range, parcel.records, answer);
        let error = answer.as_ref().err();
        let may_be_applied = error.is_none_or(|error| !error.is_surely_not_applied());
        if let Some(under_way) = self.under_way.borrow_mut().get_mut(&parcel.range) {
            let here = || self.means.clock.now().wall;
            let accepted = answer.as_ref().ok();
            let accepted_at = accepted.map(|answer| answer.served_at.unwrap_or_else(here));
            under_way.answered(accepted_at, may_be_applied.then_some(begun));
        }
        if may_be_applied {
            self.opened.set(self.opened.get().or(Some(*begun)));
            if let Some(window) = &mut *self.window.borrow_mut() {
                window.may_have_opened(begun);
            }
        }
    }

    /// The service took the parcel; did it take all of it?
    fn accepted(
        &self,
        parcel: Parcel,
        answer: Accepted,
        at: &Moment,
        begun: Instant,
    ) -> DeliveryState {
        let Accepted {
            import_id,
            objects_imported,
            ..
        } = answer;
        if objects_imported != parcel.records {
            let (sent, answered) = (parcel.records, objects_imported);
            return DeliveryState::Unknown(Stop::Miscounted { sent, answered });
        }
        let answer_time = at.elapsed_at_most(&self.means.clock.now());
        self.pace.arrived(parcel.range, &import_id, answer_time);
        self.means.events.emit(Event::Accepted {
            chunk: parcel.chunk,
            range: parcel.range,
            records: parcel.records,
            import_id: import_id.clone(),
            took: begun.elapsed(),
        });
        DeliveryState::Accepted(import_id)
    }

    /// The pause before the next attempt, or why there is none.
    fn after(
        &self,
        error: &CallError,
        parcel: Parcel,
        failures: u32,
        spent: Duration,
    ) -> Result<Duration, Stop> {
        let patience = self.options.retry_for.saturating_sub(spent);
        let window = self
            .window
            .borrow()
            .as_ref()
            .map(|w| w.left(&self.means.clock.now()));
        let left = window.map_or(patience, |window| window.min(patience));
        match retry::decide(error, failures, left, fastrand::f64()) {
            Decision::Stop(Reason::TimeIsUp | Reason::AskedToWait(_)) if left < patience => {
                Err(Stop::WindowOver(Some(error.clone())))
            }
            Decision::Stop(reason) => Err(Stop::Failed(error.clone(), reason)),
            Decision::Again(_) if self.pace.has_stopped() => Err(Stop::Abandoned(error.clone())),
            Decision::Again(pause) => {
                if retry::asks_for_less(error) {
                    self.pace.slow_down(Instant::now(), pause);
                }
                let (chunk, reason) = (parcel.chunk, error.to_string());
                self.means.events.emit(Event::Retry {
                    chunk,
                    pause,
                    reason,
                });
                Ok(pause)
            }
        }
    }

    /// No further attempt: the push was stopped, or its window is over.
    fn give_up(&self, parcel: Parcel, error: Option<CallError>, is_over: bool) -> Attempts {
        Attempts::Ended(match (error, is_over) {
            (error, true) => self.failed(parcel, Stop::WindowOver(error)),
            (Some(error), false) => self.failed(parcel, Stop::Abandoned(error)),
            (None, false) => DeliveryState::NotSent,
        })
    }

    fn failed(&self, parcel: Parcel, stop: Stop) -> DeliveryState {
        let under_way = self.under_way.borrow();
        match under_way
            .get(&parcel.range)
            .is_some_and(|under_way| under_way.doubt.is_some())
        {
            true => DeliveryState::Unknown(stop),
            false => DeliveryState::NotApplied(stop),
        }
    }

    fn can_split(&self, parcel: Parcel) -> bool {
        halves::can_split(self.options.mode, parcel)
    }

    /// Goes on with the halves. What the whole left open stays with them: whether it was applied,
    /// and since when a window may be open.
    fn split(&self, parcel: Parcel, middle: u64, doubt: Option<Moment>) -> Step {
        self.means.diary.split(parcel.range, middle + 1);
        if doubt.is_some() {
            self.doubts.add(parcel.range);
        }
        if let Mode::Replace { debounce } = self.options.mode {
            // One request became several: from now on they have a window to meet, which an earlier
            // attempt of the whole may have opened.
            let mut window = self.window.borrow_mut();
            let window = window.get_or_insert_with(|| Window::new(debounce));
            if let Some(opened) = self.opened.get() {
                window.may_have_opened(&opened);
            }
        }
        let (first, second) = halves::halves(parcel, middle);
        Step::Split(first, second)
    }
}
