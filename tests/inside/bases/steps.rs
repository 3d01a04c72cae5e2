use std::fs;
use std::time::Duration;

use fastrand::Rng;

use super::Tally;
use super::lines::{Fate, accepted_state, answer, attempt, end_line, followed_state, plan, seen};
use super::machine::{Machine, Pushed, URL};
use crate::base::model::{Mode, TableState};
use crate::runs::base::{self, Ids, Left};
use crate::runs::history::History;
use crate::runs::journal::{DifferingLine, Journal, JournalWriter, Line, Resumption, RunState};
use crate::runs::state::RunDir;

/// How many runs are kept.
const KEPT: usize = 6;

/// Steps at which a process may be killed.
const KILLS: u32 = 40;

impl Machine {
    /// A new run, from its lock to its end or a kill.
    pub(super) fn push(&mut self, random: &mut Rng, tally: &Tally) -> String {
        let kill = random.u32(0..KILLS);
        self.tidy();
        let history = self.history();
        let key = base::read_or_make(&self.state).ok();
        self.clock.advance(Duration::from_secs(1));
        let run = self.table.new_run(&self.clock).unwrap();
        let input = self.input(random);
        let mut mode = match random.u8(0..5) {
            0..3 => Mode::Replace {
                debounce: Duration::from_secs(900),
            },
            _ => Mode::Upsert,
        };
        let (mut sent, mut differing) = (input.content(), None);
        if let Some(key) = &key {
            let path = run.new_base_path();
            let mut collected = self.collect(&input, Some(run.id()), &path, key);
            let claim = self.claim(&history, &mut collected, &input, key, tally);
            let claim = claim.filter(|(claim, differing)| {
                let is_kept = claim.changes.vanished.count == 0 && differing.losing == 0;
                random.bool() && (is_kept || !mode.is_replace())
            });
            if let Some((claim, which)) = claim {
                sent = input.part(&which.records);
                differing = Some(DifferingLine {
                    unchanged: claim.changes.unchanged,
                    equal: mode.is_replace(),
                    digest: String::new(),
                });
                mode = Mode::Upsert;
            }
        }
        let story = format!("{}: push {mode:?} {differing:?} of {input:?}", run.id());
        if differing.is_some() && sent.is_empty() {
            fs::remove_dir_all(run.path()).unwrap();
            return format!("{story}, nothing differs");
        }
        if kill == 0 {
            return format!("{story}, killed before its journal");
        }
        let mut plan = plan(&run, mode, &input, self);
        plan.differing = differing;
        let journal = run.journal_path();
        let writer = JournalWriter::create(&journal, plan.clone(), self.clock.clone()).unwrap();
        if kill == 1 {
            return format!("{story}, killed before its first request");
        }
        base::hand_over(&history, &run, URL, key.as_ref()).unwrap();
        if kill == 2 {
            return format!("{story}, killed when the base was handed over");
        }
        let fate = match random.u8(0..12) {
            0 => Fate::Refused,
            1 => Fate::Lost,
            2 => Fate::Half,
            _ => Fate::Accepted,
        };
        let mut journal = Journal::new(plan);
        let write = |line: Line, journal: &mut Journal| {
            writer.append(&line).unwrap();
            journal.apply(&line);
        };
        let ids: Vec<_> = sent.keys().cloned().collect();
        let rejects = random.bool();
        let rejected = ids.into_iter().filter(|_| rejects && random.u8(0..6) == 0);
        let mut pushed = Pushed {
            rejected: rejected.collect(),
            are_named: random.u8(0..4) > 0,
            is_learned: false,
            is_accepted: fate == Fate::Accepted,
            run: run.clone(),
            mode,
            input,
            sent,
        };
        let story = format!("{story}, {fate:?}, rejected {:?}", pushed.rejected);
        let whole = journal.all();
        let attempted = match fate {
            Fate::Half => &whole[..whole.len().div_ceil(2)],
            _ => &whole[..],
        };
        for range in attempted {
            write(attempt(*range, self), &mut journal);
            if kill == 3 {
                pushed.is_accepted = false;
                self.pushed.push(pushed);
                return format!("{story}, killed while it was sent");
            }
            if fate != Fate::Lost {
                write(answer(*range, fate, &run, self), &mut journal);
            }
        }
        if fate == Fate::Half && whole.len() == attempted.len() {
            pushed.is_accepted = true;
        }
        if fate != Fate::Refused {
            self.pushed.push(pushed);
        }
        if kill == 4 {
            return format!("{story}, killed before its end");
        }
        let end = self.end(&run, &writer, journal, &history, random, kill);
        format!("{story}, {end}")
    }

