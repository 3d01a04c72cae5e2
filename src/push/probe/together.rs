//! Requests close together: whether they share an import, and how many are taken at once.

use std::time::Duration;

use super::finding::Finding;
use super::lab::{Lab, REST, told};
use super::{shape, sheet};
use crate::base::model::{ImportId, Mode};
use crate::service::sandbox::ImportIds;
use crate::service::{CallError, Reply};

/// How many requests are under way at once in a push, if nothing else is said.
const AT_ONCE: usize = 4;

/// How often two requests are sent one right behind the other.
const PAIRS: usize = 3;

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

    /// Whether as many requests as a push sends at once are taken. Where they are not, no number is settled.
    pub(super) async fn at_once(&mut self) {
        self.tell("pushing four requests at once");
        let mut imports = Vec::new();
        let finding = self.try_at_once(&mut imports).await;
        self.find(finding);
        // What comes next must not meet them.
        self.watch(&imports, Duration::ZERO).await;
    }

    async fn try_at_once(&mut self, imports: &mut Vec<ImportId>) -> Finding {
        let name = "at_once";
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
                return Finding::open(name, why).seen(seen);
            }
            let (taken, others): (Vec<_>, Vec<_>) =
                (replies.iter()).partition(|reply| import_of(reply).is_some());
            imports.extend(taken.iter().copied().filter_map(import_of));
            let taken = taken.len();
            seen.push(format!("{taken} of {count} at once were taken"));
            if taken == AT_ONCE {
                self.facts.at_once = Some(AT_ONCE as u64);
                return Finding::settled(name, AT_ONCE, "yes").seen(seen);
            }
            if taken == count {
                break;
            }
            seen.extend(others.iter().copied().map(told).take(1));
            if !others.into_iter().all(is_too_many) {
                let why = "some were not taken, and not because they were too many";
                return Finding::open(name, why).seen(seen);
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
                let Some(taken) = alone.taken() else {
                    let why = "so many are refused one behind the other, too";
                    seen.push(alone.told());
                    return Finding::open(name, why).seen(seen);
                };
                imports.push(taken.import);
            }
            self.pace.sleep(REST).await;
        }
        // One behind the other they take longer: so many in a second may be too many just as well.
        let why = "four were not taken: too many at once, or in a time";
        Finding::open(name, why).seen(seen)
    }
}

/// The import of a request that was taken.
fn import_of(reply: &Result<Reply, CallError>) -> Option<ImportId> {
    let reply = reply.as_ref().ok().filter(|reply| reply.is_success())?;
    Some(shape::taken(reply.json.as_ref())?.import)
}

fn is_too_many(reply: &Result<Reply, CallError>) -> bool {
    matches!(reply, Ok(reply) if matches!(reply.status, 429 | 503))
}
