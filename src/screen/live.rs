//! The last lines of a terminal, drawn over themselves while a run goes on, below all that is written.
//!
//! Each line takes less than a row, so that none ever wraps, also when the terminal is made narrower by a
//! little; what is drawn is one write. Nothing is drawn where there is no room for two columns.

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use crate::base::{streams, threads};

/// How often what is drawn is looked at anew.
const TICK: Duration = Duration::from_millis(100);

/// Makes lines of at most so many columns, which name what they are about where there are others; none where
/// nothing goes on.
pub(crate) type Panel = dyn Fn(usize, bool) -> Option<Vec<String>> + Send + Sync;

/// Where lines are drawn.
#[derive(Clone)]
pub(crate) struct Screen {
    pub(crate) write: Arc<dyn Fn(&str) + Send + Sync>,
    /// Rows and columns, as they are now.
    pub(crate) size: Arc<dyn Fn() -> (u16, u16) + Send + Sync>,
}

impl Screen {
    /// Standard error.
    pub(crate) fn stderr() -> Self {
        let term = console::Term::stderr();
        Self {
            write: Arc::new(|text| {
                let _ = streams::stderr(text.as_bytes());
            }),
            size: Arc::new(move || term.size()),
        }
    }
}

/// The lines of all that goes on.
pub(crate) struct Live {
    screen: Screen,
    area: Mutex<Area>,
}

#[derive(Default)]
struct Area {
    panels: Vec<Weak<Panel>>,
    /// What stands on the terminal.
    shown: Vec<String>,
    is_ticking: bool,
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Live")
    }
}

impl Live {
    pub(crate) fn new(screen: Screen) -> Arc<Self> {
        Arc::new(Self {
            screen,
            area: Mutex::default(),
        })
    }

    /// Draws these lines too, below the others, for as long as somebody else holds the panel.
    pub(crate) fn add(&self, panel: &Arc<Panel>) {
        self.area().panels.push(Arc::downgrade(panel));
    }

    /// Draws what changed, and from then on whatever time changes.
    pub(crate) fn draw(self: &Arc<Self>) {
        let mut area = self.area();
        if self.draw_area(&mut area) && !area.is_ticking {
            // Where there is no thread to be had, only events are drawn.
            let tick = |live: Arc<Self>| live.tick();
            area.is_ticking = threads::spawn("bar", Arc::clone(self), tick).is_ok();
        }
    }

    /// Takes all of it away, for good: the process ends.
    pub(crate) fn close(&self) {
        let mut area = self.area();
        area.panels.clear();
        self.replace(&mut area, Vec::new());
    }

    /// Writes something else, with these lines out of its way.
    pub(crate) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        let mut area = self.area();
        self.replace(&mut area, Vec::new());
        let result = write();
        self.draw_area(&mut area);
        result
    }

    /// Until nothing goes on any more.
    fn tick(&self) {
        loop {
            std::thread::sleep(TICK);
            let mut area = self.area();
            if !self.draw_area(&mut area) {
                area.is_ticking = false;
                return;
            }
        }
    }

    fn area(&self) -> MutexGuard<'_, Area> {
        self.area.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws what goes on, if anything does.
    fn draw_area(&self, area: &mut Area) -> bool {
        let (rows, columns) = (self.screen.size)();
        area.panels.retain(|panel| panel.strong_count() > 0);
        let panels: Vec<_> = area.panels.iter().filter_map(Weak::upgrade).collect();
        // The last column stays free: a cursor behind it is in the next row on some terminals.
        let width = usize::from(columns.saturating_sub(1));
        let draw = |is_named| -> Vec<_> {
            let panels = panels.iter().map(|panel| panel(width, is_named));
            panels.flatten().collect()
        };
        let mut drawn = draw(false);
        if drawn.len() > 1 {
            drawn = draw(true);
        }
        let goes_on = !drawn.is_empty();
        let room = usize::from(rows.saturating_sub(1)) * usize::from(width > 0);
        let lines = drawn.into_iter().flatten().take(room).collect();
        self.replace(area, lines);
        goes_on
    }

    /// Draws lines over those that are there.
    fn replace(&self, area: &mut Area, lines: Vec<String>) {
        if area.shown == lines {
            return;
        }
        let mut text = String::new();
        match area.shown.len() {
            0 => {}
            1 => text.push('\r'),
            // The cursor stands in the last one.
            rows => text.push_str(&format!("\r\u{1b}[{}A", rows - 1)),
        }
        let last = lines.len().saturating_sub(1);
        for (n, line) in lines.iter().enumerate() {
            // To the row's end, where something longer may stand, and the last one over all that is below.
            let end = if n == last {
                "\u{1b}[J"
            } else {
                "\u{1b}[K\r\n"
            };
            text.push_str(&format!("{line}{end}"));
        }
        if lines.is_empty() {
            text.push_str("\u{1b}[J");
        }
        (self.screen.write)(&text);
        area.shown = lines;
    }
}
