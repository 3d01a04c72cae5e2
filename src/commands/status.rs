//! `status`: what became of imports, by their ids alone.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::api::{ApiOptions, BaseUrl, CallError, Client};
use crate::cli::{CommonArgs, StatusArgs};
use crate::clock::Clock;
use crate::commands::following::{Arrivals, earliest};
use crate::commands::lines::quoted;
use crate::commands::remembered::{self, Kept};
use crate::commands::{receipts, runtime};
use crate::display;
use crate::event::Events;
use crate::follow::{self, Ended, FollowEnd, FollowMeans, FollowOptions, Followed};
use crate::history::PastRun;
use crate::model::{ImportId, Mode, TableKey};
use crate::outcome::{self, Exit, Failure};
use crate::plan::{self, Environment};
use crate::progress::Progress;
use crate::receipt::ImportReceipt;
use crate::report;
use crate::signals::Interrupts;
use crate::state::TableDir;
use crate::terminal::{Results, Terminal};
use crate::verdict::{self, Facts, Observed, State, Verdict};

/// Shows imports, and follows them if that is wanted.
///
/// # Errors
/// When there is nothing to ask for, or no way to ask.
pub(super) fn run(
    args: &StatusArgs,
    common: &CommonArgs,
    terminal: &Arc<Terminal>,
) -> Result<Exit, Failure> {
    let environment = Environment::read();
    let asked = Asked::new(args, common, &environment)?;
    let client = client(args, common, &environment, asked.run.as_ref())?;
    let progress = Progress::new(Arc::clone(terminal));
    let (events, interrupts) = (progress.events(), Interrupts::listen(|_| {}));
    // A signal ends the waiting, and what was seen is told all the same.
    interrupts.begin_sending();
    let unheard = Events::unheard();
    let means = FollowMeans {
        service: &client,
        // One look has no course to be told: its result says it all.
        events: if args.wait.wait { &events } else { &unheard },
        interrupts: &interrupts,
    };
    let mode = asked.mode().unwrap_or(Mode::Upsert);
    let followed = match plan::wait(args.wait, mode) {
        Some(timeout) => {
            let options = asked.options(mode, timeout);
            runtime()?.block_on(follow::follow(&asked.ids, &options, means))
        }
        None => {
            let look = follow::look_once(&asked.ids, asked.table.as_ref(), means);
            runtime()?.block_on(look)
        }
    };
    progress.finish();
    let verdict = asked.judge(&followed);
    let kept = asked.keep(&followed, verdict.as_ref(), &events);
    Ok(asked.tell(&followed, verdict, &kept, terminal))
}

/// What is asked for.
struct Asked {
    /// The distinct imports.
    ids: Vec<ImportId>,
    /// Whose entries count.
    table: Option<TableKey>,
    /// The run from here that holds the imports, and its table's folder.
    run: Option<PastRun>,
    folder: Option<TableDir>,
}

