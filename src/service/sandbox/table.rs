//! One table's content: records by id, written over field by field.
//!
//! When a table is deleted and what is written when is decided in `import`.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::cell;
use super::options::TableSpec;
use super::record::{self, Fields, Rejected};
use crate::service::facts::{Facts, Strange};

/// What a table holds at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableSnapshot {
    /// Each record's id and its fields as one JSON object, in the order in which the ids first came.
    /// The object has no white space and its fields are sorted by name; every value stands exactly
    /// as it was sent.
    pub records: Vec<(String, String)>,
    /// How often the whole content was deleted.
    pub deletes: u64,
    /// The ids of the imports that have run or are running, in the order in which they started.
    pub imports: Vec<String>,
    /// The API keys that records came with and the table does not have: the first ones by name.
    pub dropped: Vec<String>,
}

/// How many keys are remembered that a table does not have.
const MOST_DROPPED: usize = 500;

/// A table that can be written to.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) spec: TableSpec,
    facts: Arc<Facts>,
    rows: Vec<(String, Fields)>,
    /// Where in `rows` each id stands.
    places: HashMap<String, usize>,
    pub(super) deletes: u64,
    pub(super) imports: Vec<String>,
    pub(super) dropped: BTreeSet<String>,
    /// Moves on whenever what it holds changes.
    pub(super) revision: u64,
}

impl Table {
    pub(super) fn new(spec: TableSpec, facts: Arc<Facts>) -> Self {
        Self {
            spec,
            facts,
            rows: Vec::new(),
            places: HashMap::new(),
            deletes: 0,
            imports: Vec::new(),
            dropped: BTreeSet::new(),
            revision: 0,
        }
    }

    /// Each record's id and fields, in the order in which the ids first came.
    pub(super) fn rows(&self) -> &[(String, Fields)] {
        &self.rows
    }

    /// The id of a record as text; `None` where it has none.
    pub(super) fn id_of(&self, fields: &Fields) -> Option<String> {
        let value = fields.get(&self.spec.id_field)?;
        let json = value.get();
        let named = json.starts_with('"')
            || json.starts_with('-')
            || json.starts_with(|c: char| c.is_ascii_digit());
        cell::as_text(value).filter(|id| named && !id.is_empty())
    }

    /// Empties the table.
    pub(super) fn delete_all(&mut self) {
        self.rows.clear();
        self.places.clear();
        self.deletes += 1;
        self.revision += 1;
    }

    /// Whether an import leaves a record out.
    pub(super) fn is_rejected(&self, id: &str, fields: &Fields) -> bool {
        self.misfit(id, fields).is_some()
    }

    /// The record again, or why an import leaves it out.
    pub(super) fn checked(&self, id: &str, fields: Fields) -> Result<Fields, Box<Rejected>> {
        let Some((field, misfit)) = self.misfit(id, &fields) else {
            return Ok(fields);
        };
        let value = fields.get(&field).and_then(|value| cell::as_text(value));
        Err(Box::new(Rejected {
            value: value.unwrap_or_default(),
            field,
            misfit,
            row: fields,
        }))
    }

    fn misfit(&self, id: &str, fields: &Fields) -> Option<(String, cell::Misfit)> {
        let held = self.places.get(id).map(|&place| &self.rows[place].1);
        record::misfit(&self.spec, &self.facts, held, fields)
    }

    /// Writes over the record of that id, or adds it.
    pub(super) fn upsert(&mut self, id: &str, mut fields: Fields) {
        self.revision += 1;
        if self.facts.unknown_field != Some(Strange::Taken) {
            fields.retain(|field, _| {
                let is_kept = record::is_known(&self.spec, field);
                if !is_kept && !self.dropped.contains(field) {
                    self.dropped.insert(field.clone());
                    if self.dropped.len() > MOST_DROPPED {
                        self.dropped.pop_last();
                    }
                }
                is_kept
            });
        }
        let place = *self.places.entry(id.to_owned()).or_insert_with(|| {
            self.rows.push((id.to_owned(), Fields::new()));
            self.rows.len() - 1
        });
        record::write_over(&self.facts, &mut self.rows[place].1, fields);
    }

    pub(super) fn snapshot(&self) -> TableSnapshot {
        TableSnapshot {
            records: self
                .rows
                .iter()
                .map(|(id, fields)| (id.clone(), object(fields)))
                .collect(),
            deletes: self.deletes,
            imports: self.imports.clone(),
            dropped: self.dropped.iter().cloned().collect(),
        }
    }

    /// The content as rows of text under a header: the id, then every other field by name.
    pub(super) fn grid(&self) -> (Vec<String>, Vec<Vec<String>>) {
        let mut names: BTreeSet<&str> = self.spec.fields.keys().map(String::as_str).collect();
        names.extend(
            self.rows
                .iter()
                .flat_map(|(_, fields)| fields.keys())
                .map(String::as_str),
        );
        names.remove(self.spec.id_field.as_str());
        let header: Vec<String> = std::iter::once(self.spec.id_field.as_str())
            .chain(names)
            .map(str::to_owned)
            .collect();
        let rows = self.rows.iter().map(|(_, fields)| {
            let cell = |name| {
                fields
                    .get(name)
                    .and_then(|value| cell::as_text(value))
                    .unwrap_or_default()
            };
            header.iter().map(cell).collect()
        });
        let rows = rows.collect();
        (header, rows)
    }
}

/// The fields as one JSON object. Values stand as they came: no number passes through a float.
fn object(fields: &Fields) -> String {
    serde_json::to_string(fields).expect("names and raw values are JSON")
}
