//! Events to the terminal while a push runs: the bar, plain lines, and the import ids.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::base::display;
use crate::base::event::{Event, Events};
use crate::base::model::{ImportId, RecordRange};
use crate::base::threads;
use crate::screen::report;
use crate::screen::terminal::{Results, Terminal};

const PROVING: &str = "proving  {bar} {bytes}/{total_bytes} {eta}";
const PROVING_A_STREAM: &str = "proving  {spinner} {bytes}";
const SENDING: &str = "sending  {bar} {human_pos}/{human_len} records {eta}  {msg}";

/// Draws what the stages tell.
#[derive(Debug)]
pub(crate) struct Progress {
    terminal: Arc<Terminal>,
    state: Mutex<Drawn>,
}

#[derive(Debug, Default)]
struct Drawn {
    chunks: u64,
    ids: IdLines,
    /// The last status of each of them.
    statuses: HashMap<ImportId, String>,
    /// A bar for each of them.
    imports: HashMap<ImportId, ProgressBar>,
}

impl Progress {
    /// A listener that draws on this terminal.
    pub(crate) fn new(terminal: Arc<Terminal>) -> Arc<Self> {
        Arc::new(Self {
            terminal,
            state: Mutex::default(),
        })
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

    fn over(&self, state: &mut Drawn) {
        self.terminal.bar().finish_and_clear();
        state
            .imports
            .drain()
            .for_each(|(_, bar)| bar.finish_and_clear());
        let rest = state.ids.rest();
        if self.terminal.results() == Results::Lines {
            rest.iter().for_each(|id| self.terminal.result(id.as_str()));
        }
    }

    fn draw(&self, event: Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (terminal, bar) = (&self.terminal, self.terminal.bar());
        match event {
            Event::Note(note) => terminal.tell(&note),
            Event::Detail(detail) => terminal.detail(&detail),
            Event::Warning { message, hint } => terminal.warning(&message, hint.as_deref()),
            Event::Alarm { message, hint } => terminal.alarm(&message, hint.as_deref()),
            Event::Totals(lines) => report::totals(terminal, &lines),
            Event::BadRecord(line) => terminal.insist(&line),
            Event::Proving { bytes } => {
                bar.set_style(style(bytes.map_or(PROVING_A_STREAM, |_| PROVING)));
                self.start_bar(bytes);
            }
            Event::Proved { bytes } => bar.inc(bytes),
            Event::Sending { records, chunks } => {
                state.chunks = chunks;
                bar.set_style(style(SENDING));
                self.start_bar(Some(records));
            }
            Event::Waiting { left } => {
                let left = display::time(left);
                bar.set_message(format!("waiting for an earlier replace, {left}"));
            }
            Event::Window { left } => bar.set_message(window(left)),
            Event::Attempt {
                chunk,
                attempt,
                bytes,
            } => {
                let (of, size) = (state.chunks, display::size(bytes));
                terminal.detail(&format!("chunk {chunk} of {of}: attempt {attempt}, {size}"));
            }
            Event::Retry {
                chunk,
                pause,
                reason,
            } => {
                let (of, pause) = (state.chunks, display::time(pause));
                let line = format!("chunk {chunk} of {of}: {reason}; again in {pause}");
                terminal.warning(&line, None);
            }
            Event::Accepted { .. } => self.accepted(&mut state, event),
            Event::Following { imports, earliest } => {
                terminal.tell(&following(imports, earliest));
                bar.finish_and_clear();
            }
            Event::Import { .. } => self.import(&mut state, event),
            Event::Over => self.over(&mut state),
            Event::Receipt { document, kept } => self.receipt(&document, kept.as_deref()),
            Event::Interrupted(words) => {
                bar.finish_and_clear();
                terminal.error(&words);
            }
        }
    }

    /// A bar for each import, or a line for each change of its status.
    fn import(&self, state: &mut Drawn, event: Event) {
        let Event::Import {
            id,
            status,
            progress,
            records,
        } = event
        else {
            return;
        };
        let line = import_line(&id, &status, progress, records);
        if self.terminal.has_bar() {
            let bar = state.imports.entry(id).or_insert_with(|| {
                let bar = self.terminal.another_bar(100);
                bar.set_style(style("{bar} {msg}"));
                bar
            });
            bar.set_position(progress.unwrap_or_default().into());
            bar.set_message(line);
        } else if state.statuses.insert(id, status.clone()) != Some(status) {
            // Each hundredth would be a line; a change of the word is one.
            self.terminal.tell(&line);
        }
    }

    /// A line where no bar moves, and the ids that are known by now.
    fn accepted(&self, state: &mut Drawn, event: Event) {
        let Event::Accepted {
            chunk,
            range,
            records,
            import_id,
            took,
        } = event
        else {
            return;
        };
        let terminal = &self.terminal;
        terminal.bar().inc(records);
        if !terminal.has_bar() {
            terminal.tell(&format!(
                "chunk {chunk} of {}: {} accepted in {} (import {import_id})",
                state.chunks,
                display::counted(records, "record"),
                display::time(took)
            ));
        }
        let ids = state.ids.accepted(range, import_id);
        if terminal.results() == Results::Lines {
            ids.iter().for_each(|id| terminal.result(id.as_str()));
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

fn window(left: Duration) -> String {
    format!("window {}", display::time(left))
}

fn following(imports: u64, earliest: Option<Duration>) -> String {
    let imports = display::counted(imports, "import");
    match earliest.filter(|earliest| !earliest.is_zero()) {
        Some(earliest) => format!(
            "following {imports}; nothing starts before {} have passed",
            display::time(earliest)
        ),
        None => format!("following {imports}"),
    }
}

fn import_line(id: &ImportId, status: &str, progress: Option<u8>, records: Option<u64>) -> String {
    let mut line = format!("import {id}: {status}");
    if let Some(progress) = progress.filter(|progress| (1..100).contains(progress)) {
        line.push_str(&format!(", {progress} %"));
    }
    if let Some(records) = records {
        line.push_str(&format!(", {}", display::counted(records, "record")));
    }
    line
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
    fn an_import_is_told_on_one_line() {
        let line = |progress, records| import_line(&id("a"), "started", progress, records);
        assert_eq!(line(None, None), "import a: started");
        assert_eq!(line(Some(0), Some(1)), "import a: started, 1 record");
        assert_eq!(
            line(Some(40), Some(5_000)),
            "import a: started, 40 %, 5,000 records"
        );
        assert_eq!(following(2, None), "following 2 imports");
        assert_eq!(
            following(1, Some(Duration::from_secs(900))),
            "following 1 import; nothing starts before 15 min have passed"
        );
    }

    #[test]
    fn ids_behind_a_lost_chunk_come_at_the_end() {
        let mut lines = IdLines::default();
        assert_eq!(lines.accepted(range(6, 10), id("b")), []);
        assert_eq!(lines.accepted(range(11, 15), id("b")), []);
        assert_eq!(lines.rest(), [id("b")]);
    }
}
