//! `--sandbox`: the same push, to a stand-in inside this process.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tempfile::TempDir;

use crate::base::complaint::Complaint;
use crate::base::display;
use crate::base::event::Events;
use crate::base::model::TableKey;
use crate::base::secret::{ApiKey, KeyPlaces};
use crate::commands::receipts::Receipts;
use crate::commands::report as page;
use crate::commands::sandbox::table_spec;
use crate::push::new_keys;
use crate::push::outcome::{Failure, Outcome};
use crate::push::plan::{Plan, Target};
use crate::push::run::{Session, fresh};
use crate::runs::state::StateDir;
use crate::screen::progress::Progress;
use crate::screen::terminal::Terminal;
use crate::service::sandbox::{Running, Sandbox, SandboxOptions, TableSnapshot};
use crate::service::{ApiOptions, BaseUrl};

/// What is wrong where the rehearsal cannot even begin.
const NONE: &str = "no stand-in";

/// What a page says of a rehearsal.
pub(super) const REMARK: &str =
    "A rehearsal: all of this went to a stand-in inside the program, and nothing to Qobra";

/// A stand-in inside this process, and a state folder that goes with it.
pub(super) struct Rehearsal {
    running: Running,
    folder: TempDir,
    api: ApiOptions,
    key: ApiKey,
}

impl Rehearsal {
    /// Starts a stand-in that has the tables of some pushes.
    pub(super) fn begin<'a>(plans: impl Iterator<Item = &'a Plan>) -> Result<Self, Failure> {
        let table = |plan: &Plan| table_spec(plan.send.table.as_str(), Some(&plan.mapping));
        let sandbox = Sandbox::new(SandboxOptions {
            tables: plans.map(table).collect(),
            any_table: false,
            ..SandboxOptions::default()
        });
        let running = sandbox.spawn().map_err(|error| {
            let hint = "it needs a port of 127.0.0.1 and a thread: ulimit -u, or the container's limit \
                        of processes, may be too low";
            Complaint::new(format!("{NONE}: {error}"), hint.to_owned())
        })?;
        let base_url = BaseUrl::new(&format!("http://{}", running.addr)).context(NONE)?;
        Ok(Self {
            running,
            folder: tempfile::tempdir().context(NONE)?,
            api: ApiOptions {
                base_url,
                ca_cert: None,
            },
            key: ApiKey::new("rehearsal").context(NONE)?,
        })
    }

    pub(super) fn state(&self) -> Result<StateDir, Failure> {
        let folder = self.folder.path().join("state");
        Ok(StateDir::find(Some(&folder), &|_| None)?)
    }

    pub(super) fn base_url(&self) -> &BaseUrl {
        &self.api.base_url
    }

    /// Says that nothing of this is real.
    pub(super) fn introduce(&self, events: &Events) {
        events.note(
            "rehearsal: pushing to a stand-in inside this process, a model made from the public \
             documentation",
        );
    }

    /// Points a push at the stand-in, whose time passes before its imports are followed.
    pub(super) fn take(&self, plan: &mut Plan, session: &mut Session) {
        let api = Box::new(self.api.clone());
        plan.target = Target::Service(api, KeyPlaces::default(), self.key.clone());
        let (sandbox, events) = (self.running.sandbox.clone(), session.events.clone());
        session.pass_time = Some(Box::new(move || {
            events.note("rehearsal: the stand-in's clock is moved past the window");
            sandbox.settle();
        }));
    }

    /// Lets the time of the stand-in pass, and says what its table holds then.
    pub(super) fn tell(&self, outcome: &mut Outcome, table: &TableKey) {
        self.running.sandbox.settle();
        let held = self.running.sandbox.table(table.as_str());
        let table = display::quoted(table.as_str());
        let now = format!("its table {table} {}", holds(&held.unwrap_or_default()));
        outcome.prospect = match outcome.is_followed {
            true => format!("{}; rehearsal: {now}", outcome.prospect),
            false => {
                format!("rehearsal: the stand-in's clock was moved past the window; {now}")
            }
        };
    }
}

/// Pushes to a stand-in, lets its time pass, and says what its table holds then. The state folder is
/// a temporary one.
pub(super) fn push(plan: &mut Plan, terminal: &Arc<Terminal>) -> Result<Option<Outcome>, Failure> {
    let rehearsal = Rehearsal::begin(std::iter::once(&*plan))?;
    let table = plan.send.table.clone();
    let receipts = Receipts::default();
    let events = Progress::new(terminal).for_table(&table).events();
    let events = receipts.heard_from(events);
    let state = rehearsal.state()?;
    let base_url = rehearsal.base_url();
    let mut session = Session::open(state, base_url, &table, events, Duration::ZERO)?;
    rehearsal.introduce(&session.events);
    rehearsal.take(plan, &mut session);
    let outcome = fresh::push(plan, &mut session);
    let (report, receipt) = (plan.report.as_ref(), receipts.take());
    let places = (&session.state, &session.table);
    page::after(report, receipt.as_deref(), places, Some(REMARK), terminal);
    let mut outcome = outcome?;
    if let Some(outcome) = &mut outcome {
        rehearsal.tell(outcome, &table);
    }
    Ok(outcome)
}

/// What a stand-in's table holds, and which fields it dropped, as the service is thought to do.
fn holds(table: &TableSnapshot) -> String {
    let records = display::counted(table.records.len() as u64, "record");
    let dropped: Vec<&str> = table.dropped.iter().map(String::as_str).collect();
    match dropped.is_empty() {
        true => format!("now holds {records}"),
        false => format!(
            "now holds {records}, and dropped fields that it does not have: {}",
            new_keys::named(&dropped)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropped_fields_are_named() {
        let mut table = TableSnapshot::default();
        assert_eq!(holds(&table), "now holds 0 records");
        table.records = vec![("1".to_owned(), "{}".to_owned())];
        table.dropped = vec!["owner".to_owned(), "stage\n".to_owned()];
        assert_eq!(
            holds(&table),
            "now holds 1 record, and dropped fields that it does not have: `owner`, `stage\\n`"
        );
    }
}
