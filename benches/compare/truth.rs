//! What should arrive, as a sum of digests that does not depend on the order of the records.
//!
//! A number is its value however it is written, and null is the same as no field: ways of pushing
//! may differ there.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

use crate::deals::Deal;

/// How many records there are, and the sum of their digests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    pub records: u64,
    pub digest: u64,
}

impl Truth {
    /// Counts a deal that is to arrive.
    pub fn add(&mut self, deal: &Deal) {
        if let Some(digest) = record(deal).as_object().and_then(digest) {
            self.records += 1;
            self.digest = self.digest.wrapping_add(digest);
        }
    }
}

/// The record that a deal should become.
fn record(deal: &Deal) -> Value {
    let (year, month, day) = deal.closes;
    let note = Some(&deal.note).filter(|note| !note.is_empty());
    let is_won = ["true", "yes"].contains(&deal.won.to_lowercase().as_str());
    json!({
        "id": deal.id,
        "name": deal.name,
        "owner_email": deal.owner,
        "amount": deal.amount.replace(',', "").parse::<f64>().ok(),
        "currency": deal.currency,
        "stage": deal.stage,
        "close_date": format!("{year}-{month:02}-{day:02}"),
        "probability": deal.probability,
        "is_won": is_won,
        "note": note,
    })
}

/// Reads a body's records; none if it is no body, or a record has what none should have.
pub fn read(body: &[u8]) -> Option<(u64, u64)> {
    #[derive(Deserialize)]
    struct Body {
        items: Vec<Map<String, Value>>,
    }
    let body: Body = serde_json::from_slice(body).ok()?;
    let sum = body
        .items
        .iter()
        .try_fold(0_u64, |sum, item| Some(sum.wrapping_add(digest(item)?)));
    Some((body.items.len() as u64, sum?))
}

/// A record's digest: fields may stand in any order, but not change places between records.
fn digest(record: &Map<String, Value>) -> Option<u64> {
    let mut sum = 0_u64;
    for (key, value) in record {
        let mut field = Xxh3Default::new();
        field.update(key.as_bytes());
        match value {
            Value::Null => continue,
            Value::Bool(is) => field.update(&[0, 1, u8::from(*is)]),
            Value::Number(number) => {
                field.update(&[0, 2]);
                field.update(&number.as_f64()?.to_bits().to_le_bytes());
            }
            Value::String(text) => {
                field.update(&[0, 3]);
                field.update(text.as_bytes());
            }
            Value::Array(_) | Value::Object(_) => return None,
        }
        sum = sum.wrapping_add(field.digest());
    }
    Some(xxh3_64(&sum.to_le_bytes()))
}
