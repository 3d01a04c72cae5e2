//! One run: a new one or one that is taken up again, from its lock to its receipt.

pub(crate) mod choice;
mod deliver;
mod moved;
pub(crate) mod fresh;
pub(crate) mod reopen;
pub(crate) mod resumed;
pub(crate) mod session;
pub(crate) mod signals;
mod table_base;
mod trust;
mod turn;
mod wait;

pub(crate) use self::deliver::Dispatched;
pub(crate) use self::session::Session;
pub(crate) use self::signals::Signals;
