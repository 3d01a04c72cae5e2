//! Events to the terminal while a push runs: the bar where a person watches, lines, and the import ids.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::base::display;
use crate::base::event::{Event, Events};
use crate::base::log::About;
use crate::base::model::{ImportId, RecordRange, TableKey};
use crate::base::threads;
use crate::screen::log::{Log, import_line};
use crate::screen::report;
use crate::screen::terminal::{Results, Terminal};

const PROVING: &str = "proving  {bar} {bytes}/{total_bytes} {eta}";
const PROVING_A_STREAM: &str = "proving  {spinner} {bytes}";
const SENDING: &str = "sending  {bar} {human_pos}/{human_len} records {eta}  {msg}";

/// Draws what the stages tell.
#[derive(Debug)]
pub(crate) struct Progress {
    terminal: Arc<Terminal>,
    begun: Instant,
    state: Mutex<Drawn>,
}

#[derive(Debug)]
struct Drawn {
    /// What the events are about.
    about: About,
    log: Log,
    ids: IdLines,
    /// A bar for each of the imports that are followed.
    imports: HashMap<ImportId, ProgressBar>,
}

impl Progress {
    /// A listener that draws on this terminal.
    pub(crate) fn new(terminal: &Arc<Terminal>) -> Arc<Self> {
        let drawn = Drawn {
            about: About::default(),
            log: Log::new(terminal.detail()),
            ids: IdLines::default(),
            imports: HashMap::new(),
        };
        Arc::new(Self {
            terminal: Arc::clone(terminal),
            begun: Instant::now(),
            state: Mutex::new(drawn),
        })
    }

    /// The same listener, whose events are about this table.
    pub(crate) fn for_table(self: Arc<Self>, table: &TableKey) -> Arc<Self> {
        {
            let mut state = self.state();
            state.about.table = Some(table.as_str().to_owned());
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

    fn state(&self) -> MutexGuard<'_, Drawn> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn draw(&self, event: Event) {
        let mut state = self.state();
        let terminal = &self.terminal;
        if let Event::Run(run) = &event {
            state.about.run = Some(run.clone());
        }
        // There may be listeners for several tables, of which each one's lines are about its own.
        terminal.set_about(&state.about);
        let lines = state.log.take(&event, self.begun.elapsed());
        lines.iter().for_each(|entry| terminal.log(entry));
        self.draw_bar(&mut state, &event);
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

    /// Moves what a person watches; on a hidden bar that does nothing.
    fn draw_bar(&self, state: &mut Drawn, event: &Event) {
        let bar = self.terminal.bar();
        match event {
            Event::Proving { bytes } => {
                bar.set_style(style(bytes.map_or(PROVING_A_STREAM, |_| PROVING)));
                self.start_bar(*bytes);
            }
            Event::Proved { bytes } => bar.inc(*bytes),
            Event::Sending { records, .. } => {
                bar.set_style(style(SENDING));
                self.start_bar(Some(*records));
            }
            Event::Waiting { left } => {
                let left = display::time(*left);
                bar.set_message(format!("waiting for an earlier replace, {left}"));
            }
            Event::Window { left } => {
                bar.set_message(format!("window {}", display::time(*left)));
            }
            Event::Accepted { records, .. } => bar.inc(*records),
            Event::Following { .. } | Event::Interrupted(_) => bar.finish_and_clear(),
            Event::Import {
                id,
                status,
                progress,
                records,
            } if self.terminal.has_bar() => {
                let bar = state.imports.entry(id.clone()).or_insert_with(|| {
                    let bar = self.terminal.another_bar(100);
                    bar.set_style(style("{bar} {msg}"));
                    bar
                });
                bar.set_position(progress.unwrap_or_default().into());
                bar.set_message(import_line(id, status, *progress, *records));
            }
            Event::Over => {
                bar.finish_and_clear();
                let imports = state.imports.drain();
                imports.for_each(|(_, bar)| bar.finish_and_clear());
            }
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

    /// Starts the bar anew; without a length it only shows that something goes on.
    fn start_bar(&self, length: Option<u64>) {
        let bar = self.terminal.bar();
        bar.reset();
        match length {
            Some(length) => bar.set_length(length),
            None => bar.unset_length(),
        }
        if self.terminal.has_bar() && threads::can_be_had() {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
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
