//! How the simulated service behaves, and what may become of a request.

use std::time::Duration;

use crate::service::CallError;
use crate::service::error::RetryAfter;

/// How the service and the way to it behave.
#[derive(Clone, Debug)]
pub(crate) struct Habits {
    /// Milliseconds that a body is under way, at most.
    pub upload: u64,
    /// Milliseconds that the service works on it, at most.
    pub work: u64,
    /// What a question about an import takes.
    pub look: Duration,
    /// Of all requests, those for which it works longer than anyone waits, in percent.
    pub slow: u8,
    /// Of all answers, those that are faults, in percent.
    pub faults: u8,
    /// Of all faults, those that no repetition mends, in percent.
    pub finals: u8,
    /// Of all questions about an import, those without a good answer, in percent.
    pub bad_looks: u8,
    /// Whether it goes on with a request whose client is gone, where it has all of it.
    pub goes_on: bool,
    /// The longest debounce that it grants, whatever is asked for.
    pub cap: Option<Duration>,
    /// The most bytes of a body.
    pub most: usize,
}

impl Habits {
    /// Quick and without faults.
    pub(crate) fn good() -> Self {
        Self {
            upload: 100,
            work: 400,
            look: Duration::from_millis(100),
            slow: 0,
            faults: 0,
            finals: 0,
            bad_looks: 0,
            goes_on: false,
            cap: None,
            most: usize::MAX,
        }
    }
}

/// What becomes of a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// It is taken and answered.
    Taken,
    /// It is taken, and the answer takes so long.
    After(Duration),
    /// It is not taken; this is what comes instead.
    Refused(CallError),
    /// It is taken, but this is what comes instead.
    Unheard(CallError),
    /// It is not taken, and nothing comes.
    Silence,
}

pub(crate) fn status(status: u16, retry_after: Option<u64>) -> CallError {
    CallError::Status {
        status,
        words: String::new(),
        retry_after: retry_after.map(|s| RetryAfter(Duration::from_secs(s))),
        location: None,
    }
}

pub(crate) fn broken() -> CallError {
    let reason = "reset".to_owned();
    CallError::Broken { reason }
}

pub(crate) fn refused() -> CallError {
    let reason = "refused".to_owned();
    CallError::Connect { reason }
}
