//! Following imports to their end: accepted is not imported.
//!
//! Every import that is not over is asked for, round after round, with pauses that grow. Passing
//! faults are waited out; the caller's time limit and signals end the waiting, never the imports.
//! Ctrl-C, or a limit that is reached, changes nothing at the service.
//!
//! What the imports mean for the table is left to `verdict`.

mod pause;
mod rejected;
#[cfg(test)]
mod tests;
mod follower;

pub(crate) use self::follower::{
    Ended, FollowEnd, FollowMeans, FollowOptions, Followed, FollowedImport, earliest, follow,
    look_once,
};
pub(crate) use rejected::{Pushed, collect};
