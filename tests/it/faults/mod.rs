//! What goes wrong on the way: the service, the network, TLS, proxies.

/// What each of them must come to.
mod expected;
/// Each fault at the first, a middle and the last chunk: the exit code, and what the table holds.
mod sandbox;
/// The same faults and more as bytes on a raw socket, once and for good.
mod fault_table;
/// An address where nobody answers.
mod unreachable;
/// TLS with certificates good and bad.
mod tls;
/// Proxies: the way through them, and their ways to fail.
mod proxies;
