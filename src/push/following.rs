//! `--wait`: what was accepted is followed to its end, and the service's rejects are kept.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use crate::base::clock::{Clock, Moment};
use crate::base::display::typed_path;
use crate::base::event::Events;
use crate::base::model::{ImportId, Mode, RecordRange};
use crate::base::signals::Interrupts;
use crate::prove::rejects::RejectsFile;
use crate::push::follow::{FollowMeans, FollowOptions, Followed, Pushed};
use crate::push::outcome::{Context, Ending, Outcome};
use crate::push::send::{PartState, RunJournal, SendInput, Sent};
use crate::push::verdict::{Facts, Observed, Reasons, Verdict, VerdictState};
use crate::push::{follow, verdict};
use crate::runs::journal::Journal;
use crate::service::Service;

/// One request that was accepted.
#[derive(Clone, Debug)]
struct Arrived {
    import: ImportId,
    range: RecordRange,
    at: Option<Timestamp>,
    records: u64,
    may_count_twice: bool,
}

/// The requests of a push that were accepted, those of an earlier process of the run included.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arrivals {
    arrived: Vec<Arrived>,
    /// Ranges of requests before that may have been applied and have no answer.
    doubtful: Vec<RecordRange>,
    /// Records of those that were not accepted later.
    unanswered: u64,
    /// Whether there may be requests of which nothing is known.
    has_gaps: bool,
}

impl Arrivals {
    /// What an earlier process of the run brought that still counts.
    pub(crate) fn of_journal(journal: &Journal) -> Self {
        let mut arrivals = Self {
            unanswered: journal.sums().unknown,
            has_gaps: journal.has_gaps(),
            ..Self::default()
        };
        // What waited when all requests were over came in time, whatever the clocks here say.
        let is_in_time = journal.is_sealed();
        for attempt in journal.possibly_applied_attempts() {
            match (&attempt.answer, attempt.import()) {
                (Some((ended, _)), Some(import)) => arrivals.arrived.push(Arrived {
                    import: import.clone(),
                    range: attempt.range,
                    at: (!is_in_time).then_some(ended.wall),
                    records: attempt.records,
                    may_count_twice: false,
                }),
                _ => arrivals.doubtful.push(attempt.range),
            }
        }
        arrivals
    }

    /// What this process brought.
    pub(crate) fn add(&mut self, sent: &Sent) {
        for result in &sent.results {
            if let PartState::Accepted(import) = &result.state {
                self.arrived.push(Arrived {
                    import: import.clone(),
                    range: result.part.range,
                    at: result.accepted_at,
                    records: result.part.records,
                    may_count_twice: result.may_count_twice,
                });
            }
        }
        self.arrived.sort_by_key(|arrived| arrived.range);
    }

    /// The distinct imports, in the order of the records.
    pub(crate) fn ids(&self) -> Vec<ImportId> {
        let mut ids: Vec<ImportId> = Vec::new();
        for arrived in &self.arrived {
            if !ids.contains(&arrived.import) {
                ids.push(arrived.import.clone());
            }
        }
        ids
    }

    pub(crate) fn records(&self) -> u64 {
        self.arrived.iter().map(|arrived| arrived.records).sum()
    }

    pub(crate) fn requests(&self) -> u64 {
        self.arrived.len() as u64
    }

    /// Records that the service may have got twice.
    pub(crate) fn resent(&self) -> u64 {
        let overlaps = |range: RecordRange| {
            let mut doubtful = self.doubtful.iter();
            self.has_gaps || doubtful.any(|of| of.overlaps(range))
        };
        let twice = |arrived: &&Arrived| arrived.may_count_twice || overlaps(arrived.range);
        let resent = self.arrived.iter().filter(twice);
        resent.map(|arrived| arrived.records).sum()
    }

    /// Records that the service may have got without an answer, and that were not sent again.
    pub(crate) fn unanswered(&self) -> u64 {
        self.unanswered
    }

    /// When the last request was accepted that went into an import.
    pub(crate) fn last_answer(&self, id: &ImportId) -> Option<Timestamp> {
        let of_it = self.arrived.iter().filter(|arrived| arrived.import == *id);
        of_it.filter_map(|arrived| arrived.at).max()
    }
}

/// How imports are followed after a push.
pub(crate) struct Following<'a> {
    pub(crate) timeout: Duration,
    pub(crate) clock: &'a Clock,
    pub(crate) events: &'a Events,
    pub(crate) interrupts: &'a Interrupts,
    pub(crate) journal: &'a RunJournal<'a>,
    /// When the first request began that may have reached the service.
    pub(crate) opened: Option<Moment>,
    /// Moves a stand-in's clock past the window.
    pub(crate) pass_time: Option<&'a (dyn Fn() + Send + Sync)>,
    /// Whether a run of the table was seen to work before.
    pub(crate) has_worked: bool,
}

/// What was pushed, for finding the records that the service rejects.
pub(crate) struct Uploaded<'a> {
    pub(crate) input: &'a SendInput,
    pub(crate) id_field: &'a str,
    pub(crate) arrivals: &'a Arrivals,
    /// Whether the rejects file stays when the program ends.
    pub(crate) keeps_rejects: bool,
    /// The lines that load corrected rejects, and that go on waiting.
    pub(crate) load: &'a dyn Fn(&str) -> String,
    pub(crate) status: &'a str,
}

