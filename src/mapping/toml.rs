//! What reads TOML with all its mistakes told at once, for the project file too.

pub(crate) use super::file::reader::{Item, Reader};
pub(crate) use super::mistakes::{did_you_mean, settle};
pub(crate) use super::spec::Scalar;
