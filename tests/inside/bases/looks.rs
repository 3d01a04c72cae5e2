use fastrand::Rng;

use super::lines::{end_line, followed_state, seen};
use super::machine::Machine;
use super::steps::KILLS;
use crate::runs::base::{self, Ids, Left};
use crate::runs::journal::{Journal, JournalWriter};
use crate::runs::state::RunDir;

impl Machine {
    /// Looks at the imports of a run, as `status` does.
    pub(super) fn look(&mut self, random: &mut Rng) -> String {
        let kill = random.u32(0..KILLS / 2);
        let history = self.history();
        let is_through = |run: &RunDir| {
            let past = history.run(run.id());
            past.is_some_and(|past| past.journal.is_through())
        };
        let pushed = self.pushed.iter().enumerate();
        let found: Vec<_> = pushed
            .filter(|(_, push)| push.is_accepted && is_through(&push.run))
            .map(|(at, _)| at)
            .collect();
        let back = random.usize(0..3);
        match found.get(found.len().saturating_sub(1 + back)) {
            Some(at) => self.look_at(*at, random.u8(0..4) > 0, kill),
            None => "nothing to look at".to_owned(),
        }
    }

    /// Looks at the imports of a run: at all of them to their end, where that is certain.
    pub(super) fn look_at(&mut self, at: usize, is_certain: bool, kill: u32) -> String {
        let history = self.history();
        let (key, now) = (self.key(), self.clock.clone());
        let push = &mut self.pushed[at];
        let story = format!("{}: looked at", push.run.id());
        let opened = JournalWriter::open_append(&push.run.journal_path(), now);
        let Ok((writer, journal)) = opened else {
            return format!("{story}, unreadable");
        };
        let bad = push.input.bad;
        let gaps = push.rejected.len() as u64;
        let missing = Some(bad + gaps).filter(|_| push.are_named || gaps == 0);
        push.is_learned |= is_certain || kill > 0;
        let is_known = journal.imports().iter().any(|import| import.has_error);
        if gaps > 0 && !is_certain && !is_known {
            base::learn(&history, &push.run, None, key.as_ref());
        }
        if gaps > 0 && is_certain {
            let ids: Ids = push
                .rejected
                .iter()
                .map(|id| id.as_bytes().to_vec())
                .collect();
            let left = missing.map(|missing| Left {
                mode: push.mode,
                delivered: journal.plan().delivered(),
                rejected: &ids,
                missing,
                errors: 1,
            });
            base::learn(&history, &push.run, left.as_ref(), key.as_ref());
        }
        let (run, mode) = (push.run.clone(), push.mode);
        if kill == 0 {
            return format!("{story}, killed when its base was learned");
        }
        writer
            .append(&seen(&run, (gaps > 0, is_certain), self))
            .unwrap();
        if kill == 1 || !is_certain {
            return format!("{story}, its end not written");
        }
        let had_base = journal.end().is_some_and(|end| end.base);
        let state = followed_state(mode, bad + gaps);
        writer
            .append(&end_line(state, missing, had_base, self))
            .unwrap();
        let journal = Journal::read(&run.journal_path()).unwrap();
        if journal.is_finished() {
            base::tidy_run(&run, &journal).unwrap();
        }
        format!("{story}: {state:?}, missing {missing:?}")
    }
}
