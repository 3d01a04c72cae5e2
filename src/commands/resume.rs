//! `resume`: finish the push that was interrupted.

mod choice;

use std::sync::Arc;

use crate::base::display;
use crate::base::model::Mode;
use crate::base::secret::ApiKey;
use crate::cli::{CommonArgs, ResumeArgs, WaitArgs};
use crate::commands::session::{Session, Upload};
use crate::input::{
    Encoding, Format, InputError, InputPath, ProvedInput, Quoting, RecordsAt, Source, SourceOptions,
};
use crate::mapping::{Binding, Mapping};
use crate::prove::Digests;
use crate::prove::rejects::RejectsFile;
use crate::push::following::Arrivals;
use crate::push::outcome::{Exit, Failure, LeftOut, Outcome};
use crate::push::plan::{self, Environment};
use crate::push::send::{SendInput, SendOptions, SendPlan};
use crate::push::{new_keys, plan_line, receipt};
use crate::runs::history::PastRun;
use crate::runs::journal::{InputLine, Journal, JournalWriter, PlanLine, Resumption, RunState};
use crate::runs::resumption::{self, Decision};
use crate::runs::state::RunDir;
use crate::screen::report;
use crate::screen::terminal::Terminal;
use crate::service::window::Window;
use crate::service::{ApiOptions, BaseUrl};

/// Takes a run up again.
pub(super) fn run(
    args: &ResumeArgs,
    common: &CommonArgs,
    terminal: &Arc<Terminal>,
) -> Result<Exit, Failure> {
    let environment = Environment::read();
    let state = environment.state(common)?;
    state.prepare()?;
    let Some(found) = choice::find(&state, args.run.as_deref(), terminal)? else {
        terminal.tell("nothing to resume");
        return Ok(Exit::Done);
    };
    let line = found.journal.plan().clone();
    let base_url = BaseUrl::new(&line.base_url)?;
    let mut session = Session::open(state, &base_url, &line.table, terminal)?;
    session.name_run(&found.dir);
    let outcome = take_up(&mut session, &found.dir, &base_url, &environment, args);
    session.progress.finish();
    session.close(&outcome, &found.dir);
    let Some(outcome) = outcome? else {
        terminal.tell("nothing to resume");
        return Ok(Exit::Done);
    };
    report::outcome(terminal, &outcome);
    Ok(outcome.exit)
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
    let api = ApiOptions {
        base_url: base_url.clone(),
        ca_cert: line.options.ca_cert.clone(),
    };
    session.receipt = Some(receipt::of_journal(&before, dir));
    let (source, binding) = reopen(&line)?;

    let (writer, mut journal) =
        JournalWriter::open_append(&dir.journal_path(), session.clock.clone())?;
    let has_window = matches!(line.mode, Mode::Replace { debounce } if !debounce.is_zero());
    if has_window && !journal.is_sealed() {
        session.ask(&mut journal, &writer, &api, &key)?;
    }
    let decision = resumption::decide(&journal, &session.clock.now());
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
    let upload = upload(dir, &journal, source, binding, decision, args.wait);
    let outcome = session.deliver(upload, dir, writer, &api, &key)?;
    let notes = notes.into_iter().flatten();
    notes.for_each(|note| session.events.note(note));
    Ok(Some(outcome))
}

/// The API key: what was typed counts, then what the run was told, then the environment.
fn key(args: &ResumeArgs, line: &PlanLine, environment: &Environment) -> Result<ApiKey, Failure> {
    let mut places = environment.key.clone();
    places.file = (args.api_key_file.clone())
        .or(line.options.api_key_file.clone())
        .or(places.file);
    plan::find_key(&places)
}

