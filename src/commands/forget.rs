//! `forget`: what is known of a table here, removed on purpose.

use serde_json::{Value, json};

use crate::base::clock::Clock;
use crate::base::display;
use crate::base::model::TableKey;
use crate::cli::{CommonArgs, ForgetArgs, OutputArg};
use crate::push::outcome::{Exit, Failure, clock_time};
use crate::push::plan::Environment;
use crate::push::{lines, plan};
use crate::runs::forget::{self, Forgotten, Holding, Obstacle};
use crate::runs::history::History;
use crate::runs::state::{StateDir, TableDir};
use crate::screen::terminal::Terminal;
use crate::service::BaseUrl;

/// Removes payloads, or all that is known of a table.
pub(super) fn run(
    args: &ForgetArgs,
    common: &CommonArgs,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let state = Environment::read().state(common)?;
    let key = plan::table_key(&args.table)?;
    let tables = tables(&state, &key, args.base_url.as_deref())?;
    let mut found = Vec::new();
    for table in &tables {
        let history = History::read(table)?;
        found.push((table, Holding::of(table, &history)?));
    }
    found.retain(|(_, holding)| !holding.is_nothing(Forgotten::All));
    let what = if found.is_empty() || args.all {
        Forgotten::All
    } else if args.kept {
        Forgotten::Kept
    } else {
        return Err(undecided(&key, &found));
    };
    found.retain(|(_, holding)| !holding.is_nothing(what));
    // Until all is removed nobody else has any of them.
    let mut locks = Vec::new();
    for (table, holding) in &mut found {
        locks.push(table.lock(&Clock::system())?);
        let history = History::read(table)?;
        refuse(&state, &key, &history, what)?;
        *holding = Holding::of(table, &history)?;
    }
    for (_, holding) in &found {
        let line = named(&key, holding, what);
        match args.yes {
            true => terminal.tell(&line),
            false => terminal.insist(&line),
        }
    }
    let is_agreed = found.is_empty() || args.yes || agreed(&key, what, terminal)?;
    if is_agreed {
        for (table, _) in &found {
            forget::forget(table, what)?;
        }
    }
    match common.output {
        OutputArg::Json => terminal.result(&document(&key, &found, what, is_agreed).to_string()),
        OutputArg::Text if found.is_empty() => terminal.tell(&nothing(&key, args.kept)),
        OutputArg::Text if is_agreed => terminal.tell("removed"),
        OutputArg::Text => terminal.tell("nothing was removed"),
    }
    Ok(Exit::Done)
}

/// The table's folders: of one address, where one is named.
fn tables(
    state: &StateDir,
    key: &TableKey,
    base_url: Option<&str>,
) -> Result<Vec<TableDir>, Failure> {
    let mut tables = state.tables_of(key)?;
    if let Some(base_url) = base_url {
        let meant = state.table(&BaseUrl::new(base_url)?.to_string(), key);
        tables.retain(|table| *table == meant);
    }
    Ok(tables)
}

/// Neither was said, and each removes another thing.
fn undecided(key: &TableKey, found: &[(&TableDir, Holding)]) -> Failure {
    let sum = |of: fn(&Holding) -> u64| found.iter().map(|(_, holding)| of(holding)).sum::<u64>();
    let kept = match sum(|holding| holding.payload_bytes) {
        0 => "nothing".to_owned(),
        bytes => payloads(sum(|holding| holding.payloads), bytes),
    };
    let all = format!(
        "{} with {}",
        display::counted(sum(|holding| holding.runs), "run"),
        display::size(sum(|holding| holding.bytes))
    );
    Failure::new(
        Exit::Usage,
        format!(
            "what is to be forgotten of table {}? --kept removes {kept}, --all {all}",
            display::quoted(key.as_str())
        ),
        None,
    )
}

fn payloads(count: u64, bytes: u64) -> String {
    let size = display::size(bytes);
    format!("{} with {size}", display::counted(count, "kept payload"))
}

/// What is in the way of one of the tables.
fn refuse(
    state: &StateDir,
    key: &TableKey,
    history: &History,
    what: Forgotten,
) -> Result<(), Failure> {
    let now = Clock::system().now();
    let (message, hint) = match forget::obstacle(history, what, &now) {
        None => return Ok(()),
        Some(Obstacle::Open(run)) => (
            format!("run {run} is open: without it nobody could finish it"),
            format!("{}   finishes it", lines::resume(state, &run)),
        ),
        Some(Obstacle::Waiting(run, left)) => (
            format!(
                "the replace of run {run} may still be waiting at the service: until {} (in {}) a push has \
                 to know of it",
                clock_time(now.wall + left, now.wall),
                display::time(left)
            ),
            format!(
                "{}   shows whether it runs by now",
                lines::last_status(state, key)
            ),
        ),
    };
    Err(Failure::new(Exit::Input, message, Some(hint)))
}

/// What goes, in a line.
fn named(key: &TableKey, holding: &Holding, what: Forgotten) -> String {
    let address = holding.base_url.as_deref();
    let address = address.map_or_else(String::new, |url| format!(" at {}", display::shown(url)));
    let table = display::quoted(key.as_str());
    let kept = payloads(holding.payloads, holding.payload_bytes);
    let goes = match what {
        Forgotten::Kept => kept,
        Forgotten::All => {
            let mut goes = format!(
                "{} with {}",
                display::counted(holding.runs, "run"),
                display::size(holding.bytes)
            );
            if holding.bases > 0 {
                goes.push_str(", what the next push is compared with");
            }
            if holding.payload_bytes > 0 {
                goes.push_str(&format!(", {kept} among them"));
            }
            goes
        }
    };
    format!("table {table}{address}: {goes}")
}

fn agreed(key: &TableKey, what: Forgotten, terminal: &Terminal) -> Result<bool, Failure> {
    let table = display::quoted(key.as_str());
    let question = match what {
        Forgotten::Kept => format!("remove the kept payloads of table {table}?"),
        Forgotten::All => format!("remove all that is known of table {table}?"),
    };
    terminal.ask(&question).ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            "nobody can be asked here whether that is to be removed: nothing was",
            Some("--yes says it".to_owned()),
        )
    })
}

fn nothing(key: &TableKey, is_kept: bool) -> String {
    let table = display::quoted(key.as_str());
    match is_kept {
        true => format!("no payloads of table {table} are kept here"),
        false => format!("nothing is known of table {table} here"),
    }
}

fn document(
    key: &TableKey,
    found: &[(&TableDir, Holding)],
    what: Forgotten,
    is_removed: bool,
) -> Value {
    let tables = found.iter().map(|(_, holding)| {
        json!({
            "base_url": holding.base_url,
            "runs": holding.runs,
            "bytes": holding.bytes,
            "bases": holding.bases,
            "payloads": holding.payloads,
            "payload_bytes": holding.payload_bytes,
        })
    });
    json!({
        "table": key.as_str(),
        "forgotten": match what {
            Forgotten::Kept => "kept",
            Forgotten::All => "all",
        },
        "removed": is_removed && !found.is_empty(),
        "tables": tables.collect::<Vec<_>>(),
    })
}
