//! A look at what became of imports, later than the push that brought them, and of the runs from here
//! that hold them.
//!
//! An import knows nothing of what was not sent, so a run from here is judged by its own journal
//! first: one that stopped half way stays at risk whatever its imports say.

mod asked;
mod judge;
mod keep;

pub(crate) use self::asked::Asked;
pub(crate) use self::judge::Judged;
