//! The servers that stand in for the service, or between it and the program, and say what the sandbox
//! never would. Each listens on a port of loopback that the system chose.

pub mod front;
pub mod proxy;
pub mod script;
pub mod tls;
pub mod wire;
