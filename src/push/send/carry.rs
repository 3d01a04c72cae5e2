//! Which requests are in flight, until all arrived or something stopped the push.
//!
//! What is built before its turn comes is left to `ahead`, how one parcel fares to `deliver`, and how
//! many may be in flight to `pace`.

use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::{self, Either};
use futures_util::stream::FuturesUnordered;

use super::ahead::Ahead;
use super::deliver::{Courier, Step};
use super::pace::Pace;
use super::part::{Delivery, Halt, Means};
use crate::base::display;
use crate::base::event::Events;
use crate::base::signals::Interrupts;
use crate::service::Service;

/// How long requests in flight may take to end after the first signal.
const FAREWELL: Duration = Duration::from_secs(10);

/// What `carry` waits for.
enum Next {
    /// A parcel's requests ended.
    Ended(Step),
    /// A body was built.
    Built,
    /// A body cannot be built any more.
    Impossible(Delivery),
}

/// Keeps as many requests in flight as the pace allows, until all arrived or something stopped it.
pub(super) async fn carry<S: Service>(
    mut ahead: Ahead<'_>,
    courier: &Courier<'_, S>,
    pace: &Pace,
    means: &Means<'_, S>,
) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    let mut in_flight = FuturesUnordered::new();
    let mut farewell = pin!(farewell(&means.interrupts, pace, means.events));
    loop {
        while !pace.has_stopped()
            && in_flight.len() < pace.limit()
            && let Some(prepared) = ahead.take()
        {
            in_flight.push(courier.send(prepared));
        }
        ahead.begin();
        if in_flight.is_empty() && ahead.is_idle() {
            break;
        }
        let next = next(&mut in_flight, &mut ahead);
        let next = match future::select(pin!(next), farewell.as_mut()).await {
            Either::Left((next, _)) => next,
            // What is in flight had its time; its journal lines stand without answers.
            Either::Right(_) => break,
        };
        match next {
            Next::Ended(Step::Done(delivery)) => deliveries.push(delivery),
            Next::Ended(Step::Split(first, second)) => ahead.split([first, second]),
            Next::Built => {}
            Next::Impossible(delivery) => {
                pace.stop();
                deliveries.push(delivery);
            }
        }
    }
    drop(in_flight);
    deliveries.extend(courier.left_behind(ahead.left()));
    courier.settle(&mut deliveries);
    deliveries
}

/// Waits for whatever comes first; for ever, where nothing is under way.
async fn next<F: Future<Output = Step>>(
    in_flight: &mut FuturesUnordered<F>,
    ahead: &mut Ahead<'_>,
) -> Next {
    let ended = async {
        match in_flight.next().await {
            Some(step) => Next::Ended(step),
            None => future::pending().await,
        }
    };
    let built = async {
        match ahead.built().await {
            None => Next::Built,
            Some(delivery) => Next::Impossible(delivery),
        }
    };
    future::select(pin!(ended), pin!(built))
        .await
        .factor_first()
        .0
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
