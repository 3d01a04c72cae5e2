//! Services whose answers look like something else: what is reported is right, or not settled.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use super::front::{Answer, Asked};
use super::lab::{AMOUNT, TABLE, Trial};
use crate::push::probe::FieldKind;
use crate::service::facts::{Given, GoodRows, ImportIds, Strange};
use crate::service::sandbox::SandboxOptions;

/// A probe of a service that is the model but for some answers.
fn trial(
    script: impl Fn(&Asked, Option<&Answer>) -> Option<Answer> + Send + Sync + 'static,
) -> Trial {
    Trial::answered_by(SandboxOptions::default(), &AMOUNT, script)
}

fn detail(status: u16, words: &str) -> Option<Answer> {
    Some((status, json!({ "detail": words })))
}

/// An import's answer with another count and error.
fn with_end(said: &Answer, count: Value, error: Value) -> Option<Answer> {
    let (status, mut json) = said.clone();
    let import = json.get_mut("data_import")?;
    if import["status"] == "finished" {
        let entry = &mut import["data_tables_details"][0];
        entry["number_of_records"] = count;
        entry["error"] = error;
    }
    Some((status, json))
}

/// The imports of the pushes for which something holds.
#[derive(Default)]
struct Marked(Mutex<Vec<String>>);

impl Marked {
    /// Marks the import of an answer to a push.
    fn mark(&self, said: &Answer) {
        if let Some(import) = said.1["import_id"].as_str() {
            self.0.lock().unwrap().push(import.to_owned());
        }
    }

    fn is(&self, asked: &Asked) -> bool {
        let marked = self.0.lock().unwrap();
        marked
            .iter()
            .any(|import| asked.path.ends_with(import.as_str()))
    }
}

#[test]
fn a_warning_is_no_refusal() {
    let marked = Marked::default();
    let trial = trial(move |asked, said| {
        let said = said?;
        if asked.has("qobra_push_probe_unknown") {
            marked.mark(said);
        }
        let warning = json!({ "title": "Warning", "description": "unknown column", "parsing_error_details": [] });
        marked
            .is(asked)
            .then(|| with_end(said, json!(1), warning))?
    });
    assert_eq!(trial.facts.unknown_field, None, "{}", trial.text);
    assert!(
        trial
            .text
            .contains("Its import has an error: unknown column"),
        "{}",
        trial.text
    );
}

#[test]
fn what_is_left_out_in_silence_is_not_looked_for() {
    let marked = Marked::default();
    let trial = trial(move |asked, said| {
        let said = said?;
        if asked.items.iter().any(|item| item["amount"].is_string()) {
            marked.mark(said);
            if asked.items.len() == 1 {
                return None;
            }
        }
        let count = if asked.path.contains("imports") { 3 } else { 0 };
        marked
            .is(asked)
            .then(|| with_end(said, json!(count), Value::Null))?
    });
    let told = &trial.text;
    assert!(
        told.contains("3 of 5 records were loaded without an error"),
        "{told}"
    );
    assert!(
        told.contains("the import has no error, and counts 3 where 1 were sent"),
        "{told}"
    );
    assert_eq!(
        (trial.facts.empty_text, &trial.facts.bad_row),
        (None, &None),
        "{told}"
    );
}

#[test]
fn a_misspelt_field_is_no_bad_value() {
    let fields = [
        ("amuont", FieldKind::Number),
        ("onwer", FieldKind::User),
        ("stgae", FieldKind::Picklist),
    ];
    let trial = Trial::answered_by(SandboxOptions::default(), &fields, move |asked, _| {
        let is_known = |field: &String| ["id", "name"].contains(&field.as_str());
        let is_strange = |item: &Value| !item.as_object().unwrap().keys().all(is_known);
        let refused = asked.items.iter().any(is_strange);
        refused.then(|| detail(422, "unknown field"))?
    });
    let (facts, told) = (&trial.facts, &trial.text);
    assert_eq!(facts.unknown_field, Some(Strange::Rejected), "{told}");
    let others = (facts.good_rows, facts.unknown_user, facts.new_option);
    assert_eq!(others, (None, None, None), "{told}");
    assert!(
        told.contains("the field `amuont` took no good value: 422"),
        "{told}"
    );
}