/// What came of following a push, for the receipt.
pub(crate) struct FollowedPush {
    pub(crate) followed: Followed,
    pub(crate) verdict: Verdict,
    pub(crate) rejects: Option<PathBuf>,
    /// How many records the table lacks, where each of them is known.
    pub(crate) missing: Option<u64>,
}

impl Following<'_> {
    /// Follows the imports and takes their end into the outcome.
    pub(crate) async fn follow<S: Service>(
        &self,
        service: &S,
        uploaded: Uploaded<'_>,
        mut rejects: RejectsFile,
        outcome: &mut Outcome,
        context: Context<'_>,
    ) -> FollowedPush {
        // What is accepted stays so; a signal ends only the waiting from here on.
        self.interrupts.begin_sending();
        if let Some(pass) = self.pass_time {
            pass();
        }
        let followed = self.watch(service, &uploaded, context).await;
        let observed: Vec<_> = (followed.imports.iter())
            .map(|import| Observed {
                id: &import.id,
                seen: import.seen(),
                last_answer: uploaded.arrivals.last_answer(&import.id),
            })
            .collect();
        let verdict = verdict::judge(&Facts {
            table: Some(context.table),
            mode: Some(context.mode),
            sent_records: Some(uploaded.arrivals.records()),
            resent_records: uploaded.arrivals.resent(),
            // All is accepted by now.
            unanswered_records: 0,
            requests: uploaded.arrivals.requests(),
            imports: &observed,
        });
        self.write_down(&followed, context);
        let reasons = self.keep(&uploaded, &verdict, &mut rejects);
        let source = &uploaded.input.source;
        let names = (source.input_count() > 1).then(|| source.names());
        outcome.reasons = reasons.sentences(names);
        let path = self.finish(rejects).filter(|_| uploaded.keeps_rejects);
        let shown = path.as_deref().map(typed_path);
        let load = shown.as_deref().map(uploaded.load).unwrap_or_default();
        let ending = Ending {
            followed: &followed,
            verdict: &verdict,
            rejects: shown.as_deref(),
            load: &load,
            status: uploaded.status,
        };
        outcome.follow(ending, context);
        if verdict.state == VerdictState::Clean {
            self.advise(&verdict);
        }
        let named = verdict.named_gaps(Some(uploaded.arrivals.records()));
        FollowedPush {
            missing: named.map(|named| named + context.left_out.rejected),
            followed,
            verdict,
            rejects: path,
        }
    }

    /// Ends the rejects file; where it is, if there is one.
    fn finish(&self, rejects: RejectsFile) -> Option<PathBuf> {
        let path = rejects.path().map(ToOwned::to_owned);
        if let Err(error) = rejects.finish() {
            self.lost(&error.to_string());
        }
        path
    }

    async fn watch<S: Service>(
        &self,
        service: &S,
        uploaded: &Uploaded<'_>,
        context: Context<'_>,
    ) -> Followed {
        let options = FollowOptions {
            table: Some(context.table.clone()),
            earliest: match self.pass_time {
                Some(_) => None,
                None => earliest(context.mode, self.opened.as_ref(), &self.clock.now()),
            },
            timeout: self.timeout,
            first_seen_grace: FollowOptions::FIRST_SEEN_GRACE,
        };
        let means = FollowMeans {
            service,
            events: self.events,
            interrupts: self.interrupts,
        };
        follow::follow(&uploaded.arrivals.ids(), &options, means).await
    }

    fn write_down(&self, followed: &Followed, context: Context<'_>) {
        for import in &followed.imports {
            let Some(last) = &import.last else { continue };
            let mut entries = last.entries(Some(context.table));
            let has_error = entries.any(|entry| entry.error.is_some());
            self.journal.followed(&import.id, &last.status, has_error);
        }
    }

    /// Adds the service's rejects to ours. Gives their reasons.
    fn keep(
        &self,
        uploaded: &Uploaded<'_>,
        verdict: &Verdict,
        rejects: &mut RejectsFile,
    ) -> Reasons {
        if verdict.rejected.is_empty() {
            return Reasons::default();
        }
        let pushed = Pushed {
            input: uploaded.input.mapped(),
            id_field: uploaded.id_field,
        };
        match follow::collect(pushed, &verdict.rejected, rejects) {
            Ok(collected) => collected.reasons,
            Err(error) => {
                self.lost(&error.to_string());
                Reasons::of(&verdict.rejected)
            }
        }
    }

    fn lost(&self, why: &str) {
        self.events.warn(
            format!("not all records that the service rejected could be kept: {why}"),
            "Qobra's app shows them with the import".to_owned(),
        );
    }

    /// What is left to say of a clean end.
    fn advise(&self, verdict: &Verdict) {
        verdict.notes.iter().for_each(|note| self.events.note(note));
        if verdict.counted.is_none() && !self.has_worked {
            self.events.note(
                "if nothing shows in Qobra: do the field names in the mapping match those set in \
                 Qobra?",
            );
        }
    }
}

/// How long nothing can start yet.
pub(crate) fn earliest(mode: Mode, opened: Option<&Moment>, now: &Moment) -> Option<Duration> {
    let spent = opened.map_or(Duration::ZERO, |opened| opened.elapsed_at_most(now));
    Some(mode.window()?.saturating_sub(spent)).filter(|left| !left.is_zero())
}
