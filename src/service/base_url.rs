//! The address under which the API is found.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

use crate::base::complaint::Complaint;
use crate::base::display;
use crate::base::model::{ImportId, Mode, TableKey};

/// The service's documented address.
const DEFAULT: &str = "https://api.qobra.co";

/// A base URL that may be used: `https`, or plain `http` to this machine only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl(Url);

impl BaseUrl {
    /// Checks a base URL as the user wrote it.
    pub(crate) fn new(text: &str) -> Result<Self, Complaint> {
        let bad = |why: &str, hint: Option<&str>| {
            Complaint::new(format!("the base URL {why}"), hint.map(str::to_owned))
        };
        let example = Some("write it like https://api.qobra.co");
        // The text itself is not repeated: a URL may carry a password.
        let mut url =
            Url::parse(text).map_err(|e| bad(&format!("cannot be understood: {e}"), example))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad("must not carry a user or a password", example));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(bad("must not have a `?` or `#` part", example));
        }
        if url.host().is_none() {
            return Err(bad("has no host", example));
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => {
                return Err(bad(
                    "is plain http: the key and the data would travel unencrypted",
                    Some("use https; http is for this machine only (127.0.0.1, [::1], localhost)"),
                ));
            }
            other => {
                let why = format!("has the scheme {}", display::quoted(other));
                return Err(bad(&why, Some("only https is spoken")));
            }
        }
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty();
        }
        Ok(Self(url))
    }

    /// Host and port, for messages.
    pub(crate) fn host(&self) -> String {
        let host = display::shown(self.0.host_str().unwrap_or_default());
        match self.0.port() {
            Some(port) => format!("{host}:{port}"),
            None => host,
        }
    }

    /// Whether requests leave this machine unencrypted, which only loopback addresses may do.
    pub(crate) fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// Where records are pushed.
    pub(crate) fn records(&self, table: &TableKey, mode: Mode) -> Url {
        let (all, debounce) = (
            mode.is_replace(),
            mode.window().unwrap_or_default().as_secs(),
        );
        let mut url = self.under(&format!("v1/tables/{}/records/bulk", table.segment()));
        url.set_query(Some(&format!("all={all}&debounce={debounce}")));
        url
    }

    /// Where an import is shown.
    pub(crate) fn import(&self, id: &ImportId) -> Url {
        self.under(&format!("v1/imports/{}", id.segment()))
    }

    /// Where the structures of a customer's data are listed: a read that any key may ask for.
    pub(crate) fn data_structures(&self) -> Url {
        self.under("v2/data-structures")
    }

    /// A path below the base. Segments must be percent-encoded already.
    fn under(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        url
    }
}

impl Default for BaseUrl {
    fn default() -> Self {
        Self::new(DEFAULT).expect("the documented address is a good one")
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_documented_call() {
        let table = TableKey::new("deals").unwrap();
        let mode = Mode::Replace {
            debounce: Duration::from_secs(900),
        };
        assert_eq!(
            BaseUrl::default().records(&table, mode).as_str(),
            "https://api.qobra.co/v1/tables/deals/records/bulk?all=true&debounce=900"
        );
        let base = BaseUrl::new("http://[::1]:8080/proxy/").unwrap();
        assert_eq!(
            base.records(&table, Mode::Upsert).as_str(),
            "http://[::1]:8080/proxy/v1/tables/deals/records/bulk?all=false&debounce=0"
        );
    }

    #[test]
    fn no_table_key_leaves_its_segment() {
        for key in [
            "a/b", "../x", "a/../b", "%2e%2e", "a?b#c", "été ", "a\\b", "...", "a;b",
        ] {
            let url = BaseUrl::default().records(&TableKey::new(key).unwrap(), Mode::Upsert);
            let segments: Vec<_> = url.path_segments().unwrap().collect();
            assert_eq!(segments.len(), 5, "{url}");
            let back = percent_encoding::percent_decode_str(segments[2])
                .decode_utf8()
                .unwrap();
            assert_eq!(back, key);
        }
        for key in [".", "..", "", " ", "a\nb"] {
            assert!(TableKey::new(key).is_err(), "{key:?}");
        }
    }

    #[test]
    fn only_https_leaves_this_machine() {
        for url in [
            "http://127.0.0.1:1",
            "http://localhost",
            "http://[::1]",
            "https://x.example/a",
        ] {
            assert!(BaseUrl::new(url).is_ok(), "{url}");
        }
        for url in [
            "http://api.qobra.co",
            "http://10.0.0.1",
            "http://localhost.example",
            "ftp://x",
            "api.qobra.co",
            "https://user:secret@x.example",
            "https://x.example/?a=b",
            "file:///etc",
        ] {
            let error = BaseUrl::new(url).unwrap_err();
            assert!(!error.message.contains("secret"), "{error}");
        }
    }
}