    /// Ends a run, as the push itself does.
    fn end(
        &mut self,
        run: &RunDir,
        writer: &JournalWriter,
        mut journal: Journal,
        history: &History,
        random: &mut Rng,
        kill: u32,
    ) -> String {
        let (mode, bad) = (journal.plan().mode, journal.plan().rejected);
        let pushed = self.pushed.iter_mut().find(|push| push.run == *run);
        let (mut state, mut missing) = (journal.table_state(), None);
        let mut rejected = Some(Ids::new());
        if journal.is_complete() {
            (state, missing) = (accepted_state(bad), Some(bad));
            let pushed = pushed.unwrap();
            let waits = random.bool();
            if waits {
                pushed.is_learned = true;
                let ids = pushed.rejected.iter().map(|id| id.as_bytes().to_vec());
                rejected = Some(ids.collect()).filter(|_| pushed.are_named);
                let count = bad + pushed.rejected.len() as u64;
                missing = Some(count).filter(|_| pushed.are_named || pushed.rejected.is_empty());
                state = followed_state(mode, bad + pushed.rejected.len() as u64);
                let line = seen(run, !pushed.rejected.is_empty(), self);
                writer.append(&line).unwrap();
                journal.apply(&line);
            }
        }
        let known = rejected.as_ref().zip(missing);
        let left = known.map(|(rejected, missing)| Left {
            mode,
            delivered: journal.plan().delivered(),
            rejected,
            missing,
            errors: journal
                .imports()
                .iter()
                .filter(|import| import.has_error)
                .count() as u64,
        });
        let leaves = missing.is_some() && base::can_make(run, mode, state);
        writer
            .append(&end_line(state, missing, leaves, self))
            .unwrap();
        if kill == 5 {
            return format!("{state:?}, killed before its base was made");
        }
        let key = self.key();
        // A kill may leave what is removed at the end.
        let before: Vec<_> = [run.new_base_path(), run.old_base_path()]
            .into_iter()
            .filter_map(|path| Some((fs::read(&path).ok()?, path)))
            .collect();
        let settled = base::settle(history, run, state, left.as_ref(), key.as_ref());
        if let Ok(base) = fs::read(run.base_path()) {
            self.old_bases.push((run.id().clone(), base));
        }
        if kill == 6 {
            for (bytes, path) in before {
                fs::write(path, bytes).unwrap();
            }
            return format!("{state:?}, {settled:?}, killed before the rest was removed");
        }
        if leaves && settled != Ok(true) {
            writer
                .append(&end_line(state, missing, false, self))
                .unwrap();
        }
        if !matches!(state, TableState::AtRisk | TableState::Unknown) {
            base::tidy_run(run, &journal).unwrap();
        }
        format!("{state:?}, missing {missing:?}, {settled:?}")
    }

