use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use fastrand::Rng;

use super::Tally;
use super::lines::{Fate, accepted_state, answer, attempt, end_line, followed_state, plan, seen};
use super::machine::{Machine, Pushed, URL};
use super::truth::Goal;
use crate::base::model::{Mode, TableState};
use crate::runs::base::{self, Ids, Left};
use crate::runs::history::{History, PastRun};
use crate::runs::journal::{DifferingLine, Journal, JournalWriter, Line, Resumption, RunState};
use crate::runs::state::RunDir;

/// How many runs are kept.
const KEPT: usize = 6;

/// Steps at which a process may be killed.
pub(super) const KILLS: u32 = 40;

impl Machine {
    /// A new run, from its lock to its end or a kill.
    pub(super) fn push(&mut self, random: &mut Rng, tally: &Tally) -> String {
        let kill = random.u32(0..KILLS);
        self.tidy();
        let is_changed = random.bool();
        let distrust = match is_changed {
            true => self.trust(random),
            false => None,
        };
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
        let (mut sent, mut differing, mut compared) = (input.content(), None, None);
        let mut goal = match mode.is_replace() {
            true => Goal::Equal,
            false => Goal::Holds { alone: false },
        };
        if let Some(key) = &key {
            let path = run.new_base_path();
            let mut collected = self.collect(&input, Some(run.id()), &path, key);
            let claim = self.claim(&history, &mut collected, &input, key, tally);
            let claim = claim.filter(|(claim, differing)| {
                let all = self.why_all(mode.is_replace(), (claim, differing), distrust, random);
                is_changed && all.is_none()
            });
            if let Some((claim, which)) = claim {
                let alone = claim.changes.vanished.count == 0;
                compared = Some(claim.changes.clone());
                if !mode.is_replace() {
                    goal = Goal::Holds { alone };
                }
                sent = input.part(&which.records);
                differing = Some(DifferingLine {
                    unchanged: claim.changes.unchanged,
                    equal: mode.is_replace(),
                    digest: String::new(),
                });
                mode = Mode::Upsert;
            }
        }
        let story = format!(
            "{}: push {mode:?} {goal:?} {differing:?} of {input:?}",
            run.id()
        );
        if differing.is_some() && sent.is_empty() {
            fs::remove_dir_all(run.path()).unwrap();
            let nothing = Pushed {
                run: run.clone(),
                mode,
                input,
                sent,
                goal,
                rejected: BTreeSet::new(),
                are_named: true,
                is_learned: true,
                is_accepted: true,
            };
            self.truth.check(&nothing);
            return format!("{story}, nothing differs");
        }
        if kill == 0 {
            return format!("{story}, killed before its journal");
        }
        let mut plan = plan(&run, mode, &input, self);
        plan.changes = compared;
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
            goal,
        };
        let story = format!("{story}, {fate:?}, rejected {:?}", pushed.rejected);
        let whole = journal.all();
        let attempted = match fate {
            Fate::Half => &whole[..whole.len().div_ceil(2)],
            _ => &whole[..],
        };
        for (number, range) in attempted.iter().enumerate() {
            write(attempt(*range, self), &mut journal);
            let may_arrive = fate == Fate::Lost || kill == 3;
            if fate != Fate::Refused && (!may_arrive || random.bool()) {
                self.truth.load(&pushed, *range, number == 0);
            }
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
        if pushed.is_accepted {
            self.truth.check(&pushed);
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
                let line = seen(run, (!pushed.rejected.is_empty(), true), self);
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
        let is_open = |run: &PastRun| {
            let state = run.journal.state(false, history.journals());
            !run.journal.is_finished()
                && state != RunState::Superseded
                && history.unreadable_after(run.dir.id()).is_none()
                && self.may_go_on(run)
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
        let pushed = self.pushed.iter().position(|push| push.run == run).unwrap();
        for (number, range) in journal.missing().into_iter().enumerate() {
            writer.append(&attempt(range, self)).unwrap();
            journal.apply(&attempt(range, self));
            if kill != 3 || random.bool() {
                // A window of which anything arrived goes on.
                let is_first = number == 0 && journal.missing() == journal.all();
                self.truth.load(&self.pushed[pushed], range, is_first);
            }
            if kill == 3 {
                return format!("{story}, killed while it was sent");
            }
            let line = answer(range, Fate::Accepted, &run, self);
            writer.append(&line).unwrap();
            journal.apply(&line);
        }
        self.pushed[pushed].is_accepted = true;
        // What came later and may have been applied is to be finished by itself.
        if pushed + 1 == self.pushed.len() || journal.plan().differing.is_some() {
            self.truth.check(&self.pushed[pushed]);
        }
        if kill == 4 {
            return format!("{story}, killed before its end");
        }
        let end = self.end(&run, &writer, journal, &history, random, kill);
        format!("{story}, {end}")
    }

    /// Whether a run of what differs finds the table as it was compared.
    fn may_go_on(&self, run: &PastRun) -> bool {
        let plan = run.journal.plan();
        let (others, key) = (self.history().without(run.dir.id()), self.key());
        plan.differing.is_none() || base::still_holds(&others, &run.dir, plan, key.as_ref())
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
