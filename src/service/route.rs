//! The way that requests take: through which proxy, and trusting whom.
//!
//! Both are asked as a client asks, so that what is told is what happens.

use std::env;
use std::path::Path;

use hyper_util::client::proxy::matcher::Matcher;

use super::base_url::BaseUrl;
use super::client::{ClientError, read_certificates};
use super::proxy::ChosenProxy;

/// How requests reach the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ProxyUse {
    /// Plain http to this machine, which never goes through one.
    Never,
    /// None is named.
    Direct,
    /// One is named, and `NO_PROXY` keeps this host away from it.
    Excepted,
    /// Through this one.
    Through {
        /// Scheme, host and port; neither user nor password.
        address: String,
        /// Whether the variable holds a user or a password too.
        has_credentials: bool,
        /// The variable.
        variable: &'static str,
    },
}

/// Certificates that connections are checked by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Roots {
    /// How many the system has; none where it keeps them to itself.
    pub system: Option<usize>,
    /// How many `--ca-cert` adds.
    pub added: usize,
}

impl ProxyUse {
    /// What the environment says for this service, read as a client reads it.
    pub(crate) fn of(base_url: &BaseUrl) -> Result<Self, ClientError> {
        if base_url.is_plain() {
            return Ok(Self::Never);
        }
        let Some(chosen) = ChosenProxy::from_env()? else {
            return Ok(Self::Direct);
        };
        let address = format!("{}://{}", chosen.scheme, chosen.host);
        let without = env::var("NO_PROXY").or_else(|_| env::var("no_proxy"));
        let exceptions = Matcher::builder()
            .all(address.clone())
            .no(without.unwrap_or_default())
            .build();
        let uri = base_url.to_string().parse().ok();
        if uri.is_some_and(|uri| exceptions.intercept(&uri).is_none()) {
            return Ok(Self::Excepted);
        }
        Ok(Self::Through {
            address,
            has_credentials: chosen.has_credentials,
            variable: chosen.variable,
        })
    }
}

impl Roots {
    /// Reads them as a client would.
    pub(crate) fn find(ca_cert: Option<&Path>) -> Result<Self, ClientError> {
        let added = ca_cert.map(read_certificates).transpose()?;
        Ok(Self {
            system: system_roots(),
            added: added.map_or(0, |certificates| certificates.len()),
        })
    }
}

/// Only those that the TLS library can use count.
#[cfg(all(unix, not(target_vendor = "apple"), not(target_os = "android")))]
fn system_roots() -> Option<usize> {
    let mut store = rustls::RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (usable, _) = store.add_parsable_certificates(found.certs);
    Some(usable)
}

#[cfg(not(all(unix, not(target_vendor = "apple"), not(target_os = "android"))))]
fn system_roots() -> Option<usize> {
    None
}
