//! The first chunk alone, then all others, until the last or a stop.

use std::cell::RefCell;
use std::collections::HashSet;
use std::pin::pin;
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::future::{self, Either};
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;

use super::build::Builder;
use super::part::{Halt, Means, PartResult, PartState, SendInput, SendOptions, SendPlan, Sent};
use super::queue::Queue;
use super::rate::Rate;
use super::reach::Reach;
use super::request::{PartSender, Step};
use super::watch::Watch;
use crate::base::display;
use crate::base::event::{Event, Events};
use crate::base::model::ImportId;
use crate::base::signals::Interrupts;
use crate::service::Service;
use crate::service::window::Window;

/// What the pass waits for.
enum Next {
    /// A part's requests ended.
    Ended(Step),
    /// A body was built.
    Built,
    /// A body cannot be built any more.
    Impossible(PartResult),
}

/// Sends parts, in order.
pub(crate) async fn send<S: Service>(
    input: Arc<SendInput>,
    plan: SendPlan,
    options: &SendOptions,
    means: Means<'_, S>,
) -> Sent {
    let SendPlan {
        parts,
        window,
        imports,
        doubtful,
        was_answered,
    } = plan;
    let (start, started_at) = (Instant::now(), means.clock.now().wall);
    let (records, chunks) = (
        parts.iter().map(|part| part.records).sum(),
        input.chunks.len() as u64,
    );
    means.events.emit(Event::Sending { records, chunks });
    let rate = Rate::new(options.jobs, imports.first().cloned());
    let window = RefCell::new(window);
    let builder = Builder::new(input, means.has_builders);
    let queue = Queue::new(parts, &builder, &rate);
    let reach = Reach::new(options, was_answered);
    let sender = PartSender::new(options, &means, (&rate, reach), &window, doubtful);
    let watch = Watch::new(&means, &rate, &window);
    let mut results = {
        let sending = pin!(send_all(queue, &sender, &rate, &means));
        match future::select(sending, pin!(watch.keep())).await {
            Either::Left((results, _)) => results,
            Either::Right((never, _)) => match never {},
        }
    };
    results.sort_by_key(|result| result.part.range);
    let accepted = |result: &PartResult| matches!(result.state, PartState::Accepted(_));
    let launched = match results.iter().all(accepted) {
        // A signal that came after the last request makes no difference to what the table holds.
        true => watch.look_once_more(given(imports, &results)).await,
        false => None,
    };
    Sent {
        results,
        chunks,
        halt: launched.or_else(|| rate.halt()),
        opened: sender.opened(),
        moved: window.borrow().as_ref().and_then(Window::moved),
        is_launch_early: watch.has_seen_early(),
        too_large: rate.too_large(),
        started_at,
        took: start.elapsed(),
    }
}

/// The distinct imports, those of an earlier process first.
fn given(mut imports: Vec<ImportId>, results: &[PartResult]) -> Vec<ImportId> {
    let mut seen: HashSet<ImportId> = imports.iter().cloned().collect();
    for result in results {
        if let PartState::Accepted(id) = &result.state
            && seen.insert(id.clone())
        {
            imports.push(id.clone());
        }
    }
    imports
}

/// Keeps as many requests in flight as the rate allows, until all parts arrived or something stopped
/// the push.
async fn send_all<S: Service>(
    mut queue: Queue<'_>,
    sender: &PartSender<'_, S>,
    rate: &Rate,
    means: &Means<'_, S>,
) -> Vec<PartResult> {
    let mut results = Vec::new();
    let mut in_flight = FuturesUnordered::new();
    let mut farewell = pin!(farewell(&means.interrupts, rate, means.events));
    loop {
        while !rate.has_stopped()
            && in_flight.len() < rate.limit()
            && let Some(built) = queue.take()
        {
            in_flight.push(sender.send(built));
        }
        queue.begin();
        if in_flight.is_empty() && queue.is_idle() {
            break;
        }
        let next = next(&mut in_flight, &mut queue);
        let next = match future::select(pin!(next), farewell.as_mut()).await {
            Either::Left((next, _)) => next,
            // What is in flight had its time; its journal lines stand without answers.
            Either::Right(_) => break,
        };
        match next {
            Next::Ended(Step::Done(result)) => results.push(result),
            Next::Ended(Step::Split(first, second)) => queue.split([first, second]),
            Next::Built => {}
            Next::Impossible(result) => {
                rate.stop();
                results.push(result);
            }
        }
    }
    drop(in_flight);
    results.extend(sender.left_behind(queue.left()));
    sender.settle(&mut results);
    results
}

/// Waits for whatever comes first; for ever, where nothing is under way.
async fn next<F: Future<Output = Step>>(
    in_flight: &mut FuturesUnordered<F>,
    queue: &mut Queue<'_>,
) -> Next {
    let ended = async {
        match in_flight.next().await {
            Some(step) => Next::Ended(step),
            None => future::pending().await,
        }
    };
    let built = async {
        match queue.built().await {
            Ok(()) => Next::Built,
            Err(result) => Next::Impossible(*result),
        }
    };
    future::select(pin!(ended), pin!(built))
        .await
        .factor_first()
        .0
}

/// After the first signal nothing new starts; ends when what is in flight had its time.
async fn farewell(interrupts: &Interrupts, rate: &Rate, events: &Events) {
    let signal = interrupts.first().await;
    let farewell = signal.farewell();
    rate.halt_for(Halt::Signal(signal));
    events.warn(
        format!(
            "interrupted: nothing new is sent; what is in flight has {} to end",
            display::time(farewell)
        ),
        "a second signal leaves at once".to_owned(),
    );
    events.emit(Event::Stopping { left: farewell });
    tokio::time::sleep(farewell).await;
}
