//! The second pass: proved chunks go to the service.
//!
//! The first chunk goes alone: it proves key, table and body before any other leaves. Then up to
//! `jobs` requests are in flight, begun in the order of the records, and the bodies of the next ones
//! are built meanwhile (`queue`). The first failure that repeating cannot mend stops everything:
//! nothing new starts, what is in flight ends. A replace of several requests stops too when its
//! window cannot be met any more, and the import is looked at while it is open (`watch`).
//!
//! A chunk travels as one part, or as several once the service found it too large (`split`). A part
//! has one body (`build`) and as many attempts as `retry` grants it (`request`).
//!
//! What the result means for the table, and which exit code that is, is left to `outcome`.

mod build;
mod journal;
mod part;
mod pass;
mod queue;
mod rate;
mod reach;
mod request;
mod split;
#[cfg(test)]
mod tests;
mod watch;

pub(crate) use journal::{JournalRest, RunJournal};
pub(crate) use part::{
    Halt, Means, Part, PartResult, PartState, SendInput, SendOptions, SendPlan, Sent, Stop,
};
pub(crate) use pass::send;
