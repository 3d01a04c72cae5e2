//! Runs the real program.

/// The sandbox over HTTP: what it promises to those who rehearse and to the other tests.
mod sandbox_api;
