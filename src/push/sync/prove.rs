//! The first half: every table is proved before a request of any leaves.

use super::table::{Stage, SyncTable};
use crate::base::display;
use crate::base::event::Event;
use crate::base::exit::Exit;
use crate::push::run::fresh;

/// Proves all tables, so that all that is wrong shows at once. Where one is refused none is sent.
pub(crate) fn prove_all(tables: &mut [SyncTable], tell: &mut dyn FnMut(&SyncTable)) {
    for table in &mut *tables {
        table.announce("proving what goes to");
        prove(table);
        if table.ended().is_some() {
            tell(table);
        }
    }
    let is_refused = |table: &&SyncTable| {
        let end = table.ended();
        end.is_some_and(|end| !end.is_well(true))
    };
    let refused: Vec<_> = (tables.iter().filter(is_refused))
        .map(|table| display::shown(&table.name))
        .collect();
    if refused.is_empty() {
        return;
    }
    let verb = if refused.len() == 1 { "was" } else { "were" };
    let because = format!("{} {verb} refused", display::listed(&refused));
    for table in tables {
        if table.ended().is_none() {
            table.leave(Exit::Input, because.clone());
            tell(table);
        }
    }
}

fn prove(table: &mut SyncTable) {
    let run = match fresh::begin(&mut table.plan, &mut table.session) {
        Ok(run) => table.run.insert(run),
        Err(failure) => return table.end(Err(failure), None),
    };
    let proved = fresh::prove(&mut table.plan, &mut table.session, run);
    table.session.events.emit(Event::Over);
    match proved {
        Ok(Some(ready)) => table.stage = Stage::Proved(Box::new(ready)),
        Ok(None) => table.end(Ok(None), None),
        Err(failure) => table.end(Err(failure), None),
    }
}
