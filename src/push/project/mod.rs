//! The project file: several pushes, and in which order they come.

mod file;
mod options;
mod order;
mod plan;
mod push;
mod schema;

pub(crate) use self::file::Project;
pub(crate) use self::order::ordered;
pub(crate) use self::plan::{Planned, all_of, named};
pub(crate) use self::push::ProjectPush;
pub(crate) use self::schema::schema_text;
