//! What a run does now: one state, made of the events so far, of which the bar is drawn at any time.
//!
//! Nothing here looks at a clock: events and looks come with the time, counted from any point. What ends at
//! a known time is kept as that time, so that it ticks.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::event::Event;
use crate::base::model::ImportId;
use crate::screen::flow::Flow;

/// What is done now.
#[derive(Debug, Default)]
pub(crate) enum Course {
    /// Nothing that takes long.
    #[default]
    Idle,
    /// Something whose end is not known.
    Step { what: &'static str, since: Duration },
    /// Another push from here has the table.
    Locked { until: Duration },
    /// The inputs are proved.
    Proving(Flow),
    /// An earlier replace may still wait at the service.
    Quiet { until: Duration },
    /// Records are sent.
    Sending(Sending),
    /// Imports are followed.
    Following(Following),
}

#[derive(Debug, Default)]
pub(crate) struct Sending {
    pub(crate) flow: Flow,
    /// When no request may be under way any more, once the window is open.
    pub(crate) window: Option<Duration>,
    /// Since when each chunk that is under way is.
    flying: BTreeMap<u64, Duration>,
    /// When each chunk that failed is due again.
    pausing: BTreeMap<u64, Duration>,
    /// Until when the service wants no request at all.
    quiet_until: Duration,
    /// Since when nothing is under way and something waits.
    still_since: Option<Duration>,
    /// When the last answer came, or the first request left.
    heard: Duration,
    /// Until when what is under way may end, after a signal.
    pub(crate) stop: Option<Duration>,
}

/// What a push waits for while it sends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Nothing goes until this chunk is due again, in so long.
    Pause(u64, Duration),
    /// Nothing was answered for so long.
    Answer(Duration),
}

#[derive(Debug, Default)]
pub(crate) struct Following {
    pub(crate) imports: u64,
    /// How many have not ended.
    pub(crate) open: u64,
    /// Before this nothing can start.
    pub(crate) earliest: Option<Duration>,
    /// How long they are followed.
    pub(crate) until: Option<Duration>,
    /// What was seen of each, in the order in which they were seen.
    pub(crate) seen: Vec<Seen>,
}

#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) id: ImportId,
    pub(crate) status: String,
    pub(crate) progress: Option<u8>,
    pub(crate) records: Option<u64>,
}

impl Course {
    /// Takes what happened. Whether that should be seen at once.
    pub(crate) fn take(&mut self, event: &Event, now: Duration) -> bool {
        let at = |left: &Duration| now.saturating_add(*left);
        match event {
            Event::Step(what) => *self = Self::Step { what, since: now },
            Event::Locked { left } => *self = Self::Locked { until: at(left) },
            Event::Proving { bytes } => *self = Self::Proving(Flow::new(*bytes, now)),
            Event::Waiting { left } => *self = Self::Quiet { until: at(left) },
            Event::Sending { records, .. } => {
                *self = Self::Sending(Sending {
                    flow: Flow::new(Some(*records), now),
                    heard: now,
                    ..Sending::default()
                });
            }
            Event::Following { imports, earliest } => {
                *self = Self::Following(Following {
                    imports: *imports,
                    open: *imports,
                    earliest: earliest.as_ref().map(at),
                    ..Following::default()
                });
            }
            Event::Over | Event::Interrupted(_) => *self = Self::Idle,
            _ => return self.go_on(event, now),
        }
        true
    }

    /// Takes what is a part of what is done already.
    fn go_on(&mut self, event: &Event, now: Duration) -> bool {
        match self {
            Self::Proving(flow) => {
                if let Event::Proved { bytes } = event {
                    flow.add(*bytes, now);
                }
                false
            }
            Self::Sending(sending) => sending.take(event, now),
            Self::Following(following) => following.take(event, now),
            Self::Idle | Self::Step { .. } | Self::Locked { .. } | Self::Quiet { .. } => false,
        }
    }
}

impl Sending {
    fn take(&mut self, event: &Event, now: Duration) -> bool {
        match event {
            Event::Attempt { chunk, .. } => {
                if let Some(since) = self.still_since.take() {
                    let still = now.saturating_sub(since);
                    self.flow.skip(still);
                }
                if self.flying.is_empty() {
                    self.heard = now;
                }
                self.pausing.remove(chunk);
                self.flying.insert(*chunk, now);
            }
            Event::Retry {
                chunk,
                pause,
                for_all,
                ..
            } => {
                let due = now.saturating_add(*pause);
                if *for_all {
                    self.quiet_until = self.quiet_until.max(due);
                }
                self.flying.remove(chunk);
                self.pausing.insert(*chunk, due);
                self.heard = now;
                if self.flying.is_empty() {
                    self.still_since = Some(now);
                }
            }
            Event::Accepted {
                chunk,
                records,
                window_left,
                ..
            } => {
                self.flying.remove(chunk);
                self.heard = now;
                self.flow.add(*records, now);
                self.window = window_left.map(|left| now.saturating_add(left));
            }
            Event::Window { left, is_open } => {
                self.window = is_open.then(|| now.saturating_add(*left));
            }
            Event::Stopping { left } => self.stop = Some(now.saturating_add(*left)),
            _ => return false,
        }
        true
    }

    /// What is waited for now, if not only for the next answer as usual.
    pub(crate) fn wait(&self, now: Duration) -> Option<Wait> {
        /// What takes less is not told.
        const LEAST: Duration = Duration::from_secs(2);
        if self.flying.is_empty()
            && let Some((chunk, left)) = self.pause(now)
        {
            return Some(Wait::Pause(chunk, left));
        }
        let silent = now.saturating_sub(self.heard);
        (!self.flying.is_empty() && silent >= LEAST).then_some(Wait::Answer(silent))
    }

    /// The next chunk that goes again, and in how long.
    fn pause(&self, now: Duration) -> Option<(u64, Duration)> {
        let due = self.pausing.iter().min_by_key(|(_, due)| **due);
        let (chunk, due) = due?;
        let due = (*due).max(self.quiet_until);
        Some((*chunk, due.saturating_sub(now)))
    }
}

impl Following {
    fn take(&mut self, event: &Event, now: Duration) -> bool {
        match event {
            Event::Looked { open, left } => {
                self.open = *open;
                self.until = now.checked_add(*left);
                false
            }
            Event::Import {
                id,
                status,
                progress,
                records,
            } => {
                let seen = Seen {
                    id: id.clone(),
                    status: status.clone(),
                    progress: *progress,
                    records: *records,
                };
                match self.seen.iter_mut().find(|seen| seen.id == *id) {
                    Some(known) => *known = seen,
                    None => self.seen.push(seen),
                }
                true
            }
            _ => false,
        }
    }

    /// How long nothing can start, as far as is known here: what was seen to go on tells otherwise.
    pub(crate) fn early(&self, now: Duration) -> Option<Duration> {
        let has_begun = self.seen.iter().any(|seen| seen.status != "scheduled");
        let left = self.earliest?.checked_sub(now)?;
        (!has_begun && !left.is_zero()).then_some(left)
    }
}
