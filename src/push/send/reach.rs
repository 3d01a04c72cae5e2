//! Whether the service was ever reached, and so how long an address is tried where nobody answers.
//!
//! A name that does not resolve or a port that refuses is a mistake more often than an outage, and who made
//! it waits for the message. Once anything has answered, it is an outage, and `--retry-for` counts.

use std::cell::Cell;
use std::time::Duration;

use super::part::SendOptions;
use crate::service::retry::StopReason;
use crate::service::{CallError, retry};

/// What is known of the way to the service. One for a whole push.
#[derive(Debug)]
pub(super) struct Reach {
    retry_for: Duration,
    connect_for: Duration,
    /// Whether any attempt of the run came to where somebody answers.
    has_answered: Cell<bool>,
    /// Whether it was said until when the service is tried, since it answered last.
    is_told: Cell<bool>,
}

/// How long a request is tried after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Patience {
    pub(super) time: Duration,
    /// The option that says so.
    pub(super) option: &'static str,
    /// Why there is no further attempt when it is over.
    pub(super) over: StopReason,
}

impl Reach {
    pub(super) fn new(options: &SendOptions, has_answered: bool) -> Self {
        Self {
            retry_for: options.retry_for,
            connect_for: options.connect_for,
            has_answered: Cell::new(has_answered),
            is_told: Cell::new(false),
        }
    }

    /// Takes in how an attempt ended.
    pub(super) fn heard(&self, error: Option<&CallError>) {
        if !error.is_some_and(retry::is_unreached) {
            self.has_answered.set(true);
            self.is_told.set(false);
        }
    }

    pub(super) fn patience(&self, error: &CallError) -> Patience {
        let is_bound = retry::is_unreached(error) && !self.has_answered.get();
        match is_bound && self.connect_for < self.retry_for {
            true => Patience {
                time: self.connect_for,
                option: "--connect-for",
                over: StopReason::NeverAnswered,
            },
            false => Patience {
                time: self.retry_for,
                option: "--retry-for",
                over: StopReason::TimeIsUp,
            },
        }
    }

    /// Whether it is to be said now until when the service is tried: once, while nobody answers.
    pub(super) fn is_news(&self, error: &CallError) -> bool {
        retry::is_unreached(error) && !self.is_told.replace(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::model::{Mode, TableKey};
    use crate::service::ProxyFault;

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn reach(retry_for: u64, connect_for: u64, has_answered: bool) -> Reach {
        let options = SendOptions {
            table: TableKey::new("deals").unwrap(),
            mode: Mode::Upsert,
            jobs: 1,
            retry_for: seconds(retry_for),
            connect_for: seconds(connect_for),
            reading: None,
        };
        Reach::new(&options, has_answered)
    }

    fn refused() -> CallError {
        CallError::Connect {
            reason: "refused".to_owned(),
        }
    }

    #[test]
    fn the_smaller_time_ends_it_until_somebody_answers() {
        let time = |reach: &Reach, error: &CallError| {
            let patience = reach.patience(error);
            (patience.option, patience.time)
        };
        let reach_30 = reach(300, 30, false);
        assert_eq!(time(&reach_30, &refused()), ("--connect-for", seconds(30)));
        let broken = CallError::Broken {
            reason: String::new(),
        };
        assert_eq!(time(&reach_30, &broken), ("--retry-for", seconds(300)));
        reach_30.heard(Some(&refused()));
        assert_eq!(time(&reach_30, &refused()), ("--connect-for", seconds(30)));
        reach_30.heard(Some(&broken));
        assert_eq!(time(&reach_30, &refused()), ("--retry-for", seconds(300)));
        assert_eq!(time(&reach(10, 30, false), &refused()).0, "--retry-for");
        assert_eq!(time(&reach(300, 30, true), &refused()).0, "--retry-for");
    }

    #[test]
    fn an_outage_is_told_once_each() {
        let reach = reach(300, 30, false);
        let proxy = CallError::Proxy {
            proxy: String::new(),
            fault: ProxyFault::NoTunnel,
            reason: String::new(),
        };
        assert!(reach.is_news(&refused()) && !reach.is_news(&proxy));
        reach.heard(None);
        assert!(reach.is_news(&proxy) && !reach.is_news(&refused()));
        let late = CallError::Timeout { after: seconds(1) };
        assert!(!reach.is_news(&late));
    }
}
