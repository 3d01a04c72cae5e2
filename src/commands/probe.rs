//! `probe`: what Qobra does not document, learnt on a scratch table.

mod place;
mod refused;
mod stand_in;

use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use self::place::Place;
use crate::base::display::{self, typed_path};
use crate::base::event::Events;
use crate::base::model::TableKey;
use crate::base::outlet;
use crate::cli::{CommonArgs, ProbeArgs, ProbedKind};
use crate::push::outcome::{Exit, Failure};
use crate::push::plan::{self, Environment, Target};
use crate::push::probe::{
    self, FieldKind, Lab, Largest, Look, PREFIX, Pace, ProbedField, Replaces, Report, Sheet,
};
use crate::push::run::Session;
use crate::runs::known::Known;
use crate::runs::probed;
use crate::screen::progress::Progress;
use crate::screen::terminal::{Results, Terminal};
use crate::service::facts::Facts;
use crate::service::{Exchange, runtime};

/// How long an import of some records is waited for beyond its debounce: in Qobra's own example one ran for
/// eleven minutes.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Does the experiments, asks what only eyes can tell, and keeps what was learnt.
pub(super) fn run(
    args: &ProbeArgs,
    common: &CommonArgs,
    terminal: &Arc<Terminal>,
) -> Result<Exit, Failure> {
    let table = plan::table_key(&args.table)?;
    refused::unless_said_twice(args)?;
    if let Some(path) = &args.out {
        refused::unless_writable(path)?;
    }
    let events = Progress::new(terminal).for_table(&table).events();
    let place = place(args, common, &table, &events)?;
    refused::if_real(&place.session, &table, &place.api.base_url)?;
    let (session, pace) = (&place.session, &place.pace);
    introduce(args, &place, terminal);
    wait_for_earlier(session, pace)?;
    let mut lab = lab(args, table, &place, events);
    let ended = experiments(&mut lab, session, place.stand_in.is_none());
    if lab.replaces.are_over() {
        probed::clear(&session.table);
    }
    ask(ended?, &mut lab, terminal);
    let report = Report::new(Timestamp::now(), lab.findings, lab.facts);
    if place.stand_in.is_none() {
        keep(&place, &report, terminal);
    }
    tell(args, &report, terminal)
}

/// The table's lock and past, and a way to the service.
fn place(
    args: &ProbeArgs,
    common: &CommonArgs,
    table: &TableKey,
    events: &Events,
) -> Result<Place, Failure> {
    if args.sandbox {
        return stand_in::place(table, &sheet(args), events);
    }
    let environment = Environment::read();
    let common = CommonArgs {
        connection: args.connection.clone(),
        ..common.clone()
    };
    let Target::Service(api, _, key) = plan::service(&common, &environment)? else {
        return Err(anyhow::anyhow!("a probe without a service").into());
    };
    let state = environment.state(&common)?;
    state.prepare()?;
    let wait = args.lock.lock_wait;
    let session = Session::open(state, &api.base_url, table, events.clone(), wait)?;
    Ok(Place {
        session,
        exchange: Exchange::new(&api, &key)?,
        api: *api,
        pace: Pace::machine(),
        stand_in: None,
    })
}

/// Says what will be done, before anything is.
fn introduce(args: &ProbeArgs, place: &Place, terminal: &Terminal) {
    let table = display::quoted(&args.table);
    let host = match &place.stand_in {
        Some(_) => "a stand-in in this process".to_owned(),
        None => place.api.base_url.host(),
    };
    terminal.insist(&format!(
        "this deletes all content of table {table} at {host}, and leaves records in it whose ids begin with {PREFIX}"
    ));
    if place.stand_in.is_none() {
        // Three windows, two of them with late requests; five where those look as if the last one counted.
        let windows = args.debounce * 5;
        terminal.tell(&format!(
            "requests of up to {} and of up to {}, three to five windows of {}: at least {}, and as long as the imports \
             take; Ctrl-C ends it at any time",
            display::size(Largest::default().bytes),
            display::counted(Largest::default().records, "record"),
            display::time(args.debounce),
            display::time(windows)
        ));
    }
}

/// An earlier probe that did not see the end of its replaces may have left a window open, whose import would
/// meet the experiments.
fn wait_for_earlier(session: &Session, pace: &Pace) -> Result<(), Failure> {
    let Some(left) = probed::left(&session.table, session.clock.now().wall) else {
        return Ok(());
    };
    session.events.note(format!(
        "an earlier probe of this table may have a window open: nothing is sent before it is over, in {}",
        display::time(left)
    ));
    runtime()?.block_on(pace.sleep(left));
    Ok(())
}

