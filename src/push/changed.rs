//! What was said of a push that sends only what changed.

use std::time::Duration;

use crate::cli::{ChangedArgs, WaitArgs};

/// That only what changed is to go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChangedOptions {
    /// Whether an upsert may leave records in the table that the input lacks.
    pub keep_vanished: bool,
    /// How old the last push of everything may be.
    pub full_every: Option<Duration>,
    /// How long imports of earlier runs are waited for at most, if the user said.
    pub wait_timeout: Option<Duration>,
}

impl ChangedOptions {
    /// As typed; none where everything goes.
    pub(crate) fn of(args: &ChangedArgs, wait: WaitArgs) -> Option<Self> {
        args.changed.then_some(Self {
            keep_vanished: args.keep_vanished,
            full_every: args.full_every,
            wait_timeout: wait.wait_timeout,
        })
    }
}
