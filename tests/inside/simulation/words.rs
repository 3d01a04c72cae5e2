//! What a run's journal says of the table after each process, held against what the service took.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::base::model::{Mode, TableState};
use crate::runs::history::History;
use crate::runs::journal::{Fate, Journal};
use crate::runs::state::RunId;
use crate::service::sandbox::SandboxOptions;
use tokio::time::sleep;

use super::habits::{Habits, Reply, status};
use super::input::CHUNK;
use super::machine::simulate;
use super::stage::{Death, Ended, Job, Stage};

impl Stage {
    /// Holds the run's journal to what arrived of the replace that it tells of: everything that it
    /// calls accepted, and nothing that it calls refused or not sent.
    pub(crate) fn check_journal(&self, run: &RunId) -> Journal {
        let history = History::read(&self.table).unwrap();
        let journal = history.run(run).unwrap().journal.clone();
        let (job, sender) = (self.job(run), self.sender(run));
        let arrivals = self.service.arrivals.borrow();
        let arrived = arrivals.iter().filter(|arrival| arrival.sender == sender);
        let first = u64::from(job.version);
        let arrived = arrived.flat_map(|arrival| arrival.ids.iter().map(|id| id - first + 1));
        let arrived: BTreeSet<u64> = arrived.collect();
        for part in journal.parts() {
            let mut records = part.range.first..=part.range.last.min(job.records);
            let is_right = match part.fate {
                Fate::Accepted(_) => records.all(|record| arrived.contains(&record)),
                Fate::Unknown => true,
                Fate::Refused | Fate::NotSent => !records.any(|record| arrived.contains(&record)),
            };
            assert!(is_right, "{part:?} {arrived:?}");
        }
        let sums = journal.sums();
        let counted = sums.accepted + sums.unknown + sums.not_sent();
        assert_eq!(
            (sums.to_send, counted),
            (job.records, job.records),
            "{sums:?}"
        );
        let is_untouched = journal.table_state() == TableState::Untouched;
        assert!(!is_untouched || !self.has_touched(run), "it was touched");
        journal
    }
}

/// What a process said at its end is what its journal says from then on.
pub(crate) fn agree(ended: &Ended, journal: &Journal) {
    if let Ended::Exit(outcome) = ended {
        assert_eq!(outcome.table_state, journal.table_state(), "{outcome:?}");
        let sums = journal.sums();
        let told = (
            outcome.records,
            outcome.accepted_records,
            outcome.unknown_records,
        );
        assert_eq!(
            told,
            (sums.to_send, sums.accepted, sums.unknown),
            "{outcome:?}"
        );
        assert_eq!(
            outcome.exit.code() == 0,
            journal.is_through(),
            "{outcome:?}"
        );
    }
}

/// Killed with a request in flight that arrives all the same, and taken up again without room for it:
/// what went live is more than what was accepted, and the end does not say less.
#[test]
fn a_resume_without_room_does_not_call_it_not_sent() {
    simulate(async {
        let habits = Habits {
            upload: 0,
            work: 0,
            goes_on: true,
            ..Habits::good()
        };
        let stage = Stage::new(SandboxOptions::default(), habits, 7);
        let second = Duration::from_secs(1);
        let answers = [Reply::Taken, Reply::Taken, Reply::After(10 * second)];
        stage.service.script.borrow_mut().extend(answers);
        let job = Job {
            version: 1,
            records: 5 * CHUNK,
            mode: Mode::Replace {
                debounce: 120 * second,
            },
            jobs: 1,
            retry_for: 300 * second,
            reading: None,
        };
        let (run, ended) = stage.push(job, Death::At(5 * second)).await;
        assert!(matches!(ended, Ended::Killed), "{ended:?}");
        let journal = stage.check_journal(&run);
        assert_eq!(journal.table_state(), TableState::Unknown);
        // It asks for more time than there is left.
        let busy = Reply::Refused(status(503, Some(200)));
        stage.service.script.borrow_mut().push_back(busy);
        let ended = stage.resume(&run, Death::Never).await;
        agree(&ended, &stage.check_journal(&run));
        let Ended::Exit(outcome) = ended else {
            panic!("{ended:?}")
        };
        assert_eq!(
            (outcome.exit.code(), outcome.table_state),
            (6, TableState::Unknown)
        );
        assert_eq!((outcome.accepted_records, outcome.unknown_records), (6, 3));
        assert!(
            outcome.prospect.contains("3 others may have been"),
            "{outcome:?}"
        );
        sleep(2_000 * second).await;
        assert_eq!(stage.content().len(), 9);
    });
}
