//! The second pass: proved chunks go to the service.
//!
//! The first chunk goes alone: it proves key, table and body before any other leaves. Then up to
//! `jobs` requests are in flight, begun in the order of the records, and the bodies of the next ones
//! are built meanwhile (`ahead`). The first failure that repeating cannot mend stops everything:
//! nothing new starts, what is in flight ends. A replace of several requests stops too when its
//! window cannot be met any more, and the import is looked at while it is open (`watch`).
//!
//! What the result means for the table, and which exit code that is, is left to `outcome`.

mod ahead;
mod build;
mod carry;
mod deliver;
mod diary;
mod halves;
mod pace;
mod prepare;
pub(crate) mod quiet;
#[cfg(test)]
mod tests;
mod under_way;
mod watch;
mod part;
mod pass;

pub(crate) use self::part::{
    Cargo, Delivery, DeliveryState, Halt, Load, Means, Parcel, SendOptions, Sent, Stop,
};
pub(crate) use self::pass::send;
pub(crate) use diary::Diary;
