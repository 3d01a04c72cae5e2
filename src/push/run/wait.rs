//! `--wait`: what was accepted is followed to its end, and the service's rejects are kept.

use std::path::PathBuf;
use std::time::Duration;

use super::session::Session;
use crate::base::clock::Moment;
use crate::base::display;
use crate::base::display::typed_path;
use crate::base::event::Event;
use crate::base::model::TableKey;
use crate::prove::rejects::RejectsFile;
use crate::push::arrivals::Arrivals;
use crate::push::follow::{FollowMeans, FollowOptions, Followed, Pushed};
use crate::push::outcome::{Context, Ending, Outcome};
use crate::push::receipt::Receipt;
use crate::push::send::{RunJournal, SendInput};
use crate::push::verdict::{Facts as Judged, Observed, Reasons, Verdict, VerdictState};
use crate::push::{follow, known, rejects_name, verdict};
use crate::service::facts::WindowReading;
use crate::service::facts::{Facts, Repeated};
use crate::service::{Service, window};

/// A push whose requests were all accepted, and what finds the records that the service rejects.
pub(super) struct Waiting<'a> {
    pub(super) session: &'a Session,
    pub(super) journal: &'a RunJournal<'a>,
    /// When the request began from which the window counts at the earliest.
    pub(super) opened: Option<Moment>,
    pub(super) timeout: Duration,
    pub(super) input: &'a SendInput,
    pub(super) id_field: &'a str,
    pub(super) arrivals: &'a Arrivals,
    /// Whether the rejects file stays when the program ends.
    pub(super) keeps_rejects: bool,
    /// The lines that load corrected rejects, and that go on waiting.
    pub(super) load: &'a dyn Fn(&str) -> String,
    pub(super) status: &'a str,
}

/// What came of following a push, for the receipt.
pub(super) struct FollowedPush {
    pub(super) followed: Followed,
    pub(super) verdict: Verdict,
    pub(super) rejects: Option<PathBuf>,
    /// How many records the table lacks, where each of them is known.
    pub(super) missing: Option<u64>,
    /// An import that was launched before what is known of its window allows it, in words.
    pub(super) early: Option<String>,
}

impl FollowedPush {
    pub(super) fn tell(&self, receipt: &mut Receipt, table: &TableKey) {
        receipt.followed(&self.followed, &self.verdict, table);
        receipt.rejects(self.rejects.as_deref());
    }
}

