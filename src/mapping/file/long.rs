//! The long form of a field: `{ column = "Amount", type = "number", ... }`.

use std::collections::HashMap;

use crate::base::display::quoted;

use super::defaults::Defaults;
use super::foreign;
use super::keys::{self, FIELD, VALUES_ELSE};
use super::options::Options;
use super::reader::{Item, no_variables, variable};
use crate::mapping::mistakes::did_you_mean;
use crate::mapping::spec::{Content, Empty, Field, Joined, Scalar, Values};
use crate::mapping::value::kind::{FieldType, ValueType};

impl Options<'_, '_, '_, '_> {
    pub(crate) fn read(mut self, defaults: &Defaults) -> Option<Field> {
        self.check_keys();
        let typed = self.read_type();
        self.check_fit(typed, self.item("value").is_some());
        let kind = self.read_kind(typed.flatten(), defaults);
        let said = self.flag("trim");
        let empty = self.read_empty(typed.flatten());
        let values = self.read_values(kind.as_ref());
        let from = self.read_content(kind.as_ref());
        Some(Field {
            key: self.name.to_owned(),
            line: Some(self.line),
            from: from?,
            kind: kind?,
            trim: said.unwrap_or(defaults.trim),
            values,
            empty,
        })
    }

    /// Where the values come from; exactly one key says it.
    fn read_content(&mut self, kind: Option<&ValueType>) -> Option<Content> {
        let sources = ["column", "columns", "value"];
        let said: Vec<&str> = (sources.into_iter())
            .filter(|key| self.item(key).is_some())
            .collect();
        let content = match said[..] {
            ["column"] => {
                let item = self.item("column")?;
                Content::Column(self.reader.name(item, &self.what("column"))?)
            }
            ["columns"] => Content::Columns(self.read_columns()?),
            ["value"] => Content::Constant(self.read_constant(self.item("value")?, kind)?),
            [] => {
                if self.table.keys().any(|key| is_known(key.get_ref())) {
                    let hint = "column = \"...\" names the input's column; value = \"...\" is the same for all records";
                    self.add("needs `column` or `value`", hint);
                }
                return None;
            }
            _ => {
                let said: Vec<String> = said.iter().map(|key| format!("`{key}`")).collect();
                let said = said.join(" and ");
                self.add(&format!("has both {said}"), "keep one of them");
                return None;
            }
        };
        Some(content)
    }

    fn read_columns(&mut self) -> Option<Joined> {
        let item = self.item("columns")?;
        if item.get_ref().as_array().is_none() {
            let hint = "for example columns = [\"First\", \"Last\"], join = \" \"";
            return self.refuse(item, "`columns` must be a list of strings", Some(hint));
        }
        let columns = self.reader.words(item, &self.what("columns"));
        let between = match self.item("join") {
            Some(item) => self.reader.string(item, &self.what("join")),
            None => Some(" ".to_owned()),
        };
        let columns: Vec<String> = columns?.into_iter().map(|(name, _)| name).collect();
        Some(Joined {
            label: columns.join(" + "),
            columns,
            between: between?,
        })
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
                if matches!(option, "value" | "column" | "columns" | "type") {
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
            } else if option == "join" && self.item("columns").is_none() {
                let hint =
                    "join = \" \" stands between the cells of columns = [\"First\", \"Last\"]";
                ("goes with `columns` only".to_owned(), hint.to_owned())
            } else if option == "columns"
                && let Some(Some(typed)) = typed
                && typed != FieldType::Text
            {
                let problem = format!("does not go with type `{}`", typed.word());
                (
                    problem,
                    "several columns make a text: leave the type out".to_owned(),
                )
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
