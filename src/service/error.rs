//! How a call can fail, and what that proves about the request.

use std::error::Error as _;
use std::time::Duration;
use std::{fmt, io};

use super::body::ReadError;
use crate::base::display;
use crate::base::exit::Exit;

/// A call that brought no usable answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CallError {
    /// No connection came about: nothing was sent.
    Connect {
        /// Why, in the system's words.
        reason: String,
    },
    /// The connection's certificate was not accepted: nothing was sent.
    Tls {
        /// Which usual mistake it is.
        fault: TlsFault,
        /// Why, in the TLS library's words.
        reason: String,
    },
    /// The proxy did not let the request through: nothing was sent.
    Proxy {
        /// The proxy's host and port, never its password; empty where they are not known.
        proxy: String,
        /// What it did.
        fault: ProxyFault,
        /// Why, in the library's or the system's words.
        reason: String,
    },
    /// The connection broke after the request may have been read.
    Broken {
        /// Why, in the system's words.
        reason: String,
    },
    /// No answer in time; the request may have been read.
    Timeout {
        /// How long was waited.
        after: Duration,
    },
    /// The service answered with a status other than 2xx.
    Status {
        /// The HTTP status.
        status: u16,
        /// The answer's body, harmless to print and cut.
        words: String,
        /// When the service wants to be asked again.
        retry_after: Option<RetryAfter>,
        /// The host a redirect points to.
        location: Option<String>,
    },
    /// 200 with a page: something else answered in the API's place.
    NotTheApi {
        /// The body's beginning, harmless to print.
        words: String,
    },
    /// A 2xx whose body is no answer of the API's: empty, cut, damaged, of another shape. Applied or
    /// not, nobody knows.
    BadAnswer {
        /// The HTTP status.
        status: u16,
        /// The body's beginning, harmless to print.
        words: String,
    },
    /// A 2xx whose body cannot be read here, and would not be if it came again: applied or not, nobody
    /// knows.
    Unreadable { reason: String },
}

/// How long the service asks to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RetryAfter(pub Duration);

/// The usual reasons why a certificate is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TlsFault {
    /// Expired or not valid yet.
    Dates,
    /// Signed by nobody this machine trusts.
    UnknownIssuer,
    /// Made out to another host.
    WrongName,
    /// Anything else.
    Other,
}

/// What keeps a proxy from letting requests through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProxyFault {
    /// The proxy cannot be reached.
    Unreachable,
    /// The proxy wants a user and a password, or others (407).
    Login,
    /// The proxy opened no tunnel to the service.
    NoTunnel,
    /// The proxy is spoken to over TLS, and its certificate was not accepted.
    Tls(TlsFault),
}

impl CallError {
    /// Whether the request surely changed nothing at the service.
    ///
    /// Every other failure is ambiguous: the request may have been applied.
    pub(crate) fn is_surely_not_applied(&self) -> bool {
        match self {
            Self::Connect { .. }
            | Self::Tls { .. }
            | Self::Proxy { .. }
            | Self::NotTheApi { .. } => true,
            Self::Broken { .. }
            | Self::Timeout { .. }
            | Self::BadAnswer { .. }
            | Self::Unreadable { .. } => false,
            Self::Status { status, .. } => {
                matches!(status, 300..400 | 503) || (matches!(status, 400..500) && *status != 408)
            }
        }
    }

    /// What a run ends with whose call failed so, where nothing was applied: one that no repeating can
    /// mend was refused, any other one did not come through in the time that there was.
    pub(crate) fn exit(&self, is_final: bool) -> Exit {
        match is_final {
            _ if self.is_configuration() => Exit::Usage,
            true => Exit::Refused,
            false => Exit::Unreachable,
        }
    }

    /// How long the service asks to wait before the next call.
    pub(crate) fn asked_to_wait(&self) -> Duration {
        match self {
            Self::Status {
                retry_after: Some(RetryAfter(asked)),
                ..
            } => *asked,
            _ => Duration::ZERO,
        }
    }

