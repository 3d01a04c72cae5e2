//! Bad records between good ones: what the import says of them, and what becomes of the others. They are two,
//! as the second of three could be the first line, the first error, or where somebody stopped.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::finding::Finding;
use super::lab::Lab;
use super::loaded::Seen;
use super::look::{Look, Means};
use super::shape::{BadLine, Entry, Problem, Said};
use super::sheet::{FieldKind, NO_FIELD, ProbedField, Sheet};
use crate::base::display;
use crate::base::model::Mode;
use crate::service::facts::{BadRow, Counted, GoodRows, Row};

/// What no number, date or truth value is.
const WORDS: &str = "qobra-push-probe";

/// How many records go.
const RECORDS: u64 = 5;

/// The bad ones among them, the second and the fourth.
const BAD: [&str; 2] = ["bad-1", "bad-2"];

/// How many are good.
const GOOD: u64 = RECORDS - BAD.len() as u64;

impl Lab {
    /// Finds a field that does not take any text, and looks at the error. Gives what only eyes can tell.
    pub(super) async fn bad_row(&mut self) -> Option<Look> {
        let keys = (self.sheet.fields.iter()).filter(|field| field.may_refuse_words());
        let keys: Vec<String> = keys.map(|field| field.key.clone()).collect();
        if keys.is_empty() {
            return self
                .no_bad_row("name a field that takes numbers or dates: --fields amount:number");
        }
        self.tell("pushing bad records between good ones");
        let mut seen = Vec::new();
        for key in &keys {
            // A key that is misspelt keeps any record out.
            match self.good_value(key).await {
                Seen::Loaded => {}
                Seen::Rejected(said) | Seen::Doubtful(said) | Seen::Unclear(said) => {
                    let key = display::quoted(key);
                    seen.push(format!("the field {key} took no good value: {said}"));
                    continue;
                }
            }
            let records = self.bad(key, &[]);
            let pushed = self.push(Mode::Upsert, &records).await;
            if let Some(refused) = pushed.refused() {
                if self.is_about(&records, &refused).await {
                    return self.refused_whole(refused.status, pushed.told());
                }
                seen.push(pushed.told());
                continue;
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
                None => seen.push(unnoticed(key, &entry.count)),
            }
        }
        self.no_bad_row(&format!(
            "no import told of a bad record: {}",
            seen.join("; ")
        ))
    }

    /// Good and bad ones in turn: in the bad ones the field has a text, and others have numbers.
    fn bad(&self, key: &str, numbers: &[&str]) -> [Map<String, Value>; RECORDS as usize] {
        let mut bad = Map::new();
        for number in numbers {
            bad.insert((*number).to_owned(), json!(7));
        }
        bad.insert(key.to_owned(), WORDS.into());
        let bad = Value::Object(bad);
        [
            self.sheet.record("good-1"),
            self.sheet.with(BAD[0], bad.clone()),
            self.sheet.record("good-2"),
            self.sheet.with(BAD[1], bad),
            self.sheet.record("good-3"),
        ]
    }

    /// A record with a value that suits the field.
    async fn good_value(&self, key: &str) -> Seen {
        let field = self.sheet.fields.iter().find(|field| field.key == key);
        let value = field.map(ProbedField::good);
        let record = self.sheet.with("good-value", json!({ key: value }));
        self.loaded(&[record]).await
    }

