//! The way to the service, its answer about the key, and its clock.

use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::checks::Check;
use crate::base::complaint::Complaint;
use crate::base::display;
use crate::base::secret::ApiKey;
use crate::cli::CommonArgs;
use crate::push::outcome::Exit;
use crate::push::plan::Environment;
use crate::push::{outcome, plan};
use crate::service;
use crate::service::retry::FailureKind;
use crate::service::{
    ApiOptions, BaseUrl, CallError, Clocks, Probe, ProxyUse, Roots, retry, where_none,
};

/// From which difference on the clocks disagree. Neither the way of the answer nor the seconds cut
/// off from its `Date` count as one, so that a clock kept by a time server is well below it.
const TOLERATED: Duration = Duration::from_secs(5);

/// The service's address, and what named it.
pub(super) fn base_url(common: &CommonArgs, environment: &Environment) -> (Check, Option<BaseUrl>) {
    let (source, base_url) = plan::named_base_url(common, environment);
    match base_url {
        Ok(url) => {
            let facts = json!({ "source": source, "url": url.to_string() });
            let message = format!("{} ({source})", display::shown(&url.to_string()));
            (Check::ok("base URL", message).with(facts), Some(url))
        }
        Err(Complaint { message, hint }) => {
            // The text itself is not repeated: it may carry a password.
            let facts = json!({ "source": source, "url": null });
            let of = Complaint::new(format!("{message} ({source})"), hint);
            (Check::complaint("base URL", of).with(facts), None)
        }
    }
}

/// Whom connections trust.
pub(super) fn certificates(base_url: Option<&BaseUrl>, ca_cert: Option<&Path>) -> Check {
    const NAME: &str = "certificates";
    let path = ca_cert.map(Path::to_string_lossy);
    let facts = |roots: Option<Roots>| {
        json!({
            "system": roots.and_then(|roots| roots.system),
            "ca_cert": path,
            "added": roots.map(|roots| roots.added),
        })
    };
    if base_url.is_some_and(BaseUrl::is_plain) {
        return Check::ok(NAME, "none needed: plain http to this machine").with(facts(None));
    }
    match Roots::find(ca_cert) {
        Err(error) => Check::complaint(NAME, error).with(facts(None)),
        Ok(roots) => roots_found(NAME, roots).with(facts(Some(roots))),
    }
}

fn roots_found(name: &'static str, roots: Roots) -> Check {
    let added = match roots.added {
        0 => String::new(),
        added => format!(", {} of --ca-cert", display::count(added as u64)),
    };
    match roots.system {
        Some(0) if roots.added == 0 => {
            Check::failed(name, Exit::Usage, "this machine has none").hint(where_none())
        }
        Some(0) => Check::warning(name, format!("none of the system{added}")),
        Some(system) => Check::ok(
            name,
            format!("{} of the system{added}", display::count(system as u64)),
        ),
        None => Check::ok(name, format!("those of the system{added}")),
    }
}

/// The proxy that requests to the service go through.
pub(super) fn proxy(base_url: &BaseUrl) -> Check {
    match ProxyUse::of(base_url) {
        Ok(found) => proxy_found(found),
        Err(error) => Check::complaint("proxy", error),
    }
}

fn proxy_found(found: ProxyUse) -> Check {
    const NAME: &str = "proxy";
    let facts = |proxy: Option<&str>, variable: Option<&str>, has_credentials: bool| json!({ "proxy": proxy, "variable": variable, "has_credentials": has_credentials });
    let none = facts(None, None, false);
    match found {
        ProxyUse::Never => Check::ok(
            NAME,
            "none: plain http to this machine never goes through one",
        )
        .with(none),
        ProxyUse::Direct => Check::ok(NAME, "none").with(none),
        ProxyUse::Excepted => {
            Check::ok(NAME, "none: NO_PROXY keeps this host away from it").with(none)
        }
        ProxyUse::Through {
            address,
            has_credentials,
            variable,
        } => {
            let with = if has_credentials {
                ", with a user or password"
            } else {
                ""
            };
            Check::ok(NAME, format!("{address} ({variable}){with}")).with(facts(
                Some(&address),
                Some(variable),
                has_credentials,
            ))
        }
    }
}

