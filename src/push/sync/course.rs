//! The second half: what may be sent is sent before anything is followed, so that the windows of several
//! replaces run at the same time; a table that others come after is followed first.

use super::table::{Stage, SyncTable};
use crate::base::display;
use crate::base::exit::Exit;
use crate::base::signals::Interrupts;
use crate::push::run::fresh;

/// Sends all tables that were proved, each in its turn, and follows them where that is wanted.
pub(crate) fn send_all(
    tables: &mut [SyncTable],
    interrupts: &Interrupts,
    tell: &mut dyn FnMut(&SyncTable),
) {
    loop {
        let next = if let Some(next) = first(tables, |table| is_free(tables, table)) {
            turn(tables, next, interrupts);
            next
        } else if let Some(next) = to_follow(tables) {
            follow(&mut tables[next]);
            next
        } else {
            return;
        };
        if tables[next].ended().is_some() {
            tell(&tables[next]);
        }
    }
}

fn first(tables: &[SyncTable], is: impl Fn(&SyncTable) -> bool) -> Option<usize> {
    tables.iter().position(is)
}

/// Whether a table was proved, and all that it comes after has ended.
fn is_free(tables: &[SyncTable], table: &SyncTable) -> bool {
    let has_ended = |n: &usize| tables[*n].ended().is_some();
    matches!(table.stage, Stage::Proved(_)) && table.after.iter().all(has_ended)
}

/// The next one to be followed: one that another waits for, else the first.
fn to_follow(tables: &[SyncTable]) -> Option<usize> {
    let is_sent = |table: &SyncTable| matches!(table.stage, Stage::Dispatched(_));
    let is_awaited = |n: usize| {
        let waits =
            |table: &SyncTable| matches!(table.stage, Stage::Proved(_)) && table.after.contains(&n);
        is_sent(&tables[n]) && tables.iter().any(waits)
    };
    (0..tables.len())
        .find(|n| is_awaited(*n))
        .or_else(|| first(tables, is_sent))
}

/// Sends a table, unless a signal came or one that it comes after did not end well.
fn turn(tables: &mut [SyncTable], next: usize, interrupts: &Interrupts) {
    let table = &tables[next];
    let bad = table.after.iter().find_map(|n| {
        let end = tables[*n].ended()?;
        (!end.is_well(table.after_gaps)).then(|| (display::shown(&tables[*n].name), end.exit()))
    });
    let table = &mut tables[next];
    if let Some(signal) = interrupts.heard() {
        return table.leave(Exit::Interrupted(signal), "a signal came first".to_owned());
    }
    if let Some((name, exit)) = bad {
        let because = format!("it comes after {name}, which ended with {}", exit.code());
        return table.leave(Exit::Input, because);
    }
    table.announce("sending to");
    let Stage::Proved(ready) = std::mem::replace(&mut table.stage, Stage::Begun) else {
        return;
    };
    let Some(run) = &table.run else { return };
    match fresh::send(&mut table.plan, &mut table.session, run, *ready) {
        Ok(dispatched) if dispatched.wait().is_some() => {
            table.stage = Stage::Dispatched(Box::new(dispatched));
        }
        Ok(dispatched) => {
            let outcome = table.session.conclude(dispatched, run);
            table.end(Ok(Some(outcome)), None);
        }
        Err(failure) => table.end(Err(failure), None),
    }
}

fn follow(table: &mut SyncTable) {
    table.announce("following the imports of");
    let Stage::Dispatched(dispatched) = std::mem::replace(&mut table.stage, Stage::Begun) else {
        return;
    };
    let Some(run) = &table.run else { return };
    let outcome = table.session.conclude(*dispatched, run);
    table.end(Ok(Some(outcome)), None);
}
