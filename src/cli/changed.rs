//! The arguments of a push that sends only what changed.

use std::time::Duration;

use clap::Args;

use super::shared::TABLE;
use super::values;

/// What of the input goes.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ChangedArgs {
    /// Send only what differs from what earlier pushes left
    ///
    /// Those from here. The new and the changed records go as a whole, as an upsert. With --all the table
    /// is to hold the input and nothing else afterwards: where records vanished, where fields are gone, or
    /// where it is not known what is there, the whole table is replaced, and one line says why. Imports of
    /// earlier pushes that nobody followed to their end are asked for first, and waited for
    /// (--wait-timeout). What others sent to the table is not seen.
    #[arg(long, help_heading = TABLE)]
    pub changed: bool,

    /// Let records stay that the input does not have
    ///
    /// Without it, --changed refuses an input that lacks records which pushes from here left in the table.
    #[arg(long, requires = "changed", hide_short_help = true, help_heading = TABLE)]
    pub keep_vanished: bool,

    /// Send everything again when it went so long ago
    ///
    /// Such as 7d or 12h, up to 366 days: counted from the last push that sent all that the table has. It
    /// brings right what others have changed there.
    #[arg(long, value_name = "TIME", requires = "changed", value_parser = values::period, hide_short_help = true, help_heading = TABLE)]
    pub full_every: Option<Duration>,
}
