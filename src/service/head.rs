//! What the header lines of an answer say, as far as it matters here.

use std::time::{Duration, SystemTime};

use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, DATE, HeaderMap, LOCATION, RETRY_AFTER};

use super::error::{CallError, RetryAfter};
use crate::base::display;

/// An answer without its body.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) retry_after: Option<RetryAfter>,
    pub(super) location: Option<String>,
    pub(super) served_at: Option<SystemTime>,
    /// How the body is compressed where that is not by gzip, which was not asked for either.
    encoding: Option<String>,
}

impl Head {
    /// The head of an answer.
    pub(super) fn of(response: &Response) -> Self {
        let headers = response.headers();
        Self {
            status: response.status().as_u16(),
            retry_after: retry_after(headers, SystemTime::now()),
            location: location(headers),
            served_at: date(headers),
            encoding: encoding(headers),
        }
    }

    /// A status and nothing else.
    #[cfg(any(test, fuzzing))]
    pub(super) fn made(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the body may be read as text.
    pub(super) fn is_readable(&self) -> Result<(), CallError> {
        match &self.encoding {
            None => Ok(()),
            Some(how) => Err(CallError::Unreadable {
                reason: format!("it is compressed ({how}), which was not asked for"),
            }),
        }
    }
}

/// `Retry-After` as seconds or as an HTTP date, which is held against the answer's own `Date`, so
/// that a wrong clock on this machine does no harm.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<RetryAfter> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
        // A larger number is longer than anyone waits, and no clock could have it added.
        let seconds: u32 = text.parse().unwrap_or(u32::MAX);
        return Some(RetryAfter(Duration::from_secs(seconds.into())));
    }
    let sent = date(headers).unwrap_or(now);
    let until = httpdate::parse_http_date(text).ok()?;
    Some(RetryAfter(until.duration_since(sent).unwrap_or_default()))
}

/// The answer's `Date`: a clock of the service.
pub(super) fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()
}

/// The body's compression, where it has one that is not known here.
fn encoding(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(CONTENT_ENCODING).iter();
    let all: Vec<_> = all.map(|value| value.as_bytes()).collect();
    let all = String::from_utf8_lossy(&all.join(&b","[..])).into_owned();
    let real = all.split(',').map(str::trim);
    let real = real.filter(|how| !how.is_empty() && !how.eq_ignore_ascii_case("identity"));
    let real: Vec<_> = real.collect();
    let is_gzip = |how: &str| {
        ["gzip", "x-gzip"]
            .iter()
            .any(|of| how.eq_ignore_ascii_case(of))
    };
    match real[..] {
        [] => None,
        [how] if is_gzip(how) => None,
        _ => Some(display::shown(&real.join(", "))),
    }
}

/// Only the host: the rest of a `Location` may hold what nobody should see.
fn location(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(LOCATION)?.to_str().ok()?;
    let url = url::Url::parse(text).ok()?;
    url.host_str().map(display::quoted)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn retry_after_in_both_forms() {
        let seconds = |value: &str, date: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_str(value).unwrap());
            if let Some(date) = date {
                headers.insert(DATE, HeaderValue::from_str(date).unwrap());
            }
            retry_after(&headers, SystemTime::UNIX_EPOCH).map(|r| r.0.as_secs())
        };
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(seconds("120", date), Some(120));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:50:07 GMT", date), Some(30));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:07 GMT", date), Some(0));
        assert_eq!(seconds("Thu, 01 Jan 1970 00:00:09 GMT", None), Some(9));
        for many in [
            "99999999999999999999999",
            "18446744073709551615",
            "4294967296",
        ] {
            assert_eq!(seconds(many, None), Some(u32::MAX.into()), "{many}");
        }
        for nonsense in ["", "-1", "soon", "1.5"] {
            assert_eq!(seconds(nonsense, date), None, "{nonsense}");
        }
    }

    #[test]
    fn only_what_cannot_be_unpacked_is_told() {
        let how = |values: &[&'static str]| {
            let lines = values
                .iter()
                .map(|value| (CONTENT_ENCODING, HeaderValue::from_static(value)));
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(name, value);
            }
            encoding(&headers)
        };
        assert_eq!(how(&[]), None);
        for value in [
            "",
            "identity",
            " Identity ",
            "gzip",
            "x-gzip",
            "GZIP, identity",
        ] {
            assert_eq!(how(&[value]), None, "{value}");
        }
        for value in ["br", "deflate", "gzip, br"] {
            assert_eq!(how(&[value]).as_deref(), Some(value));
        }
        assert_eq!(how(&["gzip", "gzip"]).as_deref(), Some("gzip, gzip"));
    }

    #[test]
    fn a_location_shows_its_host_only() {
        let mut headers = HeaderMap::new();
        headers.insert(
            LOCATION,
            HeaderValue::from_static("https://login.example/?token=secret"),
        );
        assert_eq!(location(&headers).unwrap(), "`login.example`");
    }
}