/// Asks the service, and looks at its clock.
pub(super) async fn ask(api: &ApiOptions, key: Option<&ApiKey>) -> Vec<Check> {
    match service::probe(api, key).await {
        Ok(probe) => vec![
            service(&probe, &api.base_url.host(), key.is_some()),
            clock(probe.clocks),
        ],
        // Told with the certificates already.
        Err(error) => {
            vec![Check::failed("service", Exit::Usage, error.message).with(answered(None, None))]
        }
    }
}

/// The facts about an answer. Whether a key is accepted is unknown where none was shown.
fn answered(status: Option<u16>, is_accepted: Option<bool>) -> Value {
    json!({ "status": status, "key_accepted": is_accepted })
}

fn service(probe: &Probe, host: &str, has_key: bool) -> Check {
    const NAME: &str = "service";
    let error = match &probe.answer {
        Ok(()) if has_key => {
            let message = format!("{host} accepts the key");
            return Check::ok(NAME, message).with(answered(Some(200), Some(true)));
        }
        Ok(()) => {
            let message = format!("{host} answers; there was no key to show it");
            return Check::ok(NAME, message).with(answered(Some(200), None));
        }
        Err(error) => error,
    };
    let status = match error {
        CallError::Status { status, .. } => Some(*status),
        _ => None,
    };
    match (status, has_key) {
        (Some(401 | 403), false) => {
            let message = format!("{host} answers; there was no key to show it");
            return Check::ok(NAME, message).with(answered(status, None));
        }
        (Some(401 | 403), true) => {
            let message = format!("{host} refuses the key: {error}");
            return Check::failed(NAME, Exit::Refused, message)
                .hint(outcome::advice(error, host))
                .with(answered(status, Some(false)));
        }
        _ => {}
    }
    let hint = match status {
        Some(404) => Some(format!("is {host} right (--base-url)?")),
        _ => outcome::advice(error, host),
    };
    // What a push would end with whose first request met this.
    let exit = error.exit(retry::kind(error) == FailureKind::Final);
    Check::failed(NAME, exit, format!("{host}: {error}"))
        .hint(hint)
        .with(answered(status, None))
}

fn clock(clocks: Option<Clocks>) -> Check {
    const NAME: &str = "clock";
    let Some(clocks) = clocks else {
        return Check::warning(NAME, "not compared: the service did not tell its time")
            .with(json!({ "ahead_seconds": null }));
    };
    let ahead = ahead(clocks);
    let facts = json!({ "ahead_seconds": ahead.as_secs() });
    let size = ahead.unsigned_abs();
    if size.is_zero() {
        return Check::ok(NAME, "agrees with the service's").with(facts);
    }
    let side = if ahead.is_negative() {
        "behind"
    } else {
        "ahead of"
    };
    let message = format!("{} {side} the service's", display::time(size));
    match size > TOLERATED {
        false => Check::ok(NAME, message).with(facts),
        true => Check::warning(NAME, message)
            .hint(
                "set this machine's clock: certificates are judged and times are told by it"
                    .to_owned(),
            )
            .with(facts),
    }
}