    async fn settle_bad(&mut self, key: &str, entry: &Entry, problem: &Problem) -> Option<Look> {
        let lines = named(problem, &self.sheet.id_field);
        let row = match lines.map(|[line, _]| &line.row) {
            Some(Said::Missing) => Some(Row::Missing),
            Some(Said::Is(_)) => self.row(key).await,
            Some(Said::Other) | None => None,
        };
        let redact = |title: &String| self.exchange.redact(title);
        let bad_row = BadRow {
            title: problem.title.as_ref().map(redact),
            count: counted(&entry.count),
            first_line: lines.and_then(first_line),
            row,
        };
        let seen = [
            format!("error: {}", self.exchange.redact(&problem.words)),
            format!("count: {}", shown(&entry.count)),
            format!("records that it names: {} of 2", problem.rows.len()),
        ];
        let words = words(&bad_row, lines);
        self.find(Finding::settled("bad_row", &bad_row, words).seen(seen));
        self.facts.bad_row = Some(bad_row);
        let names = ["good-1", "good-2", "good-3"].map(Sheet::id).join(", ");
        Some(Look {
            name: "good_rows",
            asked: format!("Are the records {names} there?"),
            choices: vec![
                ('y', "all are", Means::GoodRows(GoodRows::Written)),
                ('n', "none is", Means::GoodRows(GoodRows::LeftOut)),
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
        let pushed = self.push(Mode::Upsert, &self.bad(key, &[number])).await;
        let watched = self.watch_pushed(&[&pushed], Duration::ZERO).await;
        let entry = watched.first()?.over()?.entry.clone()?;
        let line = entry
            .error?
            .row(&self.sheet.id_field, &Sheet::id(BAD[0]))?
            .clone();
        let Said::Is(row) = line.row else { return None };
        match row.get(number)? {
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

/// What an error says of both bad records, if it names them and no others.
fn named<'p>(problem: &'p Problem, id_field: &str) -> Option<[&'p BadLine; 2]> {
    let by_id = BAD.map(|name| problem.row(id_field, &Sheet::id(name)));
    match (by_id, &problem.rows[..]) {
        ([Some(one), Some(two)], _) => Some([one, two]),
        (_, [one, two]) if one.row == Said::Missing && two.row == Said::Missing => Some([one, two]),
        _ => None,
    }
}

/// The number of a request's first record: the bad ones are its second and its fourth.
fn first_line(lines: [&BadLine; 2]) -> Option<u64> {
    match lines.map(|line| &line.line) {
        [Said::Is(one), Said::Is(two)] if one.checked_add(2) == Some(*two) => one.checked_sub(1),
        _ => None,
    }
}

/// What it is that an import has no error of.
fn unnoticed(key: &str, count: &Said<u64>) -> String {
    let key = display::quoted(key);
    match count {
        Said::Is(RECORDS) => format!("the field {key} took a text"),
        Said::Is(count) => format!(
            "{count} of {RECORDS} records were loaded without an error, where {} had a text in the field {key}",
            BAD.len()
        ),
        Said::Missing | Said::Other => {
            format!("a text in the field {key} was no error, and no count says what was loaded")
        }
    }
}

fn counted(count: &Said<u64>) -> Option<Counted> {
    match count {
        Said::Missing => Some(Counted::Missing),
        Said::Is(GOOD) => Some(Counted::Good),
        Said::Is(RECORDS) => Some(Counted::All),
        Said::Is(_) | Said::Other => None,
    }
}

fn shown(count: &Said<u64>) -> String {
    match count {
        Said::Missing => "none".to_owned(),
        Said::Other => "one of another form".to_owned(),
        Said::Is(count) => count.to_string(),
    }
}

fn words(bad_row: &BadRow, lines: Option<[&BadLine; 2]>) -> String {
    let count = match bad_row.count {
        Some(Counted::Missing) => "no count",
        Some(Counted::Good) => "a count of the good ones",
        Some(Counted::All) => "a count of all",
        None => "another count",
    };
    let title = bad_row.title.as_deref().unwrap_or("no title");
    let numbers = lines.map(|lines| lines.map(|line| &line.line));
    let lines = match (bad_row.first_line, numbers) {
        (Some(first), _) => format!("lines counted from {first}"),
        (None, Some([Said::Missing, Said::Missing])) => "no line numbers".to_owned(),
        (None, Some(_)) => "line numbers that are no places in the request".to_owned(),
        (None, None) => "not both records named".to_owned(),
    };
    let row = match bad_row.row {
        Some(Row::Missing) => "the record not repeated",
        Some(Row::Texts) => "the record repeated, its values as texts",
        Some(Row::AsSent) => "the record repeated as it was sent",
        None => "how values are repeated was not seen",
    };
    format!("{title}; {count}; {lines}; {row}")
}
