//! `--sandbox`: the same push, to a stand-in inside this process.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use crate::base::complaint::Complaint;
use crate::base::display;
use crate::base::secret::{ApiKey, KeyPlaces};
use crate::commands::sandbox::table_spec;
use crate::push::new_keys;
use crate::push::outcome::{Failure, Outcome};
use crate::push::plan::{Plan, Target};
use crate::push::run::{Session, fresh};
use crate::runs::state::StateDir;
use crate::screen::progress::Progress;
use crate::screen::terminal::Terminal;
use crate::service::sandbox::{Sandbox, SandboxOptions, TableSnapshot};
use crate::service::{ApiOptions, BaseUrl};

/// What is wrong where the rehearsal cannot even begin.
const NONE: &str = "no stand-in";

/// Pushes to a stand-in, lets its time pass, and says what its table holds then. The state folder is
/// a temporary one.
pub(super) fn push(plan: &mut Plan, terminal: &Arc<Terminal>) -> Result<Option<Outcome>, Failure> {
    let table = plan.send.table.clone();
    let sandbox = Sandbox::new(SandboxOptions {
        tables: vec![table_spec(table.as_str(), Some(&plan.mapping))],
        any_table: false,
        ..SandboxOptions::default()
    });
    let running = sandbox.spawn().map_err(|error| {
        let hint = "it needs a port of 127.0.0.1 and a thread: ulimit -u, or the container's limit of \
                    processes, may be too low";
        Complaint::new(format!("{NONE}: {error}"), hint.to_owned())
    })?;
    let base_url = BaseUrl::new(&format!("http://{}", running.addr)).context(NONE)?;
    let key = ApiKey::new("rehearsal").context(NONE)?;
    let folder = tempfile::tempdir().context(NONE)?;
    let state = StateDir::find(Some(&folder.path().join("state")), &|_| None)?;
    let events = Progress::new(terminal).for_table(&table).events();
    let mut session = Session::open(state, &base_url, &table, events, Duration::ZERO)?;
    session.events.note(
        "rehearsal: pushing to a stand-in inside this process, a model made from the public \
         documentation",
    );
    let api = ApiOptions {
        base_url,
        ca_cert: None,
    };
    plan.target = Target::Service(Box::new(api), KeyPlaces::default(), key);
    let (sandbox, events) = (running.sandbox.clone(), session.events.clone());
    session.pass_time = Some(Box::new(move || {
        events.note("rehearsal: the stand-in's clock is moved past the window");
        sandbox.settle();
    }));
    let outcome = fresh::push(plan, &mut session)?;
    running.sandbox.settle();
    let held = running.sandbox.table(table.as_str()).unwrap_or_default();
    Ok(outcome.map(|mut outcome| {
        let table = display::quoted(table.as_str());
        let now = format!("its table {table} {}", holds(&held));
        outcome.prospect = match outcome.is_followed {
            true => format!("{}; rehearsal: {now}", outcome.prospect),
            false => {
                format!("rehearsal: the stand-in's clock was moved past the window; {now}")
            }
        };
        outcome
    }))
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
