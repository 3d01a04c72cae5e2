//! A line on standard error: for people, or as one JSON object.
//!
//! Nothing is written here. It stands in this room because mistakes of the command line and bugs, which
//! come before and outside of all else, are told in the same form.

use std::sync::OnceLock;

use console::style;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Map, Value};

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LogStyle {
    /// As they are, for people who watch.
    #[default]
    Plain,
    /// Each behind the time, for a log.
    Stamped,
    /// Each as one object, for programs.
    Json,
}

/// What `--log` asks for is a matter of the whole process, as a bug in any thread is told by it.
static STYLE: OnceLock<LogStyle> = OnceLock::new();

/// Says how lines are written; to be called before the first one is.
pub(crate) fn set_style(style: LogStyle) {
    // A second call would be a bug that spoils no push.
    let _ = STYLE.set(style);
}

/// How lines are written.
pub(crate) fn log_style() -> LogStyle {
    STYLE.get().copied().unwrap_or_default()
}

/// An error with what to try, of whoever writes to standard error itself.
pub(crate) fn error_line(event: &'static str, message: String, hint: Option<&str>) -> String {
    let entry = Entry::error(event, message).hints(hint);
    entry.text(log_style(), Timestamp::now(), &About::default())
}

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// For those who asked for more.
    Debug,
    Info,
    Warning,
    Error,
}

/// What a line is about, where that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct About {
    pub run: Option<String>,
    pub table: Option<String>,
}

/// Something told, before it is decided how.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    level: Level,
    /// A name that programs know it by and that never changes.
    event: &'static str,
    message: String,
    /// A word before the message, for people only.
    label: Option<&'static str>,
    is_heading: bool,
    is_insistent: bool,
    /// What the event has besides, for programs only.
    fields: Map<String, Value>,
    /// What stands below the message.
    lines: Vec<String>,
    hints: Vec<String>,
}

