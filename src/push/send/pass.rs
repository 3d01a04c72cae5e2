//! The first chunk alone, then all others, until the last or a stop.

use std::cell::RefCell;
use std::sync::Arc;

use futures_util::future::{self, Either};
use tokio::time::Instant;

use super::ahead::Ahead;
use super::build::Builder;
use super::carry;
use super::deliver::Courier;
use super::pace::Pace;
use super::part::{Cargo, Delivery, DeliveryState, Load, Means, SendOptions, Sent};
use super::prepare::Workshop;
use super::watch::Watch;
use crate::base::event::Event;
use crate::service::Service;

/// Sends parcels, in order.
pub(crate) async fn send<S: Service>(
    cargo: Arc<Cargo>,
    load: Load,
    options: &SendOptions,
    means: Means<'_, S>,
) -> Sent {
    let Load {
        parcels,
        window,
        first_import,
        doubtful,
    } = load;
    let (start, started_at) = (Instant::now(), means.clock.now().wall);
    let records = parcels.iter().map(|parcel| parcel.records).sum();
    means.events.emit(Event::Sending {
        records,
        chunks: cargo.chunks.len() as u64,
    });
    let pace = Pace::new(options.jobs, first_import);
    let window = RefCell::new(window);
    let builder = Builder::new(Arc::clone(&cargo), means.has_builders);
    let workshop = Workshop::new(&cargo, &builder);
    let ahead = Ahead::new(parcels, &workshop, &pace);
    let courier = Courier::new(options, &means, &pace, &window, doubtful);
    let watch = Watch::new(&means, &pace, &window);
    let mut deliveries = {
        let carrying = std::pin::pin!(carry::carry(ahead, &courier, &pace, &means));
        let watching = std::pin::pin!(watch.keep());
        match future::select(carrying, watching).await {
            Either::Left((deliveries, _)) => deliveries,
            Either::Right((never, _)) => match never {},
        }
    };
    deliveries.sort_by_key(|delivery| delivery.parcel.range);
    let accepted = |delivery: &Delivery| matches!(delivery.state, DeliveryState::Accepted(_));
    let launched = match deliveries.iter().all(accepted) {
        // A signal that came after the last request makes no difference to what the table holds.
        true => watch.look_once_more().await,
        false => None,
    };
    Sent {
        deliveries,
        chunks: cargo.chunks.len() as u64,
        halt: launched.or_else(|| pace.halt()),
        opened: courier.opened(),
        started_at,
        took: start.elapsed(),
    }
}
