//! The two streams: results on standard output, talk on standard error.
//!
//! This is the only place that writes to them while a push runs. A stream that is closed or full
//! loses what is written to it and never stops or breaks a push. That a result was lost is kept, to be
//! told in the end.

use std::io::{self, IsTerminal as _};
use std::sync::{Arc, Mutex, PoisonError};

use console::style;
use jiff::Timestamp;

use crate::base::clock::Clock;
use crate::base::log::{About, Entry, Level, LogStyle, log_style};
use crate::base::{display, streams};
use crate::screen::live::{Live, Screen};
use crate::screen::pace::Detail;

/// How much is told on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    /// Errors only.
    Quiet,
    /// What a person wants to know.
    Normal,
    /// Every request too.
    Verbose,
}

/// Whether colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colour {
    /// On a terminal, unless the environment asks for none.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What standard output carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Results {
    /// Lines, each as soon as it is known.
    Lines,
    /// One JSON document, at the end.
    Document,
}

/// Both streams, with a progress bar on standard error where a person watches.
#[derive(Debug)]
pub(crate) struct Terminal {
    verbosity: Verbosity,
    results: Results,
    /// What is drawn while a person watches.
    live: Option<Arc<Live>>,
    clock: Clock,
    log: LogStyle,
    /// What the next line is about.
    about: Mutex<About>,
    /// Why the first lost line of the result was lost.
    lost: Mutex<Option<io::Error>>,
}

impl Terminal {
    /// Sets the streams up. A bar is drawn only on a terminal, if wanted and not quiet.
    pub(crate) fn new(
        verbosity: Verbosity,
        colour: Colour,
        with_bar: bool,
        results: Results,
    ) -> Self {
        let term = std::env::var_os("TERM");
        // Windows sets no such variable, and its terminals obey.
        let obeys = term.map_or(cfg!(windows), |term| !term.is_empty() && term != "dumb");
        let log = log_style();
        match colour {
            // Programs read no colours.
            _ if log == LogStyle::Json => console::set_colors_enabled_stderr(false),
            Colour::Auto if !obeys => console::set_colors_enabled_stderr(false),
            Colour::Auto => {}
            Colour::Always => set_colours(true),
            Colour::Never => set_colours(false),
        }
        let is_watched = with_bar
            && log == LogStyle::Plain
            && verbosity > Verbosity::Quiet
            && io::stderr().is_terminal()
            && obeys;
        Self {
            verbosity,
            results,
            live: is_watched.then(|| Live::new(Screen::stderr())),
            clock: Clock::system(),
            log,
            about: Mutex::default(),
            lost: Mutex::default(),
        }
    }

    /// Where a bar is drawn; none where nobody watches, so that lines about progress are needed.
    pub(crate) fn live(&self) -> Option<&Arc<Live>> {
        self.live.as_ref()
    }