/// The object; its fields stand in this order.
#[derive(Serialize)]
struct Object<'e> {
    time: String,
    level: Level,
    event: &'static str,
    run: Option<&'e str>,
    table: Option<&'e str>,
    message: &'e str,
    #[serde(flatten)]
    fields: &'e Map<String, Value>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    lines: &'e [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl Entry {
    fn new(level: Level, event: &'static str, message: impl Into<String>) -> Self {
        Self {
            level,
            event,
            message: message.into(),
            label: match level {
                Level::Debug | Level::Info => None,
                Level::Warning => Some("warning:"),
                Level::Error => Some("error:"),
            },
            is_heading: false,
            is_insistent: level == Level::Error,
            fields: Map::new(),
            lines: Vec::new(),
            hints: Vec::new(),
        }
    }

    pub(crate) fn debug(event: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Debug, event, message)
    }

    pub(crate) fn info(event: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Info, event, message)
    }

    pub(crate) fn warning(event: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Warning, event, message)
    }

    pub(crate) fn error(event: &'static str, message: impl Into<String>) -> Self {
        Self::new(Level::Error, event, message)
    }

    /// Told even where quiet is wanted.
    pub(crate) fn insistent(self) -> Self {
        Self {
            is_insistent: true,
            ..self
        }
    }

    /// The message without a word before it, or with this one.
    pub(crate) fn labelled(self, label: Option<&'static str>) -> Self {
        Self { label, ..self }
    }

    /// The message is a heading of what stands below it.
    pub(crate) fn heading(self) -> Self {
        Self {
            is_heading: true,
            ..self
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn lines(self, lines: Vec<String>) -> Self {
        Self { lines, ..self }
    }

    pub(crate) fn hints(mut self, hints: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.hints.extend(hints.into_iter().map(Into::into));
        self
    }

    /// How much it matters; none where it is told to everybody.
    pub(crate) fn level(&self) -> Option<Level> {
        (!self.is_insistent).then_some(self.level)
    }

    /// The text, with a line end behind each line.
    pub(crate) fn text(&self, how: LogStyle, now: Timestamp, about: &About) -> String {
        match how {
            LogStyle::Plain => self.plain(""),
            LogStyle::Stamped => {
                // The zone of this machine, as in all times that messages name.
                let now = now.to_zoned_datetime(TimeZone::system());
                self.plain(&now.strftime("%FT%T%:z ").to_string())
            }
            LogStyle::Json => self.json(now, about),
        }
    }

    fn plain(&self, stamp: &str) -> String {
        let message = match (self.label, self.is_heading) {
            (_, true) => style(&self.message).for_stderr().bold().to_string(),
            (Some(label), _) => format!("{} {}", self.painted(label), self.message),
            (None, _) => self.message.clone(),
        };
        let hint = style("hint:").for_stderr().cyan().bold();
        let hints = self.hints.iter().map(|text| format!("{hint} {text}"));
        let all = std::iter::once(message)
            .chain(self.lines.iter().cloned())
            .chain(hints);
        let lines = all.flat_map(|text| {
            let lines: Vec<_> = text
                .split('\n')
                .map(|line| format!("{stamp}{line}\n"))
                .collect();
            lines
        });
        lines.collect()
    }

    fn painted(&self, label: &'static str) -> console::StyledObject<&'static str> {
        let label = style(label).for_stderr().bold();
        match self.level {
            Level::Debug | Level::Info => label,
            Level::Warning => label.yellow(),
            Level::Error => label.red(),
        }
    }

    fn json(&self, now: Timestamp, about: &About) -> String {
        let object = Object {
            time: now.strftime("%FT%T%.3fZ").to_string(),
            level: self.level,
            event: self.event,
            run: about.run.as_deref(),
            table: about.table.as_deref(),
            message: self.message.trim_start(),
            fields: &self.fields,
            lines: &self.lines,
            hint: (!self.hints.is_empty()).then(|| self.hints.join("\n")),
        };
        // Texts and numbers can always be written.
        let json = serde_json::to_string(&object).unwrap_or_default();
        json + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about() -> About {
        About {
            run: Some("20261128T064210Z-7f3a".to_owned()),
            table: Some("deals".to_owned()),
        }
    }

    fn entry() -> Entry {
        Entry::warning("retry", "chunk 1: \"no\"\u{1b}")
            .with("chunk", 1)
            .lines(vec!["a".to_owned(), "b".to_owned()])
            .hints(["try c", "try d"])
    }

    const NOW: Timestamp = Timestamp::constant(1_795_848_130, 123_000_000);

    #[test]
    fn for_programs_it_is_one_line_with_the_time_first() {
        let text = entry().text(LogStyle::Json, NOW, &about());
        assert_eq!(
            text,
            "{\"time\":\"2026-11-28T06:42:10.123Z\",\"level\":\"warning\",\"event\":\"retry\",\
             \"run\":\"20261128T064210Z-7f3a\",\"table\":\"deals\",\
             \"message\":\"chunk 1: \\\"no\\\"\\u001b\",\"chunk\":1,\"lines\":[\"a\",\"b\"],\
             \"hint\":\"try c\\ntry d\"}\n"
        );
        let bare = Entry::info("note", "  a").text(LogStyle::Json, NOW, &About::default());
        assert_eq!(
            bare,
            "{\"time\":\"2026-11-28T06:42:10.123Z\",\"level\":\"info\",\"event\":\"note\",\
             \"run\":null,\"table\":null,\"message\":\"a\"}\n"
        );
    }

    #[test]
    fn in_a_log_each_line_has_the_time() {
        let text = entry().text(LogStyle::Stamped, NOW, &about());
        let lines: Vec<_> = text
            .lines()
            .map(|line| line.split_once(' ').unwrap())
            .collect();
        for (stamp, _) in &lines {
            let time: Timestamp = stamp.parse().unwrap();
            assert_eq!(time.as_second(), NOW.as_second(), "{stamp}");
        }
        let said: Vec<_> = lines.iter().map(|(_, said)| *said).collect();
        let plain = entry().text(LogStyle::Plain, NOW, &about());
        assert_eq!(said, plain.lines().collect::<Vec<_>>());
        assert!(
            plain.ends_with("\na\nb\nhint: try c\nhint: try d\n"),
            "{plain}"
        );
    }
}
