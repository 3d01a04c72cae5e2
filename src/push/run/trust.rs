//! What a push relies on that sends only what differs: the imports of the runs that went into the base,
//! followed to their end.
//!
//! What was accepted is not yet in the table. So those that nobody followed are asked for first, and what
//! is seen is kept with their runs, as `status` would: records that the service rejected leave the
//! base, and count as new or changed.

use std::time::Duration;

use super::session::Session;
use crate::base::display;
use crate::base::event::{Event, Events};
use crate::base::secret::ApiKey;
use crate::push::follow::{Ended, FollowMeans, Followed, FollowedImport, follow, look_once};
use crate::push::outcome::{Failure, clock_time};
use crate::push::plan;
use crate::push::status::{Asked, Judged};
use crate::runs::base;
use crate::runs::history::{History, PastRun};
use crate::runs::state::RunId;
use crate::service::{ApiOptions, Client, Status, runtime};

impl Session {
    /// Asks for the imports of the base's runs that nobody followed to their end, each for at most so
    /// long, and less where nobody answers. Gives why the base is nothing to rely on, in words, if it is not.
    pub(super) fn trust(
        &mut self,
        (api, key): (&ApiOptions, &ApiKey),
        timeout: (Option<Duration>, Duration),
    ) -> Result<Option<String>, Failure> {
        let base_url = api.base_url.to_string();
        for id in self.unfollowed(&base_url) {
            // What was seen of another run may have ended the base.
            if !self.unfollowed(&base_url).contains(&id) {
                continue;
            }
            let Some(run) = self.history.run(&id).cloned() else {
                let words = format!("nobody saw the end of run {id}, which is not kept any more");
                return Ok(Some(words));
            };
            let client = Client::new(api, key)?.with_scratch(run.dir.path());
            let followed = self.look(&run, &client, timeout)?;
            self.history = History::read(&self.table)?;
            let unseen = followed.imports.iter().find_map(unseen);
            if let Some(why) = unseen {
                return Ok(Some(format!("of run {id}, {why}")));
            }
        }
        let left = self.unfollowed(&base_url);
        Ok(left
            .first()
            .map(|id| format!("what was seen of run {id} could not be kept")))
    }

    fn unfollowed(&self, base_url: &str) -> Vec<RunId> {
        let base = base::current(&self.history, Some(base_url), self.base_key().as_ref());
        base.map_or_else(
            |_| Vec::new(),
            |base| base::unfollowed(&base, &self.history).cloned().collect(),
        )
    }

    /// Asks for the imports of a run, until they are over or the time is, and keeps what was seen.
    fn look(
        &self,
        run: &PastRun,
        client: &Client,
        (timeout, connect_for): (Option<Duration>, Duration),
    ) -> Result<Followed, Failure> {
        let mode = run.journal.plan().mode;
        let timeout = timeout.unwrap_or_else(|| plan::usual_wait(mode));
        let asked = Asked::of_run(run, (&self.state, &self.table), &self.history);
        let options = asked.options(mode, timeout, connect_for);
        let means = |events| FollowMeans {
            service: client,
            events,
            interrupts: &self.interrupts,
        };
        let unheard = Events::unheard();
        let runtime = runtime()?;
        self.events.note(format!(
            "the imports of run {} are looked at first: nobody saw their end",
            run.dir.id()
        ));
        let mut followed = runtime.block_on(look_once(
            &asked.ids,
            options.table.as_ref(),
            means(&unheard),
        ));
        if !followed.are_all_over() && !followed.imports.iter().any(has_unknown_word) {
            let now = self.clock.now().wall;
            self.events.note(format!(
                "nothing is sent before they have ended, or {} (in {})",
                clock_time(now + timeout, now),
                display::time(timeout)
            ));
            followed = runtime.block_on(follow(&asked.ids, &options, means(&self.events)));
        }
        self.events.emit(Event::Over);
        for group in &asked.groups {
            let judged = group.judge(&asked, &followed, &self.events, Some(&self.lock));
            self.tell_rejected(run.dir.id(), &judged);
        }
        Ok(followed)
    }

    fn tell_rejected(&self, run: &RunId, judged: &Judged) {
        let verdict = judged.verdict.as_ref();
        let Some(count) = verdict
            .map(|verdict| verdict.rejected.len())
            .filter(|n| *n > 0)
        else {
            return;
        };
        let kept = judged.kept.rejects.as_deref();
        let kept = kept.map_or_else(String::new, |path| {
            format!(", and are kept in {}", display::typed_path(path))
        });
        self.events.note(format!(
            "of run {run}, {} rejected by the service{kept}",
            match count {
                1 => "1 record was".to_owned(),
                _ => format!("{} were", display::counted(count, "record")),
            },
        ));
    }
}

/// A status that is none of the documented ones says nothing, however often it is asked for.
fn has_unknown_word(import: &FollowedImport) -> bool {
    let last = import.last.as_ref();
    last.is_some_and(|last| matches!(last.status, Status::Unknown(_)))
}

/// Why an import's end was not seen, if it was not.
fn unseen(import: &FollowedImport) -> Option<String> {
    let id = display::shown(import.id.as_str());
    match (&import.end, &import.last) {
        (Ended::Over, _) => None,
        (Ended::NotFound, _) => Some(format!("the service does not know import {id}")),
        (Ended::Failed(error) | Ended::Open(Some(error)), _) => {
            Some(format!("import {id} cannot be looked at: {error}"))
        }
        (Ended::Open(None), Some(last)) if has_unknown_word(import) => {
            let word = display::quoted(last.status.word());
            Some(format!("import {id} has the unknown status {word}"))
        }
        (Ended::Open(None), _) => Some(format!("import {id} did not end in time")),
    }
}
