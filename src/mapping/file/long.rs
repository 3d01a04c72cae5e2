//! The long form of a field: `{ column = "Amount", type = "number", ... }`.

use std::collections::HashMap;

use toml::de::DeTable;

use crate::base::display::quoted;

use super::defaults::{CLASH, CLASH_HINT, Defaults, read_decimal, read_thousands};
use super::foreign;
use super::keys::{self, FIELD, VALUES_ELSE};
use super::reader::{Item, Reader, no_variables, variable};
use crate::mapping::mistakes::did_you_mean;
use crate::mapping::spec::{Content, Empty, Field, Scalar, Values};
use crate::mapping::value::boolean::Words;
use crate::mapping::value::date::{Dates, Layout};
use crate::mapping::value::kind::{FieldType, ValueType};
use crate::mapping::value::number::Number;
use crate::mapping::value::style::NumberKind;

/// A field's table while it is read.
pub(crate) struct Long<'r, 't, 'v, 'i> {
    pub(crate) reader: &'r mut Reader<'t>,
    pub(crate) table: &'v DeTable<'i>,
    /// The field's API key.
    pub(crate) name: &'v str,
    pub(crate) line: usize,
}

impl<'v, 'i> Long<'_, '_, 'v, 'i> {
    pub(crate) fn read(mut self, defaults: &Defaults) -> Option<Field> {
        self.check_keys();
        let column = self
            .item("column")
            .map(|item| self.reader.name(item, &self.what("column")));
        let constant = self.item("value");
        let typed = self.read_type();
        self.check_fit(typed, constant.is_some());
        let kind = self.read_kind(typed.flatten(), defaults);
        let said = self.flag("trim");
        let empty = self.read_empty(typed.flatten());
        let values = self.read_values(kind.as_ref());
        let from = match (column, constant) {
            (Some(column), None) => Content::Column(column?),
            (None, Some(item)) => Content::Constant(self.read_constant(item, kind.as_ref())?),
            (Some(_), Some(_)) => {
                self.add("has both `column` and `value`", "keep one of them");
                return None;
            }
            (None, None) => {
                if self.table.keys().any(|key| is_known(key.get_ref())) {
                    let hint = "column = \"...\" names the input's column; value = \"...\" is the same for all records";
                    self.add("needs `column` or `value`", hint);
                }
                return None;
            }
        };
        Some(Field {
            key: self.name.to_owned(),
            line: Some(self.line),
            from,
            kind: kind?,
            trim: said.unwrap_or(defaults.trim),
            values,
            empty,
        })
    }

    fn item(&self, key: &str) -> Option<&'v Item<'i>> {
        self.table.get(key)
    }

    fn what(&self, option: &str) -> String {
        format!("field {}: `{option}`", quoted(self.name))
    }

    fn flag(&mut self, option: &str) -> Option<bool> {
        let item = self.item(option)?;
        self.reader.boolean(item, &self.what(option))
    }

    fn choice<T: Copy>(&mut self, option: &str, choices: &[(&str, T)]) -> Option<T> {
        let item = self.item(option)?;
        self.reader.choice(item, &self.what(option), choices)
    }

    /// The outer none: there are words, and they are wrong.
    fn words(&mut self, option: &str) -> Option<Option<Vec<(String, usize)>>> {
        match self.item(option) {
            Some(item) => self.reader.words(item, &self.what(option)).map(Some),
            None => Some(None),
        }
    }

    fn add(&mut self, message: &str, hint: &str) {
        let message = format!("field {} {message}", quoted(self.name));
        self.reader.add(self.line, message, hint.to_owned());
    }

    fn refuse<T>(&mut self, item: &Item<'_>, message: &str, hint: Option<&str>) -> Option<T> {
        let message = format!("field {}: {message}", quoted(self.name));
        self.reader.refuse(item, message, hint.map(str::to_owned))
    }

    fn check_keys(&mut self) {
        let known = self.table.keys().any(|key| is_known(key.get_ref()));
        for key in self.table.keys() {
            let unknown = key.get_ref().as_ref();
            if is_known(unknown) {
                continue;
            }
            let line = self.reader.line_of(key);
            let hint = did_you_mean(unknown, keys::names(&FIELD)).or_else(|| {
                let dotted = quoted(&format!("{}.{unknown}", self.name));
                (!known).then(|| format!("if the API key is {dotted}, put it in quotes"))
            });
            let hint = hint.unwrap_or_else(|| format!("a field knows {}", keys::listed(&FIELD)));
            let (field, unknown) = (quoted(self.name), quoted(unknown));
            let message = format!("field {field}: unknown key {unknown}");
            self.reader.add(line, message, hint);
        }
        if self.table.is_empty() {
            self.add(
                "needs `column` or `value`",
                "for example { column = \"Amount\" }",
            );
        }
    }

