//! The exit codes.

use crate::base::signals::Signal;

/// The exit codes: a public contract, listed with their meaning by `cli`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Every chunk was accepted.
    Done,
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
    /// Accepted, but records were left out.
    Gaps,
    /// Accepted, the end not seen.
    NotEnded,
    /// Another push to this table is running.
    Locked,
    /// Ended by a signal.
    Interrupted(Signal),
}

impl Exit {
    /// Whether a push that ended with this code may have sent all of its chunks: it is done, has
    /// gaps, did not see the end, or was interrupted while only waiting for it.
    pub(crate) fn has_sent(code: u8) -> bool {
        let by_signals = [Signal::Interrupt, Signal::Terminate].map(Self::Interrupted);
        let mut exits = [Self::Done, Self::Gaps, Self::NotEnded]
            .into_iter()
            .chain(by_signals);
        exits.any(|exit| exit.code() == code)
    }

    /// Of two, the one whose rank is higher; of the same rank this one.
    pub(crate) fn worse(self, other: Self) -> Self {
        match other.rank() > self.rank() {
            true => other,
            false => self,
        }
    }

    /// Where several codes apply the highest rank wins: what a person must look at first.
    fn rank(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Usage | Self::Input | Self::Refused | Self::Unreachable | Self::Locked => 3,
            Self::NotEnded => 4,
            Self::Gaps => 5,
            Self::Partial => 7,
            Self::Interrupted(_) => 8,
            Self::Bug => 9,
        }
    }

    /// The number that scripts see.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Bug => 1,
            Self::Usage => 2,
            Self::Input => 3,
            Self::Refused => 4,
            Self::Unreachable => 5,
            Self::Partial => 6,
            Self::Gaps => 7,
            Self::NotEnded => 8,
            Self::Locked => 9,
            Self::Interrupted(signal) => signal.code(),
        }
    }
}
