//! The receipt: all numbers and times of a run, for programs and auditors.

mod document;
mod filled;
mod imports;
mod past;

pub(crate) use self::document::{
    ColumnReceipt, DryRunReceipt, ImportReceipt, Receipt, WindowPlanReceipt,
};
pub(crate) use self::filled::of_plan;
pub(crate) use self::imports::imports;
pub(crate) use self::past::of_journal;
