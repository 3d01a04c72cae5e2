//! What the stages tell. They emit; `screen` draws and prints.
//!
//! Events carry plain types only, so that no stage depends on how they are shown.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::base::model::{ImportId, RecordRange};

/// Something worth telling. Texts in it are already harmless to print.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A fact about the run that the user should see once.
    Note(String),
    /// A fact for those who asked for more.
    Detail(String),
    /// Something that may be wrong, with what to try.
    Warning {
        message: String,
        hint: Option<String>,
    },
    /// A warning that is shown even where the user wants quiet.
    Alarm {
        message: String,
        hint: Option<String>,
    },
    /// What comes from here on is about this run.
    Run(String),
    /// Something begins that may take long, and whose end is not known: what, in words.
    Step(&'static str),
    /// Another push from here has the table, which is waited for.
    Locked {
        /// How long at most.
        left: Duration,
    },
    /// Proving begins. Nothing has been sent.
    Proving {
        /// Bytes of all inputs; none where that shows only at their end.
        bytes: Option<u64>,
    },
    /// A part of the input was proved.
    Proved {
        /// Bytes read since the last such event.
        bytes: u64,
    },
    /// A record that cannot be sent; at most 20 of these are emitted.
    BadRecord(String),
    /// The control totals of a proved input: a heading, and a table below it.
    Totals(Vec<String>),
    /// Nothing is sent until an earlier replace of the table is over.
    Waiting {
        /// How long that may take yet.
        left: Duration,
    },
    /// How it stands with a replace's window.
    Window {
        /// How long requests may still be sent.
        left: Duration,
        /// Whether that time goes on: a request may have opened the window.
        is_open: bool,
    },
    /// Sending begins.
    Sending {
        /// Records to be sent.
        records: u64,
        /// Requests that carry them.
        chunks: u64,
    },
    /// A request leaves.
    Attempt {
        /// The chunk's number, from 1.
        chunk: u64,
        /// 1 for the first try.
        attempt: u32,
        bytes: u64,
    },
    /// A request failed and will be repeated.
    Retry {
        /// The chunk's number, from 1.
        chunk: u64,
        /// How long until the next attempt.
        pause: Duration,
        reason: String,
        /// Until when nobody is waited for who does not answer, in words, and how long that is; said once.
        until: Option<(String, Duration)>,
        /// Whether no request at all leaves before.
        for_all: bool,
    },
    /// A signal came: nothing new is sent.
    Stopping {
        /// How long what is under way may take to end.
        left: Duration,
    },
    /// The service took a chunk.
    Accepted {
        /// The chunk's number, from 1.
        chunk: u64,
        range: RecordRange,
        /// How many records it carried.
        records: u64,
        /// The import they went to.
        import_id: ImportId,
        /// From the first attempt to the answer.
        took: Duration,
        /// How long a replace's requests may still be sent.
        window_left: Option<Duration>,
    },
    /// Imports are followed from here on.
    Following {
        imports: u64,
        /// Nothing can start before so much time.
        earliest: Option<Duration>,
    },
    /// The imports were looked at, and some have not ended.
    Looked {
        open: u64,
        /// How long they are followed yet.
        left: Duration,
    },
    /// An import changed its state.
    Import {
        id: ImportId,
        /// The service's word for its state, harmless to print.
        status: String,
        /// How far it is, in hundredths.
        progress: Option<u8>,
        /// How many records it holds.
        records: Option<u64>,
    },
    /// What went on is over: what was held back for its order is shown now.
    Over,
    /// The receipt of a run that ended.
    Receipt {
        /// The receipt as JSON.
        document: String,
        /// Where it is kept, as typed in a shell; none where it could not be.
        kept: Option<String>,
    },
    /// A signal ends the process before the first request: what to say of that.
    Interrupted(String),
}

/// Where events go. Cheap to clone, callable from every thread.
#[derive(Clone)]
pub(crate) struct Events(Arc<dyn Fn(Event) + Send + Sync>);

impl Events {
    pub(crate) fn new(listener: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(listener))
    }

    /// Events that nobody hears.
    pub(crate) fn unheard() -> Self {
        Self::new(|_| {})
    }

    /// Tells the listener.
    pub(crate) fn emit(&self, event: Event) {
        (self.0)(event);
    }

    /// Does something that may take long, and whose end is not known.
    pub(crate) fn during<T>(&self, what: &'static str, work: impl FnOnce() -> T) -> T {
        self.emit(Event::Step(what));
        let result = work();
        self.emit(Event::Over);
        result
    }

    /// Tells a fact.
    pub(crate) fn note(&self, text: impl Into<String>) {
        self.emit(Event::Note(text.into()));
    }

    /// Tells of something that may be wrong.
    pub(crate) fn warn(&self, message: impl Into<String>, hint: impl Into<Option<String>>) {
        self.emit(Event::Warning {
            message: message.into(),
            hint: hint.into(),
        });
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Events")
    }
}
