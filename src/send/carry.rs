//! Which parcels are under way, until all arrived or something stopped the push.
//!
//! How a body is made is left to `prepare`, how one parcel fares to `deliver`, and how many may be
//! under way to `pace`.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::{self, Either};
use futures_util::stream::FuturesUnordered;

use super::deliver::{Courier, Step};
use super::pace::Pace;
use super::prepare::{Preparation, Workshop};
use super::{Delivery, Halt, Means, Parcel};
use crate::api::Service;
use crate::display;
use crate::event::Events;
use crate::signals::Interrupts;

/// How long requests in flight may take to end after the first signal.
const FAREWELL: Duration = Duration::from_secs(10);

/// Keeps as many parcels under way as the pace allows, until all arrived or something stopped it.
pub(super) async fn carry<S: Service>(
    mut waiting: VecDeque<Parcel>,
    workshop: &Workshop<'_>,
    courier: &Courier<'_, S>,
    pace: &Pace,
    means: &Means<'_, S>,
) -> Vec<Delivery> {
    let mut deliveries = Vec::with_capacity(waiting.len());
    let mut in_flight = FuturesUnordered::new();
    let mut farewell = std::pin::pin!(farewell(&means.interrupts, pace, means.events));
    loop {
        while !pace.has_stopped() && in_flight.len() < pace.limit() {
            let Some(parcel) = waiting.pop_front() else {
                break;
            };
            in_flight.push(deliver(parcel, workshop, courier, pace));
        }
        let step = match future::select(in_flight.next(), farewell.as_mut()).await {
            Either::Left((Some(step), _)) => step,
            Either::Left((None, _)) => break,
            // What is in flight had its time; its journal lines stand without answers.
            Either::Right(_) => break,
        };
        match step {
            Step::Done(delivery) => deliveries.push(delivery),
            Step::Split(first, second) => {
                waiting.push_front(second);
                waiting.push_front(first);
            }
        }
    }
    drop(in_flight);
    deliveries.extend(courier.left_behind(waiting));
    courier.settle(&mut deliveries);
    deliveries
}

/// Builds one parcel's body and sends it.
async fn deliver<S: Service>(
    parcel: Parcel,
    workshop: &Workshop<'_>,
    courier: &Courier<'_, S>,
    pace: &Pace,
) -> Step {
    let room = pace.room(workshop.room_for(parcel)).await;
    if pace.has_stopped() {
        return Step::Done(Delivery::not_sent(parcel));
    }
    match workshop.prepare(parcel, room).await {
        Preparation::Ready(prepared) => courier.send(prepared).await,
        Preparation::Impossible(delivery) => {
            pace.stop();
            Step::Done(delivery)
        }
    }
}

/// After the first signal nothing new starts; ends when what is in flight had its time.
async fn farewell(interrupts: &Interrupts, pace: &Pace, events: &Events) {
    let signal = interrupts.first().await;
    pace.halt_for(Halt::Signal(signal));
    events.warn(
        format!(
            "interrupted: nothing new is sent; what is in flight has {} to end",
            display::time(FAREWELL)
        ),
        "a second signal leaves at once".to_owned(),
    );
    tokio::time::sleep(FAREWELL).await;
}
