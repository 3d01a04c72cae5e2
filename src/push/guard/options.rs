//! What the guards were told.

use std::fmt;
use std::time::Duration;

use crate::cli::{self, FrozenArg, GuardArgs};
use crate::mapping::GuardSettings;

/// What the user said about the guards, shares in millionths.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GuardOptions {
    /// Whether a replace may leave the table empty.
    pub allow_empty: bool,
    /// How many records there must be.
    pub min_records: Option<u64>,
    /// How many fewer records than before a replace may have.
    pub max_shrink: u64,
    /// By how much the share of records that fill a field may fall.
    pub max_hollow: u64,
    /// How many of the base's ids a replace must have.
    pub min_overlap: u64,
    /// How many of the records that the base has may be changed.
    pub max_changed: Option<u64>,
    /// How many records of a frozen period may differ.
    pub allow_frozen: AllowFrozen,
    /// Whether a difference from what the table holds is only told: it is what was asked for.
    pub goes_back: bool,
    /// What one request is expected to take; none where the user did not say.
    pub chunk_time: Option<Duration>,
    /// The longest debounce that can be asked for.
    pub max_debounce: Duration,
}

impl GuardOptions {
    /// The defaults of what may be typed or stand in the mapping.
    pub(crate) const MAX_SHRINK: u64 = 500_000;
    pub(crate) const MAX_HOLLOW: u64 = 300_000;
    pub(crate) const MIN_OVERLAP: u64 = 200_000;

    /// What was typed, else what the mapping says, else the default.
    pub(crate) fn of(
        args: &GuardArgs,
        mapping: GuardSettings,
        chunk_time: Option<Duration>,
    ) -> Self {
        let share = |typed: Option<u64>, mapped, usual| typed.or(mapped).unwrap_or(usual);
        Self {
            allow_empty: args.allow_empty,
            min_records: args.min_records.or(mapping.min_records),
            max_shrink: share(args.max_shrink, mapping.max_shrink, Self::MAX_SHRINK),
            max_hollow: share(args.max_hollow, mapping.max_hollow, Self::MAX_HOLLOW),
            min_overlap: share(args.min_overlap, mapping.min_overlap, Self::MIN_OVERLAP),
            max_changed: args.max_changed.or(mapping.max_changed),
            allow_frozen: match args.allow_frozen {
                None => AllowFrozen::Count(0),
                Some(FrozenArg::Count(most)) => AllowFrozen::Count(most),
                Some(FrozenArg::All) => AllowFrozen::All,
            },
            goes_back: false,
            chunk_time,
            max_debounce: cli::MAX_TIME,
        }
    }
}

/// How many records of a frozen period may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AllowFrozen {
    Count(u64),
    /// All, even where there is nothing to compare with.
    All,
}

impl fmt::Display for AllowFrozen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(most) => write!(f, "{most}"),
            Self::All => f.write_str("all"),
        }
    }
}
