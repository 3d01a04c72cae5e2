//! `status`: what became of imports, and of the runs from here that they belong to.

mod tell;

use std::sync::Arc;

use crate::base::event::Events;
use crate::base::model::Mode;
use crate::base::signals::Interrupts;
use crate::cli::{CommonArgs, StatusArgs};
use crate::push::follow::{FollowEnd, FollowMeans, Followed};
use crate::push::outcome::{Exit, Failure};
use crate::push::plan::Environment;
use crate::push::status::Asked;
use crate::push::{follow, plan};
use crate::runs::history::PastRun;
use crate::screen::progress::Progress;
use crate::screen::terminal::Terminal;
use crate::service::{ApiOptions, BaseUrl, Client, Service as _, runtime};

/// Shows imports, and follows them if that is wanted.
pub(super) fn run(
    args: &StatusArgs,
    common: &CommonArgs,
    terminal: &Arc<Terminal>,
) -> Result<Exit, Failure> {
    let environment = Environment::read();
    let asked = Asked::new(args, common, &environment)?;
    let mut progress = Progress::new(terminal);
    if let Some(table) = &asked.table {
        progress = progress.for_table(table);
    }
    let events = progress.events();
    asked.introduce(&events);
    let (followed, host) = match asked.ids.is_empty() {
        false => follow(args, common, &environment, &asked, &events)?,
        // Nothing of the run was answered.
        true => {
            let followed = Followed {
                imports: Vec::new(),
                end: FollowEnd::AllEnded,
            };
            (followed, String::new())
        }
    };
    progress.finish();
    let judged = asked
        .groups
        .iter()
        .map(|group| group.judge(&asked, &followed, &events, None));
    let judged: Vec<_> = judged.collect();
    Ok(tell::tell(&asked, &followed, &judged, &host, terminal))
}

/// Looks at the imports, or follows them to their end; and who was asked.
fn follow(
    args: &StatusArgs,
    common: &CommonArgs,
    environment: &Environment,
    asked: &Asked,
    events: &Events,
) -> Result<(Followed, String), Failure> {
    let client = client(args, common, environment, asked.first_run(), events)?;
    let interrupts = Interrupts::listen(|_| {});
    // A signal ends the waiting, and what was seen is told all the same.
    interrupts.begin_sending();
    let unheard = Events::unheard();
    let means = FollowMeans {
        service: &client,
        // One look has no course to be told: its result says it all.
        events: if args.wait.is_wanted() {
            events
        } else {
            &unheard
        },
        interrupts: &interrupts,
    };
    let mode = asked.mode().unwrap_or(Mode::Upsert);
    let followed = match plan::wait(args.wait, mode) {
        Some(timeout) => {
            let options = asked.options(mode, timeout, args.reach.connect_for);
            runtime()?.block_on(follow::follow(&asked.ids, &options, means))
        }
        None => {
            let look = follow::look_once(&asked.ids, asked.table.as_ref(), means);
            runtime()?.block_on(look)
        }
    };
    Ok((followed, client.host()))
}

/// What was typed counts, then the environment, then what the run was told.
fn client(
    args: &StatusArgs,
    common: &CommonArgs,
    environment: &Environment,
    run: Option<&PastRun>,
    events: &Events,
) -> Result<Client, Failure> {
    let plan = run.map(|run| run.journal.plan());
    let typed = CommonArgs {
        connection: args.connection.clone(),
        ..common.clone()
    };
    let is_said = typed.connection.base_url.is_some() || environment.base_url.is_some();
    let base_url = match plan.filter(|_| !is_said) {
        Some(plan) => BaseUrl::new(&plan.base_url)?,
        None => plan::base_url(&typed, environment)?,
    };
    let mut places = environment.key.clone();
    let is_key_known =
        places.file.is_some() || places.credentials.is_some() || places.variable.is_some();
    let told = plan.and_then(|plan| plan.options.api_key_file.clone());
    places.file = (args.connection.api_key_file.clone())
        .or(places.file)
        .or(told.filter(|_| !is_key_known));
    let key = plan::find_key(&places)?;
    key.warn(events);
    let ca_cert = (args.connection.ca_cert.clone())
        .or_else(|| plan.and_then(|plan| plan.options.ca_cert.clone()));
    let client = Client::new(&ApiOptions { base_url, ca_cert }, &key)?;
    Ok(match run {
        Some(run) => client.with_scratch(run.dir.path()),
        None => client,
    })
}
