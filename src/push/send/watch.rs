//! A look at the first import while a replace's window is open: the service may count differently.
//!
//! Asked for after a pause and in the last third of the window, at most once in five seconds, and
//! never holding up a send. Behind the last acceptance all imports are looked at.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::time::Duration;

use futures_util::{StreamExt as _, future, stream};

use super::part::{Halt, Means};
use super::rate::Rate;
use crate::base::clock::{Clock, Moment};
use crate::base::display;
use crate::base::event::Event;
use crate::base::model::ImportId;
use crate::service::window::Window;
use crate::service::{CallError, Import, Service, Status};

/// The least time between two looks.
const BETWEEN: Duration = Duration::from_secs(5);

/// How often a request under way is held against the clocks.
const GLANCE: Duration = Duration::from_secs(1);

/// The pauses before a last look is repeated.
const AGAIN: [Duration; 3] = [
    Duration::from_millis(300),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// Watches the first import of one push, and in the end all of them.
pub(super) struct Watch<'a, S> {
    means: &'a Means<'a, S>,
    rate: &'a Rate,
    window: &'a RefCell<Option<Window>>,
    has_warned: Cell<bool>,
    has_seen_early: Cell<bool>,
}

impl<'a, S: Service> Watch<'a, S> {
    pub(super) fn new(
        means: &'a Means<'a, S>,
        rate: &'a Rate,
        window: &'a RefCell<Option<Window>>,
    ) -> Self {
        Self {
            means,
            rate,
            window,
            has_warned: Cell::new(false),
            has_seen_early: Cell::new(false),
        }
    }

    /// Whether the import was seen to run although what is known of the window rules it out.
    pub(super) fn has_seen_early(&self) -> bool {
        self.has_seen_early.get()
    }

    /// Looks whenever there is a reason to, for as long as the push goes on.
    pub(super) async fn keep(&self) -> Infallible {
        loop {
            let debounce = self.window.borrow().as_ref().map(Window::debounce);
            // Without a window there may be one later: for the halves of a request.
            let debounce = debounce.unwrap_or(Duration::MAX);
            // Short windows are looked at more often than every five seconds would.
            let tick = tokio::time::sleep(BETWEEN.min(debounce / 4));
            future::select(std::pin::pin!(tick), std::pin::pin!(self.rate.paused())).await;
            self.tell_time_left();
            let has_paused = self.rate.take_paused();
            let is_due = {
                let window = self.window.borrow();
                let is_late = |w: &Window| w.is_in_last_third(&self.means.clock.now());
                window.as_ref().is_some_and(|w| has_paused || is_late(w))
            };
            if is_due && !self.rate.has_stopped() {
                if let Some(launched) = self.look().await {
                    self.rate.halt_for(launched);
                }
                tokio::time::sleep(BETWEEN.min(debounce / 4)).await;
            }
        }
    }

    fn tell_time_left(&self) {
        let now = self.means.clock.now();
        let state = |window: &Window| (window.left(&now), window.opened().is_some());
        let state = self.window.borrow().as_ref().map(state);
        if let Some((left, is_open)) = state {
            self.means.events.emit(Event::Window { left, is_open });
        }
    }

    /// The look after the last acceptance, at all imports: one that runs by then may lack what came last, or
    /// have deleted what the others loaded.
    pub(super) async fn look_once_more(&self, imports: Vec<ImportId>) -> Option<Halt> {
        let is_open = |window: &Window| window.opened().is_some();
        if !self.window.borrow().as_ref().is_some_and(is_open) {
            return None;
        }
        let looks = stream::iter(imports).map(|id| self.look_again(id));
        let looks = looks.buffer_unordered(self.rate.limit());
        let seen: Vec<_> = looks.collect().await;
        seen.into_iter().flatten().next()
    }

    /// A look that is repeated, where it shows nothing, while the window is open: an import may be known a
    /// moment after its request only, and one answer may be lost. That it runs once the window is over is as it
    /// should be.
    async fn look_again(&self, id: ImportId) -> Option<Halt> {
        let mut pauses = AGAIN.into_iter();
        while !self.is_window_over() {
            let answer = self.means.service.import(&id).await;
            let pause = pauses.next().filter(|_| answer.is_err());
            let Some(pause) = pause else {
                let launched = self.looked(&id, answer);
                return launched.filter(|_| !self.is_window_over());
            };
            tokio::time::sleep(pause).await;
        }
        None
    }

    fn is_window_over(&self) -> bool {
        let (window, now) = (self.window.borrow(), self.means.clock.now());
        window.as_ref().is_none_or(|window| window.is_over(&now))
    }

    /// Why to stop, if the first import runs.
    async fn look(&self) -> Option<Halt> {
        let id = self.rate.first_import()?;
        self.looked(&id, self.means.service.import(&id).await)
    }

    /// What a look showed is written down. Why to stop, if the import runs.
    fn looked(&self, id: &ImportId, answer: Result<Import, CallError>) -> Option<Halt> {
        match answer {
            Ok(import) => {
                self.means.journal.glimpse(id, &import.status);
                match import.status {
                    Status::Scheduled => {}
                    Status::Started | Status::Finished => {
                        let (window, now) = (self.window.borrow(), self.means.clock.now());
                        let is_early = (window.as_ref())
                            .is_some_and(|window| window.is_launch_ruled_out(&now));
                        self.has_seen_early.set(is_early || self.has_seen_early());
                        return Some(Halt::Launched(import.status.word().to_owned()));
                    }
                    Status::Unknown(word) => {
                        self.warn(id, &format!("its status is {}", display::quoted(&word)));
                    }
                }
            }
            Err(error) => self.warn(id, &error.to_string()),
        }
        None
    }

    /// Without an answer the clock alone decides.
    fn warn(&self, id: &ImportId, why: &str) {
        if !self.has_warned.replace(true) {
            self.means.events.warn(
                format!("import {id} cannot be looked at while its window is open: {why}"),
                None,
            );
        }
    }
}

/// Ends when a request that began then must not be under way any more.
///
/// Its own time limit does not do: it runs on a clock that stands still while the machine
/// sleeps, and it begins when the journal is written, which a slow disk may hold up.
pub(super) async fn until_over(window: &RefCell<Option<Window>>, begun: &Moment, clock: &Clock) {
    loop {
        let left = window.borrow().clone().map(|mut window| {
            window.may_have_opened(begun);
            window.left(&clock.now())
        });
        match left {
            Some(left) if left.is_zero() => return,
            left => tokio::time::sleep(left.unwrap_or(GLANCE).min(GLANCE)).await,
        }
    }
}