    /// Takes an open run up again and sends what is missing, or all of it.
    pub(super) fn resume(&mut self, random: &mut Rng) -> String {
        let kill = random.u32(0..KILLS);
        let history = self.history();
        let is_open = |run: &crate::runs::history::PastRun| {
            let state = run.journal.state(false, history.journals());
            !run.journal.is_finished()
                && state != RunState::Superseded
                && history.unreadable_after(run.dir.id()).is_none()
        };
        let open: Vec<_> = history.runs().iter().filter(|run| is_open(run)).collect();
        let Some(past) = random.choice(&open) else {
            return "nothing to resume".to_owned();
        };
        let run = past.dir.clone();
        let story = format!("{}: resumed", run.id());
        let clock = self.clock.clone();
        let (writer, mut journal) = JournalWriter::open_append(&run.journal_path(), clock).unwrap();
        let history = self.history().without(run.id());
        let is_anew = journal.plan().mode.is_replace() && random.bool();
        let how = match is_anew {
            true => Resumption::Everything,
            false => Resumption::Missing,
        };
        let at = self.clock.now();
        let mut lines = vec![Line::Resumed { how, at }];
        journal.apply(&lines[0]);
        writer.append(&lines.remove(0)).unwrap();
        base::hand_over(&history, &run, URL, self.key().as_ref()).unwrap();
        if kill == 2 {
            return format!("{story}, killed when the base was handed over");
        }
        let input = self.pushed.iter().find(|push| push.run == run);
        if input.is_none() {
            // Nothing had left before. What it sends is not known here: as if it were refused.
            let range = journal.all()[0];
            for line in [
                attempt(range, self),
                answer(range, Fate::Refused, &run, self),
            ] {
                writer.append(&line).unwrap();
                journal.apply(&line);
            }
            return format!(
                "{story}, {}",
                self.end(&run, &writer, journal, &history, random, kill)
            );
        }
        for range in journal.missing() {
            writer.append(&attempt(range, self)).unwrap();
            journal.apply(&attempt(range, self));
            if kill == 3 {
                return format!("{story}, killed while it was sent");
            }
            let line = answer(range, Fate::Accepted, &run, self);
            writer.append(&line).unwrap();
            journal.apply(&line);
        }
        let pushed = self.pushed.iter_mut().find(|push| push.run == run);
        pushed.unwrap().is_accepted = true;
        if kill == 4 {
            return format!("{story}, killed before its end");
        }
        let end = self.end(&run, &writer, journal, &history, random, kill);
        format!("{story}, {end}")
    }

    /// Looks at the imports of a run, as `status` does.
    pub(super) fn look(&mut self, random: &mut Rng) -> String {
        let kill = random.u32(0..KILLS / 2);
        let history = self.history();
        let (key, now) = (self.key(), self.clock.clone());
        let is_through = |run: &RunDir| {
            let past = history.run(run.id());
            past.is_some_and(|past| past.journal.is_through())
        };
        let mut found: Vec<_> = (self.pushed.iter_mut())
            .filter(|push| push.is_accepted && is_through(&push.run))
            .collect();
        let back = random.usize(0..3);
        let at = found.len().saturating_sub(1 + back);
        if at >= found.len() {
            return "nothing to look at".to_owned();
        }
        let push = found.swap_remove(at);
        let story = format!("{}: looked at", push.run.id());
        let opened = JournalWriter::open_append(&push.run.journal_path(), now);
        let Ok((writer, journal)) = opened else {
            return format!("{story}, unreadable");
        };
        let bad = push.input.bad;
        let gaps = push.rejected.len() as u64;
        let missing = Some(bad + gaps).filter(|_| push.are_named || gaps == 0);
        let is_certain = random.u8(0..4) > 0;
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
        writer.append(&seen(&run, gaps > 0, self)).unwrap();
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

    /// What a push does before its run begins.
    fn tidy(&self) {
        let history = self.history();
        let is_unreadable = |run: &RunDir| {
            let mut unreadable = history.unreadable().iter();
            unreadable.any(|other| other.dir.id() == run.id())
        };
        for run in self.table.runs().unwrap() {
            if history.run(run.id()).is_none() && !is_unreadable(&run) {
                fs::remove_dir_all(run.path()).unwrap();
            }
        }
        base::tidy(&history, self.key().as_ref());
        let must_keep = |id: &_| {
            let Some(run) = history.run(id) else {
                return true;
            };
            !run.journal.is_finished() || run.dir.base_path().exists()
        };
        self.table.prune(KEPT, must_keep).unwrap();
    }
}
