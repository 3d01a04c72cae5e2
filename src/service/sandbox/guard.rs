//! Who may ask at all: programs of this machine, and pages that the sandbox itself has served.
//!
//! It listens on loopback, but a browser of this machine may show a page of anybody's. Such a page can send
//! requests here by another name for 127.0.0.1 (DNS rebinding), which `Host` shows, or without reading the
//! answers (forgery), which `Origin` shows: browsers send it with all that is no plain `GET`, and nothing else
//! does. A program's requests carry neither, so that the API is not harder to reach than the service's.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::answer::refuse;

/// Refuses requests that a foreign page makes, and has browsers keep every answer from one.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let mut response = match foreign(request.headers()) {
        Some((status, detail)) => refuse(status, detail),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Why a request may come from a page that is not the sandbox's.
fn foreign(headers: &HeaderMap) -> Option<(StatusCode, &'static str)> {
    let Some(host) = only(headers, header::HOST).filter(|host| is_local(host)) else {
        return Some((
            StatusCode::MISDIRECTED_REQUEST,
            "The sandbox answers to 127.0.0.1 and localhost only: put one of them into the address.",
        ));
    };
    let is_own = match headers.contains_key(header::ORIGIN) {
        true => {
            only(headers, header::ORIGIN).and_then(|origin| origin.strip_prefix("http://"))
                == Some(host)
        }
        false => true,
    };
    (!is_own).then_some((
        StatusCode::FORBIDDEN,
        "The sandbox takes nothing from pages of other origins.",
    ))
}

/// A header's value, where it was sent once and is text.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Whether a host is this machine by a name that nobody else can give. The port may be that of a tunnel.
fn is_local(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else {
        return false;
    };
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']');
    let has_good_port = name.len() == host.len() || authority.port_u16().is_some();
    has_good_port
        && !host.contains('@')
        && (name.eq_ignore_ascii_case("localhost")
            || address
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(sent: &[(&'static str, &'static str)]) -> Option<u16> {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(*name, HeaderValue::from_static(value));
        }
        foreign(&headers).map(|(status, _)| status.as_u16())
    }

    #[test]
    fn only_names_of_this_machine_are_answered_to() {
        for host in [
            "127.0.0.1:8787",
            "localhost",
            "LocalHost:1",
            "[::1]:8787",
            "127.0.0.2",
        ] {
            assert_eq!(status(&[("host", host)]), None, "{host}");
        }
        for host in [
            "",
            "evil.example:8787",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "evil.localhost",
            "evil@127.0.0.1",
            "127.0.0.1@evil.example",
            "0.0.0.0",
            "10.0.0.1",
            "[::1",
            "127.0.0.1:8787, evil",
            "localhost:8787.evil.example",
            "127.0.0.1:65536",
        ] {
            assert_eq!(status(&[("host", host)]), Some(421), "{host}");
        }
        assert_eq!(status(&[]), Some(421));
        assert_eq!(
            status(&[("host", "localhost"), ("host", "localhost")]),
            Some(421)
        );
    }

    #[test]
    fn only_its_own_pages_may_send() {
        let host = ("host", "127.0.0.1:8787");
        assert_eq!(status(&[host, ("origin", "http://127.0.0.1:8787")]), None);
        for origin in [
            "null",
            "",
            "http://127.0.0.1",
            "http://127.0.0.1:8788",
            "http://localhost:8787",
            "https://127.0.0.1:8787",
            "http://evil.example",
            "http://127.0.0.1:8787/",
        ] {
            assert_eq!(status(&[host, ("origin", origin)]), Some(403), "{origin}");
        }
        let twice = ("origin", "http://127.0.0.1:8787");
        assert_eq!(status(&[host, twice, twice]), Some(403));
    }
}
