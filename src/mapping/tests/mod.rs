//! The mapping's tests. The helpers here bind a mapping and write one record with it.

mod conclude;
mod csv;
mod dates;
mod foreign;
mod guards;
mod joined;
mod made_up;
mod marks;
mod ndjson;
mod numbers;
mod parse;
mod schema;
mod typed;
mod values;
mod zones;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::input::{self, Cell, Cells, Columns, Spans, TextCells};

use super::binding::Binding;
use super::mistakes::Mistake;
use super::sent::Sent;
use super::spec::Mapping;
use super::tally::Tally;

/// The members of one NDJSON line, in its order.
pub(super) struct Members<'a>(pub(super) Vec<(Cow<'a, str>, &'a str)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Vec<(Cow<'de, str>, &'de str)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
                    all.push((Cow::Owned(key), value.get()));
                }
                Ok(all)
            }
        }
        deserializer.deserialize_map(All).map(Members)
    }
}

pub(super) fn header(names: &[&str]) -> Columns {
    Columns::Named(names.iter().map(|&name| name.to_owned()).collect())
}

pub(super) fn mapping(text: &str) -> Mapping {
    schema::agree(text);
    Mapping::parse(text).unwrap_or_else(|mistakes| panic!("{}", lines(&mistakes)))
}

/// Mistakes as a person would read them.
pub(super) fn lines(mistakes: &[Mistake]) -> String {
    let lines = mistakes.iter().map(|mistake| match &mistake.hint {
        Some(hint) => format!("{mistake}\n  hint: {hint}\n"),
        None => format!("{mistake}\n"),
    });
    lines.collect()
}

/// Writes behind something that already stands there, and checks what must hold of every answer.
pub(super) fn write(
    binding: &Binding,
    cells: &Cells<'_>,
    tally: &mut Tally,
) -> Result<(String, String), Vec<String>> {
    let mut out = b"before".to_vec();
    let mut other = Tally::default();
    let names = binding.field_names();
    let mut sent = Sent::new(names.clone());
    let measured = binding.measure(cells, &mut sent, &mut other);
    let result = binding.write(cells, &mut out, tally);
    let size = (out.len() - b"before".len()) as u64;
    assert_eq!(
        measured.map(|measured| (measured.bytes, measured.id)),
        result.clone().map(|id| (size, id)),
        "measuring is writing, too"
    );
    let id = match result {
        Ok(id) => id,
        Err(faults) => {
            assert_eq!(out, b"before", "a refused record leaves nothing");
            return Err(faults
                .iter()
                .map(super::written::CellFault::message)
                .collect());
        }
    };
    let text = String::from_utf8(out).unwrap();
    let json = text.strip_prefix("before").unwrap().to_owned();
    let members: Members<'_> = serde_json::from_str(&json).unwrap();
    let members: Vec<_> = members.0.iter().map(|(key, raw)| (&**key, *raw)).collect();
    let names = names.list();
    let mut values = Vec::new();
    sent.each(|field, value, _| {
        let name = names[field as usize].clone();
        values.insert(0, (name, String::from_utf8(value.to_vec()).unwrap()));
    });
    let values: Vec<_> = values.iter().map(|(key, raw)| (&**key, &**raw)).collect();
    assert_eq!(
        values, members,
        "each value stands where it is said to stand"
    );
    Ok((json, String::from_utf8(id.to_vec()).unwrap()))
}

pub(super) fn write_csv(
    binding: &Binding,
    row: &[&str],
    tally: &mut Tally,
) -> Result<(String, String), Vec<String>> {
    let order: Vec<usize> = (0..row.len()).collect();
    let spans = |knows: bool| {
        let cells = row.iter().map(|&text| Cell {
            is_plain: knows && !text.contains(|c| c < ' ' || matches!(c, '"' | '\\')),
            text,
        });
        Spans::for_test(&cells.collect::<Vec<_>>())
    };
    let (known, unknown) = (spans(true), spans(false));
    let cells = |spans| Cells::Text(TextCells::for_test(spans, &order));
    let written = write(binding, &cells(&known), &mut Tally::default());
    let again = write(binding, &cells(&unknown), tally);
    assert_eq!(written, again, "what is known of a cell changes nothing");
    again
}

pub(super) fn write_ndjson(
    binding: &Binding,
    line: &str,
    tally: &mut Tally,
) -> Result<(String, String), Vec<String>> {
    let members: Members<'_> = serde_json::from_str(line).unwrap();
    write(binding, &object(&members), tally)
}

/// A record of which nothing is known but its members.
fn object<'a>(members: &'a Members<'a>) -> Cells<'a> {
    let keys = input::KeyList::new();
    Cells::Object(input::Members::new(&members.0, keys))
}

/// One CSV cell through the field `f`, whose options are given; the id is `1`.
pub(super) fn cell(options: &str, cell: &str) -> Result<String, String> {
    let text = format!("[fields]\nid = 'ID'\nf = {{ column = 'C', {options} }}");
    let binding = mapping(&text).bind(&header(&["ID", "C"])).unwrap();
    one(write_csv(&binding, &["1", cell], &mut Tally::default()))
}

/// The same for one JSON value.
pub(super) fn value(options: &str, json: &str) -> Result<String, String> {
    let text = format!("[fields]\nid = 'ID'\nf = {{ column = 'C', {options} }}");
    let binding = mapping(&text).bind(&Columns::PerRecord).unwrap();
    let line = format!("{{\"ID\":\"1\",\"C\":{json}}}");
    one(write_ndjson(&binding, &line, &mut Tally::default()))
}

/// Only what became of the field `f`.
fn one(result: Result<(String, String), Vec<String>>) -> Result<String, String> {
    let only = |json: String| match json.strip_prefix("{\"id\":\"1\",\"f\":") {
        Some(rest) => rest.strip_suffix('}').unwrap().to_owned(),
        None => json,
    };
    result
        .map(|(json, _)| only(json))
        .map_err(|faults| faults.join("\n"))
}

/// Shorthand for an accepted JSON text.
#[expect(clippy::unnecessary_wraps, reason = "it is compared with results")]
pub(super) fn ok(json: &str) -> Result<String, String> {
    Ok(json.to_owned())
}
