//! Receipts as they are told: parts of one document, of a sync, or what a page is made of.

use std::sync::{Arc, Mutex, PoisonError};

use crate::base::event::{Event, Events};

/// The receipt of one table, once there is one.
#[derive(Clone, Default)]
pub(super) struct Receipts(Arc<Mutex<Option<String>>>);

impl Receipts {
    /// The same events, but for the receipt.
    pub(super) fn kept_from(&self, events: Events) -> Events {
        let own = Arc::clone(&self.0);
        Events::new(move |event| match event {
            Event::Receipt { document, .. } => {
                *own.lock().unwrap_or_else(PoisonError::into_inner) = Some(document);
            }
            other => events.emit(other),
        })
    }

    /// The same events, the receipt too.
    pub(super) fn heard_from(&self, events: Events) -> Events {
        let own = Arc::clone(&self.0);
        Events::new(move |event| {
            if let Event::Receipt { document, .. } = &event {
                *own.lock().unwrap_or_else(PoisonError::into_inner) = Some(document.clone());
            }
            events.emit(event);
        })
    }

    pub(super) fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
