//! One value: from a cell or a JSON token to the JSON of its field's type.
//!
//! Each type has one file. In it stands first the fast check, which nearly all cells pass, then the way
//! that takes whatever else is right, and last what is said of a cell that is wrong.

pub(crate) mod boolean;
pub(crate) mod date;
pub(crate) mod json;
pub(crate) mod kind;
mod layout;
pub(crate) mod marks;
mod misread;
pub(crate) mod number;
mod plain_date;
pub(crate) mod style;
pub(crate) mod swar;
pub(crate) mod text;
mod zone;

pub(crate) use kind::FieldType;
pub(crate) use plain_date::day_of;
