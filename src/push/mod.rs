//! The push: its plan, sending, following its imports, and what became of it.

pub mod plan;
pub mod guard;
pub mod send;
pub mod follow;
pub mod verdict;
pub mod receipt;
pub mod outcome;
