//! What every room may use: the words of the model, places in inputs, text for people, clocks,
//! secrets, events, and the operating system.

pub mod model;
pub mod position;
pub mod display;
pub mod clock;
pub mod secret;
pub mod event;
pub mod small;
pub mod crash;
pub mod process;
pub mod signals;
