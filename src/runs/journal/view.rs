//! What can be concluded from a journal's lines about records and attempts.
//!
//! A journal is a fold over its lines, so a push can keep the view of what it writes itself.

use std::collections::BTreeSet;
use std::time::Duration;

use super::entry::{Attempt, Gap, PossibleEnd, SeenImport};
use super::line::{Answered, EndLine, Line, Resumption};
use super::planned::PlanLine;
use super::ranges::RangeSet;
use crate::base::clock::Moment;
use crate::base::model::{ImportId, RecordRange};

/// What a run planned, tried and heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Journal {
    plan: PlanLine,
    /// Since the last resumption that sends everything again, as gaps and imports.
    attempts: Vec<Attempt>,
    gaps: Vec<Gap>,
    /// First records of second halves.
    cuts: BTreeSet<u64>,
    pub(super) imports: Vec<SeenImport>,
    pub(super) end: Option<EndLine>,
    /// What was true before a resumption that sends everything again.
    was_possibly_applied: bool,
    was_accepted: bool,
    pub(super) earlier_imports: Vec<ImportId>,
    last_line_at: Moment,
    is_torn: bool,
}

impl Journal {
    /// The journal of a run that did nothing yet.
    pub(crate) fn new(plan: PlanLine) -> Self {
        Self {
            attempts: Vec::new(),
            gaps: Vec::new(),
            cuts: BTreeSet::new(),
            imports: Vec::new(),
            end: None,
            was_possibly_applied: false,
            was_accepted: false,
            earlier_imports: Vec::new(),
            last_line_at: plan.started,
            is_torn: false,
            plan,
        }
    }

    /// Takes the next line in. Another plan says nothing.
    pub(crate) fn apply(&mut self, line: &Line) {
        match line.clone() {
            Line::Plan(_) => return,
            Line::Attempt {
                range,
                records,
                attempt: number,
                at,
                limit,
            } => self.attempts.push(Attempt {
                range,
                records,
                number,
                at,
                limit,
                answer: None,
            }),
            Line::Answer {
                range,
                records,
                at,
                result,
            } => self.answered(range, records, at, result),
            Line::Split { second, .. } => {
                self.cuts.insert(second);
            }
            Line::Import {
                id,
                status,
                has_error,
                is_over,
                at,
            } => self.import_seen(id, status, (has_error, is_over), at),
            Line::Resumed { how, .. } => self.resumed(how),
            Line::Gap { at } => self.gaps.push(Gap {
                attempts_before: self.attempts.len(),
                since: self.last_line_at,
                until: at,
            }),
            Line::End(end) => self.end = Some(end),
        }
        self.last_line_at = line.at();
    }

    /// An answer belongs to the last attempt of its range. One without attempt (its line is lost)
    /// is one nevertheless.
    fn answered(&mut self, range: RecordRange, records: u64, at: Moment, result: Answered) {
        let mut open = self.attempts.iter_mut().rev();
        if let Some(attempt) = open.find(|a| a.range == range && a.answer.is_none()) {
            attempt.answer = Some((at, result));
            return;
        }
        self.attempts.push(Attempt {
            range,
            records,
            number: 1,
            at,
            limit: Duration::ZERO,
            answer: Some((at, result)),
        });
    }

    fn resumed(&mut self, how: Resumption) {
        self.end = None;
        match how {
            Resumption::Missing => {}
            Resumption::Everything => {
                self.was_possibly_applied = self.is_possibly_applied();
                self.was_accepted = self.has_accepted();
                let imports: Vec<_> = self.import_ids().into_iter().cloned().collect();
                self.earlier_imports.extend(imports);
                self.attempts.clear();
                self.gaps.clear();
                self.imports.clear();
            }
        }
    }

    pub(super) fn set_torn(&mut self) {
        self.is_torn = true;
    }

    /// What was planned.
    pub(crate) fn plan(&self) -> &PlanLine {
        &self.plan
    }

    /// Whether the file's last line was cut and dropped.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// Whether lines are lost that could not be written.
    pub(crate) fn has_gaps(&self) -> bool {
        !self.gaps.is_empty()
    }

    /// The attempts in the order in which they were made; for a run that sends everything again,
    /// those since then.
    pub(crate) fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// The attempts whose records the service may hold, in the same order.
    pub(crate) fn possibly_applied_attempts(&self) -> impl Iterator<Item = &Attempt> {
        self.attempts.iter().filter(|a| a.is_possibly_applied())
    }

    /// Whether anything may have reached the table, ever.
    pub(crate) fn is_possibly_applied(&self) -> bool {
        self.was_possibly_applied
            || self.has_gaps()
            || self.possibly_applied_attempts().next().is_some()
    }

    /// Whether any chunk was accepted, ever.
    pub(crate) fn has_accepted(&self) -> bool {
        self.was_accepted || self.attempts.iter().any(|a| a.import().is_some())
    }

    /// The records that were accepted.
    pub(crate) fn accepted(&self) -> RangeSet {
        let accepted = self.attempts.iter().filter(|a| a.import().is_some());
        accepted.map(|a| a.range).collect()
    }