    /// The clock by which its bars tick.
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Writes with no bar in the way.
    fn beside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.live {
            Some(live) => live.suspend(write),
            None => write(),
        }
    }

    /// How much of the progress is told in lines.
    pub(crate) fn detail(&self) -> Detail {
        match self.verbosity {
            _ if self.live.is_some() => Detail::None,
            Verbosity::Verbose => Detail::Each,
            Verbosity::Quiet | Verbosity::Normal => Detail::Paced,
        }
    }

    /// Says what the lines from here on are about.
    pub(crate) fn set_about(&self, about: &About) {
        let mut known = self.about.lock().unwrap_or_else(PoisonError::into_inner);
        if *known != *about {
            known.clone_from(about);
        }
    }

    /// What standard output carries.
    pub(crate) fn results(&self) -> Results {
        self.results
    }

    /// A line of the result, flushed at once so that a pipe sees it.
    pub(crate) fn result(&self, line: &str) {
        // JSON escapes fewer characters than a terminal obeys.
        self.painted_result(&display::result(line));
    }

    /// A line of the result that is harmless already and may have colours ([`painted`]).
    pub(crate) fn painted_result(&self, line: &str) {
        let line = format!("{line}\n");
        let written = self.beside(|| streams::stdout(line.as_bytes()));
        // A reader that has seen enough (`| head`) has lost nothing that it wanted.
        if let Err(error) = written
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
            lost.get_or_insert(error);
        }
    }

    /// Why a part of the result was lost, if one was; told once.
    pub(crate) fn take_lost(&self) -> Option<io::Error> {
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.take()
    }

    /// Whether values of records that are in the table may be shown: to a person, and in what may be a log
    /// only if that was asked for.
    pub(crate) fn shows_values(&self) -> bool {
        match self.verbosity {
            Verbosity::Quiet => false,
            Verbosity::Normal => io::stderr().is_terminal(),
            Verbosity::Verbose => true,
        }
    }

    /// Tells something, if it matters to who reads.
    pub(crate) fn log(&self, entry: &Entry) {
        let is_wanted = match entry.level() {
            None => true,
            Some(Level::Debug) => self.verbosity >= Verbosity::Verbose,
            Some(_) => self.verbosity >= Verbosity::Normal,
        };
        if is_wanted {
            let text = {
                let about = self.about.lock().unwrap_or_else(PoisonError::into_inner);
                entry.text(self.log, Timestamp::now(), &about)
            };
            self.write(&text);
        }
    }

    /// A line that is told unless the user wants quiet.
    pub(crate) fn tell(&self, line: &str) {
        self.log(&Entry::info("note", line));
    }

    /// A warning, with what to try.
    pub(crate) fn warning(&self, message: &str, hint: Option<&str>) {
        self.log(&Entry::warning("warning", message).hints(hint));
    }

    /// A line that is told in every case, without a label.
    pub(crate) fn insist(&self, line: &str) {
        self.log(&Entry::info("note", line).insistent());
    }

    /// A blank line between others, for people.
    pub(crate) fn gap(&self) {
        if self.verbosity >= Verbosity::Normal && self.log == LogStyle::Plain {
            self.write("\n");
        }
    }

    /// Whether somebody can be asked: one who reads messages as they come, and types.
    pub(crate) fn can_ask(&self) -> bool {
        self.log == LogStyle::Plain && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks a question with some answers, a letter each. None where nobody can be asked, and where the answer
    /// is none of them.
    pub(crate) fn choose(&self, question: &str, answers: &[(char, &str)]) -> Option<char> {
        if !self.can_ask() {
            return None;
        }
        let mut text = format!("{}\n", display::shown(question));
        for (letter, words) in answers {
            text.push_str(&format!("  {letter}  {words}\n"));
        }
        text.push_str("  ?  cannot tell\n> ");
        self.beside(|| {
            let _ = streams::stderr(text.as_bytes());
        });
        let mut answer = String::new();
        io::stdin().read_line(&mut answer).ok()?;
        let typed = answer.trim().to_ascii_lowercase();
        let mut letters = answers.iter().map(|(letter, _)| *letter);
        letters.find(|letter| typed == letter.to_string())
    }

    /// Asks a question that only somebody at a terminal can answer; none where there is nobody. Anything but
    /// a yes is a no.
    pub(crate) fn ask(&self, question: &str) -> Option<bool> {
        if !self.can_ask() {
            return None;
        }
        self.beside(|| {
            let _ = streams::stderr(format!("{question} [y/N] ").as_bytes());
        });
        let mut answer = String::new();
        let read = io::stdin().read_line(&mut answer);
        Some(read.is_ok() && is_yes(&answer))
    }

    /// Writes whole lines at once, so that none of another process comes between.
    fn write(&self, lines: &str) {
        self.beside(|| {
            let _ = streams::stderr(lines.as_bytes());
        });
    }
}

fn is_yes(answer: &str) -> bool {
    matches!(&*answer.trim().to_ascii_lowercase(), "y" | "yes")
}

fn set_colours(are_wanted: bool) {
    console::set_colors_enabled(are_wanted);
    console::set_colors_enabled_stderr(are_wanted);
}

/// What a word of a result says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// All is well.
    Good,
    /// Worth a look.
    Doubtful,
    /// Something is wrong.
    Bad,
}

/// A word of a result, in colour where standard output has some.
pub(crate) fn painted(word: &str, mood: Mood) -> String {
    let word = style(word);
    match mood {
        Mood::Good => word.green(),
        Mood::Doubtful => word.yellow().bold(),
        Mood::Bad => word.red().bold(),
    }
    .to_string()
}
