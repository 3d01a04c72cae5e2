//! What became of records, as far as their import says so, or the refusal of their request.

use std::time::Duration;

use serde_json::{Map, Value};

use super::lab::{Lab, REST};
use super::shape::{Entry, Said};
use crate::base::model::Mode;
use crate::service::facts::Refused;

/// What was seen of records without eyes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Seen {
    /// They were left out: what was said of it.
    Rejected(String),
    /// They went through.
    Loaded,
    /// They are there or not: an error was told that may be a warning.
    Doubtful(String),
    /// Nothing.
    Unclear(String),
}

impl Lab {
    /// Pushes records and waits for the end of their import.
    pub(super) async fn loaded(&self, records: &[Map<String, Value>]) -> Seen {
        let pushed = self.push(Mode::Upsert, records).await;
        if let Some(refused) = pushed.refused() {
            return match self.is_about(records, &refused).await {
                true => Seen::Rejected(pushed.told()),
                false => Seen::Unclear(pushed.told()),
            };
        }
        let watched = self.watch_pushed(&[&pushed], Duration::ZERO).await;
        let Some(one) = watched.first() else {
            return Seen::Unclear(pushed.told());
        };
        match one.over().map(|over| over.entry.as_ref()) {
            None => Seen::Unclear(one.why_open()),
            Some(None) => Seen::Unclear("the import has no entry for this table".to_owned()),
            Some(Some(entry)) => match seen(entry, records, &self.sheet.id_field) {
                Seen::Rejected(said) => Seen::Rejected(self.exchange.redact(&said)),
                Seen::Doubtful(said) => Seen::Doubtful(self.exchange.redact(&said)),
                seen => seen,
            },
        }
    }

    /// Whether a request was refused for its records. A service that counts requests in a time refuses some
    /// of them, too: behind a rest these are refused again, and plain ones right after them are taken.
    pub(super) async fn is_about(&self, records: &[Map<String, Value>], refused: &Refused) -> bool {
        if !matches!(refused.status, 400 | 422) {
            return false;
        }
        self.pace.sleep(REST).await;
        let again = self.push(Mode::Upsert, records).await;
        let plain = self.push(Mode::Upsert, &self.sheet.some("plain", 1)).await;
        // What comes next must not meet it.
        self.watch_pushed(&[&again, &plain], Duration::ZERO).await;
        let is_same = again
            .refused()
            .is_some_and(|again| again.status == refused.status);
        is_same && plain.taken().is_some()
    }
}

/// What an import's end says of its records, all that it had. An error alone says little: services warn, too.
fn seen(entry: &Entry, records: &[Map<String, Value>], id_field: &str) -> Seen {
    let sent = records.len() as u64;
    let Some(problem) = &entry.error else {
        return match entry.count {
            Said::Is(count) if count != sent => Seen::Unclear(format!(
                "the import has no error, and counts {count} where {sent} were sent"
            )),
            _ => Seen::Loaded,
        };
    };
    let is_named = |record: &Map<String, Value>| {
        let id = record.get(id_field).and_then(Value::as_str);
        id.is_some_and(|id| problem.row(id_field, id).is_some())
    };
    let said = problem.words.clone();
    match entry.count {
        Said::Is(0) => Seen::Rejected(said),
        Said::Missing if records.iter().all(is_named) => Seen::Rejected(said),
        _ => Seen::Doubtful(said),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::push::probe::shape;

    /// What is seen of one record, by the count and the error of its import.
    fn of(count: Value, error: Value) -> Seen {
        let import = json!({ "data_import": {
            "status": "finished",
            "data_tables_details": [{
                "data_table_key": "t", "status": "finished", "number_of_records": count, "error": error,
            }],
        }});
        let table = crate::base::model::TableKey::new("t").unwrap();
        let shown = shape::shown(Some(&import), &table).unwrap();
        let Value::Object(record) = json!({ "id": "a" }) else {
            unreachable!()
        };
        seen(&shown.entry.unwrap(), &[record], "id")
    }

    #[test]
    fn a_record_is_left_out_where_nothing_says_the_contrary() {
        let names = |id: &str| {
            let details = [json!({ "line_number": 1, "row": { "id": id } })];
            json!({ "description": "bad", "parsing_error_details": details })
        };
        let (bad, doubt) = ("bad".to_owned(), Seen::Doubtful("bad".to_owned()));
        assert_eq!(of(json!(1), Value::Null), Seen::Loaded);
        assert_eq!(of(Value::Null, Value::Null), Seen::Loaded);
        assert!(matches!(of(json!(0), Value::Null), Seen::Unclear(_)));
        assert_eq!(of(json!(0), names("b")), Seen::Rejected(bad.clone()));
        assert_eq!(of(Value::Null, names("a")), Seen::Rejected(bad));
        // A warning, or an error of something else.
        assert_eq!(of(json!(1), names("a")), doubt);
        assert_eq!(of(json!("0"), names("a")), doubt);
        assert_eq!(of(Value::Null, names("b")), doubt);
        assert_eq!(of(Value::Null, json!({ "description": "bad" })), doubt);
    }
}
