//! The parts that wait for a request: while others are in flight the next bodies are prefetched, so
//! that each can leave as soon as there is a slot for it; the bound on their memory is the
//! backpressure.
//!
//! Parts take memory and leave in one order, that of the records, and what holds memory is in flight
//! or at the queue's head. So whoever lacks memory waits for requests in flight, which end, and never
//! for a body behind it. That is why it is asked for here, one part after another, and not by each
//! part on its own. How a body is made is left to `build`, when it leaves to `pass`.

use std::collections::BTreeMap;

use futures_util::FutureExt as _;
use futures_util::future::{self, LocalBoxFuture};
use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::build::{Builder, BuiltPart};
use super::part::{Part, PartResult};
use super::rate::Rate;
use crate::base::model::RecordRange;

/// The parts that are not on their way yet, in the order of the records.
pub(super) struct Queue<'a> {
    builder: &'a Builder,
    rate: &'a Rate,
    /// Nothing was done for these. Sorted, so that what comes back finds its place.
    waiting: BTreeMap<RecordRange, Part>,
    /// The next ones: each with its body, once that is built.
    begun: BTreeMap<RecordRange, Begun<'a>>,
    building: FuturesUnordered<LocalBoxFuture<'a, Result<BuiltPart<'a>, Box<PartResult>>>>,
}

struct Begun<'a> {
    part: Part,
    built: Option<BuiltPart<'a>>,
}

impl<'a> Queue<'a> {
    pub(super) fn new(parts: Vec<Part>, builder: &'a Builder, rate: &'a Rate) -> Self {
        Self {
            builder,
            rate,
            waiting: parts.into_iter().map(|part| (part.range, part)).collect(),
            begun: BTreeMap::new(),
            building: FuturesUnordered::new(),
        }
    }

    /// Begins as many bodies as are built at a time and have room.
    pub(super) fn begin(&mut self) {
        while !self.rate.has_stopped()
            && self.begun.len() < self.builder.at_once()
            && !self.is_last_to_be_split()
            && let Some(next) = self.waiting.first_entry()
            && let Some(room) = self.rate.room(self.builder.room_for(*next.get()))
        {
            let (range, part) = next.remove_entry();
            let building = self.builder.build(part, room);
            self.building.push(building.boxed_local());
            self.begun.insert(range, Begun { part, built: None });
        }
    }

    /// Whether the last body that was begun will be found too large: what is built behind it would
    /// be thrown away.
    fn is_last_to_be_split(&self) -> bool {
        let last = self.begun.last_key_value();
        let expected = last.map(|(_, last)| self.builder.expected_bytes(last.part));
        expected.is_some_and(|bytes| self.rate.is_too_large(bytes))
    }

    /// Whether nothing is being built, so that nothing can come of waiting.
    pub(super) fn is_idle(&self) -> bool {
        self.building.is_empty()
    }

    /// Waits for the next body; an error tells of a part that has none any more. Never ends while
    /// nothing is being built.
    pub(super) async fn built(&mut self) -> Result<(), Box<PartResult>> {
        match self.building.next().await {
            Some(Ok(built)) => {
                // The range stays what it was; the records may be counted better now.
                if let Some(begun) = self.begun.get_mut(&built.part.range) {
                    begun.built = Some(built);
                }
                Ok(())
            }
            Some(Err(result)) => {
                self.begun.remove(&result.part.range);
                Err(result)
            }
            None => future::pending().await,
        }
    }

    /// The next part, if its body is ready. None may leave before it.
    pub(super) fn take(&mut self) -> Option<BuiltPart<'a>> {
        let mut next = self.begun.first_entry()?;
        let built = next.get_mut().built.take()?;
        next.remove();
        Some(built)
    }

    /// What was one part goes on as these. Bodies behind them are thrown away: they hold room that
    /// these may need, and a size that was too large now may be theirs too.
    pub(super) fn split(&mut self, halves: [Part; 2]) {
        self.building.clear();
        let begun = std::mem::take(&mut self.begun);
        let back = begun.into_values().map(|begun| begun.part).chain(halves);
        self.waiting.extend(back.map(|part| (part.range, part)));
    }

    /// What never left.
    pub(super) fn left(self) -> impl Iterator<Item = Part> {
        let begun = self.begun.into_values().map(|begun| begun.part);
        begun.chain(self.waiting.into_values())
    }
}