impl Asked {
    fn new(
        args: &StatusArgs,
        common: &CommonArgs,
        environment: &Environment,
    ) -> Result<Self, Failure> {
        let usage =
            |message: String, hint: Option<String>| Failure::new(Exit::Usage, message, hint);
        let table = args.table.as_deref().map(TableKey::new).transpose();
        let table = table.map_err(|error| usage(error.to_string(), None))?;
        let mut ids = Vec::new();
        for id in &args.imports {
            let known = ImportId::new(id);
            let id = known
                .ok_or_else(|| usage(format!("{} is no import id", display::quoted(id)), None))?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let found = remembered::find(&ids, table.as_ref(), common, environment)?;
        let (run, folder) = found.unzip();
        if ids.is_empty() {
            let Some(run) = &run else {
                return Err(usage(
                    "no push from here has an import".to_owned(),
                    Some("name the imports: qobra-push status IMPORT_ID".to_owned()),
                ));
            };
            ids = run.journal.import_ids().into_iter().cloned().collect();
        }
        let own = run.as_ref().map(|run| run.journal.plan().table.clone());
        Ok(Self {
            ids,
            table: table.or(own),
            run,
            folder,
        })
    }

    /// How the table was written, where the run is from here and the table is its own.
    fn mode(&self) -> Option<Mode> {
        let plan = self.run.as_ref()?.journal.plan();
        (self.table.as_ref() == Some(&plan.table)).then_some(plan.mode)
    }

    fn options(&self, mode: Mode, timeout: Duration) -> FollowOptions {
        let run = self.run.as_ref();
        let opened = run.and_then(|run| run.journal.first_possibly_applied());
        let now = Clock::system().now();
        FollowOptions {
            table: self.table.clone(),
            earliest: opened.and_then(|opened| earliest(mode, Some(&opened), &now)),
            timeout,
            first_seen_grace: FollowOptions::FIRST_SEEN_GRACE,
        }
    }

    /// What the imports mean, as far as the service knows them.
    fn judge(&self, followed: &Followed) -> Option<Verdict> {
        let arrivals = (self.run.as_ref())
            .map(|run| Arrivals::of_journal(&run.journal))
            .unwrap_or_default();
        let known = followed.imports.iter().filter(|import| {
            !matches!(import.end, Ended::NotFound | Ended::Failed(_)) || import.last.is_some()
        });
        let observed: Vec<_> = known
            .map(|import| Observed {
                id: &import.id,
                seen: import.seen(),
                last_answer: arrivals.last_answer(&import.id),
            })
            .collect();
        // Counts can be compared only where all of the run's imports are looked at, and no others.
        let (mut ours, mut theirs) = (arrivals.ids(), self.ids.clone());
        ours.sort();
        theirs.sort();
        let is_whole = ours == theirs && observed.len() == ours.len() && self.mode().is_some();
        (!observed.is_empty()).then(|| {
            verdict::judge(&Facts {
                table: self.table.as_ref(),
                mode: self.mode(),
                sent_records: is_whole.then(|| arrivals.records()),
                resent_records: arrivals.resent(),
                unanswered_records: arrivals.unanswered(),
                requests: arrivals.requests().max(1),
                imports: &observed,
            })
        })
    }

    /// Keeps what was seen with the run, where the table is its own.
    fn keep(&self, followed: &Followed, verdict: Option<&Verdict>, events: &Events) -> Kept {
        match (&self.run, &self.folder, verdict, self.mode()) {
            (Some(run), Some(folder), Some(verdict), Some(_)) => {
                remembered::keep(run, folder, followed, verdict, events)
            }
            _ => Kept::default(),
        }
    }

    /// Tells what was seen, on both streams.
    fn tell(
        &self,
        followed: &Followed,
        verdict: Option<Verdict>,
        kept: &Kept,
        terminal: &Terminal,
    ) -> Exit {
        let exit = exit(followed, verdict.as_ref());
        let word = self.word(verdict.as_ref());
        let empty = Verdict {
            state: State::Clean,
            notes: Vec::new(),
            rejected: Vec::new(),
            rejected_count: Some(0),
            counted: None,
        };
        let verdict = verdict.unwrap_or(empty);
        let imports = receipts::imports(followed, &verdict, self.table.as_ref());
        match terminal.results() {
            Results::Lines => imports
                .iter()
                .for_each(|import| terminal.result(&line(import))),
            Results::Document => {
                let table = self.table.as_ref().map(TableKey::as_str);
                let document = json!({
                    "imports": imports,
                    "table": table,
                    "table_state": word,
                    "exit_code": exit.code(),
                });
                terminal.result(&document.to_string());
            }
        }
        // What is wrong is said even where quiet is wanted.
        let is_clean = verdict.state == State::Clean;
        for note in &verdict.notes {
            match is_clean {
                true => terminal.tell(note),
                false => terminal.insist(note),
            }
        }
        for reason in verdict::reasons(&verdict.rejected, &kept.places) {
            terminal.insist(&format!("  {}", reason.sentence(None)));
        }
        if let Some(path) = &kept.rejects {
            terminal.insist(&format!("the rejected records are in {}", quoted(path)));
        }
        tell_failures(followed, exit, terminal);
        if let FollowEnd::Interrupted(_) = followed.end {
            terminal.error("interrupted: only the waiting stopped, the imports go on");
        }
        if exit == Exit::NotEnded && followed.end == FollowEnd::Looked {
            terminal.hint("add --wait to follow what has not ended");
        }
        let table = (self.table.as_ref()).map_or_else(
            || "the tables".to_owned(),
            |table| format!("table {}", display::quoted(table.as_str())),
        );
        terminal.tell(&format!("{table}: {word}"));
        exit
    }

    /// The table's state in one word.
    fn word(&self, verdict: Option<&Verdict>) -> &'static str {
        match verdict.map(|verdict| verdict.state) {
            None => "unknown",
            Some(state) => state.word().unwrap_or(match self.mode() {
                Some(Mode::Replace { .. }) => "replaced",
                Some(Mode::Upsert) | None => "updated",
            }),
        }
    }
}

