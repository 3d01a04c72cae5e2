//! From a parcel to a body that can leave.
//!
//! Reading and mapping are left to `build`.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::SemaphorePermit;

use super::build::Builder;
use super::part::{Cargo, Delivery, DeliveryState, Parcel, Stop};

/// Prepares the parcels of one push.
pub(super) struct Workshop<'a> {
    cargo: &'a Arc<Cargo>,
    builder: &'a Builder,
}

/// A parcel with its body.
pub(super) struct Prepared<'a> {
    /// With the exact number of its records.
    pub(super) parcel: Parcel,
    /// What every attempt sends.
    pub(super) body: Bytes,
    /// Where its record stands, if it carries only one.
    pub(super) place: Option<String>,
    /// The number of the last record in its first half.
    pub(super) middle: u64,
    /// What it takes of the room for bodies, for as long as it is there.
    pub(super) room: SemaphorePermit<'a>,
}

/// What came of preparing a parcel.
pub(super) enum Preparation<'a> {
    /// It can be sent.
    Ready(Prepared<'a>),
    /// Its body cannot be built any more.
    Impossible(Delivery),
}

impl<'a> Workshop<'a> {
    pub(super) fn new(cargo: &'a Arc<Cargo>, builder: &'a Builder) -> Self {
        Self { cargo, builder }
    }

    /// The bytes that a parcel's body may take.
    pub(super) fn room_for(&self, parcel: Parcel) -> u64 {
        self.cargo.chunk(parcel).body_bytes
    }

    /// How large a parcel's body will be, as far as that can be told before it is built.
    pub(super) fn expected_bytes(&self, parcel: Parcel) -> u64 {
        let chunk = self.cargo.chunk(parcel);
        let share = chunk.body_bytes.saturating_mul(parcel.records);
        share / chunk.records.max(1)
    }

    /// How many bodies are worth building ahead: as many as are built at a time.
    pub(super) fn at_once(&self) -> usize {
        self.builder.at_once()
    }

    /// Builds a parcel's body.
    pub(super) async fn prepare(
        &self,
        mut parcel: Parcel,
        room: SemaphorePermit<'a>,
    ) -> Preparation<'a> {
        match self.builder.build(parcel).await {
            Ok(built) => {
                parcel.records = built.records;
                let single = built.first.filter(|_| built.records == 1);
                Preparation::Ready(Prepared {
                    parcel,
                    body: self.builder.share(built.body),
                    place: single.map(|first| self.cargo.source.names().place(first)),
                    middle: built.middle,
                    room,
                })
            }
            Err(why) => Preparation::Impossible(Delivery {
                state: DeliveryState::NotApplied(Stop::Changed(why)),
                ..Delivery::not_sent(parcel)
            }),
        }
    }
}
