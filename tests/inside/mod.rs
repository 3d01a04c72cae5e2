//! Tests of several rooms together, by what the library does not show to others: compiled into it for
//! its own tests (`src/lib.rs`).

mod bases;
mod chunks;
mod pages;
mod probing;
mod repack;
mod simulation;
