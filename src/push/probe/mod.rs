//! First contact: experiments on a scratch table that settle what Qobra does not document.
//!
//! Each experiment looks at what happens and says what it settles, or why nothing: no answer is ever
//! concluded from one that is missing, late or not of the documented form.

mod bad_row;
mod counting;
mod document;
mod errors;
mod eyes;
mod finding;
mod lab;
mod limits;
mod loaded;
mod look;
mod pace;
mod run;
mod shape;
mod sheet;
mod together;
mod watch;
mod window;

pub(crate) use self::document::{Report, lines};
pub(crate) use self::lab::{Lab, Largest, Replaces};
pub(crate) use self::look::Look;
pub(crate) use self::pace::Pace;
pub(crate) use self::run::run;
pub(crate) use self::sheet::{FieldKind, PREFIX, ProbedField, Sheet};
