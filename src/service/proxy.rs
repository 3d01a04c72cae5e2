//! The proxy that the environment names, read with care: a mistake in it is told, and its password
//! is not.

use std::env;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Proxy;
use url::Url;

use super::base_url::BaseUrl;
use crate::base::complaint::Complaint;
use crate::base::display;

/// Where the proxy for `https` is named; the first that is not empty counts.
const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// The proxy that requests go through, unless `NO_PROXY` names their host.
pub(super) struct ChosenProxy {
    /// The proxy's host and port, for messages.
    pub(super) host: String,
    /// `http` or `https`.
    scheme: String,
    /// Whether the variable names a user or a password.
    has_credentials: bool,
    /// Where it is named.
    variable: &'static str,
    /// What the HTTP library needs to know.
    pub(super) proxy: Proxy,
}

/// How requests reach the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ProxyUse {
    /// Plain http to this machine, which never goes through one.
    Never,
    /// No proxy is named.
    Direct,
    /// One is named, and `NO_PROXY` keeps this host away from it.
    Excepted,
    /// Through this one.
    Through {
        /// Scheme, host and port; neither user nor password.
        address: String,
        /// Whether the variable holds a user or a password too.
        has_credentials: bool,
        variable: &'static str,
    },
}

impl ProxyUse {
    /// What the environment says for this service, read as a client reads it.
    pub(crate) fn of(base_url: &BaseUrl) -> Result<Self, Complaint> {
        if base_url.is_plain() {
            return Ok(Self::Never);
        }
        Ok(match ChosenProxy::from_env()? {
            None => Self::Direct,
            Some(chosen) if chosen.is_kept_from(base_url) => Self::Excepted,
            Some(chosen) => Self::Through {
                address: chosen.address(),
                has_credentials: chosen.has_credentials,
                variable: chosen.variable,
            },
        })
    }
}

impl ChosenProxy {
    /// The proxy of this process's environment, if there is one.
    pub(super) fn from_env() -> Result<Option<Self>, Complaint> {
        // The library holds a `*` against names only, and not against addresses.
        if without_proxy().is_ok_and(|hosts| hosts.trim() == "*") {
            return Ok(None);
        }
        for variable in VARIABLES {
            let text = env::var_os(variable).unwrap_or_default();
            let text = text.to_string_lossy();
            if !text.trim().is_empty() {
                return Self::new(text.trim(), variable)
                    .map(Some)
                    .map_err(|why| bad(variable, &why));
            }
        }
        Ok(None)
    }

    /// Whether `NO_PROXY` excepts the service, by the library's own reading of it.
    pub(super) fn is_kept_from(&self, base_url: &BaseUrl) -> bool {
        let exceptions = Matcher::builder()
            .all(self.address())
            .no(without_proxy().unwrap_or_default())
            .build();
        let uri = base_url.to_string().parse().ok();
        uri.is_some_and(|uri| exceptions.intercept(&uri).is_none())
    }

    fn address(&self) -> String {
        format!("{}://{}", self.scheme, self.host)
    }

    /// Reads an address; the error repeats nothing of it, for it may hold a password.
    fn new(text: &str, variable: &'static str) -> Result<Self, String> {
        let url = match text.contains("://") {
            true => Url::parse(text),
            false => Url::parse(&format!("http://{text}")),
        };
        let url = url.map_err(|error| format!("cannot be understood: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("is no http proxy".to_owned());
        }
        let Some(host) = url.host_str() else {
            return Err("has no host".to_owned());
        };
        let port = url.port_or_known_default().unwrap_or(80);
        let host = display::shown(&format!("{host}:{port}"));
        let scheme = url.scheme().to_owned();
        let has_credentials = !url.username().is_empty() || url.password().is_some();
        let proxy = Proxy::https(url).map_err(|_| "cannot be used".to_owned())?;
        Ok(Self {
            host,
            scheme,
            has_credentials,
            variable,
            proxy,
        })
    }
}

/// The hosts that no proxy stands before.
fn without_proxy() -> Result<String, env::VarError> {
    env::var("NO_PROXY").or_else(|_| env::var("no_proxy"))
}

fn bad(variable: &str, why: &str) -> Complaint {
    Complaint::new(
        format!("the proxy in {variable} {why}"),
        "write it like http://proxy.example:8080, with http://USER:PASSWORD@ where it wants them, and \
         special characters as %XX"
            .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port_are_shown_and_nothing_else() {
        for (text, host) in [
            ("http://proxy.example:8080", "proxy.example:8080"),
            ("proxy.example:8080/", "proxy.example:8080"),
            ("proxy.example", "proxy.example:80"),
            ("https://proxy.example", "proxy.example:443"),
            ("http://user:hunter2@[::1]:3128", "[::1]:3128"),
            ("http://user:hun@ter2@proxy.example:1", "proxy.example:1"),
        ] {
            assert_eq!(
                ChosenProxy::new(text, "HTTPS_PROXY").unwrap().host,
                host,
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_proxy_is_told_without_repeating_it() {
        for text in [
            "socks5://hunter2@proxy.example:1",
            "ftp://proxy.example",
            "http://",
            "http://user:hunter2",
            "http://user:hunter2@",
            "http://a b",
            "http://proxy.example:70000",
        ] {
            let why = ChosenProxy::new(text, "HTTPS_PROXY").err();
            let why = why.unwrap_or_else(|| panic!("{text} was taken"));
            assert!(!why.contains("hunter2"), "{why}");
        }
    }
}