    /// Whether the user has to set something right on this machine: no repetition mends it, and the
    /// service has no part in it.
    pub(crate) fn is_configuration(&self) -> bool {
        match self {
            Self::Tls { .. } => true,
            Self::Proxy { fault, .. } => matches!(fault, ProxyFault::Login | ProxyFault::Tls(_)),
            _ => false,
        }
    }

    /// Why an answer was not read to its end; `proxy` is the one that requests go through.
    pub(super) fn from_read(error: ReadError, after: Duration, proxy: &str) -> Self {
        match error {
            ReadError::Http(error) => Self::from_reqwest(error, after, proxy),
            ReadError::Late => Self::Timeout { after },
            ReadError::Damaged(status) => Self::BadAnswer {
                status,
                words: "it is compressed, and cut or damaged".to_owned(),
            },
        }
    }

    /// Reads what the HTTP library tells. Its URL, which may hold a proxy's password, is left out;
    /// `proxy` is the one that requests go through, in words that hold none.
    fn from_reqwest(error: reqwest::Error, after: Duration, proxy: &str) -> Self {
        let error = error.without_url();
        if error.is_connect() {
            return Self::not_connected(&error, proxy);
        }
        // TLS can break in the middle of an answer too: that proves nothing about the request.
        match error.is_timeout() {
            true => Self::Timeout { after },
            false => Self::Broken {
                reason: match root_cause(&error) {
                    // The library's own words do not tell which limit it was.
                    cause if cause == "message head is too large" => {
                        "the answer has over 1,000 header lines, or over 400 KiB of them".to_owned()
                    }
                    cause => cause,
                },
            },
        }
    }

    fn not_connected(error: &reqwest::Error, proxy: &str) -> Self {
        let by_proxy = |fault, reason| Self::Proxy {
            proxy: proxy.to_owned(),
            fault,
            reason,
        };
        let proxy_fault = find_proxy(error);
        if let Some(tls) = find_tls(error) {
            let (fault, reason) = (tls_fault(tls), display::shown(&tls.to_string()));
            // The service's certificate is only seen once there is a way to it.
            return match proxy_fault {
                Some(_) => by_proxy(ProxyFault::Tls(fault), reason),
                None => Self::Tls { fault, reason },
            };
        }
        let reason = root_cause(error);
        match proxy_fault {
            Some(fault) => by_proxy(fault, reason),
            // The time is up before the library can say who took it; the way led there first.
            None if error.is_timeout() && !proxy.is_empty() => {
                by_proxy(ProxyFault::NoTunnel, reason)
            }
            None => Self::Connect { reason },
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect { reason } => write!(f, "no connection: {reason}"),
            Self::Tls { reason, .. } => write!(f, "no secure connection: {reason}"),
            Self::Proxy {
                proxy,
                fault,
                reason,
            } => fmt_proxy(f, proxy, *fault, reason),
            Self::Broken { reason } => write!(f, "the connection broke: {reason}"),
            Self::Timeout { after } => write!(f, "no answer within {}", display::time(*after)),
            Self::Status {
                status,
                words,
                location,
                ..
            } => {
                write!(f, "the service answered {status}")?;
                if let Some(reason) = reqwest::StatusCode::from_u16(*status)
                    .ok()
                    .and_then(|status| status.canonical_reason())
                {
                    write!(f, " {reason}")?;
                }
                if let Some(host) = location {
                    write!(f, ", pointing to the host {host}")?;
                }
                if !words.is_empty() {
                    write!(f, ": {words}")?;
                }
                Ok(())
            }
            Self::NotTheApi { words } => {
                write!(f, "this is not the API: the answer begins with {words}")
            }
            Self::BadAnswer { status, words } if words.is_empty() => {
                write!(f, "the service answered {status} with an empty body")
            }
            Self::BadAnswer { words, .. } => {
                write!(f, "the service's answer cannot be understood: {words}")
            }
            Self::Unreadable { reason } => {
                write!(f, "the service's answer cannot be read: {reason}")
            }
        }
    }
}

