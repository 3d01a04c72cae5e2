//! Bodies that wait for each other: a barrier, so that requests surely overlap.
//!
//! Each body gives its first half and no more until all of them have, however fast the service and the
//! connection are.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::Notify;

/// Where bodies meet.
#[derive(Clone)]
pub(super) struct Gate(Arc<Shared>);

struct Shared {
    expected: usize,
    arrived: AtomicUsize,
    is_open: AtomicBool,
    is_full: Notify,
    waiting: Vec<AtomicWaker>,
}

impl Gate {
    /// Where so many bodies meet.
    pub(super) fn new(expected: usize) -> Self {
        Self(Arc::new(Shared {
            expected,
            arrived: AtomicUsize::new(0),
            is_open: AtomicBool::new(false),
            is_full: Notify::new(),
            waiting: (0..expected).map(|_| AtomicWaker::new()).collect(),
        }))
    }

    /// A body that waits here in its middle.
    pub(super) fn body(&self, whole: Bytes) -> Gated {
        let mut second = whole;
        let first = second.split_to(second.len() / 2);
        Gated {
            gate: self.clone(),
            first: Some(first),
            second: Some(second),
            place: None,
        }
    }

    /// Waits until all bodies are in their middle.
    pub(super) async fn full(&self) {
        self.0.is_full.notified().await;
    }

    /// Lets them go on.
    pub(super) fn open(&self) {
        self.0.is_open.store(true, Ordering::SeqCst);
        self.0.waiting.iter().for_each(AtomicWaker::wake);
    }
}

/// A body in two halves.
pub(super) struct Gated {
    gate: Gate,
    first: Option<Bytes>,
    second: Option<Bytes>,
    /// Its place among those that wait.
    place: Option<usize>,
}

impl Body for Gated {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        let shared = Arc::clone(&self.gate.0);
        let place = *self.place.get_or_insert_with(|| {
            let place = shared.arrived.fetch_add(1, Ordering::SeqCst);
            if place + 1 == shared.expected {
                shared.is_full.notify_one();
            }
            place
        });
        if let Some(waker) = shared.waiting.get(place) {
            waker.register(cx.waker());
        }
        match shared.is_open.load(Ordering::SeqCst) {
            true => Poll::Ready(self.second.take().map(|second| Ok(Frame::data(second)))),
            false => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.second.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let halves = [&self.first, &self.second];
        let left = halves.iter().filter_map(|half| half.as_ref());
        SizeHint::with_exact(left.map(|half| half.len() as u64).sum())
    }
}
