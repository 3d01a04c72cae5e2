//! How often what happened in all simulations.

use std::sync::atomic::{AtomicU64, Ordering};

use super::stage::Ended;

/// What the stories had in them: a law that nothing tried says nothing.
#[derive(Default)]
pub(crate) struct Tally {
    kills: AtomicU64,
    resumes: AtomicU64,
    done: AtomicU64,
    in_part: AtomicU64,
    untouched: AtomicU64,
    interrupted: AtomicU64,
    anew: AtomicU64,
}

impl Tally {
    pub(crate) fn count(&self, ended: &Ended) {
        let counter = match ended {
            Ended::Killed => &self.kills,
            Ended::Nothing | Ended::Superseded => return,
            Ended::Exit(outcome) => match outcome.exit.code() {
                0 => &self.done,
                6 => &self.in_part,
                130 => &self.interrupted,
                _ => &self.untouched,
            },
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn resumed(&self) {
        self.resumes.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn began_anew(&self, replaces: u64) {
        self.anew.fetch_add(replaces, Ordering::Relaxed);
    }

    /// Shows the figures, and that each thing happened.
    pub(crate) fn check(&self, simulations: u64) {
        let figures = [
            ("kills", &self.kills),
            ("resumes", &self.resumes),
            ("ended 0", &self.done),
            ("ended 6", &self.in_part),
            ("ended untouched", &self.untouched),
            ("interrupted", &self.interrupted),
            ("replaces sent anew", &self.anew),
        ];
        let figures = figures.map(|(name, count)| (name, count.load(Ordering::Relaxed)));
        #[expect(clippy::print_stderr, reason = "figures to be reported")]
        {
            eprintln!("{simulations} simulations: {figures:?}");
        }
        let is_enough = simulations < 1_000 || figures.iter().all(|(_, count)| *count > 20);
        assert!(is_enough, "{figures:?}");
    }
}