/// Of several codes the one of the highest rank.
fn exit(followed: &Followed, verdict: Option<&Verdict>) -> Exit {
    if let FollowEnd::Interrupted(signal) = followed.end {
        return Exit::Interrupted(signal);
    }
    let state = verdict.map_or(State::Clean, |verdict| verdict.state);
    match state {
        State::AtRisk => return Exit::Partial,
        State::Gaps | State::Unknown => return Exit::Gaps,
        State::Pending => return Exit::NotEnded,
        State::Clean => {}
    }
    let mut exit = Exit::Done;
    for import in &followed.imports {
        match &import.end {
            Ended::NotFound => return Exit::Refused,
            Ended::Failed(error) => match exit_of(error) {
                Exit::Refused => return Exit::Refused,
                other => exit = other,
            },
            Ended::Over | Ended::Open(_) => {}
        }
    }
    exit
}

fn exit_of(error: &CallError) -> Exit {
    match error {
        error if error.is_configuration() => Exit::Usage,
        CallError::Status { status, .. } if (400..500).contains(status) && *status != 429 => {
            Exit::Refused
        }
        CallError::NotTheApi { .. } => Exit::Refused,
        _ => Exit::Unreachable,
    }
}

fn tell_failures(followed: &Followed, exit: Exit, terminal: &Terminal) {
    for import in &followed.imports {
        let message = match &import.end {
            Ended::NotFound => "the service does not know it".to_owned(),
            Ended::Failed(error) | Ended::Open(Some(error)) => error.to_string(),
            Ended::Over | Ended::Open(None) => continue,
        };
        let hint = match &import.end {
            Ended::Failed(CallError::Status {
                status: 401 | 403, ..
            }) => Some("check the API key".to_owned()),
            Ended::Failed(error) if error.is_configuration() => {
                outcome::advice(error, "this address")
            }
            _ => None,
        };
        let failure = Failure::new(exit, format!("import {}: {message}", import.id), hint);
        report::failure(terminal, &failure);
    }
}

/// `6b04…  finished  40 records  ParsingError: …`.
fn line(import: &ImportReceipt) -> String {
    let records = import.records.map_or_else(
        || "- records".to_owned(),
        |count| display::counted(count, "record"),
    );
    let mut line = format!(
        "{}  {}  {records}",
        import.id,
        import.status.as_deref().unwrap_or("-"),
    );
    if let Some(error) = &import.error {
        line.push_str("  ");
        line.push_str(error);
    }
    line
}

/// What was typed counts, then the environment, then what the run was told.
fn client(
    args: &StatusArgs,
    common: &CommonArgs,
    environment: &Environment,
    run: Option<&PastRun>,
) -> Result<Client, Failure> {
    let plan = run.map(|run| run.journal.plan());
    let typed = CommonArgs {
        connection: args.connection.clone(),
        ..common.clone()
    };
    let is_said = typed.connection.base_url.is_some() || environment.base_url.is_some();
    let base_url = match plan.filter(|_| !is_said) {
        Some(plan) => BaseUrl::new(&plan.base_url)
            .map_err(|error| Failure::new(Exit::Usage, error.message, error.hint))?,
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
    let ca_cert = (args.connection.ca_cert.clone())
        .or_else(|| plan.and_then(|plan| plan.options.ca_cert.clone()));
    Client::new(&ApiOptions { base_url, ca_cert }, &key)
        .map_err(|error| Failure::new(Exit::Usage, error.message, error.hint))
}
