//! What is about to be sent, as the guards see it.

use std::time::Duration;

use super::options::GuardOptions;
use crate::base::display;
use crate::base::model::Mode;
use crate::mapping::Freeze;
use crate::service::window;

/// What a guard looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prospect<'a> {
    pub mode: Mode,
    /// Records that would be sent.
    pub records: u64,
    /// Requests that would carry them, as what was asked for.
    pub chunks: u64,
    /// Requests in flight.
    pub jobs: u64,
    /// Records of the last good replace of this table from here.
    pub last_good: Option<u64>,
    /// What one request took in earlier runs of this table.
    pub known_time: Option<Duration>,
    /// Whether the window's plan is of no use: a rehearsal moves the service's clock itself.
    pub is_rehearsal: bool,
    /// By API key, how many of the records have a value there. The empty key stands for all that are not
    /// told apart.
    pub filled: &'a [(String, u64)],
    /// The periods that are closed.
    pub freeze: Option<&'a Freeze>,
    /// Whether ids may be named.
    pub shows_ids: bool,
}

impl Prospect<'_> {
    /// Some ids behind a sentence, where they may be named.
    pub(super) fn named(&self, lead: &str, ids: &[String]) -> String {
        match ids {
            ids if self.shows_ids && !ids.is_empty() => {
                let ids: Vec<_> = ids.iter().map(|id| display::quoted(id)).collect();
                format!("{lead}{}", ids.join(", "))
            }
            _ => String::new(),
        }
    }
}

/// What a replace of several requests needs of its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WindowPlan {
    pub debounce: Duration,
    /// What one request is expected to take.
    pub chunk_time: Duration,
    /// What all of them are expected to take.
    pub expected: Duration,
}

impl WindowPlan {
    /// The plan of a push; none where there is no window to meet.
    pub(crate) fn new(options: GuardOptions, prospect: &Prospect<'_>) -> Option<Self> {
        let Prospect { chunks, jobs, .. } = *prospect;
        let Mode::Replace { debounce } = prospect.mode else {
            return None;
        };
        let known = options.chunk_time.or(prospect.known_time);
        let chunk_time = known.unwrap_or(window::CHUNK_TIME);
        (chunks > 1).then(|| Self {
            debounce,
            chunk_time,
            expected: window::expected(chunks, jobs, chunk_time),
        })
    }

    /// Whether there is time enough.
    pub(crate) fn fits(self) -> bool {
        window::fits(self.expected, self.debounce)
    }
}