#[test]
fn a_bad_value_that_is_refused_is_told_from_a_limit_and_a_mishap() {
    let refuses = |status: u16| {
        trial(move |asked, _| {
            let is_bad = |item: &Value| item["amount"].is_string();
            asked
                .items
                .iter()
                .any(is_bad)
                .then(|| detail(status, "no"))?
        })
    };
    let refused = refuses(422);
    assert_eq!(
        refused.facts.good_rows,
        Some(GoodRows::LeftOut),
        "{}",
        refused.text
    );
    for status in [403, 500] {
        let trial = refuses(status);
        let told = &trial.text;
        assert_eq!(trial.facts.good_rows, None, "{told}");
        assert!(
            told.contains(&format!("no import told of a bad record: {status}")),
            "{told}"
        );
    }
}

/// Requests beyond so many in a time are refused with a status that could mean anything.
fn limited(most: usize, time: Duration, status: u16, is_all: bool) -> Trial {
    let taken: Mutex<Vec<Duration>> = Mutex::default();
    trial(move |asked, said| {
        if said.is_some() || !(asked.is_push || is_all) {
            return None;
        }
        let mut taken = taken.lock().unwrap();
        taken.retain(|at| *at + time > asked.at);
        if taken.len() >= most {
            return detail(status, "rate limit exceeded");
        }
        taken.push(asked.at);
        None
    })
}

#[test]
fn a_limit_by_time_is_no_wrong_key_table_or_import() {
    for (most, seconds, status, is_all) in [
        (2, 4, 403, false),
        (1, 4, 422, false),
        (1, 600, 403, false),
        (1, 4, 404, true),
        (3, 4, 400, true),
    ] {
        let trial = limited(most, Duration::from_secs(seconds), status, is_all);
        let (facts, told) = (&trial.facts, &trial.text);
        let refused = [&facts.wrong_key, &facts.wrong_table, &facts.unknown_import];
        for refused in refused.into_iter().flatten() {
            assert!(!refused.words.contains("rate limit"), "{told}");
        }
        assert_ne!(facts.structures, Some(status), "{told}");
        assert_eq!(facts.good_rows, None, "{told}");
    }
}

#[test]
fn too_many_at_once_may_be_too_many_in_a_time() {
    let beyond = AtomicU64::new(0);
    let trial = trial(move |asked, said| {
        let is_fourth = said.is_none()
            && asked.names("together-4-1")
            && beyond.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
        is_fourth.then(|| detail(429, "too many"))?
    });
    let told = &trial.text;
    assert_eq!(trial.facts.at_once, None, "{told}");
    assert!(told.contains("3 of 4 at once were taken"), "{told}");
    assert!(told.contains("3 of 3 at once were taken"), "{told}");
}

#[test]
fn what_is_cut_off_was_not_taken() {
    let trial = trial(|asked, said| {
        let (status, mut json) = said?.clone();
        let is_cut = asked.items.len() > 90;
        is_cut.then(|| json["objects_imported"] = json!(90))?;
        Some((status, json))
    });
    let records = trial.facts.records.unwrap();
    assert_eq!(
        (records.taken, records.refused),
        (Some(80), None),
        "{}",
        trial.text
    );
    assert!(
        trial.text.contains("90 records of 160 were counted"),
        "{}",
        trial.text
    );
}

