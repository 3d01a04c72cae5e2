//! Bodies built ahead: while requests are in flight the next bodies are made, so that each can leave
//! as soon as there is a slot for it.
//!
//! Parcels take room and leave in one order, that of the records, and what holds room is in flight
//! or ahead. So whoever lacks room waits for requests in flight, which end, and never for a body
//! behind it. That is why room is asked for here, one parcel after another, and not by each parcel
//! on its own. How a body is made is left to `prepare`, when it leaves to `carry`.

use std::collections::{BTreeMap, VecDeque};

use futures_util::FutureExt as _;
use futures_util::future::{self, LocalBoxFuture};
use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::pace::Pace;
use super::part::{Delivery, Parcel};
use super::prepare::{Preparation, Prepared, Workshop};
use crate::base::model::RecordRange;

/// The parcels that are not on their way yet, in the order of the records.
pub(super) struct Ahead<'a> {
    workshop: &'a Workshop<'a>,
    pace: &'a Pace,
    /// Nothing was done for these. Sorted, so that what comes back finds its place.
    waiting: BTreeMap<RecordRange, Parcel>,
    /// The next ones: each with its body, once that is built.
    begun: BTreeMap<RecordRange, Begun<'a>>,
    building: FuturesUnordered<LocalBoxFuture<'a, Preparation<'a>>>,
}

struct Begun<'a> {
    parcel: Parcel,
    prepared: Option<Prepared<'a>>,
}

impl<'a> Ahead<'a> {
    pub(super) fn new(parcels: Vec<Parcel>, workshop: &'a Workshop<'a>, pace: &'a Pace) -> Self {
        let by_range = |parcel: Parcel| (parcel.range, parcel);
        Self {
            workshop,
            pace,
            waiting: parcels.into_iter().map(by_range).collect(),
            begun: BTreeMap::new(),
            building: FuturesUnordered::new(),
        }
    }

    /// Begins as many bodies as may be ahead and have room.
    pub(super) fn begin(&mut self) {
        while !self.pace.has_stopped()
            && self.begun.len() < self.workshop.at_once()
            && !self.is_last_to_be_split()
            && let Some(next) = self.waiting.first_entry()
            && let Some(room) = self.pace.room(self.workshop.room_for(*next.get()))
        {
            let (range, parcel) = next.remove_entry();
            let preparing = self.workshop.prepare(parcel, room);
            self.building.push(preparing.boxed_local());
            let prepared = None;
            self.begun.insert(range, Begun { parcel, prepared });
        }
    }

    /// Whether the last body that was begun will be found too large: what is built behind it would
    /// be thrown away.
    fn is_last_to_be_split(&self) -> bool {
        let last = self.begun.last_key_value();
        let expected = last.map(|(_, last)| self.workshop.expected_bytes(last.parcel));
        expected.is_some_and(|bytes| self.pace.is_too_large(bytes))
    }

    /// Whether nothing is being built, so that nothing can come of waiting.
    pub(super) fn is_idle(&self) -> bool {
        self.building.is_empty()
    }

    /// Waits for the next body; tells of a parcel that has none any more. Never ends while nothing
    /// is being built.
    pub(super) async fn built(&mut self) -> Option<Delivery> {
        match self.building.next().await {
            Some(Preparation::Ready(prepared)) => {
                // The range stays what it was; the records may be counted better now.
                if let Some(begun) = self.begun.get_mut(&prepared.parcel.range) {
                    begun.prepared = Some(prepared);
                }
                None
            }
            Some(Preparation::Impossible(delivery)) => {
                self.begun.remove(&delivery.parcel.range);
                Some(delivery)
            }
            None => future::pending().await,
        }
    }

    /// The next parcel, if its body is ready. None may leave before it.
    pub(super) fn take(&mut self) -> Option<Prepared<'a>> {
        let mut next = self.begun.first_entry()?;
        let prepared = next.get_mut().prepared.take()?;
        next.remove();
        Some(prepared)
    }

    /// What was one parcel goes on as these. Bodies behind them are thrown away: they hold room
    /// that these may need, and a size that was too large now may be theirs too.
    pub(super) fn split(&mut self, halves: [Parcel; 2]) {
        self.building.clear();
        let begun = std::mem::take(&mut self.begun);
        let back = begun.into_values().map(|begun| begun.parcel).chain(halves);
        self.waiting
            .extend(back.map(|parcel| (parcel.range, parcel)));
    }

    /// What never left.
    pub(super) fn left(self) -> VecDeque<Parcel> {
        let begun = self.begun.into_values().map(|begun| begun.parcel);
        begun.chain(self.waiting.into_values()).collect()
    }
}
