//! Whether a failed call is repeated, and after which pause: a pure decision.
//!
//! Nothing here sleeps or looks at a clock; the caller does. The policy is one table, from what is
//! known of HTTP services in general, since Qobra documents none of its limits:
//!
//! | failure | pause before the next attempt |
//! | --- | --- |
//! | connection, a proxy that opens none, broken or ambiguous answer, 408, 425, 500, 502, 504, 520–524 | random between 0 and 0.5 s × 2ⁿ, 30 s at most |
//! | 429, 503 | random between 0 and 2 s × 2ⁿ, 30 s at most |
//! | every other status, certificates (a proxy's too), a proxy's 407, an answer that is not the API's or cannot be read | none: a repetition would fail alike |
//!
//! This is exponential backoff with full jitter: a pause is random over its whole range, so that many
//! clients that failed together do not come back together. A `Retry-After` that is longer than it
//! takes its place. The bound is time, not a number of attempts.

use std::time::Duration;

use super::error::{CallError, ProxyFault};

/// The longest pause of our own making.
const CAP: Duration = Duration::from_secs(30);

/// How a failure is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// Repeating is of no use.
    Final,
    /// The network or the service stumbled.
    Passing,
    /// The service asks for less.
    Busy,
}

/// What to do after a failed call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Call again after this pause.
    Again(Duration),
    /// Do not call again.
    Stop(StopReason),
}

/// Why a call is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopReason {
    /// A repetition would fail alike.
    Final,
    /// The time for repetitions is used up.
    TimeIsUp,
    /// So is the shorter time for an address where nobody ever answered.
    NeverAnswered,
    /// The service asks for a longer wait than there is time left.
    AskedToWait(Duration),
}

/// The table above.
pub(crate) fn kind(error: &CallError) -> FailureKind {
    match error {
        error if error.is_configuration() => FailureKind::Final,
        CallError::Tls { .. } | CallError::NotTheApi { .. } | CallError::Unreadable { .. } => {
            FailureKind::Final
        }
        CallError::Connect { .. }
        | CallError::Proxy { .. }
        | CallError::Broken { .. }
        | CallError::Timeout { .. }
        | CallError::BadAnswer { .. } => FailureKind::Passing,
        CallError::Status { status, .. } => match status {
            429 | 503 => FailureKind::Busy,
            408 | 425 | 500 | 502 | 504 | 520..=524 => FailureKind::Passing,
            _ => FailureKind::Final,
        },
    }
}

/// Whether the service asks this client to slow down as a whole.
pub(crate) fn asks_for_less(error: &CallError) -> bool {
    matches!(error, CallError::Status { status: 429, .. })
}

/// Whether the call came to nobody who could have answered: a wrong address, or an outage. What has to be set
/// right here, as a certificate that is not accepted, is neither.
pub(crate) fn is_unreached(error: &CallError) -> bool {
    match error {
        CallError::Connect { .. } => true,
        CallError::Proxy { fault, .. } => {
            matches!(fault, ProxyFault::Unreachable | ProxyFault::NoTunnel)
        }
        _ => false,
    }
}

/// So long before the time is over the last attempt begins.
const LAST: Duration = Duration::from_millis(100);