    /// What still has to be sent, in order: the parts of each chunk that no accepted range covers,
    /// cut where a range that was too large was split. No range reaches over a chunk's border.
    pub(crate) fn missing(&self) -> Vec<RecordRange> {
        let accepted = self.accepted();
        let chunks = self.all().into_iter();
        let parts = chunks.flat_map(|chunk| accepted.missing_in(chunk));
        parts.flat_map(|part| self.cut(part)).collect()
    }

    /// All that has to be sent, in order: the chunks. A replace that empties its table has none,
    /// and sends one request that carries no records.
    pub(crate) fn all(&self) -> Vec<RecordRange> {
        match self.plan.chunks.as_slice() {
            [] => vec![RecordRange { first: 1, last: 1 }],
            chunks => chunks.iter().map(|chunk| chunk.range).collect(),
        }
    }

    fn cut(&self, range: RecordRange) -> Vec<RecordRange> {
        let mut pieces = Vec::new();
        let mut first = range.first;
        let cuts = self.cuts.range(range.first..=range.last);
        for &second in cuts.filter(|second| **second > range.first) {
            let last = second - 1;
            pieces.push(RecordRange { first, last });
            first = second;
        }
        let last = range.last;
        pieces.push(RecordRange { first, last });
        pieces
    }

    /// When the window opened: the start of the first attempt that may have reached the service.
    pub(crate) fn first_possibly_applied(&self) -> Option<Moment> {
        let known = self
            .attempts
            .iter()
            .position(Attempt::is_possibly_applied)
            .map(|place| (place, self.attempts[place].at));
        // An attempt that is lost may have been earlier.
        let lost = self
            .gaps
            .first()
            .map(|gap| (gap.attempts_before, gap.since));
        match (known, lost) {
            (Some((place, at)), Some((before, _))) if place < before => Some(at),
            (_, Some((_, since))) => Some(since),
            (known, None) => known.map(|(_, at)| at),
        }
    }

    /// When each possibly applied attempt is over at the latest.
    pub(crate) fn possible_ends(&self) -> Vec<PossibleEnd> {
        self.ends_of(|_| true)
    }

    /// The same of those that have no answer.
    pub(super) fn unanswered_ends(&self) -> Vec<PossibleEnd> {
        self.ends_of(|attempt| attempt.import().is_none())
    }

    /// Of some attempts, and of those whose lines are lost.
    fn ends_of(&self, is_wanted: impl Fn(&Attempt) -> bool) -> Vec<PossibleEnd> {
        let longest = self.attempts.iter().map(|a| a.limit).max();
        let lost = self.gaps.iter().map(|gap| PossibleEnd {
            after: gap.until,
            within: longest.unwrap_or_default(),
        });
        let known = self
            .possibly_applied_attempts()
            .filter(|attempt| is_wanted(attempt));
        known.map(Attempt::possible_end).chain(lost).collect()
    }

    /// When the last possibly applied attempt is over at the latest, for people: whoever waits uses
    /// [`pending_replace`](Self::pending_replace), which does not trust a single clock.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn last_possibly_applied_end(&self) -> Option<Moment> {
        let ends = self.possible_ends();
        let moments = ends.iter().map(|end| end.after.plus(end.within));
        moments.max_by_key(|moment| moment.wall)
    }

    /// The import of the first attempt that was accepted, in time.
    pub(crate) fn first_import(&self) -> Option<&ImportId> {
        self.attempts.iter().find_map(Attempt::import)
    }

    /// The distinct imports of all accepted records, in the order of the attempts.
    pub(crate) fn imports_in_time(&self) -> impl Iterator<Item = &ImportId> {
        let mut seen = BTreeSet::new();
        let ids = self.attempts.iter().filter_map(Attempt::import);
        ids.filter(move |id| seen.insert(*id))
    }

    /// How many attempts and gaps there are, if all of them are surely over at a moment.
    pub(super) fn settled(&self, now: &Moment) -> Option<usize> {
        let ends = self.possible_ends();
        let mut over = ends
            .iter()
            .map(|end| end.after.elapsed_at_least(now) >= end.within);
        over.all(|over| over).then_some(self.steps())
    }

    /// How many attempts and gaps there are: who saw as many saw all of them.
    pub(super) fn steps(&self) -> usize {
        self.attempts.len() + self.gaps.len()
    }

    /// The distinct imports of all accepted records, in the order of the records.
    pub(crate) fn import_ids(&self) -> Vec<&ImportId> {
        let mut accepted: Vec<_> = self
            .attempts
            .iter()
            .filter_map(|a| Some((a.range.first, a.import()?)))
            .collect();
        accepted.sort_by_key(|(first, _)| *first);
        let mut seen = BTreeSet::new();
        let ids = accepted.into_iter().map(|(_, id)| id);
        ids.filter(|id| seen.insert(*id)).collect()
    }

    /// How long each accepted attempt took.
    pub(crate) fn answer_times(&self) -> impl Iterator<Item = Duration> {
        let accepted = self.attempts.iter().filter(|a| a.import().is_some());
        accepted.filter_map(|a| Some(a.at.elapsed_at_most(&a.answer.as_ref()?.0)))
    }
}
