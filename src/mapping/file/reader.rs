//! The TOML side of a mapping file: lines, syntax errors, and values of the wanted type. Every
//! mistake is collected; none stops the reading.

use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use crate::base::display::{quoted, shown};

use crate::mapping::mistakes::{MOST_TOLD, Mistake};
use crate::mapping::spec::Scalar;

/// A value with its place.
pub(crate) type Item<'i> = Spanned<DeValue<'i>>;

/// Collects mistakes with their lines.
pub(crate) struct Reader<'t> {
    text: &'t str,
    line_starts: Vec<usize>,
    /// Lines with a syntax error: what else is found on them follows from that.
    broken: BTreeSet<usize>,
    pub(crate) mistakes: Vec<Mistake>,
}

impl<'t> Reader<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        Self {
            text,
            line_starts: std::iter::once(0).chain(ends.map(|at| at + 1)).collect(),
            broken: BTreeSet::new(),
            mistakes: Vec::new(),
        }
    }

    /// The line of a byte, from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= at)
    }

    /// The line of a value.
    pub(crate) fn line_of<T>(&self, item: &Spanned<T>) -> usize {
        self.line(item.span().start)
    }

    /// Adds a mistake at a line.
    pub(crate) fn add(
        &mut self,
        line: usize,
        message: impl Into<String>,
        hint: impl Into<Option<String>>,
    ) {
        if !self.broken.contains(&line) {
            self.mistakes.push(Mistake::new(Some(line), message, hint));
        }
    }

    /// Adds a mistake at a value, of which nothing can be made then.
    pub(crate) fn refuse<T>(
        &mut self,
        item: &Item<'_>,
        message: impl Into<String>,
        hint: impl Into<Option<String>>,
    ) -> Option<T> {
        self.add(self.line_of(item), message, hint);
        None
    }

    /// Whether the file is not even TOML, so that what seems to be missing may just be unreadable.
    pub(crate) fn has_broken_lines(&self) -> bool {
        !self.broken.is_empty()
    }

    /// Turns syntax errors into mistakes, one a line.
    pub(crate) fn take_syntax(&mut self, errors: &[Error], root: &DeTable<'_>) {
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            let line = self.line(span.start);
            let source = self.text.get(span.clone()).unwrap_or("");
            let message = if error.message() == "duplicate key" {
                let name = source.trim_matches(['"', '\'']);
                // The whole mapping is searched, which is not done for thousands.
                let is_told = self.mistakes.len() < MOST_TOLD;
                match is_told
                    .then(|| self.first_of(name, span.start, root))
                    .flatten()
                {
                    Some(first) => {
                        format!("{} is given twice (first on line {first})", quoted(name))
                    }
                    None => format!("{} is given twice", quoted(name)),
                }
            } else {
                format!("this is not TOML: {}", shown(error.message()))
            };
            if self.broken.contains(&line) {
                continue;
            }
            let hint = (!source.trim().is_empty() && error.message() != "duplicate key")
                .then(|| format!("the trouble is at {}", quoted(source)));
            self.add(line, message, hint);
            self.broken.insert(line);
        }
    }

    /// The line of the nearest key of that name above a place.
    fn first_of(&self, name: &str, before: usize, root: &DeTable<'_>) -> Option<usize> {
        let mut nearest = None;
        let mut tables = vec![root];
        while let Some(table) = tables.pop() {
            for (key, value) in table {
                let at = key.span().start;
                if key.get_ref() == name && at < before {
                    nearest = nearest.max(Some(at));
                }
                tables.extend(value.get_ref().as_table());
            }
        }
        nearest.map(|at| self.line(at))
    }

    /// Says that a value is of the wrong type.
    pub(crate) fn wrong_type<T>(&mut self, item: &Item<'_>, what: &str, wanted: &str) -> Option<T> {
        let found = article(item.get_ref().type_str());
        self.refuse(item, format!("{what} must be {wanted}, not {found}"), None)
    }

    pub(crate) fn string(&mut self, item: &Item<'_>, what: &str) -> Option<String> {
        let text = item.get_ref().as_str().map(str::to_owned);
        text.or_else(|| self.wrong_type(item, what, "a string"))
    }

    /// A string that is not blank.
    pub(crate) fn name(&mut self, item: &Item<'_>, what: &str) -> Option<String> {
        let text = self.string(item, what)?;
        if text.trim().is_empty() {
            return self.refuse(item, format!("{what} is empty"), None);
        }
        Some(text)
    }

    /// A whole number from `least` on.
    pub(crate) fn count(&mut self, item: &Item<'_>, what: &str, least: u64) -> Option<u64> {
        let value = item.get_ref();
        let integer = value.as_integer();
        // 1e3 is one too, as it is for a schema.
        let float = value
            .as_float()
            .and_then(|float| float.as_str().parse::<f64>().ok());
        let number = match (integer, float) {
            (Some(digits), _) => i64::from_str_radix(digits.as_str(), digits.radix()).ok(),
            (None, Some(number)) if number.fract() == 0.0 => Some(number as i64),
            _ => return self.wrong_type(item, what, "a whole number"),
        };
        let number = number.and_then(|number| u64::try_from(number).ok());
        (number.filter(|number| *number >= least))
            .or_else(|| self.refuse(item, format!("{what} must be {least} or more"), None))
    }

    pub(crate) fn boolean(&mut self, item: &Item<'_>, what: &str) -> Option<bool> {
        let truth = item.get_ref().as_bool();
        truth.or_else(|| self.wrong_type(item, what, "true or false"))
    }

    /// A string or a list of strings, none of them blank, with the line of each.
    pub(crate) fn words(&mut self, item: &Item<'_>, what: &str) -> Option<Vec<(String, usize)>> {
        let line = self.line_of(item);
        let Some(list) = item.get_ref().as_array() else {
            if item.get_ref().is_str() {
                return Some(vec![(self.name(item, what)?, line)]);
            }
            return self.wrong_type(item, what, "a string or a list of strings");
        };
        if list.is_empty() {
            return self.refuse(item, format!("{what} is an empty list"), None);
        }
        let each = format!("each entry of {what}");
        let words = list.iter().map(|word| {
            let line = self.line_of(word);
            self.name(word, &each).map(|word| (word, line))
        });
        // Every entry is looked at before the first bad one is answered for.
        let words: Vec<_> = words.collect();
        words.into_iter().collect()
    }

    pub(crate) fn table<'v, 'i>(
        &mut self,
        item: &'v Item<'i>,
        what: &str,
    ) -> Option<&'v DeTable<'i>> {
        let table = item.get_ref().as_table();
        table.or_else(|| self.wrong_type(item, what, "a table"))
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(
        &mut self,
        item: &Item<'_>,
        what: &str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let word = self.string(item, what)?;
        if let Some((_, choice)) = choices.iter().find(|(name, _)| *name == word) {
            return Some(*choice);
        }
        let names: Vec<String> = choices.iter().map(|(name, _)| quoted(name)).collect();
        let message = format!("{what} cannot be {}", quoted(&word));
        self.refuse(item, message, format!("it is one of {}", names.join(", ")))
    }

    /// A string, number or boolean, numbers by their own digits.
    pub(crate) fn scalar(&mut self, item: &Item<'_>, what: &str) -> Option<Scalar> {
        let digits = |text: &str| Scalar::Number(text.trim_start_matches('+').replace('_', ""));
        match item.get_ref() {
            DeValue::String(text) => Some(Scalar::Text(text.clone().into_owned())),
            DeValue::Boolean(truth) => Some(Scalar::Bool(*truth)),
            DeValue::Integer(integer) if integer.radix() == 10 => Some(digits(integer.as_str())),
            DeValue::Float(float) if float.as_str().ends_with(|c: char| c.is_ascii_digit()) => {
                Some(digits(float.as_str()))
            }
            DeValue::Integer(_) => {
                self.refuse(item, format!("{what} must be in decimal digits"), None)
            }
            DeValue::Float(_) => self.refuse(
                item,
                format!("{what} must be a finite decimal number"),
                None,
            ),
            DeValue::Datetime(_) => self.refuse(
                item,
                format!("{what} must be a string, a number or a boolean, not a bare date"),
                "put it in quotes".to_owned(),
            ),
            DeValue::Array(_) | DeValue::Table(_) => {
                self.wrong_type(item, what, "a string, a number or a boolean")
            }
        }
    }
}

/// The first `${NAME}` of a text, which a template would fill in.
pub(crate) fn variable(text: &str) -> Option<&str> {
    text.match_indices("${").find_map(|(at, _)| {
        let (name, _) = text[at + 2..].split_once('}')?;
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        is_name.then(|| &text[at..at + name.len() + 3])
    })
}

/// What to say of a variable in a field, and what to do about it.
pub(crate) fn no_variables(field: &str, variable: &str) -> (String, String) {
    let (field, variable) = (quoted(field), quoted(variable));
    (
        format!("field {field}: a mapping has no variables: {variable}"),
        "write what it stands for; only the table's key may come from elsewhere, with -t"
            .to_owned(),
    )
}

fn article(type_name: &str) -> String {
    let article = if type_name.starts_with(['a', 'i']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {type_name}")
}
