//! The certificates that connections are checked by.

use std::path::Path;

use reqwest::Certificate;

use super::client_error::cause;
use crate::base::complaint::Complaint;
use crate::base::{display, small};

/// The most bytes of a file of certificates; all that the web trusts have a quarter of a MiB.
const MAX_CERTIFICATES: u64 = 16 << 20;

/// Certificates that connections are checked by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Roots {
    /// How many certificates the system has; none where it keeps them to itself.
    pub system: Option<usize>,
    /// How many certificates `--ca-cert` adds.
    pub added: usize,
}

impl Roots {
    /// Reads them as a client would.
    pub(crate) fn find(ca_cert: Option<&Path>) -> Result<Self, Complaint> {
        let added = ca_cert.map(read_certificates).transpose()?;
        Ok(Self {
            system: system_roots(),
            added: added.map_or(0, |certificates| certificates.len()),
        })
    }
}

pub(super) fn read_certificates(path: &Path) -> Result<Vec<Certificate>, Complaint> {
    let pem =
        small::read(path, MAX_CERTIFICATES).map_err(|error| unusable(path, &error.to_string()))?;
    let certificates =
        Certificate::from_pem_bundle(&pem).map_err(|error| unusable(path, &cause(error)))?;
    if certificates.is_empty() {
        return Err(unusable(path, "it holds none"));
    }
    Ok(certificates)
}

pub(super) fn unusable(path: &Path, why: &str) -> Complaint {
    let name = display::quoted(&path.to_string_lossy());
    let message = format!("cannot use the certificates in {name}: {why}");
    Complaint::new(message, "--ca-cert takes a file in PEM form".to_owned())
}

/// What to try where the system has none.
pub(crate) fn where_none() -> String {
    let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"]
        .into_iter()
        .find_map(|name| {
            let path = std::env::var_os(name).filter(|path| !path.is_empty())?;
            Some(format!(
                "{name} says that they are in {}, which has none that can be used",
                display::typed_path(Path::new(&path))
            ))
        });
    let say = "name a file of them with --ca-cert or SSL_CERT_FILE";
    match named {
        Some(named) => format!("{named}: correct it, or {say}"),
        None => format!("install the package ca-certificates, or {say}"),
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
