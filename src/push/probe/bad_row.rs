//! One bad record between two good ones: what the import says of it, and what becomes of the others.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::finding::Finding;
use super::lab::{Lab, Pushed};
use super::look::{Look, Means};
use super::shape::{BadLine, Entry, Problem};
use super::sheet::{FieldKind, NO_FIELD, Sheet};
use crate::service::facts::{BadRow, Counted, GoodRows, Row};

/// What no number, date or truth value is.
const WORDS: &str = "qobra-push-probe";

/// How many records go, the second of them bad.
const RECORDS: u64 = 3;

impl Lab {
    /// Finds a field that does not take any text, and looks at the error. Gives what only eyes can tell.
    pub(super) async fn bad_row(&mut self) -> Option<Look> {
        let keys = (self.sheet.fields.iter()).filter(|field| field.may_refuse_words());
        let keys: Vec<String> = keys.map(|field| field.key.clone()).collect();
        if keys.is_empty() {
            return self
                .no_bad_row("name a field that takes numbers or dates: --fields amount:number");
        }
        self.tell("pushing a bad record between two good ones");
        let mut seen = Vec::new();
        for key in &keys {
            let pushed = self.push_bad(key, &[]).await;
            if let Some(refused) = pushed.refused() {
                return self.refused_whole(refused.status, pushed.told());
            }
            let watched = self.watch_pushed(&[&pushed], Duration::ZERO).await;
            let entry = watched.first().and_then(|one| one.over()?.entry.clone());
            let Some(entry) = entry else {
                seen.push(
                    watched
                        .first()
                        .map_or_else(|| pushed.told(), |one| one.why_open()),
                );
                continue;
            };
            match entry.error.clone() {
                Some(problem) => return self.settle_bad(key, &entry, &problem).await,
                None => seen.push(format!("the field `{key}` took a text")),
            }
        }
        self.no_bad_row(&format!("no record was left out: {}", seen.join("; ")))
    }

    /// Three records: in the second the field has a text, and others have numbers.
    async fn push_bad(&self, key: &str, numbers: &[&str]) -> Pushed {
        let mut bad = Map::new();
        for number in numbers {
            bad.insert((*number).to_owned(), json!(7));
        }
        bad.insert(key.to_owned(), WORDS.into());
        let records = [
            self.sheet.record("good-1"),
            self.sheet.with("bad", Value::Object(bad)),
            self.sheet.record("good-2"),
        ];
        self.push(crate::base::model::Mode::Upsert, &records).await
    }

    async fn settle_bad(&mut self, key: &str, entry: &Entry, problem: &Problem) -> Option<Look> {
        let id = Sheet::id("bad");
        let line = problem.row(&self.sheet.id_field, &id).cloned();
        let only = || {
            problem
                .rows
                .first()
                .filter(|_| problem.rows.len() == 1)
                .cloned()
        };
        let line = line.or_else(only);
        let row = match &line {
            Some(line) if line.row.is_empty() => Some(Row::Missing),
            Some(_) => self.row(key).await,
            None => None,
        };
        let counted = counted(entry.count);
        let redact = |title: &String| self.exchange.redact(title);
        let bad_row = BadRow {
            title: problem.title.as_ref().map(redact),
            count: counted,
            first_line: line.as_ref().and_then(|line| line.line?.checked_sub(1)),
            row,
        };
        let seen = [
            format!("error: {}", self.exchange.redact(&problem.words)),
            format!(
                "count: {}",
                entry
                    .count
                    .map_or("none".to_owned(), |count| count.to_string())
            ),
            format!("records that it names: {}", problem.rows.len()),
        ];
        let words = words(&bad_row, line.as_ref());
        self.find(Finding::settled("bad_row", &bad_row, words).seen(seen));
        self.facts.bad_row = Some(bad_row);
        if counted == Some(Counted::Good) {
            self.facts.good_rows = Some(GoodRows::Written);
            let words = "they are written: the import counts them";
            self.find(Finding::settled("good_rows", GoodRows::Written, words));
            return None;
        }
        Some(Look {
            name: "good_rows",
            asked: format!(
                "Are the records {} and {} there?",
                Sheet::id("good-1"),
                Sheet::id("good-2")
            ),
            choices: vec![
                ('y', "both are", Means::GoodRows(GoodRows::Written)),
                ('n', "neither is", Means::GoodRows(GoodRows::LeftOut)),
            ],
        })
    }

    /// How values are repeated, by one that was sent as a number.
    async fn row(&self, key: &str) -> Option<Row> {
        let is_number = |kind| matches!(kind, FieldKind::Number | FieldKind::Percentage);
        let others = self
            .sheet
            .fields
            .iter()
            .filter(|field| field.key != key && is_number(field.kind));
        // A field that no table has may be repeated too; that it is no mistake has been seen before.
        let number = others
            .map(|field| field.key.as_str())
            .next()
            .unwrap_or(NO_FIELD);
        let pushed = self.push_bad(key, &[number]).await;
        let watched = self.watch_pushed(&[&pushed], Duration::ZERO).await;
        let entry = watched.first()?.over()?.entry.clone()?;
        let line = entry
            .error?
            .row(&self.sheet.id_field, &Sheet::id("bad"))?
            .clone();
        match line.row.get(number)? {
            Value::String(_) => Some(Row::Texts),
            Value::Number(_) => Some(Row::AsSent),
            _ => None,
        }
    }

    fn refused_whole(&mut self, status: u16, told: String) -> Option<Look> {
        let why = format!("a request with a bad record is refused as a whole ({status})");
        self.find(Finding::open("bad_row", why).seen([told]));
        self.facts.good_rows = Some(GoodRows::LeftOut);
        let words = "they are left out: the request is refused as a whole";
        self.find(Finding::settled("good_rows", GoodRows::LeftOut, words));
        None
    }

    fn no_bad_row(&mut self, why: &str) -> Option<Look> {
        for name in ["bad_row", "good_rows"] {
            self.find(Finding::open(name, why));
        }
        None
    }
}

fn counted(count: Option<u64>) -> Option<Counted> {
    match count {
        None => Some(Counted::Missing),
        Some(count) if count == RECORDS - 1 => Some(Counted::Good),
        Some(RECORDS) => Some(Counted::All),
        Some(_) => None,
    }
}

fn words(bad_row: &BadRow, line: Option<&BadLine>) -> String {
    let count = match bad_row.count {
        Some(Counted::Missing) => "no count",
        Some(Counted::Good) => "a count of the good ones",
        Some(Counted::All) => "a count of all",
        None => "another count",
    };
    let title = bad_row.title.as_deref().unwrap_or("no title");
    let lines = match (bad_row.first_line, line) {
        (Some(first), _) => format!("lines counted from {first}"),
        (None, Some(_)) => "no line numbers".to_owned(),
        (None, None) => "no record named".to_owned(),
    };
    let row = match bad_row.row {
        Some(Row::Missing) => "the record not repeated",
        Some(Row::Texts) => "the record repeated, its values as texts",
        Some(Row::AsSent) => "the record repeated as it was sent",
        None => "how values are repeated was not seen",
    };
    format!("{title}; {count}; {lines}; {row}")
}