impl std::error::Error for CallError {}

fn fmt_proxy(
    f: &mut fmt::Formatter<'_>,
    proxy: &str,
    fault: ProxyFault,
    reason: &str,
) -> fmt::Result {
    let space = if proxy.is_empty() { "" } else { " " };
    match fault {
        ProxyFault::Unreachable => {
            write!(f, "no connection to the proxy{space}{proxy}: {reason}")
        }
        ProxyFault::Tls(_) => {
            write!(
                f,
                "no secure connection to the proxy{space}{proxy}: {reason}"
            )
        }
        ProxyFault::Login => write!(
            f,
            "the proxy{space}{proxy} wants a user and a password, or other ones (407)"
        ),
        ProxyFault::NoTunnel => {
            let reason = match reason.trim_start_matches(TUNNEL) {
                // The library keeps the proxy's status to itself.
                "unsuccessful" => "it answered, but not with 200",
                reason => reason,
            };
            write!(
                f,
                "the proxy{space}{proxy} opened no way to the service: {reason}"
            )
        }
    }
}

/// How the library begins what it says of a proxy; the type itself cannot be named from outside.
const TUNNEL: &str = "tunnel error: ";

/// What a proxy did, if the connection failed because of it.
fn find_proxy(error: &reqwest::Error) -> Option<ProxyFault> {
    causes(error).find_map(|cause| {
        let text = cause.to_string();
        Some(match text.strip_prefix(TUNNEL)? {
            "failed to create underlying connection" => ProxyFault::Unreachable,
            "proxy authorization required" => ProxyFault::Login,
            _ => ProxyFault::NoTunnel,
        })
    })
}

/// The TLS library's error stands two `io::Error`s deep, where `source()` does not lead.
fn find_tls(error: &reqwest::Error) -> Option<&rustls::Error> {
    causes(error).find_map(|cause| {
        let mut next = Some(cause);
        while let Some(error) = next {
            if let Some(tls) = error.downcast_ref() {
                return Some(tls);
            }
            let inner = error.downcast_ref().and_then(io::Error::get_ref);
            next = inner.map(|inner| inner as &(dyn std::error::Error + 'static));
        }
        None
    })
}

fn tls_fault(error: &rustls::Error) -> TlsFault {
    use rustls::CertificateError as C;
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            C::Expired
            | C::ExpiredContext { .. }
            | C::NotValidYet
            | C::NotValidYetContext { .. } => TlsFault::Dates,
            // The latter: by somebody who bears a trusted one's name.
            C::UnknownIssuer | C::BadSignature => TlsFault::UnknownIssuer,
            C::NotValidForName | C::NotValidForNameContext { .. } => TlsFault::WrongName,
            _ => TlsFault::Other,
        },
        _ => TlsFault::Other,
    }
}

/// The innermost cause: the outer ones only repeat that sending failed.
fn root_cause(error: &reqwest::Error) -> String {
    let innermost = causes(error).last();
    display::shown(&innermost.map_or_else(|| error.to_string(), ToString::to_string))
}

/// What an error says it comes from, from the outside in.
fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    let first = error.source();
    std::iter::successors(first, |&cause| cause.source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_surely_not_applied() {
        let status = |status| CallError::Status {
            status,
            words: String::new(),
            retry_after: None,
            location: None,
        };
        for code in [301, 308, 400, 401, 403, 404, 413, 422, 425, 429, 499, 503] {
            assert!(status(code).is_surely_not_applied(), "{code}");
        }
        for code in [408, 500, 501, 502, 504, 505, 520, 524, 599] {
            assert!(!status(code).is_surely_not_applied(), "{code}");
        }
    }

    #[test]
    fn the_service_is_quoted_before_anything_is_guessed() {
        let error = CallError::Status {
            status: 404,
            words: "`{\"message\":\"no such table\"}`".into(),
            retry_after: None,
            location: None,
        };
        assert_eq!(
            error.to_string(),
            "the service answered 404 Not Found: `{\"message\":\"no such table\"}`"
        );
    }
}
