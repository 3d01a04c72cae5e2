//! The API's answers: whatever comes is read, told or refused, and nothing unproved is a success.

use serde_json::Value;

use super::{MOST_BYTES, check_harmless, check_message};
use crate::base::model::{ImportId, TableKey};
use crate::base::secret::ApiKey;
use crate::fuzzing::seams;
use crate::push::verdict::{self, Facts, ImportSeen, Observed, Reasons, VerdictState};
use crate::service::{CallError, Import, Status};

/// The first byte tells the status, the others are the body.
pub fn import_answers(data: &[u8]) {
    let [status, body @ ..] = data else { return };
    if body.len() > MOST_BYTES {
        return;
    }
    let status = [200, 201, 204, 299, 302, 400, 404, 429, 500, 503][usize::from(status % 10)];
    let key = ApiKey::new("canary-0123456789").expect("it is a key");
    let value = serde_json::from_slice::<Value>(body).ok();
    match seams::accepted(status, body, &key) {
        Ok(accepted) => {
            assert!((200..300).contains(&status));
            check_harmless(accepted.import_id.as_str());
            if let Some(value) = &value {
                assert_eq!(
                    value["import_id"].as_str(),
                    Some(accepted.import_id.as_str())
                );
                assert_eq!(
                    value["objects_imported"].as_u64(),
                    Some(accepted.objects_imported)
                );
            }
        }
        Err(error) => check_error(&error, status),
    }
    match seams::import(status, body, &key) {
        Ok(import) => {
            assert!((200..300).contains(&status));
            check_import(&import, value.as_ref());
        }
        Err(error) => check_error(&error, status),
    }
}

fn check_error(error: &CallError, status: u16) {
    check_message(&error.to_string(), None);
    // A success that cannot be read may have been one, but for a page in its place.
    if (200..300).contains(&status) {
        let is_page = status == 200 && matches!(error, CallError::NotTheApi { .. });
        assert_eq!(error.is_surely_not_applied(), is_page);
    }
}

fn check_import(import: &Import, value: Option<&Value>) {
    let deals = TableKey::new("deals").expect("it is a key");
    let id = ImportId::new("64a").expect("it is an id");
    for table in [Some(&deals), None] {
        let is_known = !matches!(import.status, Status::Unknown(_));
        assert!(is_known || !import.is_over(table));
        for sent_records in [Some(2), None] {
            let imports = [Observed {
                id: &id,
                seen: ImportSeen::Import(import),
                last_answer: None,
            }];
            let verdict = verdict::judge(&Facts {
                table,
                mode: None,
                sent_records,
                resent_records: 0,
                counts_once: false,
                unanswered_records: 0,
                requests: 1,
                imports: &imports,
            });
            verdict.notes.iter().for_each(|note| check_harmless(note));
            let mut rows = verdict.rejected.reader();
            while let Some((_, rejected)) = rows.read().expect("few rows stay in memory") {
                check_harmless(&rejected.reason);
                check_harmless(&rejected.words);
            }
            for reason in Reasons::of(&verdict.rejected).sentences(None) {
                check_harmless(&reason);
            }
            if let (VerdictState::Clean, Some(value)) = (verdict.state, value) {
                check_clean(&value["data_import"], table, sent_records);
            }
        }
    }
    for error in import
        .tables
        .iter()
        .filter_map(|table| table.error.as_ref())
    {
        check_harmless(&error.words());
    }
}

/// What is called clean is so in the answer itself.
fn check_clean(import: &Value, table: Option<&TableKey>, sent: Option<u64>) {
    assert_eq!(import["status"], "finished");
    let entries = import["data_tables_details"].as_array();
    let is_ours =
        |entry: &&Value| table.is_none_or(|table| entry["data_table_key"] == table.as_str());
    let ours: Vec<&Value> = entries.into_iter().flatten().filter(is_ours).collect();
    assert!(!ours.is_empty());
    for entry in &ours {
        assert_eq!(entry["status"], "finished");
        assert_eq!(entry["error"], Value::Null);
    }
    if let Some(sent) = sent {
        let counts = ours.iter().map(|entry| entry["number_of_records"].as_u64());
        // An entry without a count is judged by its missing error.
        if let Some(counts) = counts.collect::<Option<Vec<u64>>>() {
            assert_eq!(counts.iter().sum::<u64>(), sent);
        }
    }
}