    /// The outer none: there is a type, and it is wrong.
    fn read_type(&mut self) -> Option<Option<FieldType>> {
        let Some(item) = self.item("type") else {
            return Some(None);
        };
        let word = self.reader.string(item, &self.what("type"))?;
        let kind = FieldType::from_word(&word);
        if kind.is_none() {
            let words = FieldType::ALL.map(FieldType::word);
            let hint = foreign::type_hint(&word)
                .map(str::to_owned)
                .or_else(|| did_you_mean(&word, words))
                .unwrap_or_else(|| format!("the types are {}", words.join(", ")));
            return self.refuse(
                item,
                &format!("unknown type {}", quoted(&word)),
                Some(&hint),
            );
        }
        Some(kind)
    }

    /// Options that do not go with the type, or with a constant.
    fn check_fit(&mut self, typed: Option<Option<FieldType>>, constant: bool) {
        for key in self.table.keys() {
            let option = key.get_ref().as_ref();
            let line = self.reader.line_of(key);
            let types = keys::find(&FIELD, option).map_or(&[][..], |key| key.types);
            let (problem, hint) = if constant && is_known(option) {
                if matches!(option, "value" | "column" | "type") {
                    continue;
                }
                let hint = "write the value as Qobra wants it; only `type` goes with it";
                ("does not go with `value`".to_owned(), hint.to_owned())
            } else if let (false, Some(typed)) = (types.is_empty(), typed) {
                if typed.is_some_and(|typed| types.contains(&typed)) {
                    continue;
                }
                let words: Vec<String> = types.iter().map(|t| format!("`{}`", t.word())).collect();
                let problem = match typed {
                    Some(typed) => format!("does not go with type `{}`", typed.word()),
                    None => "needs a type".to_owned(),
                };
                (problem, format!("it goes with type {}", words.join(", ")))
            } else if option == "trim"
                && let Some(Some(typed)) = typed
                && typed != FieldType::Text
                && self.table[option].get_ref().as_bool() == Some(false)
            {
                let problem = format!("= false does not go with type `{}`", typed.word());
                (problem, "cells of this type are always trimmed".to_owned())
            } else {
                continue;
            };
            let message = format!("{} {problem}", self.what(option));
            self.reader.add(line, message, hint);
        }
    }

    fn read_kind(&mut self, typed: Option<FieldType>, defaults: &Defaults) -> Option<ValueType> {
        Some(match typed {
            None => ValueType::AsIs,
            Some(FieldType::Text) => ValueType::Text,
            Some(FieldType::Number) => self.read_number(NumberKind::Number, defaults)?,
            Some(FieldType::Integer) => self.read_number(NumberKind::Integer, defaults)?,
            Some(FieldType::Percent) => {
                let fraction = match self.item("fraction") {
                    Some(_) => self.flag("fraction"),
                    None => Some(false),
                };
                let kind = match fraction {
                    Some(true) => NumberKind::Fraction,
                    _ => NumberKind::Percent,
                };
                let percent = self.read_number(kind, defaults);
                fraction.and(percent)?
            }
            Some(FieldType::Boolean) => ValueType::Boolean(self.read_words()?),
            Some(FieldType::Date) => ValueType::Date(Dates::new(self.read_layouts()?)),
            Some(FieldType::Json) => ValueType::Json,
        })
    }

    fn read_number(&mut self, kind: NumberKind, defaults: &Defaults) -> Option<ValueType> {
        let (mut style, mut own) = (defaults.style, None);
        if let Some(item) = self.item("decimal") {
            own = Some(item);
            style.decimal = read_decimal(self.reader, item)?;
        }
        if let Some(item) = self.item("thousands") {
            own = Some(item);
            style.thousands = read_thousands(self.reader, item)?;
        }
        if let (Some(item), true) = (own, style.clashes()) {
            return self.refuse(item, CLASH, Some(CLASH_HINT));
        }
        Some(ValueType::Number(Number::new(style, kind)))
    }

    fn read_words(&mut self) -> Option<Words> {
        let (yes, no) = (self.words("true"), self.words("false"));
        let texts = |words: Option<Vec<(String, usize)>>| {
            words.map(|words| words.into_iter().map(|(word, _)| word).collect())
        };
        match Words::new(texts(yes?), texts(no?)) {
            Ok(words) => Some(words),
            Err(both) => {
                let item = self.item("false").or_else(|| self.item("true"))?;
                let message = format!("{} stands for both true and false", quoted(&both));
                self.refuse(item, &message, Some("words are compared without case"))
            }
        }
    }

