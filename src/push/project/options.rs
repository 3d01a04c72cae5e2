//! The keys of a push that are options: their names, their values, and why some have no place here.

use std::ffi::OsString;
use std::path::Path;

use crate::base::display::quoted;
use crate::cli::{PushOption, Said};
use crate::mapping::toml::{Item, Reader, Scalar, did_you_mean};

/// The keys that are no options of the push.
pub(super) const OWN: [&str; 3] = ["files", "after", "after_gaps"];

/// Options as they stand below one heading.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    pub said: Said,
    /// Switches that are off here, whatever the defaults say.
    pub off: Vec<String>,
    /// The line of each.
    pub lines: Vec<(String, usize)>,
}

impl Options {
    /// These options, and the defaults where they say nothing.
    pub(super) fn over(mut self, defaults: &Self) -> Self {
        let mut below = defaults.said.clone();
        give_way(&mut below, &self.said);
        for (name, value) in &below {
            if !self.off.contains(name) && !self.said.contains_key(name) {
                self.said.insert(name.clone(), value.clone());
                let line = defaults.lines.iter().find(|(of, _)| of == name);
                self.lines.extend(line.cloned());
            }
        }
        self
    }
}

/// Drops what only goes with a replace from what stands below where no replace is wanted, and the other way
/// round: it was said of another push than this one has become.
pub(super) fn give_way(below: &mut Said, above: &Said) {
    let gone: &[&str] = match above.get("all").map(Option::as_deref) {
        Some(Some(value)) if value == "false" => &["debounce", "keep", "allow-empty"],
        Some(_) => &["keep-vanished"],
        None => return,
    };
    below.retain(|name, _| !gone.contains(&name.as_str()));
}

/// What all keys are read with.
pub(super) struct Keys<'a> {
    pub known: &'a [PushOption],
    /// The project file's folder, which paths are relative to.
    pub folder: &'a Path,
}

impl Keys<'_> {
    /// Reads one key that is to be an option.
    pub(super) fn read(
        &self,
        reader: &mut Reader<'_>,
        heading: &str,
        (key, line): (&str, usize),
        item: &Item<'_>,
        options: &mut Options,
    ) {
        // Hyphens as on the command line, or underscores as in the mapping.
        let name = key.replace('_', "-");
        let shown = quoted(key);
        let Some(option) = self.known.iter().find(|option| option.name == name) else {
            return self.unknown(reader, heading, key, line);
        };
        if let Some(why) = option.refusal {
            let message = format!("{heading}: {shown} does not stand in a project file");
            return reader.add(line, message, why.to_owned());
        }
        if options.lines.iter().any(|(of, _)| *of == name) {
            return reader.add(line, format!("{heading}: {shown} is given twice"), None);
        }
        options.lines.push((name.clone(), line));
        match self.value(reader, option, &format!("{heading}: {shown}"), item) {
            Some(Value::Off) if option.can_be_off => {
                options.said.insert(name, Some("false".into()));
            }
            Some(Value::Off) => options.off.push(name),
            Some(Value::On) => {
                options.said.insert(name, None);
            }
            Some(Value::Text(value)) => {
                options.said.insert(name, Some(value));
            }
            None => {}
        }
    }

    fn value(
        &self,
        reader: &mut Reader<'_>,
        option: &PushOption,
        what: &str,
        item: &Item<'_>,
    ) -> Option<Value> {
        if !option.has_value {
            return Some(match reader.boolean(item, what)? {
                true => Value::On,
                false => Value::Off,
            });
        }
        let text = match reader.scalar(item, what)? {
            Scalar::Text(text) | Scalar::Number(text) => text,
            Scalar::Bool(_) => return reader.wrong_type(item, what, "a string or a number"),
        };
        let value = match option.is_path {
            true => self.folder.join(text).into_os_string(),
            false => text.into(),
        };
        Some(Value::Text(value))
    }

    fn unknown(&self, reader: &mut Reader<'_>, heading: &str, key: &str, line: usize) {
        let names = self.known.iter().filter(|option| option.refusal.is_none());
        let names: Vec<String> = names.map(|option| option.name.replace('-', "_")).collect();
        let all = names.iter().map(String::as_str).chain(OWN);
        let hint = did_you_mean(&key.replace('-', "_"), all).unwrap_or_else(|| {
            "it takes `files`, `after`, `after_gaps` and the options of a push: qobra-push --help".to_owned()
        });
        reader.add(
            line,
            format!("{heading}: unknown key {}", quoted(key)),
            hint,
        );
    }
}

enum Value {
    On,
    Off,
    Text(OsString),
}