/// How far the clock here is ahead of the service's, at the least: the answer was written at some
/// instant between question and answer, and within the second that its `Date` names.
fn ahead(clocks: Clocks) -> SignedDuration {
    let Clocks {
        asked_at,
        heard_at,
        served_at,
    } = clocks;
    let least = asked_at.duration_since(served_at) - SignedDuration::from_secs(1);
    let most = heard_at.duration_since(served_at);
    SignedDuration::ZERO.clamp(least.min(most), most.max(least))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::super::checks::CheckResult;
    use super::*;
    use crate::service::ProxyFault;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    proptest! {
        /// Whatever the way takes and the cut hides, no difference is told that is not there, and
        /// what is told is less than the truth by no more than these two.
        #[test]
        fn a_difference_is_never_overstated(
            now in 1_000_000_000..2_000_000_000_000i64,
            there in 0..20_000i64,
            back in 0..20_000i64,
            offset in -10_000_000..10_000_000i64,
        ) {
            let served = now + there - offset;
            let told = ahead(Clocks {
                asked_at: at(now),
                heard_at: at(now + there + back),
                served_at: at(served - served.rem_euclid(1_000)),
            });
            let told = i64::try_from(told.as_millis()).unwrap();
            prop_assert!(told.abs() <= offset.abs());
            prop_assert!(told == 0 || told.signum() == offset.signum());
            prop_assert!(offset.abs() - told.abs() <= there + back + 1_000);
        }
    }

    fn judged(seconds: i64) -> (CheckResult, String) {
        let check = clock(Some(Clocks {
            asked_at: at(0),
            heard_at: at(0),
            served_at: at(seconds * 1_000),
        }));
        (check.verdict, check.message)
    }

    #[test]
    fn five_seconds_are_tolerated() {
        let ok = |message: &str| (CheckResult::Ok, message.to_owned());
        let warning = |message: &str| (CheckResult::Warning, message.to_owned());
        assert_eq!(judged(0), ok("agrees with the service's"));
        // A `Date` may be up to a second older than the answer.
        assert_eq!(judged(-6), ok("5.0 s ahead of the service's"));
        assert_eq!(judged(-7), warning("6.0 s ahead of the service's"));
        assert_eq!(judged(5), ok("5.0 s behind the service's"));
        assert_eq!(judged(3_600), warning("1 h behind the service's"));
    }

    #[test]
    fn a_failure_ends_as_a_push_would() {
        let status = |status| CallError::Status {
            status,
            words: String::new(),
            retry_after: None,
            location: None,
        };
        let exit = |answer: CallError| {
            let probe = Probe {
                answer: Err(answer),
                clocks: None,
            };
            service(&probe, "host", true).verdict
        };
        for (code, expected) in [
            (301, Exit::Refused),
            (401, Exit::Refused),
            (403, Exit::Refused),
            (404, Exit::Refused),
            (429, Exit::Unreachable),
            (500, Exit::Unreachable),
            (503, Exit::Unreachable),
        ] {
            assert_eq!(exit(status(code)), CheckResult::Failed(expected), "{code}");
        }
        let reason = String::new();
        let connect = CallError::Connect {
            reason: reason.clone(),
        };
        assert_eq!(exit(connect), CheckResult::Failed(Exit::Unreachable));
        let fault = crate::service::TlsFault::Dates;
        let tls = CallError::Tls { fault, reason };
        assert_eq!(exit(tls), CheckResult::Failed(Exit::Usage));
        for (fault, expected) in [
            (ProxyFault::Login, Exit::Usage),
            (ProxyFault::Tls(fault), Exit::Usage),
            (ProxyFault::NoTunnel, Exit::Unreachable),
            (ProxyFault::Unreachable, Exit::Unreachable),
        ] {
            let (proxy, reason) = (String::new(), String::new());
            let error = CallError::Proxy {
                proxy,
                fault,
                reason,
            };
            assert_eq!(exit(error), CheckResult::Failed(expected), "{fault:?}");
        }
    }

    #[test]
    fn certificates_of_either_kind_will_do() {
        let verdict = |system, added| roots_found("x", Roots { system, added }).verdict;
        assert_eq!(verdict(Some(140), 0), CheckResult::Ok);
        assert_eq!(verdict(None, 0), CheckResult::Ok);
        assert_eq!(verdict(Some(0), 1), CheckResult::Warning);
        assert_eq!(verdict(Some(0), 0), CheckResult::Failed(Exit::Usage));
    }
}
