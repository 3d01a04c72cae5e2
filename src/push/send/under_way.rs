//! What is known of a parcel while there is no result yet.

use jiff::Timestamp;

use super::part::Parcel;
use crate::base::clock::Moment;

/// A parcel for which there is no result yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct UnderWay {
    pub(super) parcel: Parcel,
    pub(super) attempts: u32,
    pub(super) is_in_flight: bool,
    /// When the first attempt began that may have been applied.
    pub(super) doubt: Option<Moment>,
    /// When it was accepted, and whether that was after an attempt that may have been applied.
    pub(super) accepted: Option<(Timestamp, bool)>,
}

impl UnderWay {
    pub(super) fn new(parcel: Parcel) -> Self {
        Self {
            parcel,
            attempts: 0,
            is_in_flight: false,
            doubt: None,
            accepted: None,
        }
    }

    /// The attempt in flight ended; `begun` is when it began, if it may have been applied.
    pub(super) fn answered(&mut self, accepted_at: Option<Timestamp>, begun: Option<&Moment>) {
        self.is_in_flight = false;
        self.accepted = accepted_at.map(|at| (at, self.doubt.is_some()));
        self.doubt = self.doubt.or(begun.copied());
    }
}
