//! The project itself: its order, its README, its tests, and one build against another.

/// The order of the modules in `lib.rs`, held.
mod architecture;
/// The tests themselves: whoever runs them, they test the same and say what they leave out.
mod harness;
/// What the README claims.
mod readme;
/// The README's chapter on what a push changes, step by step.
mod will_change;
/// The recipes for schedulers.
mod recipes;
/// What releases are made by.
mod packaging;
/// Two builds of the program, side by side over made-up inputs.
mod differential;