    fn read_layouts(&mut self) -> Option<Vec<Layout>> {
        let Some(texts) = self.words("format")? else {
            return Some(vec![Layout::new("%Y-%m-%d").ok()?]);
        };
        let mut layouts = Vec::new();
        let mut all_good = true;
        for (text, line) in texts {
            match Layout::new(&text) {
                Ok(layout) => layouts.push(layout),
                Err(problem) => {
                    all_good = false;
                    let message = format!("{}: {} {problem}", self.what("format"), quoted(&text));
                    let ours = foreign::layout(&text).filter(|ours| Layout::new(ours).is_ok());
                    let hint = match ours {
                        Some(ours) => format!("letters stand behind a %: \"{ours}\""),
                        None => "for example \"%Y-%m-%d\", \"%d/%m/%Y\" or \"%d %b %Y\"".to_owned(),
                    };
                    self.reader.add(line, message, hint);
                }
            }
        }
        all_good.then_some(layouts)
    }

    fn read_empty(&mut self, typed: Option<FieldType>) -> Option<Empty> {
        let required = self.flag("required").unwrap_or(false);
        let empty = self.choice("empty", &Empty::WORDS);
        let (Some(item), Some(empty)) = (self.item("empty"), empty) else {
            return required.then_some(Empty::Error);
        };
        let mut refuse = |message: &str, hint: &str| self.refuse::<()>(item, message, Some(hint));
        if required && empty != Empty::Error {
            let hint = "`required = true` is `empty = \"error\"`: keep one";
            refuse("`required = true` and another `empty`", hint);
        }
        if let (Empty::Text, Some(typed)) = (empty, typed)
            && typed != FieldType::Text
        {
            let message = format!(
                "`empty = \"text\"` does not go with type `{}`",
                typed.word()
            );
            let hint = "it sends \"\", which Qobra may not read as this type; \"null\" or \"omit\" is safe";
            refuse(&message, hint);
        }
        Some(empty)
    }

    fn read_values(&mut self, kind: Option<&ValueType>) -> Option<Values> {
        let else_error = self.choice("values_else", &VALUES_ELSE);
        let Some(item) = self.item("values") else {
            let item = self.item("values_else")?;
            return self.refuse(item, "`values_else` goes with `values` only", None);
        };
        let mut list = HashMap::new();
        for (cell, item) in self.reader.table(item, &self.what("values"))? {
            let what = format!("{}: {}", self.what("values"), quoted(cell.get_ref()));
            let Some(scalar) = self.reader.scalar(item, &what) else {
                continue;
            };
            let blank = scalar.value().is_blank();
            if let (Some(kind), false) = (kind, blank)
                && let Err(reason) =
                    kind.write(trimmed(kind, &scalar).value(), None, &mut Vec::new())
            {
                let new = quoted(scalar.value().text());
                self.reader
                    .refuse::<()>(item, format!("{what}: {new} {reason}"), None);
            }
            list.insert(cell.get_ref().clone().into_owned(), scalar);
        }
        Some(Values {
            list,
            else_error: else_error.unwrap_or(false),
        })
    }

    fn read_constant(&mut self, item: &Item<'_>, kind: Option<&ValueType>) -> Option<String> {
        let scalar = self.reader.scalar(item, &self.what("value"))?;
        if scalar.value().is_blank() {
            let hint = "leave the field out, or give what every record takes";
            return self.refuse(item, "`value` is empty", Some(hint));
        }
        if let Some(variable) = variable(scalar.value().text()) {
            let (message, hint) = no_variables(self.name, variable);
            return self.reader.refuse(item, message, hint);
        }
        // A constant is written as Qobra wants it, so the signs of the input mean nothing here.
        let plain = match kind? {
            ValueType::Number(number) => ValueType::Number(number.as_constant()),
            other => other.clone(),
        };
        let mut json = Vec::new();
        let text = trimmed(&plain, &scalar);
        if let Err(reason) = plain.write(text.value(), None, &mut json) {
            let shown = quoted(scalar.value().text());
            return self.refuse(item, &format!("`value` {shown} {reason}"), None);
        }
        String::from_utf8(json).ok()
    }
}

fn is_known(key: &str) -> bool {
    keys::find(&FIELD, key).is_some()
}

/// A value of the mapping as the field's type takes it.
fn trimmed(kind: &ValueType, scalar: &Scalar) -> Scalar {
    match scalar {
        Scalar::Text(text) if kind.always_trims() => Scalar::Text(text.trim().to_owned()),
        scalar => scalar.clone(),
    }
}
