//! Events to the terminal while a push runs: the bar where a person watches, lines, and the import ids.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::base::clock::{Clock, Moment};
use crate::base::display;
use crate::base::event::{Event, Events};
use crate::base::log::About;
use crate::base::model::{ImportId, RecordRange, TableKey};
use crate::screen::bar;
use crate::screen::course::Course;
use crate::screen::live::Panel;
use crate::screen::log::Log;
use crate::screen::report;
use crate::screen::terminal::{Results, Terminal};

/// Draws what the stages tell.
pub(crate) struct Progress {
    terminal: Arc<Terminal>,
    clock: Clock,
    begun: Moment,
    state: Mutex<Drawn>,
    /// What the bar is drawn of; never held while something is drawn.
    view: Arc<Mutex<View>>,
    _panel: Arc<Panel>,
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress")
    }
}

#[derive(Debug, Default)]
struct View {
    course: Course,
    /// The table, as it is shown.
    name: String,
}

#[derive(Debug)]
struct Drawn {
    /// What the events are about.
    about: About,
    log: Log,
    ids: IdLines,
}

impl Progress {
    /// A listener that draws on this terminal.
    pub(crate) fn new(terminal: &Arc<Terminal>) -> Arc<Self> {
        let drawn = Drawn {
            about: About::default(),
            log: Log::new(terminal.detail()),
            ids: IdLines::default(),
        };
        let clock = terminal.clock().clone();
        let begun = clock.now();
        let view = Arc::new(Mutex::new(View::default()));
        let panel = {
            let (view, clock) = (Arc::clone(&view), clock.clone());
            Arc::new(move |width: usize, is_named: bool| {
                let now = since(&begun, &clock);
                let view = view.lock().unwrap_or_else(PoisonError::into_inner);
                let name = is_named.then_some(&*view.name);
                bar::lines(&view.course, name, now, width)
            }) as Arc<Panel>
        };
        if let Some(live) = terminal.live() {
            live.add(&panel);
        }
        Arc::new(Self {
            terminal: Arc::clone(terminal),
            clock,
            begun,
            state: Mutex::new(drawn),
            view,
            _panel: panel,
        })
    }

    /// The same listener, whose events are about this table.
    pub(crate) fn for_table(self: Arc<Self>, table: &TableKey) -> Arc<Self> {
        {
            let mut state = self.state();
            state.about.table = Some(table.as_str().to_owned());
            self.view().name = display::shown(table.as_str());
            self.terminal.set_about(&state.about);
        }
        self
    }

    /// Events that this listener draws.
    pub(crate) fn events(self: &Arc<Self>) -> Events {
        let this = Arc::clone(self);
        Events::new(move |event| this.draw(event))
    }

    /// Ends the drawing: import ids that were held back for their order are printed, the bar goes.
    pub(crate) fn finish(&self) {
        self.draw(Event::Over);
    }

    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, Drawn> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn draw(&self, event: Event) {
        let mut state = self.state();
        let terminal = &self.terminal;
        let now = since(&self.begun, &self.clock);
        if let Event::Run(run) = &event {
            state.about.run = Some(run.clone());
        }
        // There may be listeners for several tables, of which each one's lines are about its own.
        terminal.set_about(&state.about);
        let lines = state.log.take(&event, now);
        lines.iter().for_each(|entry| terminal.log(entry));
        self.draw_bar(&event, now);
        match event {
            Event::Accepted {
                range, import_id, ..
            } => {
                let ids = state.ids.accepted(range, import_id);
                self.print(&ids);
            }
            Event::Over => {
                let rest = state.ids.rest();
                self.print(&rest);
            }
            Event::Receipt { document, kept } => self.receipt(&document, kept.as_deref()),
            _ => {}
        }
    }

    fn print(&self, ids: &[ImportId]) {
        if self.terminal.results() == Results::Lines {
            ids.iter().for_each(|id| self.terminal.result(id.as_str()));
        }
    }

    /// Moves what a person watches.
    fn draw_bar(&self, event: &Event, now: Duration) {
        let Some(live) = self.terminal.live() else {
            return;
        };
        let is_news = self.view().course.take(event, now);
        match event {
            // What others draw ends too.
            Event::Interrupted(_) => live.close(),
            _ if is_news => live.draw(),
            _ => {}
        }
    }

    /// The receipt where it was asked for, and what of the result was lost until here.
    fn receipt(&self, document: &str, kept: Option<&str>) {
        if self.terminal.results() == Results::Document {
            self.terminal.result(document);
        }
        if let Some(error) = self.terminal.take_lost() {
            report::lost_result(&self.terminal, &error, kept);
        }
    }
}

impl Drop for Progress {
    /// Whatever ended it, nothing goes on.
    fn drop(&mut self) {
        self.view().course = Course::Idle;
        if let Some(live) = self.terminal.live() {
            live.draw();
        }
    }
}

/// The time since then, a machine's sleep included.
fn since(begun: &Moment, clock: &Clock) -> Duration {
    clock.now().boot.saturating_sub(begun.boot)
}

/// The distinct import ids, each as soon as it is known and no chunk before it is still open.
#[derive(Debug, Default)]
struct IdLines {
    /// The last record up to which every chunk was accepted.
    done: u64,
    /// Accepted chunks behind one that is still open: first record → last record, id.
    held: BTreeMap<u64, (u64, ImportId)>,
    printed: HashSet<ImportId>,
}

impl IdLines {
    /// Takes an accepted chunk, hands out the ids that may be printed now.
    fn accepted(&mut self, range: RecordRange, id: ImportId) -> Vec<ImportId> {
        self.held.insert(range.first, (range.last, id));
        let mut ready = Vec::new();
        while let Some((last, id)) = self.held.remove(&(self.done + 1)) {
            self.done = last;
            ready.push(id);
        }
        self.distinct(ready)
    }

    /// Hands out what was held back.
    fn rest(&mut self) -> Vec<ImportId> {
        let held = std::mem::take(&mut self.held);
        self.distinct(held.into_values().map(|(_, id)| id).collect())
    }

    fn distinct(&mut self, ids: Vec<ImportId>) -> Vec<ImportId> {
        ids.into_iter()
            .filter(|id| self.printed.insert(id.clone()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(id: &str) -> ImportId {
        ImportId::new(id).unwrap()
    }

    fn range(first: u64, last: u64) -> RecordRange {
        RecordRange { first, last }
    }

    #[test]
    fn ids_come_once_and_in_the_order_of_the_chunks() {
        let mut lines = IdLines::default();
        assert_eq!(lines.accepted(range(1, 5), id("a")), [id("a")]);
        assert_eq!(lines.accepted(range(11, 15), id("c")), []);
        assert_eq!(lines.accepted(range(16, 20), id("a")), []);
        assert_eq!(lines.accepted(range(6, 10), id("b")), [id("b"), id("c")]);
        assert_eq!(lines.rest(), []);
    }

    #[test]
    fn ids_behind_a_lost_chunk_come_at_the_end() {
        let mut lines = IdLines::default();
        assert_eq!(lines.accepted(range(6, 10), id("b")), []);
        assert_eq!(lines.accepted(range(11, 15), id("b")), []);
        assert_eq!(lines.rest(), [id("b")]);
    }
}
