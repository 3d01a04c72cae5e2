//! The arguments of the guards: what refuses a push although all of its records are good.

use clap::Args;

use super::shared::GUARDS;
use super::values;
use super::words::FrozenArg;

/// How much a push may change. What is not typed stands in the mapping, or has its default.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct GuardArgs {
    /// Refuse fewer records than this
    ///
    /// The one guard that needs nothing to compare with: a first push has no other against an export
    /// that was cut short. May stand in the mapping instead; else any number will do.
    #[arg(long, value_name = "N", value_parser = values::records, help_heading = GUARDS)]
    pub min_records: Option<u64>,

    /// Refuse so many fewer records [default: 50%]
    ///
    /// Of a replace, compared with what pushes from here left in this table, else with the last replace
    /// of it from here that went well. May stand in the mapping instead.
    #[arg(long, value_name = "P%", value_parser = values::share, hide_short_help = true, help_heading = GUARDS)]
    pub max_shrink: Option<u64>,

    /// Refuse a field so much emptier [default: 30%]
    ///
    /// Filled in so many fewer records than before, in percentage points, of fields that half of the
    /// records had a value of: 95% and then 64% is too hollow. So is a field that is gone; 100% allows
    /// both. Of an upsert the whole table counts, as it would be afterwards. May stand in the mapping
    /// instead.
    #[arg(long, value_name = "P%", value_parser = values::share, hide_short_help = true, help_heading = GUARDS)]
    pub max_hollow: Option<u64>,

    /// Refuse fewer ids in common [default: 20%]
    ///
    /// Of a replace, with the ids that pushes from here left in the table; the share is of the smaller
    /// number, so that a table may shrink or grow. May stand in the mapping instead.
    #[arg(long, value_name = "P%", value_parser = values::share, hide_short_help = true, help_heading = GUARDS)]
    pub min_overlap: Option<u64>,

    /// Refuse to change more of the records than this
    ///
    /// Of those that are in the table and in the input. May stand in the mapping instead; else all of
    /// them may change.
    #[arg(long, value_name = "P%", value_parser = values::share, hide_short_help = true, help_heading = GUARDS)]
    pub max_changed: Option<u64>,

    /// Frozen records that may differ [default: 0]
    ///
    /// A number, or all. The mapping says what is frozen, with `field` and `before` below [freeze]. A
    /// record is frozen by the day that it has or had. Where there is nothing to compare with, only `all`
    /// lets the push through.
    #[arg(long, value_name = "N|all", value_parser = values::frozen, hide_short_help = true, help_heading = GUARDS)]
    pub allow_frozen: Option<FrozenArg>,

    /// Let a replace without records empty the table
    #[arg(long, hide_short_help = true, help_heading = GUARDS)]
    pub allow_empty: bool,
}
