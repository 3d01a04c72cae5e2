//! Cells that have a type already, as those of a sheet have: what a field makes of them without its
//! signs, words and layouts, and how they are written for a field that reads them as text again.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::input::Typed;

use super::binding::{Binding, CellPlace};
use crate::mapping::value::kind::ValueType;
use crate::mapping::value::style::NumberStyle;
use crate::mapping::value::text::Value;

/// The value of a typed cell, where the field's type is the cell's own. Else it is a text like others:
/// a number may be a date's digits, or a word.
pub(super) fn value<'c>(kind: &ValueType, typed: Typed, text: &'c str) -> Option<Value<'c>> {
    match (typed, kind) {
        (Typed::Number, ValueType::Number(_)) => Some(Value::Number(text)),
        (Typed::Boolean, ValueType::Boolean(_)) => Some(Value::Bool(text == "true")),
        (Typed::Date, ValueType::Date(_)) => Some(Value::Day(text)),
        _ => None,
    }
}

/// How the typed cells of a sheet are written as CSV, so that the same mapping reads the same of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spelling {
    /// By column: those of all fields that use it.
    kinds: HashMap<usize, Vec<ValueType>>,
}

impl Binding {
    /// How this mapping has typed cells written.
    pub(crate) fn spelling(&self) -> Spelling {
        let mut kinds: HashMap<usize, Vec<ValueType>> = HashMap::new();
        for bound in &self.fields {
            for at in bound.place.columns().filter_map(CellPlace::column) {
                kinds.entry(at).or_default().push(bound.field.kind.clone());
            }
        }
        Spelling { kinds }
    }
}

impl Spelling {
    /// A cell's text as the fields of its column read it. Where they do not read the same it stays what it
    /// is, which one of them refuses: of another text one would make something else.
    pub(crate) fn of<'c>(&self, column: usize, typed: Typed, text: &'c str) -> Cow<'c, str> {
        let kinds = self.kinds.get(&column).map_or(&[][..], Vec::as_slice);
        let mut spelled = kinds.iter().map(|kind| spell(kind, typed, text));
        let first = spelled.next().unwrap_or(Cow::Borrowed(text));
        match spelled.all(|other| other == first) {
            true => first,
            false => text.into(),
        }
    }
}

fn spell<'c>(kind: &ValueType, typed: Typed, text: &'c str) -> Cow<'c, str> {
    match (typed, kind) {
        (Typed::Number, ValueType::Number(of)) => number(text, of.style),
        (Typed::Boolean, ValueType::Boolean(words)) => {
            let word = words.first(text == "true");
            word.map_or(text.into(), |word| word.to_owned().into())
        }
        (Typed::Date, ValueType::Date(dates)) => {
            dates.spelled(text).map_or(text.into(), Cow::Owned)
        }
        _ => text.into(),
    }
}

fn number(text: &str, style: NumberStyle) -> Cow<'_, str> {
    match style.decimal {
        '.' => text.into(),
        sign => text.replace('.', sign.encode_utf8(&mut [0; 4])).into(),
    }
}
