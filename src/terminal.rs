//! The two streams: results on standard output, talk on standard error.
//!
//! This is the only place that writes to them while a push runs. A stream that is closed or full
//! loses what is written to it and never stops or breaks a push.

use std::io::{IsTerminal as _, Write as _};

use console::style;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget};

/// How much is told on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Errors only.
    Quiet,
    /// What a person wants to know.
    Normal,
    /// Every request too.
    Verbose,
}

/// Whether colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// On a terminal, unless the environment asks for none.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What standard output carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Results {
    /// Lines, each as soon as it is known.
    Lines,
    /// One JSON document, at the end.
    Document,
}

/// Both streams, with a progress bar on standard error where a person watches.
#[derive(Debug)]
pub struct Terminal {
    verbosity: Verbosity,
    results: Results,
    bars: MultiProgress,
    bar: ProgressBar,
}

impl Terminal {
    /// Sets the streams up. A bar is drawn only on a terminal, if wanted and not quiet.
    #[must_use]
    pub fn new(verbosity: Verbosity, colour: Colour, with_bar: bool, results: Results) -> Self {
        match colour {
            Colour::Auto => {}
            Colour::Always => console::set_colors_enabled_stderr(true),
            Colour::Never => console::set_colors_enabled_stderr(false),
        }
        let is_watched = with_bar
            && verbosity > Verbosity::Quiet
            && std::io::stderr().is_terminal()
            && std::env::var_os("TERM").is_some_and(|term| term != "dumb");
        let target = match is_watched {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let bars = MultiProgress::with_draw_target(target);
        let bar = bars.add(ProgressBar::new(0));
        Self {
            verbosity,
            results,
            bars,
            bar,
        }
    }

    /// The bar; drawing on a hidden one does nothing.
    #[must_use]
    pub fn bar(&self) -> &ProgressBar {
        &self.bar
    }

    /// One more bar, below the others.
    #[must_use]
    pub fn another_bar(&self, length: u64) -> ProgressBar {
        self.bars.add(ProgressBar::new(length))
    }

    /// Whether a person watches a bar, so that lines about progress are not needed.
    #[must_use]
    pub fn has_bar(&self) -> bool {
        !self.bars.is_hidden()
    }

    /// What standard output carries.
    #[must_use]
    pub fn results(&self) -> Results {
        self.results
    }

    /// A line of the result, flushed at once so that a pipe sees it.
    pub fn result(&self, line: &str) {
        self.bars.suspend(|| {
            let mut out = std::io::stdout().lock();
            let _ = writeln!(out, "{line}").and_then(|()| out.flush());
        });
    }

    /// A line that is told unless the user wants quiet.
    pub fn tell(&self, line: &str) {
        if self.verbosity >= Verbosity::Normal {
            self.write(line);
        }
    }

    /// A line for those who asked for more.
    pub fn detail(&self, line: &str) {
        if self.verbosity >= Verbosity::Verbose {
            self.write(line);
        }
    }

    /// A warning, with what to try.
    pub fn warning(&self, message: &str, hint: Option<&str>) {
        self.tell(&format!(
            "{} {message}",
            style("warning:").for_stderr().yellow().bold()
        ));
        if let Some(hint) = hint {
            self.tell(&hint_line(hint));
        }
    }

    /// An error: always told.
    pub fn error(&self, message: &str) {
        self.write(&format!(
            "{} {message}",
            style("error:").for_stderr().red().bold()
        ));
    }

    /// What to try about an error: always told.
    pub fn hint(&self, hint: &str) {
        self.write(&hint_line(hint));
    }

    /// A line that is told in every case, without a label.
    pub fn insist(&self, line: &str) {
        self.write(line);
    }

    fn write(&self, line: &str) {
        self.bars.suspend(|| {
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        });
    }
}

fn hint_line(hint: &str) -> String {
    format!("{} {hint}", style("hint:").for_stderr().cyan().bold())
}