/// Decides about the call that just failed.
///
/// `failures` counts the failed attempts of this chunk so far, from 1. `left` is the time that may
/// still be spent on it. `chance` is a random number in `0.0..1.0`.
pub(crate) fn decide(error: &CallError, failures: u32, left: Duration, chance: f64) -> Decision {
    let base = match kind(error) {
        FailureKind::Final => return Decision::Stop(StopReason::Final),
        FailureKind::Passing => Duration::from_millis(500),
        FailureKind::Busy => Duration::from_secs(2),
    };
    let growth = 2u32.saturating_pow(failures.saturating_sub(1));
    let own = base
        .saturating_mul(growth)
        .min(CAP)
        .mul_f64(chance.clamp(0.0, 1.0));
    // The time is used to its end: a long pause that was drawn is cut for one last attempt.
    let own = own.min(left.saturating_sub(LAST));
    let asked = error.asked_to_wait();
    match own.max(asked) {
        _ if left <= LAST => Decision::Stop(StopReason::TimeIsUp),
        pause if pause < left => Decision::Again(pause),
        _ if asked >= left && !left.is_zero() => Decision::Stop(StopReason::AskedToWait(asked)),
        _ => Decision::Stop(StopReason::TimeIsUp),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::error::RetryAfter;
    use super::*;
    use crate::service::TlsFault;

    fn status(status: u16, retry_after: Option<u64>) -> CallError {
        CallError::Status {
            status,
            words: String::new(),
            retry_after: retry_after.map(|s| RetryAfter(Duration::from_secs(s))),
            location: None,
        }
    }

    const MINUTES_5: Duration = Duration::from_secs(300);

    #[test]
    fn each_status_has_its_kind() {
        let kinds = (300..600).map(|code| (code, kind(&status(code, None))));
        for (code, kind) in kinds {
            let expected = match code {
                429 | 503 => FailureKind::Busy,
                408 | 425 | 500 | 502 | 504 | 520 | 521 | 522 | 523 | 524 => FailureKind::Passing,
                _ => FailureKind::Final,
            };
            assert_eq!(kind, expected, "{code}");
        }
    }

    #[test]
    fn a_proxy_that_is_named_wrongly_is_not_asked_again() {
        let kinds = [
            ProxyFault::Unreachable,
            ProxyFault::NoTunnel,
            ProxyFault::Login,
            ProxyFault::Tls(TlsFault::Other),
        ]
        .map(|fault| {
            kind(&CallError::Proxy {
                proxy: String::new(),
                fault,
                reason: String::new(),
            })
        });
        assert_eq!(
            kinds,
            [
                FailureKind::Passing,
                FailureKind::Passing,
                FailureKind::Final,
                FailureKind::Final
            ]
        );
    }

    #[test]
    fn pauses_double_up_to_the_cap() {
        let longest = |error: &CallError| {
            [1, 2, 3, 7, 40].map(|n| match decide(error, n, MINUTES_5, 1.0) {
                Decision::Again(pause) => pause.as_secs_f64(),
                Decision::Stop(reason) => panic!("{reason:?}"),
            })
        };
        assert_eq!(longest(&status(500, None)), [0.5, 1.0, 2.0, 30.0, 30.0]);
        assert_eq!(longest(&status(429, None)), [2.0, 4.0, 8.0, 30.0, 30.0]);
        assert_eq!(
            decide(&status(500, None), 5, MINUTES_5, 0.0),
            Decision::Again(Duration::ZERO)
        );
    }

    #[test]
    fn the_service_may_ask_for_more_but_not_for_less() {
        let asked = decide(&status(429, Some(60)), 1, MINUTES_5, 1.0);
        assert_eq!(asked, Decision::Again(Duration::from_secs(60)));
        let asked = decide(&status(503, Some(0)), 1, MINUTES_5, 1.0);
        assert_eq!(asked, Decision::Again(Duration::from_secs(2)));
        let asked = decide(&status(503, Some(3_600)), 1, MINUTES_5, 1.0);
        assert_eq!(
            asked,
            Decision::Stop(StopReason::AskedToWait(Duration::from_secs(3_600)))
        );
    }

    #[test]
    fn the_last_attempt_begins_just_before_the_time_is_over() {
        let second = Duration::from_secs(1);
        let long = decide(&status(500, None), 9, second, 1.0);
        assert_eq!(long, Decision::Again(second - LAST));
        assert_eq!(
            decide(&status(500, None), 9, LAST, 1.0),
            Decision::Stop(StopReason::TimeIsUp)
        );
        // What the service asks for is never cut short.
        let asked = decide(&status(503, Some(1)), 1, second, 1.0);
        assert_eq!(asked, Decision::Stop(StopReason::AskedToWait(second)));
    }

    #[test]
    fn the_bound_is_time() {
        let last = decide(&status(500, None), 9, Duration::ZERO, 0.0);
        assert_eq!(last, Decision::Stop(StopReason::TimeIsUp));
    }

    proptest! {
        #[test]
        fn no_pause_reaches_past_the_time_left(
            code in 400u16..600,
            asked in proptest::option::of(0u64..1_000),
            failures in 1u32..100,
            left in 0u64..1_000,
            chance in 0.0..1.0,
        ) {
            let left = Duration::from_secs(left);
            if let Decision::Again(pause) = decide(&status(code, asked), failures, left, chance) {
                prop_assert!(pause < left);
                prop_assert!(pause >= Duration::from_secs(asked.unwrap_or(0)));
            }
        }
    }
}
