//! What every room may use: the words of the model, places in inputs, text for people, clocks,
//! secrets, events, and the operating system.

pub(crate) mod model;
pub(crate) mod position;
pub(crate) mod display;
pub(crate) mod percent;
pub(crate) mod clock;
pub(crate) mod secret;
pub(crate) mod complaint;
pub(crate) mod event;
pub(crate) mod host;
pub(crate) mod log;
pub(crate) mod exit;
pub(crate) mod small;
pub(crate) mod nearest;
pub(crate) mod rights;
mod key_rights;
pub(crate) mod crash;
pub(crate) mod threads;
pub(crate) mod disk;
pub(crate) mod device;
pub(crate) mod streams;
pub(crate) mod outlet;
pub(crate) mod process;
pub(crate) mod signals;
