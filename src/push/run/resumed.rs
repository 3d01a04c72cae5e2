//! A run that an earlier process began, taken up again.

use std::sync::Arc;

use super::choice;
use super::deliver::Upload;
use super::moved;
use super::reopen::{self, Reopened};
use super::session::Session;
use crate::base::complaint::Complaint;
use crate::base::display;
use crate::base::event::{Event, Events};
use crate::base::secret::ApiKey;
use crate::cli::ResumeArgs;
use crate::input::Source;
use crate::mapping::{Binding, Freeze};
use crate::prove::duplicates::RecordSet;
use crate::prove::rejects::RejectsFile;
use crate::push::arrivals::Arrivals;
use crate::push::outcome::{Exit, Failure, LeftOut, Outcome};
use crate::push::plan::{self, Environment};
use crate::push::send::{SendInput, SendOptions, SendPlan};
use crate::push::{delivery, keeping, known, new_keys, plan_line, receipt};
use crate::runs::base;
use crate::runs::history::PastRun;
use crate::runs::journal::{Journal, JournalWriter, PlanLine, Resumption, RunState};
use crate::runs::kept::{About, Payload};
use crate::runs::resumption::{self, Decision};
use crate::runs::state::{RunDir, StateDir};
use crate::runs::wanted;
use crate::service::window::Window;
use crate::service::{ApiOptions, BaseUrl};

/// Takes up a run that was found open; none where another process ended it meanwhile.
pub(crate) fn resume(
    state: StateDir,
    found: &PastRun,
    environment: &Environment,
    args: &ResumeArgs,
    events: Events,
) -> Result<Option<Outcome>, Failure> {
    let line = found.journal.plan();
    let base_url = BaseUrl::new(&line.base_url)?;
    let table = state.table(&line.base_url, &line.table);
    let lock_wait = args.lock.lock_wait;
    let mut session = Session::reopen(state, (table, &found.dir), events, lock_wait)?;
    session.learn(&base_url, !args.facts.no_facts);
    let outcome = take_up(&mut session, &found.dir, &base_url, environment, args);
    session.events.emit(Event::Over);
    session.close(&outcome, &found.dir);
    outcome
}

/// Goes on with a run of a table that is now locked.
fn take_up(
    session: &mut Session,
    dir: &RunDir,
    base_url: &BaseUrl,
    environment: &Environment,
    args: &ResumeArgs,
) -> Result<Option<Outcome>, Failure> {
    // The lock was free for a moment: what was read before may be old.
    let history = std::mem::take(&mut session.history);
    let Some(run) = history.run(dir.id()) else {
        return Ok(None);
    };
    match run.journal.state(false, history.journals()) {
        RunState::Superseded => return Err(choice::superseded(run)),
        _ if run.journal.is_finished() => return Ok(None),
        _ => {}
    }
    if let Some(later) = history.unreadable_after(dir.id()) {
        return Err(choice::obscured(run, later));
    }
    let before = run.journal.clone();
    let line = before.plan().clone();
    session.history = history.without(dir.id());

    let key = key(args, &line, environment)?;
    key.warn(&session.events);
    let moved = moved::address(args.base_url.as_deref(), base_url)?;
    let api = ApiOptions {
        base_url: moved.clone().unwrap_or_else(|| base_url.clone()),
        ca_cert: (args.ca_cert.clone()).or_else(|| line.options.ca_cert.clone()),
    };
    session.receipt = Some(receipt::of_journal(&before, dir));
    let Reopened {
        source,
        binding,
        freeze,
    } = (session.events).during("reading the input again", || reopen::reopen(&line))?;
    let left_out = left_out(&line, dir, session)?;
    // Until the end, nobody else pushes to the table there either.
    let _there = match &moved {
        Some(_) => moved::check(session, &before, &api, &key)?,
        None => None,
    };

    let (writer, mut journal) =
        JournalWriter::open_append(&dir.journal_path(), session.clock.clone())?;
    if line.mode.window().is_some() && !journal.is_sealed() {
        session.ask(&mut journal, &writer, &api, &key)?;
    }
    // As the run took its window to count, if nothing was seen since that contradicts it.
    let reading = known::reading(&line, session.known.as_ref());
    let decision = resumption::decide(&journal, &session.clock.now(), reading);
    // The imports were looked at meanwhile.
    session.receipt = Some(receipt::of_journal(&journal, dir));
    tell(session, &decision);
    // A process that was killed did not come to say it.
    let was_killed = journal.end().is_none();
    let notes = was_killed.then(|| new_keys::notes_of_run(&line, &session.history));
    if decision.is_anew() {
        // Nothing of the old replace may be waiting when the new one begins.
        session.history.push(PastRun {
            dir: dir.clone(),
            journal: journal.clone(),
        });
    }
    session.announce();
    let mut upload = upload(dir, &journal, (source, binding), left_out, decision, args);
    upload.options.reading = reading;
    keep(&line, &upload.input, freeze.as_ref(), dir, session);
    let outcome = session.deliver(upload, dir, writer, &api, &key)?;
    let notes = notes.into_iter().flatten();
    notes.for_each(|note| session.events.note(note));
    Ok(Some(outcome))
}

