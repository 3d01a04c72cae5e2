//! Names of hosts where there is no thread to ask for them on: the HTTP library's own way would break down.

use std::net::ToSocketAddrs as _;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Asks the system on the caller's thread, which waits.
#[derive(Debug)]
pub(super) struct OnThisThread;

impl Resolve for OnThisThread {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<_> = (name.as_str(), 0).to_socket_addrs()?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
