//! The planned faults, and which of them a request is drawn.

use super::fault::SandboxFault;

/// The planned faults, and how far the requests have come.
#[derive(Debug)]
pub(super) struct FaultPlan {
    /// Each with whether a request met it.
    planned: Vec<(SandboxFault, bool)>,
    requests: u64,
}

impl FaultPlan {
    pub(super) fn new(faults: Vec<SandboxFault>) -> Self {
        Self {
            planned: faults.into_iter().map(|fault| (fault, false)).collect(),
            requests: 0,
        }
    }

    /// Counts one more request and says what goes wrong with it.
    pub(super) fn draw(&mut self) -> Option<SandboxFault> {
        self.requests += 1;
        let request = self.requests;
        let (fault, used) = self
            .planned
            .iter_mut()
            .filter(|(fault, _)| fault.when.hits(request))
            .min_by_key(|(fault, _)| fault.when.rank())?;
        *used = true;
        Some(fault.clone())
    }

    /// All of them, each with whether a request met it.
    pub(super) fn all(&self) -> &[(SandboxFault, bool)] {
        &self.planned
    }

    /// The place of the next request.
    pub(super) fn next(&self) -> u64 {
        self.requests + 1
    }

    /// The faults that no request has met.
    pub(super) fn unused(&self) -> Vec<SandboxFault> {
        let unused = self.planned.iter().filter(|(_, used)| !used);
        unused.map(|(fault, _)| fault.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fault::{FaultKind, parse_faults};
    use super::*;

    #[test]
    fn a_rate_is_about_its_share_and_gives_way() {
        let mut plan = FaultPlan::new(parse_faults("rate:20:503:7,reset@10x5").unwrap());
        let drawn: Vec<_> = (0..10_000).map(|_| plan.draw()).collect();
        let hits = drawn
            .iter()
            .flatten()
            .filter(|f| f.kind != FaultKind::Reset)
            .count();
        assert!((1_800..2_200).contains(&hits), "{hits}");
        assert!(
            drawn[9..14]
                .iter()
                .flatten()
                .all(|f| f.kind == FaultKind::Reset)
        );
        assert_eq!(plan.unused(), []);
    }

    #[test]
    fn what_hits_everything_gives_way_to_the_rest() {
        let mut plan = FaultPlan::new(parse_faults("slow:1@*,rate:50:429:7,503@2-3").unwrap());
        let drawn: Vec<_> = (0..100).map(|_| plan.draw().unwrap().to_string()).collect();
        assert_eq!(drawn[1..3], ["503@2-3", "503@2-3"]);
        let slow = drawn.iter().filter(|fault| *fault == "slow:1@*").count();
        assert!((30..70).contains(&slow), "{slow}");
        assert_eq!(plan.unused(), []);
    }
}
