//! `sync --dry-run`: what would be sent of each table.

use std::sync::Arc;

use super::ended::Ended;
use super::paper;
use crate::base::display;
use crate::commands::dry_run;
use crate::push::outcome::{Exit, TableState};
use crate::push::plan::Environment;
use crate::push::project::Planned;
use crate::screen::terminal::Terminal;

/// Shows each table's dry run, in their order.
pub(super) fn run(
    planned: &mut [Planned],
    environment: &Environment,
    terminal: &Arc<Terminal>,
) -> Vec<Ended> {
    let shown = planned.iter_mut().map(|push| {
        let table = display::quoted(push.plan.send.table.as_str());
        let name = display::shown(&push.name);
        terminal.tell(&format!("{name}: what would go to table {table}"));
        let (receipt, result) = dry_run::look(&mut push.plan, &push.common, environment, terminal);
        if let Err(failure) = &result {
            paper::tell_failure(&push.name, failure, terminal);
        }
        Ended {
            name: push.name.clone(),
            exit: result.map_or_else(|failure| failure.exit, |()| Exit::Done),
            table_state: TableState::Untouched,
            what: match &receipt.dry_run {
                Some(preview) => {
                    format!("{} to send", display::counted(preview.records, "record"))
                }
                None => "refused".to_owned(),
            },
            because: None,
            receipt: Some(receipt.json()),
        }
    });
    shown.collect()
}