fn lab(args: &ProbeArgs, table: TableKey, place: &Place, events: Events) -> Lab {
    let (folder, clock) = (place.session.table.clone(), place.session.clock.clone());
    let warn = events.clone();
    Lab {
        exchange: place.exchange.clone(),
        table,
        sheet: sheet(args),
        pace: place.pace.clone(),
        debounce: args.debounce,
        largest: Largest::default(),
        patience: Cell::new(PATIENCE),
        events,
        on_window: Box::new(move |open| {
            if let Err(error) = probed::note(&folder, clock.now().wall + open) {
                let hint = "a push right after a probe that is killed would not know of its window";
                warn.warn(error, hint.to_owned());
            }
        }),
        facts: Facts::default(),
        findings: Vec::new(),
        replaces: Replaces::default(),
    }
}

fn sheet(args: &ProbeArgs) -> Sheet {
    let fields = args.fields.iter().map(|field| ProbedField {
        key: field.key.clone(),
        kind: match field.kind {
            None => FieldKind::Unknown,
            Some(ProbedKind::Text) => FieldKind::Text,
            Some(ProbedKind::Number) => FieldKind::Number,
            Some(ProbedKind::Date) => FieldKind::Date,
            Some(ProbedKind::Boolean) => FieldKind::Boolean,
            Some(ProbedKind::Percentage) => FieldKind::Percentage,
            Some(ProbedKind::User) => FieldKind::User,
            Some(ProbedKind::Picklist) => FieldKind::Picklist,
        },
    });
    Sheet {
        id_field: args.id_field.clone(),
        name_field: args.name_field.clone(),
        fields: fields.collect(),
    }
}

/// Does them, until a signal comes.
fn experiments(lab: &mut Lab, session: &Session, is_real: bool) -> Result<Vec<Look>, Failure> {
    let runtime = runtime()?;
    session.interrupts.begin_sending();
    let debounce = lab.debounce;
    let ended = runtime.block_on(async {
        tokio::select! {
            signal = session.interrupts.first() => Err(signal),
            looks = probe::run(lab) => Ok(looks),
        }
    });
    // Nothing of a request that will not be answered is waited for.
    runtime.shutdown_background();
    ended.unwrap_or_else(|signal| {
        let hint = is_real.then(|| {
            format!(
                "the same line again begins anew; a window that is open ends within {}",
                display::time(debounce * 2)
            )
        });
        let message = "interrupted: the table holds records of the probe, or is as it was if none arrived; nothing \
                       was learnt";
        Err(Failure::new(Exit::Interrupted(signal), message, hint))
    })
}

/// Asks what the records look like in Qobra's app; without a terminal that is left open.
fn ask(looks: Vec<Look>, lab: &mut Lab, terminal: &Terminal) {
    if !looks.is_empty() && terminal.can_ask() {
        terminal.insist(&format!(
            "now look at table {} in Qobra's app; a key and Enter answers, ? where you cannot tell",
            display::quoted(lab.table.as_str())
        ));
    }
    for look in looks {
        let answer = terminal.choose(&look.asked, &look.keys());
        look.answered(answer, lab);
    }
}

/// Keeps what was learnt for pushes to this service.
fn keep(place: &Place, report: &Report, terminal: &Terminal) {
    let (state, base_url) = (&place.session.state, &place.api.base_url);
    let known = Known::new(base_url, report.probed_at, report.facts.clone());
    match known.write(state) {
        Ok(()) => terminal.tell(
            "what is settled is kept for pushes to this service (`qobra-push doctor` shows it; --no-facts leaves it \
             aside)",
        ),
        Err(error) => terminal.warning(&error.message, error.hint.as_deref()),
    }
}

/// Prints the report, and says what is left to be done.
fn tell(args: &ProbeArgs, report: &Report, terminal: &Terminal) -> Result<Exit, Failure> {
    let json = report.json().to_string();
    match terminal.results() {
        Results::Document => terminal.result(&json),
        Results::Lines => {
            let lines = probe::lines(report);
            lines.iter().for_each(|line| terminal.result(line));
        }
    }
    terminal.tell(&format!(
        "{} of {} questions are settled; table {} holds records whose ids begin with {PREFIX}, and no others: no call \
         deletes them, Qobra's app does",
        report.settled(),
        report.findings.len(),
        display::quoted(&args.table)
    ));
    match &args.out {
        Some(path) => write(path, &json),
        None => Ok(Exit::Done),
    }
}

fn write(path: &Path, json: &str) -> Result<Exit, Failure> {
    let line = format!("{json}\n");
    let written = outlet::write_or(path, line.as_bytes(), |path, line| {
        std::fs::write(path, line)
    });
    written.map(|()| Exit::Done).map_err(|error| {
        let message = format!(
            "the report cannot be written to {}: {error}",
            typed_path(path)
        );
        Failure::new(Exit::Usage, message, Some("it was printed, too".to_owned()))
    })
}
