//! How many bad records may be left out.

use std::fmt;

use crate::base::percent;

/// A number of records, or a share of those read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MaxErrors {
    /// So many records.
    Count(u64),
    /// So many millionths of the records read.
    Share(u64),
}

impl MaxErrors {
    /// Whether so many bad records of so many may be left out.
    pub(crate) fn allows(self, bad: u64, read: u64) -> bool {
        match self {
            Self::Count(most) => bad <= most,
            Self::Share(millionths) => {
                u128::from(bad) * 1_000_000 <= u128::from(read) * u128::from(millionths)
            }
        }
    }
}

impl fmt::Display for MaxErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(most) => write!(f, "{most}"),
            Self::Share(millionths) => f.write_str(&percent::text(*millionths)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_shares() {
        let most = MaxErrors::Count(10);
        assert!(most.allows(10, 10) && !most.allows(11, 1_000_000));
        let most = MaxErrors::Share(5_000);
        assert!(most.allows(5, 1_000) && !most.allows(6, 1_000) && most.allows(0, 0));
        assert_eq!(most.to_string(), "0.5%");
    }
}
