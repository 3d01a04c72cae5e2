use std::time::Duration;

use fastrand::Rng;

use super::machine::{Machine, Pushed, URL};
use crate::push::changed::ChangedOptions;
use crate::push::comparing::Compared;
use crate::push::delivery;
use crate::runs::base::{self, Comparison, Differing};
use crate::runs::state::RunId;

impl Machine {
    /// Looks at the imports of the base's runs whose end nobody saw. Why the base is nothing to rely on, if
    /// it is not.
    pub(super) fn trust(&mut self, random: &mut Rng) -> Option<String> {
        for id in self.unfollowed() {
            if !self.unfollowed().contains(&id) {
                continue;
            }
            let is_it = |push: &Pushed| push.run.id() == &id && push.is_accepted;
            let Some(at) = self.pushed.iter().position(is_it) else {
                return Some(format!("{id} is not there"));
            };
            if random.u8(0..8) == 0 || self.history().run(&id).is_none() {
                return Some(format!("{id} cannot be seen"));
            }
            self.look_at(at, true, u32::MAX);
        }
        let left = self.unfollowed();
        left.first().map(|id| format!("{id} was not kept"))
    }

    fn unfollowed(&self) -> Vec<RunId> {
        let (history, key) = (self.history(), self.key());
        let base = base::current(&history, Some(URL), key.as_ref());
        base.map_or_else(
            |_| Vec::new(),
            |base| base::unfollowed(&base, &history).cloned().collect(),
        )
    }

    /// Why everything goes, by the push's own decision.
    pub(super) fn why_all(
        &self,
        is_replace: bool,
        (claim, differing): (&Comparison, &Differing),
        distrust: Option<String>,
        random: &mut Rng,
    ) -> Option<String> {
        let compared = Compared {
            is_lost: false,
            comparison: Ok(claim.clone()),
            base: None,
            differing: differing.clone(),
            distrust,
            whole_at: Some(jiff::Timestamp::UNIX_EPOCH),
            frozen: None,
        };
        let is_due = random.u8(0..8) == 0;
        let options = ChangedOptions {
            keep_vanished: true,
            full_every: is_due.then_some(Duration::from_secs(1)),
            wait_timeout: None,
        };
        let now = self.clock.now().wall;
        delivery::why_all(is_replace, options, &compared, now)
    }
}
