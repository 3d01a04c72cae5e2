//! The run that a page is to be made of.

use jiff::Timestamp;
use serde_json::Value;

use crate::base::display;
use crate::push::outcome::{Exit, Failure};
use crate::runs::history::History;
use crate::runs::state::{RunDir, RunId, StateDir};
use crate::screen::page::Page;

/// A run that a page can be made of.
pub(super) struct Found {
    pub dir: RunDir,
    pub history: History,
    /// Its place there; none for a run that sent nothing, which left a receipt and no journal.
    pub at: Option<usize>,
    pub running: Option<RunId>,
}

/// The run of that name; else the one that began last, of whichever table, also where it sent nothing: a page
/// of the one before would tell that all is well.
pub(super) fn find(state: &StateDir, id: Option<&str>) -> Result<Found, Failure> {
    let mut found: Option<(Timestamp, Found)> = None;
    for table in state.tables()? {
        let (running, history) = (table.running(), History::read(&table)?);
        let dirs = table.runs()?.into_iter().rev();
        let mut dirs = dirs.filter(|dir| id.is_none_or(|id| dir.id().as_str() == id));
        let known = dirs.find_map(|dir| Some((began(&history, &dir)?, dir)));
        if let Some((began, dir)) = known
            && found.as_ref().is_none_or(|(before, _)| *before < began)
        {
            let at = place(&history, &dir);
            let this = Found {
                dir,
                history,
                at,
                running,
            };
            found = Some((began, this));
        }
    }
    let found = found.map(|(_, found)| found);
    found.ok_or_else(|| {
        let message = match id {
            Some(id) => format!("there is no run {}", display::quoted(id)),
            None => "there is no run yet".to_owned(),
        };
        Failure::new(
            Exit::Usage,
            message,
            Some("qobra-push runs   lists them".to_owned()),
        )
    })
}

fn place(history: &History, dir: &RunDir) -> Option<usize> {
    let mut runs = history.runs().iter();
    runs.position(|run| run.dir.id() == dir.id())
}

/// When a run began, by its journal or its receipt; none where it has neither.
fn began(history: &History, dir: &RunDir) -> Option<Timestamp> {
    match place(history, dir) {
        Some(at) => Some(history.runs()[at].journal.plan().started.wall),
        None => {
            let receipt: Value = serde_json::from_str(&own_receipt(dir)?).ok()?;
            receipt["started_at"].as_str()?.parse().ok()
        }
    }
}

/// The receipt that a run kept, where it can be read and is this run's.
pub(super) fn own_receipt(dir: &RunDir) -> Option<String> {
    let kept = std::fs::read_to_string(dir.receipt_path()).ok();
    kept.filter(|kept| Page::can_read(kept, dir.id().as_str()))
}
