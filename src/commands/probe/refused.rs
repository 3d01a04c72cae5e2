//! What must not be probed: a table that nobody said twice, and one with real data.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use crate::base::display::{self, typed_path};
use crate::base::model::TableKey;
use crate::base::outlet;
use crate::cli::ProbeArgs;
use crate::push::outcome::{Exit, Failure};
use crate::push::run::Session;
use crate::runs::history::History;
use crate::service::BaseUrl;

/// The table's key has to be typed twice.
pub(super) fn unless_said_twice(args: &ProbeArgs) -> Result<(), Failure> {
    if args.table == args.wipe {
        return Ok(());
    }
    Err(Failure::new(
        Exit::Usage,
        format!(
            "--wipe {} is not the table {}: nothing was sent",
            display::quoted(&args.wipe),
            display::quoted(&args.table)
        ),
        Some(
            "a probe deletes all content of its table: type the table's key again behind --wipe"
                .to_owned(),
        ),
    ))
}

/// A report that cannot be written is told before a table is emptied for it.
pub(super) fn unless_writable(path: &Path) -> Result<(), Failure> {
    let tried = match outlet::is_one(path) {
        true => outlet::check(path),
        false => try_file(path),
    };
    tried.map_err(|error| {
        let message = format!(
            "the report cannot be written to {}: {error}; nothing was sent",
            typed_path(path)
        );
        Failure::new(
            Exit::Usage,
            message,
            Some("name another file behind -o".to_owned()),
        )
    })
}

/// Opens a file to write to it, and leaves it as it is; one that was not there is none afterwards: who finds
/// it empty would take it for the report.
fn try_file(path: &Path) -> io::Result<()> {
    let is_new = !path.exists();
    let file = OpenOptions::new().append(true).create(true).open(path)?;
    if is_new && file.metadata()?.len() == 0 {
        drop(file);
        // A link stays, and what it leads to goes.
        fs::remove_file(fs::canonicalize(path)?)?;
    }
    Ok(())
}

/// A table that anything was pushed to from here is none for experiments: at this address, or at any other but
/// stand-ins on this machine.
pub(super) fn if_real(
    session: &Session,
    table: &TableKey,
    base_url: &BaseUrl,
) -> Result<(), Failure> {
    let own = base_url.to_string();
    for folder in session.state.tables_of(table)? {
        let history = History::read(&folder)?;
        let is_real =
            |url: &str| url == own || BaseUrl::new(url).map_or(true, |url| !url.is_plain());
        let mut runs = history.runs().iter();
        let pushed = runs.find(|run| is_real(&run.journal.plan().base_url));
        let run = pushed.map(|run| run.dir.id());
        let run = run.or_else(|| history.unreadable().first().map(|run| run.dir.id()));
        if let Some(run) = run {
            return Err(Failure::new(
                Exit::Input,
                format!(
                    "table {} was pushed to from here (run {run}): a probe would delete its content; nothing was sent",
                    display::quoted(table.as_str())
                ),
                Some(
                    "make a table for it in Qobra's app, by a first import of a file with one line"
                        .to_owned(),
                ),
            ));
        }
    }
    Ok(())
}
