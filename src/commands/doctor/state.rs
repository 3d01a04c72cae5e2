//! The state folder: whether a push can use it, who has the table, and what earlier pushes left.

use serde_json::{Value, json};

use super::checks::Check;
use super::key::told;
use crate::base::clock::{Clock, Moment};
use crate::base::complaint::Complaint;
use crate::base::display;
use crate::base::model::TableKey;
use crate::base::rights::Rights;
use crate::cli::CommonArgs;
use crate::push::lines;
use crate::push::outcome::{Failure, clock_time};
use crate::push::plan::Environment;
use crate::runs::history::{History, PastRun, UnreadableRun};
use crate::runs::journal::RunState;
use crate::runs::state::{
    LockError, StateDir, StateLook, StateOrigin, Storage, StorageKind, TableDir,
};
use crate::service::BaseUrl;

/// Less room than this is told: a push from a pipe keeps a copy of its input there.
const LITTLE_ROOM: u64 = 64 << 20;

const STATE: &str = "state folder";
const STORAGE: &str = "storage";
const TABLE: &str = "table";
const RUNS: &str = "earlier runs";

/// Finds the folder, and looks whether a push could use it.
pub(super) fn folder(common: &CommonArgs, environment: &Environment) -> (Check, Option<StateDir>) {
    let state = match environment.state(common) {
        Ok(state) => state,
        Err(error) => {
            return (
                Check::complaint(STATE, error).with(facts(None, None, None)),
                None,
            );
        }
    };
    let source = match state.origin() {
        StateOrigin::Named if common.state_dir.is_some() => "--state-dir",
        StateOrigin::Named => "QOBRA_PUSH_STATE_DIR",
        StateOrigin::Variable(name) => name,
        StateOrigin::Home => "default",
    };
    let check = match state.look() {
        Ok(look) => {
            found(&state, source, &look).with(facts(Some(&state), Some(source), Some(&look)))
        }
        Err(error) => Check::complaint(STATE, error).with(facts(Some(&state), Some(source), None)),
    };
    (check, Some(state))
}

fn facts(state: Option<&StateDir>, source: Option<&str>, look: Option<&StateLook>) -> Value {
    let rights = look.and_then(|look| look.rights);
    json!({
        "path": state.map(|state| state.path().to_string_lossy()),
        "source": source,
        "exists": look.map(|look| look.exists),
        "owner": rights.map(|rights| rights.owner),
        "mode": rights.map(|rights| format!("{:04o}", rights.mode)),
        "free_bytes": look.and_then(|look| look.free),
    })
}

fn found(state: &StateDir, source: &str, look: &StateLook) -> Check {
    let is_there = match (look.exists, look.rights) {
        (false, _) => ", to be made by the first push".to_owned(),
        (true, None) => String::new(),
        (true, Some(rights)) => format!(", {}", told(rights)),
    };
    let free = look
        .free
        .map(|free| format!(", {} free", display::size(free)));
    let path = display::quoted(&state.path().to_string_lossy());
    let message = format!("{path} ({source}){is_there}{}", free.unwrap_or_default());
    let is_foreign = |rights: Rights| rights.owner != 0 && !rights.is_mine();
    if look.rights.is_some_and(is_foreign) {
        return Check::warning(STATE, message)
            .hint("its owner may change what stands in it: use a folder of your own".to_owned());
    }
    match look.free {
        Some(free) if free < LITTLE_ROOM => Check::warning(STATE, message)
            .hint("make room there, or name another folder with --state-dir".to_owned()),
        _ => Check::ok(STATE, message),
    }
}

/// What a folder that is gone takes with it.
const LOST: &str = "without the folder of the pushes before, a push has nothing to compare with and guards \
     have no base, nothing can be resumed or rolled back, and a replace that may still wait at the service is \
     not seen: wait out its --debounce before pushing from a fresh one";

/// Whether the folder stays, and whether its lock is one; nothing where nobody has to know.
pub(super) fn storage(state: &StateDir) -> Vec<Check> {
    let storage = state.storage();
    storage
        .map(|storage| kept_on(state, storage))
        .into_iter()
        .collect()
}

