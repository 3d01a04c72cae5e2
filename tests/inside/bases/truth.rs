use std::collections::BTreeSet;

use fastrand::Rng;

use super::machine::{Machine, Pushed};
use super::table::{Content, merged};
use crate::base::model::RecordRange;

/// What the table holds, whoever knows of it.
#[derive(Default)]
pub(super) struct Truth {
    pub(super) held: Content,
    /// Whether somebody else wrote since it was emptied last, whom no machine sees.
    is_foreign: bool,
}

/// What a push promises of the table, once all of it was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// It holds the input and nothing else.
    Equal,
    /// It holds the input, and nothing else where `alone`.
    Holds { alone: bool },
}

impl Truth {
    /// Loads a request's records.
    pub(super) fn load(&mut self, push: &Pushed, range: RecordRange, is_first: bool) {
        if push.mode.is_replace() && is_first {
            self.held.clear();
            self.is_foreign = false;
        }
        for (number, id, values) in &push.input.records {
            let is_in = (range.first..=range.last).contains(number);
            let is_sent = push.sent.get(id) == Some(values) && !push.input.dropped.contains(number);
            if is_in && is_sent && !push.rejected.contains(id) {
                let had = self.held.get(id).copied();
                self.held
                    .insert(id.clone(), merged(had.unwrap_or_default(), *values));
            }
        }
    }

    /// All of a push was accepted: what it promised is so, but for what it is told of as rejected.
    pub(super) fn check(&self, push: &Pushed) {
        if self.is_foreign {
            return;
        }
        let input = push.input.content();
        let good = |id: &&String| !push.rejected.contains(*id);
        for id in input.keys().filter(good) {
            let (has, wants) = (self.held.get(id).copied(), input[id]);
            let had = has.unwrap_or_default();
            let wanted = match push.goal {
                Goal::Equal => wants,
                // Whether a field that is left out is emptied nobody knows.
                Goal::Holds { .. } => merged(had, wants),
            };
            assert_eq!(has, Some(wanted), "{id} after {:?}", push.run.id());
        }
        if push.goal != (Goal::Holds { alone: false }) {
            let others: BTreeSet<_> = self
                .held
                .keys()
                .filter(|id| !input.contains_key(*id))
                .collect();
            assert!(others.is_empty(), "{others:?} after {:?}", push.run.id());
        }
    }
}

impl Machine {
    /// Somebody else writes to the table.
    pub(super) fn intrude(&mut self, random: &mut Rng) -> String {
        let truth = &mut self.truth;
        let id = format!("D-{}", random.u8(0..40));
        truth.is_foreign = true;
        match random.bool() {
            true => truth.held.remove(&id),
            false => truth
                .held
                .insert(id.clone(), std::array::from_fn(|_| random.u8(1..5))),
        };
        format!("somebody else writes {id}")
    }
}
