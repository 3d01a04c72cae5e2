//! The planned faults, and which of them a request is drawn.

use super::fault::{SandboxFault, When, bad_fault, parse_faults};

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

    /// Adds faults while requests come: none of them may be for a request that has come already, or for one that
    /// another fault is for.
    pub(super) fn arm(&mut self, list: &str) -> Result<(), String> {
        let faults = parse_faults(list)?;
        if faults.is_empty() {
            return Err("say which fault, as in `503@2`".to_owned());
        }
        let next = self.next();
        for fault in &faults {
            if let When::At { first, .. } = fault.when
                && first < next
            {
                let why = format!("request {first} has come already, the next one is {next}");
                return Err(bad_fault(&fault.to_string(), &why));
            }
            let mut armed = self.planned.iter().map(|(armed, _)| armed);
            if let Some(other) = armed.find(|armed| armed.when.overlaps(fault.when)) {
                let why = format!("`{other}` hits the same request already");
                return Err(bad_fault(&fault.to_string(), &why));
            }
        }
        self.planned
            .extend(faults.into_iter().map(|fault| (fault, false)));
        Ok(())
    }

    /// Takes a fault away, by its words; says whether it was there.
    pub(super) fn disarm(&mut self, fault: &str) -> bool {
        let before = self.planned.len();
        self.planned.retain(|(armed, _)| armed.to_string() != fault);
        self.planned.len() < before
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
    fn faults_are_armed_for_requests_to_come() {
        let mut plan = FaultPlan::new(parse_faults("503@1-2,reset@9").unwrap());
        assert!(plan.draw().is_some());
        for (list, why) in [
            ("", "say which fault"),
            ("bang@2", "known kinds"),
            (
                "cut@1",
                "fault `cut@1`: request 1 has come already, the next one is 2",
            ),
            ("cut@3,hang@1", "fault `hang@1`: request 1 has come already"),
            (
                "cut@2",
                "fault `cut@2`: `503@1-2` hits the same request already",
            ),
            (
                "cut@3-9",
                "fault `cut@3-9`: `reset@9` hits the same request already",
            ),
        ] {
            let error = plan.arm(list).unwrap_err();
            assert!(error.contains(why), "{list}: {error}");
        }
        plan.arm("cut@3,slow:1@*").unwrap();
        assert!(plan.disarm("503@1-2") && !plan.disarm("503@1-2"));
        plan.arm("hang@2").unwrap();
        let drawn: Vec<_> = (2..5).map(|_| plan.draw().unwrap().to_string()).collect();
        assert_eq!(drawn, ["hang@2", "cut@3", "slow:1@*"]);
        assert_eq!(plan.unused(), parse_faults("reset@9").unwrap());
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