fn kept_on(state: &StateDir, Storage { name, kind }: Storage) -> Check {
    let (word, what, hint) = match kind {
        StorageKind::Memory => (
            "memory",
            "in memory: it is gone when the machine or the container ends",
            format!("mount a volume there, or name a folder that stays with --state-dir; {LOST}"),
        ),
        StorageKind::Layer => (
            "container_layer",
            "a container's own layer: it is gone with the container, unless it is always the same one",
            format!("mount a volume there, or name a folder that stays with --state-dir; {LOST}"),
        ),
        StorageKind::Network => (
            "network",
            "a file system of another machine or program, which decides whether a lock is one",
            "keep it on a local disk: where locks do not hold, two pushes to one table can mix"
                .to_owned(),
        ),
    };
    let path = display::quoted(&state.path().to_string_lossy());
    let message = format!("{path} is on {name}, {what}");
    let facts = json!({ "file_system": name, "kind": word });
    Check::warning(STORAGE, message).hint(hint).with(facts)
}

/// What no call of the service tells, so that nobody takes this check for a proof of it.
const UNASKED: &str = "whether Qobra has this table cannot be asked, only a push shows it";

/// Whether another push has the table.
pub(super) fn table(state: &StateDir, base_url: &BaseUrl, key: &TableKey) -> Check {
    let name = display::quoted(key.as_str());
    let table = state.table(&base_url.to_string(), key);
    let (mut holder, mut is_locked) = (None, Some(false));
    let check = match table.check_free() {
        Ok(()) => {
            let message = format!("{name}: no push to it is running from here; {UNASKED}");
            Check::ok(TABLE, message)
        }
        Err(LockError::Io(error)) => {
            is_locked = None;
            Check::complaint(TABLE, error)
        }
        Err(error) => {
            is_locked = Some(true);
            holder = table.running().map(|run| run.to_string());
            let message = format!("{name}: {error}; {UNASKED}");
            let failure = Failure::from(error);
            let hint = failure.problems.into_iter().flat_map(|it| it.hints).next();
            Check::failed(TABLE, failure.exit, message).hint(hint)
        }
    };
    check.with(json!({ "table": key.as_str(), "is_locked": is_locked, "run": holder }))
}

/// What earlier pushes left, of all tables: one check for each thing, or one for nothing. What
/// cannot be read stops a push to that table only.
pub(super) fn runs(state: &StateDir, own: Option<(&BaseUrl, &TableKey)>) -> Vec<Check> {
    let own = own.map(|(base_url, key)| state.table(&base_url.to_string(), key));
    let tables = match state.tables() {
        Ok(tables) => tables,
        // What is wrong with the folder itself has been told.
        Err(error) => {
            let check = Check::warning(RUNS, error.message).hint(error.hint);
            return vec![check.with(nothing(None))];
        }
    };
    let now = Clock::system().now();
    let found = tables
        .iter()
        .flat_map(|table| of_table(state, table, own.as_ref() == Some(table), &now));
    let found: Vec<_> = found.collect();
    if !found.is_empty() {
        return found;
    }
    let facts = nothing(Some(tables.len()));
    let check = match tables.len() {
        0 => Check::ok(RUNS, format!("none yet; {LOST}")),
        count => {
            let tables = display::counted(count as u64, "table");
            let message = format!("of {tables}: all finished, none may still wait at the service");
            Check::ok(RUNS, message)
        }
    };
    vec![check.with(facts)]
}

/// The facts where there is no run to name.
fn nothing(tables: Option<usize>) -> Value {
    json!({ "tables": tables })
}

