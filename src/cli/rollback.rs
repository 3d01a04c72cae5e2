//! The arguments of `rollback`.

use std::num::NonZeroU32;
use std::time::Duration;

use clap::Args;

use super::shared::{
    ConnectionArgs, FactsArgs, GUARDS, LOOK, LockArgs, ReachArgs, SENDING, TABLE, WaitArgs,
};
use super::values;
use super::words::FrozenArg;

/// A table that goes back to an earlier content.
#[derive(Clone, Debug, Args)]
pub(crate) struct RollbackArgs {
    /// The run whose records are sent again, as `qobra-push runs` names it; else the last kept one before what
    /// the table holds now
    #[arg(value_name = "RUN")]
    pub run: Option<String>,

    /// The table's key
    #[arg(short, long, value_name = "KEY", help_heading = TABLE)]
    pub table: String,

    /// How long the service waits for all requests
    ///
    /// Seconds (900), or 15m, 1h30m; at most 7 days. Else as long as it did when the records were sent first.
    #[arg(long, value_name = "TIME", value_parser = values::patience, help_heading = TABLE)]
    pub debounce: Option<Duration>,

    /// Records in a request; else as many as when they were sent first
    #[arg(long, value_name = "N", value_parser = values::chunk_size(), help_heading = SENDING)]
    pub chunk_size: Option<NonZeroU32>,

    /// Requests in flight once the first was accepted, 1 to 64
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64), help_heading = SENDING)]
    pub jobs: u8,

    /// How long to keep trying one request
    ///
    /// Seconds (300), or 5m; 0 tries once. It is never tried past the debounce.
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = values::patience, help_heading = SENDING)]
    pub retry_for: Duration,

    /// Whether another push to the table is waited for.
    #[command(flatten)]
    pub lock: LockArgs,
    /// How long nobody is waited for.
    #[command(flatten)]
    pub reach: ReachArgs,

    /// Whether what is known of the service is relied on.
    #[command(flatten)]
    pub facts: FactsArgs,

    /// Show what would change, send nothing
    ///
    /// Needs no key and no network.
    #[arg(short = 'n', long, help_heading = LOOK)]
    pub dry_run: bool,

    /// Leave the values of records out of what a dry run shows
    #[arg(long, requires = "dry_run", help_heading = LOOK)]
    pub no_samples: bool,

    /// Let go what upserts have brought since
    ///
    /// Without it, a rollback that takes records of later upserts away is refused, and names them.
    #[arg(long, help_heading = GUARDS)]
    pub drop_later: bool,

    /// How many records of a frozen period may differ, or all [default: 0]
    ///
    /// What is frozen stands in the mapping of the table's last push, as it reads now, and was kept with the
    /// records; the later day holds.
    #[arg(long, value_name = "N|all", value_parser = values::frozen, help_heading = GUARDS)]
    pub allow_frozen: Option<FrozenArg>,

    /// Let a content without records empty the table
    #[arg(long, help_heading = GUARDS)]
    pub allow_empty: bool,

    /// What one request is expected to take, to plan the window
    ///
    /// Seconds, or a time such as 500ms. Else what earlier pushes to this table took, else 5 seconds.
    #[arg(long, value_name = "TIME", value_parser = values::moment, help_heading = GUARDS)]
    pub chunk_seconds: Option<Duration>,

    /// Whether imports are followed.
    #[command(flatten)]
    pub wait: WaitArgs,

    /// Where the service is.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}
