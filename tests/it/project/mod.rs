//! The project itself: its order, its README, its tests, and one build against another.

/// The order of the modules in `lib.rs`, held.
mod architecture;
/// The tests themselves: whoever runs them, they test the same and say what they leave out.
mod harness;
/// The README's four commands over a newcomer's own exports, typed into a shell.
#[cfg(unix)]
mod newcomer;
/// The README and the pages below `docs`: links, lines, options.
mod pages;
/// What the README claims of itself.
mod readme;
/// The mapping's reference.
mod reference;
/// The pages' steps, taken in their order, by a shell.
#[cfg(unix)]
mod stories;
/// The recipes for schedulers, which are scripts for a shell.
#[cfg(unix)]
mod recipes;
/// The oldest Rust that builds it.
mod oldest;
/// What releases are made by.
mod packaging;
/// Two builds of the program, side by side over made-up inputs.
mod differential;