fn of_table(state: &StateDir, table: &TableDir, is_own: bool, now: &Moment) -> Vec<Check> {
    let running = table.running();
    let history = match History::read(table) {
        Ok(history) => history,
        Err(error) => {
            let check = if is_own {
                Check::complaint(RUNS, error)
            } else {
                Check::warning(RUNS, error.message).hint(error.hint)
            };
            return vec![check.with(nothing(None))];
        }
    };
    let mut checks = Vec::new();
    for (run, of) in history.states(running.as_ref()) {
        match of {
            RunState::Running => checks.push(under_way(run)),
            RunState::Planned | RunState::Interrupted | RunState::AtRisk => {
                checks.push(unfinished(state, run, of));
            }
            RunState::Done | RunState::Untouched | RunState::Superseded => {}
        }
    }
    let pending = (history.pending(now)).filter(|pending| running.as_ref() != Some(&pending.run));
    if let Some(pending) = pending
        && let Some(run) = history.run(&pending.run)
    {
        let left = pending.remaining;
        let message = format!(
            "the replace of table {} by run {} may still be waiting at the service: a push to it \
             would send nothing before {} (in {})",
            display::quoted(run.journal.plan().table.as_str()),
            pending.run,
            clock_time(now.wall + left, now.wall),
            display::time(left)
        );
        let facts = of_run(run, "pending", Some(left.as_secs()));
        checks.push(Check::warning(RUNS, message).with(facts));
    }
    let unreadable = history.unreadable().iter();
    checks.extend(unreadable.map(|run| self::unreadable(table, run, now)));
    checks
}

fn unreadable(table: &TableDir, run: &UnreadableRun, now: &Moment) -> Check {
    let left = run.remaining(now);
    let waits = match left.is_zero() {
        true => String::new(),
        false => format!(
            ". A replace of it may still be waiting at the service: a push to its table would send \
             nothing before {} (in {})",
            clock_time(run.over, now.wall),
            display::time(left)
        ),
    };
    let Complaint { message, hint } = run.complaint();
    let facts = json!({
        "run": run.dir.id().as_str(),
        "table": table.name(),
        "base_url": null,
        "state": "unreadable",
        "remaining_seconds": left.as_secs(),
    });
    Check::warning(RUNS, format!("{message}{waits}"))
        .hint(hint)
        .with(facts)
}

fn under_way(run: &PastRun) -> Check {
    let message = format!(
        "run {} to table {} is under way",
        run.dir.id(),
        display::quoted(run.journal.plan().table.as_str())
    );
    Check::ok(RUNS, message).with(of_run(run, &RunState::Running.to_string(), None))
}

fn unfinished(state: &StateDir, run: &PastRun, of: RunState) -> Check {
    let message = format!(
        "run {} to table {} is not finished: {of}",
        run.dir.id(),
        display::quoted(run.journal.plan().table.as_str())
    );
    let line = lines::resume(state, run.dir.id());
    Check::warning(RUNS, message)
        .hint(line)
        .with(of_run(run, &of.to_string(), None))
}

/// The facts about one run.
fn of_run(run: &PastRun, state: &str, remaining_seconds: Option<u64>) -> Value {
    let plan = run.journal.plan();
    json!({
        "run": run.dir.id().as_str(),
        "table": plan.table.as_str(),
        "base_url": plan.base_url,
        "state": state,
        "remaining_seconds": remaining_seconds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_folder_had_better_not_be() {
        let state = StateDir::find(Some(std::path::Path::new("/state")), &|_| None).unwrap();
        let told = [0x0102_1994, 0x794c_7630, 0x6969].map(|magic| {
            let check = kept_on(&state, Storage::of_magic(magic).unwrap());
            assert_eq!(check.verdict, super::super::checks::CheckResult::Warning);
            format!("{}\n  {}\n", check.message, check.hint.unwrap())
        });
        // An absolute path has its drive before it on Windows.
        let path = display::quoted(&state.path().to_string_lossy());
        insta::assert_snapshot!(told.concat().replace(&path, "`/state`"));
        // ext4, xfs, btrfs, zfs
        for magic in [0xef53, 0x5846_5342, 0x9123_683e, 0x2fc1_2fc1] {
            assert_eq!(Storage::of_magic(magic), None);
        }
    }
}
