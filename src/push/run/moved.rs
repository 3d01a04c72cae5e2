//! A run that goes on at another address: the same service, moved. What it sent before must be there.
//!
//! Folder, lock and history stay those of the run. So that no other table is half written, and older data
//! never goes over newer, the new address must know the run's last import, and nothing may have been
//! pushed there from here.

use super::session::Session;
use crate::base::display;
use crate::base::event::{Event, Events};
use crate::base::secret::ApiKey;
use crate::push::follow::{Ended, FollowMeans, look_once};
use crate::push::outcome::{Exit, Failure};
use crate::runs::history::History;
use crate::runs::journal::Journal;
use crate::runs::state::Lock;
use crate::service::{ApiOptions, BaseUrl, Client, runtime};

/// The address that was typed, if it is not the run's own.
pub(super) fn address(typed: Option<&str>, own: &BaseUrl) -> Result<Option<BaseUrl>, Failure> {
    let typed = typed.map(BaseUrl::new).transpose()?;
    Ok(typed.filter(|typed| typed != own))
}

/// Makes sure that the service at another address is the run's own, and keeps others off its table there
/// for as long as what is given back lives.
pub(super) fn check(
    session: &Session,
    journal: &Journal,
    api: &ApiOptions,
    key: &ApiKey,
) -> Result<Option<Lock>, Failure> {
    let plan = journal.plan();
    let (old, new) = (display::shown(&plan.base_url), &api.base_url);
    session.events.emit(Event::Alarm {
        message: format!("run {} goes on at {new}; it was begun at {old}", plan.run),
        hint: Some(
            "that must be the same service under another address; give --base-url to status as well"
                .to_owned(),
        ),
    });
    let table = session.state.table(&new.to_string(), &plan.table);
    let lock = match table == session.table {
        true => None,
        false => Some(table.lock(&session.clock)?),
    };
    if lock.is_some() && !History::read(&table)?.is_empty() {
        return Err(refused(format!(
            "table {} was pushed to at {new} from here before, so run {} of {old} may be older than what \
             it holds; nothing was sent",
            display::quoted(plan.table.as_str()),
            plan.run
        )));
    }
    let Some(id) = journal.import_ids().last().copied() else {
        return Ok(lock);
    };
    let client = Client::new(api, key)?;
    let unheard = Events::unheard();
    let means = FollowMeans {
        service: &client,
        events: &unheard,
        interrupts: &session.interrupts,
    };
    let looking = look_once(std::slice::from_ref(id), Some(&plan.table), means);
    let seen = runtime()?.block_on(looking);
    let shown = display::shown(id.as_str());
    match seen.imports.first().map(|import| &import.end) {
        Some(Ended::Over | Ended::Open(None)) => Ok(lock),
        Some(Ended::Failed(error) | Ended::Open(Some(error))) => Err(Failure::new(
            Exit::Unreachable,
            format!(
                "whether {new} is the service of run {} cannot be told, import {shown} cannot be looked \
                 at: {error}; nothing was sent",
                plan.run
            ),
            None,
        )),
        Some(Ended::NotFound) | None => Err(refused(format!(
            "the service at {new} does not know import {shown}, which run {} got from {old}: it is \
             another one; nothing was sent",
            plan.run
        ))),
    }
}

fn refused(message: String) -> Failure {
    let hint = "resume it without --base-url, or push its input as a new run".to_owned();
    Failure::new(Exit::Input, message, Some(hint))
}
