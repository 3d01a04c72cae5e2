//! `--sandbox`: the same push, to a stand-in inside this process.

use crate::api::{ApiOptions, BaseUrl};
use crate::commands::push;
use crate::commands::sandbox::table_spec;
use crate::display;
use crate::event::Events;
use crate::outcome::{Exit, Failure, Outcome};
use crate::plan::Plan;
use crate::sandbox::{Sandbox, SandboxOptions};
use crate::secret::ApiKey;
use crate::send::Cargo;

/// Pushes to a stand-in, lets its time pass, and says what its table holds then.
///
/// # Errors
/// When no stand-in can be started.
pub(super) fn push(plan: &Plan, cargo: Cargo, events: &Events) -> Result<Outcome, Failure> {
    let table = &plan.send.table;
    let sandbox = Sandbox::new(SandboxOptions {
        tables: vec![table_spec(table.as_str(), Some(&plan.mapping))],
        any_table: false,
        ..SandboxOptions::default()
    });
    let broken = |why: String| Failure::new(Exit::Bug, format!("no stand-in: {why}"), None);
    let running = sandbox.spawn().map_err(|error| broken(error.to_string()))?;
    let base_url =
        BaseUrl::new(&format!("http://{}", running.addr)).map_err(|error| broken(error.message))?;
    let key = ApiKey::new("rehearsal").ok_or_else(|| broken("no key".to_owned()))?;
    events.note(
        "rehearsal: pushing to a stand-in inside this process, a model made from the public \
         documentation",
    );
    let options = ApiOptions {
        base_url,
        ca_cert: None,
    };
    let mut outcome = push::send(plan, cargo, &options, &key, events)?;
    running.sandbox.settle();
    let held = running
        .sandbox
        .table(table.as_str())
        .map_or(0, |table| table.records.len());
    outcome.prospect = format!(
        "rehearsal: the stand-in's clock was moved past the window; its table {} now holds {}",
        display::quoted(table.as_str()),
        display::counted(held as u64, "record")
    );
    Ok(outcome)
}
