//! The servers that stand in for the service, or between it and the program, and say what the sandbox
//! never would. Each listens on a port of loopback that the system chose.

pub mod front;
pub mod proxy;
pub mod script;
pub mod tls;
pub mod wire;

/// Where nobody listens: this port needs rights that no test has. One that was free a moment ago may be
/// another test's server by now.
pub const NOBODY: &str = "127.0.0.1:1";
