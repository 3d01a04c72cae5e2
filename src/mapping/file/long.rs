//! The long form of a field: `{ column = "Amount", type = "number", ... }`.

use std::collections::HashMap;

use toml::de::DeTable;

use crate::base::display::quoted;

use super::defaults::{CLASH, CLASH_HINT, Defaults, read_decimal, read_thousands};
use super::keys::{self, FIELD, VALUES_ELSE};
use super::reader::{Item, Reader};
use crate::mapping::mistakes::did_you_mean;
use crate::mapping::spec::{Content, Empty, Field, Scalar, Values};
use crate::mapping::value::boolean::Words;
use crate::mapping::value::date::{Dates, Layout};
use crate::mapping::value::kind::{FieldType, Kind};
use crate::mapping::value::number::Number;
use crate::mapping::value::style::{NumberKind, NumberStyle};

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
        let said = self
            .item("trim")
            .and_then(|item| self.reader.boolean(item, &self.what("trim")));
        let empty = self.read_empty(typed.flatten());
        let values = self.read_values(kind.as_ref());
        let from = match (column, constant) {
            (Some(column), None) => Content::Column(column?),
            (None, Some(item)) => Content::Constant(self.read_constant(item, kind.as_ref())?),
            (Some(_), Some(_)) => {
                self.add("has both `column` and `value`".into(), "keep one of them");
                return None;
            }
            (None, None) => {
                if self.table.keys().any(|key| is_known(key.get_ref())) {
                    let hint = "column = \"...\" names the input's column; value = \"...\" is the same for all records";
                    self.add("needs `column` or `value`".into(), hint);
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

    fn add(&mut self, message: String, hint: &str) {
        let message = format!("field {} {message}", quoted(self.name));
        self.reader.add(self.line, message, Some(hint.to_owned()));
    }

    fn add_at(&mut self, item: &Item<'_>, message: String, hint: Option<String>) {
        let line = self.reader.line_of(item);
        let message = format!("field {}: {message}", quoted(self.name));
        self.reader.add(line, message, hint);
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
            let message = format!(
                "field {}: unknown key {}",
                quoted(self.name),
                quoted(unknown)
            );
            self.reader.add(line, message, Some(hint));
        }
        if self.table.is_empty() {
            self.add(
                "needs `column` or `value`".into(),
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
            let hint = did_you_mean(&word, words)
                .unwrap_or_else(|| format!("the types are {}", words.join(", ")));
            self.add_at(item, format!("unknown type {}", quoted(&word)), Some(hint));
            return None;
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
            self.reader.add(line, message, Some(hint));
        }
    }

    fn read_kind(&mut self, typed: Option<FieldType>, defaults: &Defaults) -> Option<Kind> {
        Some(match typed {
            None => Kind::AsIs,
            Some(FieldType::Text) => Kind::Text,
            Some(FieldType::Number) => self.read_number(NumberKind::Number, defaults)?,
            Some(FieldType::Integer) => self.read_number(NumberKind::Integer, defaults)?,
            Some(FieldType::Percent) => {
                let fraction = self.item("fraction");
                let fraction =
                    fraction.map(|item| self.reader.boolean(item, &self.what("fraction")));
                let kind = match fraction {
                    Some(Some(true)) => NumberKind::Fraction,
                    _ => NumberKind::Percent,
                };
                let percent = self.read_number(kind, defaults)?;
                fraction.unwrap_or(Some(false))?;
                percent
            }
            Some(FieldType::Boolean) => Kind::Boolean(self.read_words()?),
            Some(FieldType::Date) => Kind::Date(Dates::new(self.read_layouts()?)),
            Some(FieldType::Json) => Kind::Json,
        })
    }

    fn read_number(&mut self, kind: NumberKind, defaults: &Defaults) -> Option<Kind> {
        let mut signs = *defaults;
        let mut own = None;
        if let Some(item) = self.item("decimal") {
            own = Some(item);
            signs.decimal = read_decimal(self.reader, item)?;
        }
        if let Some(item) = self.item("thousands") {
            own = Some(item);
            signs.thousands = read_thousands(self.reader, item)?;
        }
        if let (Some(item), true) = (own, signs.signs_clash()) {
            self.add_at(item, CLASH.to_owned(), Some(CLASH_HINT.to_owned()));
            return None;
        }
        let style = NumberStyle {
            decimal: signs.decimal,
            thousands: signs.thousands,
        };
        Some(Kind::Number(Number::new(style, kind)))
    }

    fn read_words(&mut self) -> Option<Words> {
        let mut list = |option: &str| {
            let item = self.item(option)?;
            let words = self.reader.words(item, &self.what(option));
            Some(words.map(|words| words.into_iter().map(|(word, _)| word).collect()))
        };
        let (yes, no) = (list("true"), list("false"));
        let yes = yes.map_or(Some(None), |words| words.map(Some))?;
        let no = no.map_or(Some(None), |words| words.map(Some))?;
        match Words::new(yes, no) {
            Ok(words) => Some(words),
            Err(both) => {
                let item = self.item("false").or_else(|| self.item("true"))?;
                let message = format!("{} stands for both true and false", quoted(&both));
                self.add_at(
                    item,
                    message,
                    Some("words are compared without case".to_owned()),
                );
                None
            }
        }
    }

    fn read_layouts(&mut self) -> Option<Vec<Layout>> {
        let Some(item) = self.item("format") else {
            return Some(vec![Layout::new("%Y-%m-%d").ok()?]);
        };
        let texts = self.reader.words(item, &self.what("format"))?;
        let mut layouts = Vec::new();
        let mut all_good = true;
        for (text, line) in texts {
            match Layout::new(&text) {
                Ok(layout) => layouts.push(layout),
                Err(problem) => {
                    all_good = false;
                    let message = format!("{}: {} {problem}", self.what("format"), quoted(&text));
                    let hint = "for example \"%Y-%m-%d\", \"%d/%m/%Y\" or \"%d %b %Y\"".to_owned();
                    self.reader.add(line, message, Some(hint));
                }
            }
        }
        all_good.then_some(layouts)
    }

    fn read_empty(&mut self, typed: Option<FieldType>) -> Option<Empty> {
        let required = self
            .item("required")
            .and_then(|item| self.reader.boolean(item, &self.what("required")))
            .unwrap_or(false);
        let empty = self.item("empty").and_then(|item| {
            Some((
                item,
                self.reader
                    .choice(item, &self.what("empty"), &Empty::WORDS)?,
            ))
        });
        let Some((item, empty)) = empty else {
            return required.then_some(Empty::Error);
        };
        if required && empty != Empty::Error {
            let hint = Some("`required = true` is `empty = \"error\"`: keep one".to_owned());
            self.add_at(
                item,
                "`required = true` and another `empty`".to_owned(),
                hint,
            );
        }
        if let (Empty::Text, Some(typed)) = (empty, typed)
            && typed != FieldType::Text
        {
            let message = format!(
                "`empty = \"text\"` does not go with type `{}`",
                typed.word()
            );
            let hint = "it sends \"\", which Qobra may not read as this type; \"null\" or \"omit\" is safe";
            self.add_at(item, message, Some(hint.to_owned()));
        }
        Some(empty)
    }

    fn read_values(&mut self, kind: Option<&Kind>) -> Option<Values> {
        let otherwise = self.item("values_else");
        let else_error = otherwise.and_then(|item| {
            self.reader
                .choice(item, &self.what("values_else"), &VALUES_ELSE)
        });
        let Some(item) = self.item("values") else {
            if let Some(item) = otherwise {
                self.add_at(
                    item,
                    "`values_else` goes with `values` only".to_owned(),
                    None,
                );
            }
            return None;
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
                let line = self.reader.line_of(item);
                let new = quoted(scalar.value().text());
                self.reader
                    .add(line, format!("{what}: {new} {reason}"), None);
            }
            list.insert(cell.get_ref().clone().into_owned(), scalar);
        }
        Some(Values {
            list,
            else_error: else_error.unwrap_or(false),
        })
    }

    fn read_constant(&mut self, item: &Item<'_>, kind: Option<&Kind>) -> Option<String> {
        let scalar = self.reader.scalar(item, &self.what("value"))?;
        if scalar.value().is_blank() {
            let hint = "leave the field out, or give what every record takes".to_owned();
            self.add_at(item, "`value` is empty".to_owned(), Some(hint));
            return None;
        }
        // A constant is written as Qobra wants it, so the signs of the input mean nothing here.
        let plain = match kind? {
            Kind::Number(number) => Kind::Number(number.as_constant()),
            other => other.clone(),
        };
        let mut json = Vec::new();
        let text = trimmed(&plain, &scalar);
        if let Err(reason) = plain.write(text.value(), None, &mut json) {
            let shown = quoted(scalar.value().text());
            self.add_at(item, format!("`value` {shown} {reason}"), None);
            return None;
        }
        String::from_utf8(json).ok()
    }
}

fn is_known(key: &str) -> bool {
    keys::find(&FIELD, key).is_some()
}

/// A value of the mapping as the field's type takes it.
fn trimmed(kind: &Kind, scalar: &Scalar) -> Scalar {
    match scalar {
        Scalar::Text(text) if kind.always_trims() => Scalar::Text(text.trim().to_owned()),
        scalar => scalar.clone(),
    }
}