/// What is sent, and what was sent before.
fn upload(
    dir: &RunDir,
    journal: &Journal,
    source: Source,
    binding: Binding,
    decision: Decision,
    wait: WaitArgs,
) -> Upload {
    let line = journal.plan();
    let chunks = plan_line::chunks(line);
    let left_out = plan_line::left_out(line);
    let input = SendInput {
        source,
        binding,
        chunks,
        left_out,
    };
    let rejects = plan_line::rejects_path(line, dir, &input.source);
    let goes_on = decision.how == Resumption::Missing;
    Upload {
        plan: SendPlan {
            parts: decision
                .ranges
                .iter()
                .map(|range| input.part(*range))
                .collect(),
            window: decision.window,
            first_import: decision.first_import,
            doubtful: decision.doubtful,
        },
        options: SendOptions {
            table: line.table.clone(),
            mode: line.mode,
            jobs: usize::try_from(line.options.jobs).unwrap_or(1),
            retry_for: line.options.retry_for,
        },
        before: decision.before,
        has_touched: decision.has_touched,
        left_out: LeftOut {
            read: line.records_read,
            rejected: line.rejected,
            duplicates: line.duplicates_dropped,
        },
        rejects: RejectsFile::going_on(rejects, &input.source).spelled_for(&input.binding),
        keeps_rejects: true,
        id_field: line.options.id_field.clone(),
        mapping: line.mapping.as_ref().map(|file| file.path.clone()),
        wait: plan::wait(wait, line.mode),
        earlier: match goes_on {
            true => Arrivals::of_journal(journal),
            false => Arrivals::default(),
        },
        input: Arc::new(input),
        resumption: Some(decision.how),
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

/// Opens inputs and mapping again, if they are what they were.
pub(super) fn reopen(line: &PlanLine) -> Result<(Source, Binding), Failure> {
    let mut mapping = match &line.mapping {
        None => Mapping::identity(),
        Some(file) => {
            let (mapping, now) = plan::read_mapping(&file.path)?;
            if now.digest != file.digest {
                return Err(changed(&format!("the mapping {}", now.name)));
            }
            mapping
        }
    };
    mapping.set_id(&line.options.id_field);
    let format = Format::of_word(&line.options.format);
    if format == Format::Json && line.inputs.iter().any(|input| input.positions.is_none()) {
        return Err(older());
    }
    let paths = line.inputs.iter().map(|input| {
        let copy = input.kept.clone().filter(|_| !is_copy_gone(input));
        let path = copy.or_else(|| input.path.clone());
        path.map_or(InputPath::Stdin, InputPath::File)
    });
    let options = SourceOptions {
        format: Some(format),
        delimiter: byte(line.options.delimiter),
        records: RecordsAt::of(None, line.options.records.clone()),
        quoting: Quoting {
            escape: byte(line.options.escape),
            has_quotes: !line.options.quotes_are_text,
        },
        // Copies are inflated and decoded already, and what is none was read where it stood.
        proved: Some(line.inputs.iter().map(proved).collect()),
        ..SourceOptions::default()
    };
    let source = Source::open(&paths.collect::<Vec<_>>(), &options)
        .map_err(|error| Failure::new(Exit::Input, error.message, error.hint))?;
    check_inputs(line, &source)?;
    let binding = mapping
        .bind(source.columns())
        .map_err(|_| changed("the header of the input"))?;
    Ok((source, binding))
}

fn changed(what: &str) -> Failure {
    Failure::new(
        Exit::Input,
        format!("{what} has changed since the push was interrupted; nothing was sent"),
        Some("push it as a new run".to_owned()),
    )
}

/// A JSON document without the copy that is read now; its journal tells places of the document.
fn older() -> Failure {
    Failure::new(
        Exit::Input,
        "an earlier version began this push of a JSON document, and read it in another way; nothing was sent",
        Some("push it as a new run".to_owned()),
    )
}

/// An input that cannot be read to its end any more, or by the rules of this version.
fn unreadable(error: InputError) -> Failure {
    let message = format!("{}; nothing was sent", error.message);
    Failure::new(Exit::Input, message, error.hint)
}

fn proved(input: &InputLine) -> ProvedInput {
    ProvedInput {
        delimiter: byte(input.delimiter),
        sheet: input.sheet.clone(),
        encoding: (input.encoding.as_deref()).and_then(|name| Encoding::named(name).ok()),
        positions: input.positions.filter(|_| !is_copy_gone(input)),
    }
}

/// Whether the copy of a JSON document is gone, which can be made again where the document is there.
pub(super) fn is_copy_gone(input: &InputLine) -> bool {
    let is_gone = input.kept.as_ref().is_some_and(|copy| !copy.exists());
    is_gone && input.positions.is_some() && input.path.is_some()
}

fn byte(character: Option<char>) -> Option<u8> {
    character.and_then(|c| u8::try_from(c).ok())
}

/// Refuses inputs that are not what they were.
fn check_inputs(line: &PlanLine, source: &Source) -> Result<(), Failure> {
    let mut digests = Digests::new(source).map_err(unreadable)?;
    let mut blocks = source.blocks();
    while let Some(block) = blocks.next() {
        let block = block.map_err(unreadable)?;
        digests.update(&block, 0);
        blocks.recycle(block.bytes);
    }
    let now = digests.finish();
    let same = |(n, input): (usize, &crate::prove::InputProof)| {
        line.inputs
            .get(n)
            .is_some_and(|then| then.digest == input.digest)
    };
    match now.iter().enumerate().find(|pair| !same(*pair)) {
        Some((n, _)) => Err(changed(&source.names().name(n))),
        None => Ok(()),
    }
}