#[test]
fn what_its_import_did_not_load_was_not_taken() {
    for (count, error) in [
        (
            json!(0),
            json!({ "title": "TooManyRows", "description": "too many rows" }),
        ),
        (
            Value::Null,
            json!({ "title": "TooManyRows", "description": "too many rows" }),
        ),
        (json!(90), Value::Null),
    ] {
        let (marked, looks) = (Marked::default(), AtomicU64::new(0));
        let trial = trial(move |asked, said| {
            let said = said?;
            if asked.items.len() > 90 {
                marked.mark(said);
            }
            if !marked.is(asked) {
                return None;
            }
            // They come a while after the end.
            match said.1["data_import"]["status"] == "finished" {
                true if looks.fetch_add(1, Ordering::Relaxed) > 2 => {
                    with_end(said, count.clone(), error.clone())
                }
                true => with_end(said, Value::Null, Value::Null),
                false => None,
            }
        });
        let records = trial.facts.records.unwrap();
        assert_eq!(
            (records.taken, records.refused),
            (Some(80), None),
            "{}",
            trial.text
        );
        assert!(
            trial.text.contains("the import of 160 records "),
            "{}",
            trial.text
        );
    }
}

#[test]
fn what_is_refused_at_any_size_is_not_settled() {
    let trial = trial(|asked, said| {
        let is_much = said.is_none() && asked.items.len() > 10;
        is_much.then(|| detail(413, "too many records"))?
    });
    let (facts, told) = (&trial.facts, &trial.text);
    assert_eq!(
        (facts.bytes, facts.records.unwrap().taken),
        (None, Some(10)),
        "{told}"
    );
    assert!(told.contains("no smaller one was taken: 413"), "{told}");
}

#[test]
fn a_count_may_come_later_than_the_end() {
    let looks = AtomicU64::new(0);
    let trial = trial(move |asked, said| {
        let said = said?;
        let is_early = said.1["data_import"]["status"] == "finished"
            && !asked.is_push
            && looks.fetch_add(1, Ordering::Relaxed) < 3;
        is_early.then(|| with_end(said, Value::Null, Value::Null))?
    });
    assert_eq!(trial.facts.count, Some(Given::Given), "{}", trial.text);
}

#[test]
fn what_is_shown_every_other_time_is_not_shown_yet() {
    let looks = AtomicU64::new(0);
    let trial = trial(move |asked, said| {
        let is_hidden = said.is_none()
            && asked.path.starts_with("/v1/imports/")
            && asked.at < Duration::from_secs(8)
            && !looks.fetch_add(1, Ordering::Relaxed).is_multiple_of(2);
        is_hidden.then(|| detail(404, "no import"))?
    });
    assert_eq!(trial.facts.import_seen_after, None, "{}", trial.text);
    assert!(
        trial.text.contains("it was shown, and then it was not"),
        "{}",
        trial.text
    );
}

/// A window of its own for each request: they begin one by one.
#[test]
fn imports_without_a_common_window_are_not_separate_ones_of_one() {
    let ids: Mutex<Vec<(String, Duration)>> = Mutex::default();
    let trial = Trial::answered_by(
        SandboxOptions {
            import_ids: ImportIds::Separate,
            ..SandboxOptions::default()
        },
        &AMOUNT,
        move |asked, said| {
            let (status, mut json) = said?.clone();
            let mut ids = ids.lock().unwrap();
            if asked.is_push && asked.path.contains(TABLE) && asked.path.contains("debounce=60") {
                ids.push((json["import_id"].as_str()?.to_owned(), asked.at));
                return None;
            }
            let (_, at) = ids
                .iter()
                .find(|(id, _)| asked.path.ends_with(id.as_str()))?;
            if asked.at < *at + Duration::from_secs(60) {
                let import = json.get_mut("data_import")?;
                import["status"] = json!("scheduled");
                import["data_tables_details"][0]["status"] = json!("scheduled");
            }
            Some((status, json))
        },
    );
    let (facts, told) = (&trial.facts, &trial.text);
    assert_eq!((facts.import_ids, facts.window), (None, None), "{told}");
    assert!(
        told.contains("they were not seen to begin together"),
        "{told}"
    );
}
