//! One page of a table's records, of which the table may have a million.
//!
//! Nothing is copied but what is shown. A search looks at the whole table if need be, but lets go of the state
//! every so many records, so that pushes go on meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

use super::ask::Asked;
use crate::base::display;
use crate::service::sandbox::cell;
use crate::service::sandbox::record::Fields;
use crate::service::sandbox::state::Sandbox;

/// The most records of one page.
pub(super) const MOST_ROWS: usize = 50;
/// The most fields of one record.
const MOST_FIELDS: usize = 60;
/// How many records are looked at before others get their turn.
const STEP: usize = 10_000;

/// Records of one table.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) table: String,
    pub(super) total: usize,
    pub(super) rows: Vec<Row>,
    /// Names of the fields that are shown, the id's first.
    pub(super) columns: Vec<String>,
    pub(super) has_more_columns: bool,
    /// The records that were looked at: from this place on, to the one before that.
    pub(super) looked_at: (usize, usize),
}

#[derive(Debug)]
pub(super) struct Row {
    /// From 1.
    pub(super) number: usize,
    cells: BTreeMap<String, Cell>,
}

/// A value, harmless and cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) class: &'static str,
    pub(super) text: String,
}

/// Looks records up; `None` where there is no such table.
pub(super) async fn find(sandbox: &Sandbox, table: &str, asked: &Asked) -> Option<Found> {
    let search = asked.search();
    let mut found: Option<Found> = None;
    loop {
        {
            let state = sandbox.caught_up();
            let table = state.world.table(table)?;
            let found = found.get_or_insert_with(|| Found {
                table: table.spec.key.clone(),
                looked_at: (asked.from(), asked.from()),
                columns: vec![table.spec.id_field.clone()],
                ..Found::default()
            });
            if found.look_at(table.rows(), &search) {
                let declared = table.spec.fields.keys().map(String::as_str);
                found.name_columns(declared);
                break;
            }
        }
        tokio::task::yield_now().await;
    }
    found
}

impl Found {
    /// Looks at some more records; says whether that was enough.
    fn look_at(&mut self, rows: &[(String, Fields)], search: &str) -> bool {
        self.total = rows.len();
        let (from, until) = self.looked_at;
        self.looked_at = (from.min(rows.len()), until.min(rows.len()));
        let next = rows.iter().enumerate().skip(self.looked_at.1).take(STEP);
        for (place, (id, fields)) in next {
            self.looked_at.1 = place + 1;
            if holds(id, fields, search) {
                self.rows
                    .push(Row::new(place + 1, &self.columns[0], fields));
            }
            if self.rows.len() == MOST_ROWS {
                return true;
            }
        }
        self.looked_at.1 == self.total
    }

    /// The id, then every declared field, then the others that the records have.
    fn name_columns<'a>(&mut self, declared: impl Iterator<Item = &'a str>) {
        let mut names: BTreeSet<&str> = declared.collect();
        names.extend(
            self.rows
                .iter()
                .flat_map(|row| row.cells.keys().map(String::as_str)),
        );
        names.remove(self.columns[0].as_str());
        self.has_more_columns = names.len() > MOST_FIELDS;
        let names: Vec<_> = names
            .into_iter()
            .take(MOST_FIELDS)
            .map(str::to_owned)
            .collect();
        self.columns.extend(names);
    }
}

impl Row {
    fn new(number: usize, id: &str, fields: &Fields) -> Self {
        // One more than is shown, so that it is known that there are more; and the id, whatever its name.
        let first = fields.iter().take(MOST_FIELDS + 2);
        let cells = first.chain(fields.get_key_value(id));
        Self {
            number,
            cells: cells
                .map(|(name, value)| (name.clone(), Cell::new(value)))
                .collect(),
        }
    }

    /// The value of a field; `None` where the record lacks it.
    pub(super) fn cell(&self, name: &str) -> Option<&Cell> {
        self.cells.get(name)
    }
}

impl Cell {
    fn new(value: &RawValue) -> Self {
        let text = cell::as_text(value);
        let (class, text) = match (value.get().as_bytes().first(), text) {
            (_, None) => ("empty", "null".to_owned()),
            (Some(b'"'), Some(text)) if text.is_empty() => ("empty", "\"\"".to_owned()),
            (Some(b'"'), Some(text)) => ("text", display::shown(&text)),
            (Some(b'-' | b'0'..=b'9'), Some(text)) => ("number", display::shown(&text)),
            (_, Some(text)) => ("json", display::shown(&text)),
        };
        Self { class, text }
    }
}

fn holds(id: &str, fields: &Fields, search: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(search);
    search.is_empty()
        || has(id)
        || (fields.values()).any(|value| cell::as_text(value).is_some_and(|text| has(&text)))
}
