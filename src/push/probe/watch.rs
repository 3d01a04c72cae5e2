//! Following an import of an experiment: when it was seen to begin, and what it said in the end.

use std::time::Duration;

use super::lab::{Lab, Pushed, refused, told};
use super::shape::{self, Entry, Said, Shown};
use crate::base::model::ImportId;

/// How long imports are waited for once one has not ended in time.
const HURRY: Duration = Duration::from_secs(20);

/// How long an end without a count and an error is looked at again: they may come later than it.
const LATE: Duration = Duration::from_secs(5);

/// What was seen of an import.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    pub(super) id: ImportId,
    /// When the look began that last showed it as waiting.
    pub(super) waiting: Option<Duration>,
    /// When the look had ended that first showed it as begun.
    pub(super) launched: Option<Duration>,
    /// When the look that first showed it began, and ended.
    pub(super) seen: Option<(Duration, Duration)>,
    /// When the last look began that did not show it, before.
    pub(super) unseen: Option<Duration>,
    /// When the look had ended that first showed its end.
    pub(super) ended: Option<Duration>,
    /// Whether it was not shown, behind a look that showed it.
    pub(super) is_lost: bool,
    /// What it said last.
    pub(super) last: Option<Shown>,
    /// Whether something else was answered before it was shown.
    pub(super) is_disturbed: bool,
    /// What was answered instead of it, last.
    pub(super) trouble: Option<String>,
}

impl Watched {
    fn new(id: ImportId) -> Self {
        Self {
            id,
            waiting: None,
            launched: None,
            seen: None,
            unseen: None,
            ended: None,
            is_lost: false,
            last: None,
            is_disturbed: false,
            trouble: None,
        }
    }

    /// Its end, if that was seen.
    pub(super) fn over(&self) -> Option<&Shown> {
        self.last.as_ref().filter(|last| last.is_over())
    }

    /// Whether no look would show more.
    fn is_done(&self, now: Duration) -> bool {
        let (Some(over), Some(ended)) = (self.over(), self.ended) else {
            return false;
        };
        let is_said = |entry: &Entry| entry.error.is_some() || entry.count != Said::Missing;
        over.entry.as_ref().is_some_and(is_said) || now.saturating_sub(ended) >= LATE
    }

    /// Why its end tells nothing.
    pub(super) fn why_open(&self) -> String {
        match (&self.last, &self.trouble) {
            (Some(last), _) => format!("the import did not end in time (`{}`)", last.told),
            (None, Some(trouble)) => format!("the import could not be looked at: {trouble}"),
            (None, None) => "the import was not looked at".to_owned(),
        }
    }
}

impl Lab {
    /// Looks at imports until all of them are over, or the time is: so long as they may wait, and the patience
    /// behind that.
    pub(super) async fn watch(&self, ids: &[ImportId], waiting: Duration) -> Vec<Watched> {
        let mut watched: Vec<Watched> = Vec::new();
        for id in ids {
            if watched.iter().all(|one| one.id != *id) {
                watched.push(Watched::new(id.clone()));
            }
        }
        let (start, time) = (self.pace.now(), waiting + self.patience.get());
        // Fine enough to tell a sixtieth of the debounce, and no more looks than that needs.
        let pause = (self.debounce / 60).clamp(Duration::from_millis(50), Duration::from_secs(1));
        loop {
            for one in &mut watched {
                if !one.is_done(self.pace.now()) {
                    self.look(one).await;
                }
            }
            let now = self.pace.now();
            let spent = now.saturating_sub(start);
            if watched.iter().all(|one| one.is_done(now)) {
                return watched;
            }
            if spent >= time && watched.iter().any(|one| one.over().is_none()) {
                // The next ones would end no sooner: a probe does not take hours.
                self.patience.set(self.patience.get().min(HURRY));
                return watched;
            }
            // What takes minutes to run need not be known to the second.
            let slow = spent > self.debounce * 3 + Duration::from_secs(60);
            self.pace.sleep(if slow { pause * 5 } else { pause }).await;
        }
    }

    /// Follows what was taken of some requests to its end.
    pub(super) async fn watch_pushed(&self, pushed: &[&Pushed], waiting: Duration) -> Vec<Watched> {
        let taken = pushed.iter().filter_map(|one| one.taken());
        let ids: Vec<_> = taken.map(|taken| taken.import).collect();
        self.watch(&ids, waiting).await
    }

    /// Looks at an import once.
    pub(super) async fn look(&self, one: &mut Watched) {
        let begun = self.pace.now();
        let reply = self.exchange.import(&one.id).await;
        let ended = self.pace.now();
        let shown = reply.as_ref().ok().filter(|reply| reply.is_success());
        let shown = shown.and_then(|reply| shape::shown(reply.json.as_ref(), &self.table));
        let Some(mut shown) = shown else {
            one.trouble = Some(told(&reply));
            one.is_lost |= one.seen.is_some();
            // Only a refusal says that it is not known yet.
            match refused(&reply) {
                Some(_) if one.seen.is_none() => one.unseen = Some(begun),
                _ => one.is_disturbed |= one.seen.is_none(),
            }
            return;
        };
        shown.told = self.exchange.redact(&shown.status);
        if shown.is_over() {
            self.replaces.ended(&one.id);
        }
        one.seen.get_or_insert((begun, ended));
        match shown.has_launched() {
            true => drop(one.launched.get_or_insert(ended)),
            false if shown.status == "scheduled" => one.waiting = Some(begun),
            false => {}
        }
        one.last = Some(shown);
        if one.over().is_some() {
            one.ended.get_or_insert(ended);
        }
    }
}