/// Keeps what the run sends, where an earlier process did not come to it.
fn keep(
    line: &PlanLine,
    input: &SendInput,
    freeze: Option<&Freeze>,
    dir: &RunDir,
    session: &Session,
) {
    if line.options.keep.is_none() || !line.mode.is_replace() || Payload::of(dir).exists() {
        return;
    }
    let about = About {
        run: line.run.clone(),
        table: line.table.clone(),
        base_url: line.base_url.clone(),
        id_field: line.options.id_field.clone(),
        name_field: line.options.name_field.clone(),
        freeze: freeze.map(keeping::frozen),
    };
    keeping::keep(about, input.mapped(), &input.chunks, dir, &session.events);
}

/// The API key: what was typed counts, then what the run was told, then the environment.
fn key(args: &ResumeArgs, line: &PlanLine, environment: &Environment) -> Result<ApiKey, Complaint> {
    let mut places = environment.key.clone();
    places.file = (args.api_key_file.clone())
        .or(line.options.api_key_file.clone())
        .or(places.file);
    plan::find_key(&places)
}

/// The records that are not sent, although they are among those that the chunks span.
fn left_out(line: &PlanLine, dir: &RunDir, session: &Session) -> Result<RecordSet, Failure> {
    let Some(differing) = &line.differing else {
        return Ok(plan_line::left_out(line));
    };
    let refused = |message: String| {
        let hint = "push the input as a new run".to_owned();
        Failure::new(Exit::Input, message, Some(hint))
    };
    if !base::still_holds(&session.history, dir, line, session.base_key().as_ref()) {
        return Err(refused(format!(
            "run {} sends only what differs from what the table had then, and another push may have \
             changed that since; nothing was sent",
            dir.id()
        )));
    }
    let wanted = wanted::read(dir, &differing.digest).map_err(|error| {
        refused(format!(
            "which records run {} sends is not known any more ({}): {error}; nothing was sent",
            dir.id(),
            display::typed_path(&dir.wanted_path())
        ))
    })?;
    Ok(delivery::all_but(&wanted, line.records_read))
}

/// What is sent, and what was sent before.
fn upload(
    dir: &RunDir,
    journal: &Journal,
    (source, binding): (Source, Binding),
    left_out: RecordSet,
    decision: Decision,
    args: &ResumeArgs,
) -> Upload {
    let line = journal.plan();
    let chunks = plan_line::chunks(line);
    let input = SendInput {
        source,
        binding,
        chunks,
        left_out,
    };
    let rejects = plan_line::rejects_path(journal, dir, &input.source);
    let goes_on = decision.how == Resumption::Missing;
    Upload {
        plan: SendPlan {
            parts: decision
                .ranges
                .iter()
                .map(|range| input.part(*range))
                .collect(),
            window: decision.window,
            imports: decision.imports,
            doubtful: decision.doubtful,
            was_answered: journal.first_import().is_some(),
        },
        options: send_options(line, args),
        before: decision.before,
        has_touched: decision.has_touched,
        left_out: LeftOut {
            read: line.records_read,
            rejected: line.rejected,
            duplicates: line.duplicates_dropped,
            unchanged: line.unchanged(),
            delivered: line.delivered(),
        },
        rejects: RejectsFile::going_on(rejects, &input.source).spelled_for(&input.binding),
        keeps_rejects: true,
        base_url: line.base_url.clone(),
        id_field: line.options.id_field.clone(),
        mapping: line.mapping.as_ref().map(|file| file.path.clone()),
        wait: plan::wait(args.wait, line.mode),
        keep: line.options.keep,
        earlier: match goes_on {
            true => Arrivals::of_journal(journal),
            false => Arrivals::default(),
        },
        input: Arc::new(input),
        resumption: Some(decision.how),
    }
}

/// How the rest is sent: as before, where nothing else was typed.
fn send_options(line: &PlanLine, args: &ResumeArgs) -> SendOptions {
    let before = plan_line::send_options(line);
    SendOptions {
        jobs: args.jobs.map_or(before.jobs, usize::from),
        retry_for: args.retry_for.unwrap_or(before.retry_for),
        connect_for: args.connect_for.unwrap_or(before.connect_for),
        ..before
    }
}

/// Says how the run goes on, where that is not plain.
fn tell(session: &Session, decision: &Decision) {
    let is_open = |window: &&Window| window.opened().is_some();
    if decision.is_anew() {
        session.events.note(
            "the replace's window is over: once the service is done with it, the whole input is sent \
             anew",
        );
    } else if let Some(window) = decision.window.as_ref().filter(is_open) {
        session.events.note(format!(
            "the replace's window is open for another {}: only what is missing is sent",
            display::time(window.left(&session.clock.now()))
        ));
    }
}
