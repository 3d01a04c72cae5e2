//! Requests close together: whether they share an import, and how many are taken at once.

use std::time::Duration;

use super::finding::Finding;
use super::lab::{Lab, told};
use super::{shape, sheet};
use crate::base::model::Mode;
use crate::service::sandbox::ImportIds;

/// How many requests are under way at once in a push, if nothing else is said.
const AT_ONCE: usize = 4;

/// How often two requests are sent one right behind the other.
const PAIRS: usize = 3;

/// What a service that counts requests in a time is given to forget the last ones.
const REST: Duration = Duration::from_secs(5);

impl Lab {
    /// Whether requests without a debounce share an import.
    pub(super) async fn pairs(&mut self) {
        let name = "import_ids_without_debounce";
        self.tell("pushing pairs of requests without a debounce");
        let (mut shared, mut pushed) = (0, Vec::new());
        for pair in 1..=PAIRS {
            let one = self
                .push(Mode::Upsert, &self.sheet.some(&format!("pair-{pair}-a"), 2))
                .await;
            let two = self
                .push(Mode::Upsert, &self.sheet.some(&format!("pair-{pair}-b"), 2))
                .await;
            let (Some(first), Some(second)) = (one.taken(), two.taken()) else {
                let told = [one.told(), two.told()];
                self.find(Finding::open(name, "not all requests were taken").seen(told));
                return;
            };
            shared += usize::from(first.import == second.import);
            pushed.extend([one, two]);
        }
        // What comes next must not meet them.
        let pushed: Vec<_> = pushed.iter().collect();
        self.watch_pushed(&pushed, Duration::ZERO).await;
        let seen = format!("{shared} of {PAIRS} pairs had one import");
        let ids = match shared {
            0 => ImportIds::Separate,
            PAIRS => ImportIds::Stacked,
            _ => return self.find(Finding::open(name, seen)),
        };
        let words = match ids {
            ImportIds::Separate => "no: each request has an import of its own",
            ImportIds::Stacked => "yes: requests one right behind the other have one import",
        };
        self.facts.import_ids_without_debounce = Some(ids);
        self.find(Finding::settled(name, ids, words).seen([seen]));
    }

    /// Whether as many requests as a push sends at once are taken; else how many are.
    pub(super) async fn at_once(&mut self) {
        let name = "at_once";
        self.tell("pushing four requests at once");
        let mut seen = Vec::new();
        // Each twice: what came before may have used up what is taken in a time.
        for count in (2..=AT_ONCE).rev().flat_map(|count| [count, count]) {
            let bodies = (1..=count)
                .map(|number| sheet::body(&self.sheet.some(&format!("together-{number}"), 2)));
            let (have_met, replies) = (self.exchange)
                .push_together(&self.table, Mode::Upsert, bodies.collect())
                .await;
            if !have_met {
                let why =
                    "the requests could not be under way at one time: something lets fewer through";
                return self.find(Finding::open(name, why).seen(seen));
            }
            let is_taken = |reply: &&Result<crate::service::Reply, _>| {
                let reply = reply.as_ref().ok().filter(|reply| reply.is_success());
                reply.is_some_and(|reply| shape::taken(reply.json.as_ref()).is_some())
            };
            let taken = replies.iter().filter(is_taken).count();
            seen.push(format!("{taken} of {count} at once were taken"));
            if taken == count {
                self.facts.at_once = Some(count as u64);
                let words = match count {
                    AT_ONCE => "yes".to_owned(),
                    _ => format!("no, but {count} are"),
                };
                return self.find(Finding::settled(name, count, words).seen(seen));
            }
            let others = replies.iter().filter(|reply| !is_taken(reply));
            let is_too_many = |reply: &Result<crate::service::Reply, _>| matches!(reply, Ok(reply) if matches!(reply.status, 429 | 503));
            seen.extend(others.clone().map(told).take(1));
            if !others.clone().all(is_too_many) {
                let why = "some were not taken, and not because they were too many";
                return self.find(Finding::open(name, why).seen(seen));
            }
            // A service that counts requests in a time refuses them one behind the other, too.
            self.pace.sleep(REST).await;
            for number in 1..=count {
                let alone = self
                    .push(
                        Mode::Upsert,
                        &self.sheet.some(&format!("together-{number}"), 2),
                    )
                    .await;
                if alone.taken().is_none() {
                    let why = "so many are refused one behind the other, too";
                    return self.find(
                        Finding::open(name, why).seen(seen.into_iter().chain([alone.told()])),
                    );
                }
            }
            self.pace.sleep(REST).await;
        }
        self.facts.at_once = Some(1);
        self.find(Finding::settled(name, 1, "no: one at a time").seen(seen));
    }
}