impl Waiting<'_> {
    /// Follows the imports and takes their end into the outcome.
    pub(super) async fn follow<S: Service>(
        &self,
        service: &S,
        mut rejects: RejectsFile,
        outcome: &mut Outcome,
        context: Context<'_>,
    ) -> FollowedPush {
        // What is accepted stays so; a signal ends only the waiting from here on.
        self.session.interrupts.begin_sending();
        if let Some(pass) = &self.session.pass_time {
            pass();
        }
        let followed = self.watch(service, context).await;
        let observed: Vec<_> = (followed.imports.iter())
            .map(|import| Observed {
                id: &import.id,
                seen: import.seen(),
                last_answer: self.arrivals.last_answer(&import.id),
            })
            .collect();
        let verdict = verdict::judge(&Judged {
            table: Some(context.table),
            mode: Some(context.mode),
            sent_records: Some(self.arrivals.records()),
            resent_records: self.arrivals.resent(),
            counts_once: self.counts_once(context),
            // All is accepted by now.
            unanswered_records: 0,
            requests: self.arrivals.requests(),
            imports: &observed,
        });
        self.write_down(&followed, context);
        let reasons = self.keep(&verdict, &mut rejects);
        let source = &self.input.source;
        let names = (source.input_count() > 1).then(|| source.names());
        outcome.reasons = reasons.sentences(names);
        let path = self.finish(rejects).filter(|_| self.keeps_rejects);
        let shown = path.as_deref().map(typed_path);
        let load = shown.as_deref().map(self.load).unwrap_or_default();
        let ending = Ending {
            followed: &followed,
            verdict: &verdict,
            rejects: shown.as_deref(),
            load: &load,
            status: self.status,
        };
        outcome.follow(ending, context);
        if verdict.state == VerdictState::Clean {
            self.advise(&verdict);
        }
        let named = match verdict.state {
            // An end that was waited for and not seen leaves as much open as one that nobody waits for.
            VerdictState::Pending => Some(0),
            _ => verdict.named_gaps(Some(self.arrivals.records())),
        };
        FollowedPush {
            missing: named.map(|named| named + context.left_out.rejected),
            early: self.early(&followed, context),
            followed,
            verdict,
            rejects: path,
        }
    }

    fn facts(&self) -> Option<&Facts> {
        self.session.known.as_ref().map(|known| &known.facts)
    }

    /// Whether what was sent twice is known to count once: that was asked of one window and its one import.
    fn counts_once(&self, context: Context<'_>) -> bool {
        let is_one = context.mode.window().is_some() && self.arrivals.ids().len() == 1;
        is_one && self.facts().and_then(|facts| facts.repeated) == Some(Repeated::Once)
    }

    /// The first launch, in words, if what is known of the window rules it out.
    fn early(&self, followed: &Followed, context: Context<'_>) -> Option<String> {
        let (reading, debounce) = (self.facts()?.window?, context.mode.window()?);
        let (first, last) = self.arrivals.began()?;
        let from = match reading {
            WindowReading::First => first,
            WindowReading::Last => last,
        };
        let launches = followed.imports.iter().filter_map(|import| {
            let at = import.last.as_ref()?.launched_at?;
            Some((at, &import.id))
        });
        let (launched, id) = launches.min()?;
        let earliest = from + debounce.saturating_sub(window::EARLY);
        // What was launched before it was sent is of a clock that shows other hours.
        let is_early = launched < earliest && launched >= first - window::EARLY;
        is_early.then(|| {
            format!(
                "import {id} was launched at {}, less than {} after the {}",
                launched.strftime("%H:%M:%S UTC"),
                display::time(debounce),
                known::request(Some(reading))
            )
        })
    }

    /// Ends the rejects file; where it is, if there is one.
    fn finish(&self, rejects: RejectsFile) -> Option<PathBuf> {
        let path = rejects.path().map(ToOwned::to_owned);
        if let (Some(path), Some(named)) = (&path, &self.session.rejects_in_the_way) {
            let message = format!(
                "{}: the records that Qobra rejected go to {}",
                rejects_name::is_there(named),
                typed_path(path)
            );
            let hint = None;
            self.session.events.emit(Event::Alarm { message, hint });
        }
        if let Err(error) = rejects.finish() {
            self.lost(&error.to_string());
        }
        path
    }

    async fn watch<S: Service>(&self, service: &S, context: Context<'_>) -> Followed {
        let seen_after = self.facts().and_then(|facts| facts.import_seen_after);
        let seen_after = Duration::from_secs(seen_after.unwrap_or_default());
        let options = FollowOptions {
            table: Some(context.table.clone()),
            earliest: match self.session.pass_time {
                Some(_) => None,
                None => follow::earliest(
                    context.mode,
                    self.opened.as_ref(),
                    &self.session.clock.now(),
                ),
            },
            timeout: self.timeout,
            // It has answered each request.
            connect_for: Duration::MAX,
            first_seen_grace: FollowOptions::FIRST_SEEN_GRACE.max(seen_after.saturating_mul(2)),
            unknown_status: self.facts().and_then(Facts::unknown_status),
        };
        let means = FollowMeans {
            service,
            events: &self.session.events,
            interrupts: &self.session.interrupts,
        };
        follow::follow(&self.arrivals.ids(), &options, means).await
    }

    fn write_down(&self, followed: &Followed, context: Context<'_>) {
        for import in &followed.imports {
            let Some(last) = &import.last else { continue };
            let seen = (import.has_error(context.table), import.is_over());
            self.journal.followed(&import.id, &last.status, seen);
        }
    }

    /// Adds the service's rejects to ours. Gives their reasons.
    fn keep(&self, verdict: &Verdict, rejects: &mut RejectsFile) -> Reasons {
        if verdict.rejected.is_empty() {
            return Reasons::default();
        }
        let pushed = Pushed {
            input: self.input.mapped(),
            id_field: self.id_field,
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
        self.session.events.warn(
            format!("not all records that the service rejected could be kept: {why}"),
            "Qobra's app shows them with the import".to_owned(),
        );
    }

    /// What is left to say of a clean end.
    fn advise(&self, verdict: &Verdict) {
        verdict
            .notes
            .iter()
            .for_each(|note| self.session.events.note(note));
        if verdict.counted.is_none() && !self.session.history.has_worked() {
            self.session.events.note(
                "if nothing shows in Qobra: do the field names in the mapping match those set in \
                 Qobra?",
            );
        }
    }
}
