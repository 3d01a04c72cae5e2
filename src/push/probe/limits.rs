//! How large a request may be: doubled from what surely goes, up to a bound.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use super::finding::Finding;
use super::lab::{Lab, Largest, Pushed};
use super::sheet;
use crate::base::display;
use crate::base::model::Mode;
use crate::service::facts::{Most, Refused};

/// How many records the requests have whose bytes are counted.
const FEW: usize = 16;

/// How often a size is doubled: from the largest divided by that power of two.
const DOUBLINGS: (u32, u32) = (5, 3);

/// What was tried of one measure.
#[derive(Default)]
struct Tried {
    most: Most,
    refusal: Option<Refused>,
    /// What was answered that settles nothing.
    trouble: Option<String>,
    pushed: Vec<Pushed>,
}

impl Lab {
    /// Pushes larger and larger requests.
    pub(super) async fn limits(&mut self) {
        let Largest { records, bytes } = self.largest;
        self.tell(&format!(
            "pushing requests of up to {}",
            display::size(bytes)
        ));
        let by_bytes = self.try_sizes(bytes, DOUBLINGS.0, Self::of_bytes).await;
        self.settle_size("bytes", &by_bytes, display::size);
        self.tell(&format!(
            "pushing requests of up to {}",
            display::counted(records, "record")
        ));
        let mut by_records = self.try_sizes(records, DOUBLINGS.1, Self::of_records).await;
        if let Some(refused) = by_records.most.refused {
            let bytes = self.of_records(refused).len() as u64;
            if by_bytes.most.taken.is_none_or(|taken| bytes > taken) {
                let why = format!(
                    "{} may have been too many bytes",
                    display::counted(refused, "record")
                );
                by_records.trouble = Some(why);
                by_records.most.refused = None;
                by_records.refusal = None;
            }
        }
        self.settle_size("records", &by_records, |records| {
            display::counted(records, "record")
        });
        self.facts.bytes = Some(by_bytes.most).filter(|most| *most != Most::default());
        self.facts.records = Some(by_records.most).filter(|most| *most != Most::default());
        self.facts.too_large = by_bytes.refusal.or(by_records.refusal);
        let pushed: Vec<_> = by_bytes.pushed.iter().chain(&by_records.pushed).collect();
        self.watch_pushed(&pushed, Duration::ZERO).await;
    }

    /// Doubles a size until it is refused; halves it, where the first one is.
    async fn try_sizes(
        &self,
        largest: u64,
        doublings: u32,
        body: fn(&Self, u64) -> Bytes,
    ) -> Tried {
        let mut tried = Tried::default();
        let mut size = (largest >> doublings).max(1);
        loop {
            let pushed = self.push_body(Mode::Upsert, body(self, size)).await;
            let (taken, refused) = (pushed.taken(), pushed.refused());
            let told = pushed.told();
            tried.pushed.push(pushed);
            match (taken, refused) {
                (Some(_), _) => {
                    tried.most.taken = tried.most.taken.max(Some(size));
                    if tried.most.refused.is_some() || size >= largest {
                        return tried;
                    }
                    size = (size * 2).min(largest);
                }
                // Another refusal may be about anything: a field's length, a table that is full, a quota.
                (None, Some(refused)) if refused.status == 413 => {
                    tried.most.refused = Some(size);
                    tried.refusal = Some(refused);
                    if tried.most.taken.is_some() || size == 1 {
                        return tried;
                    }
                    size /= 2;
                }
                (None, _) => {
                    tried.trouble = Some(told);
                    return tried;
                }
            }
        }
    }

    fn settle_size(&mut self, name: &'static str, tried: &Tried, shown: fn(u64) -> String) {
        let taken = tried
            .most
            .taken
            .map(|size| format!("{} were taken", shown(size)));
        let refused = tried
            .most
            .refused
            .map(|size| format!("{} were refused", shown(size)));
        let trouble = tried
            .trouble
            .as_ref()
            .map(|why| format!("more settled nothing ({why})"));
        let words: Vec<_> = [taken, refused, trouble].into_iter().flatten().collect();
        let words = words.join(", ");
        let seen = tried
            .refusal
            .iter()
            .map(|refused| format!("{}: {}", refused.status, refused.words));
        self.find(match tried.most {
            most if most == Most::default() => Finding::open(name, words),
            most => Finding::settled(name, most, words).seen(seen),
        });
    }

    /// A body of so many records.
    fn of_records(&self, count: u64) -> Bytes {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        sheet::body(&self.sheet.some("many", count))
    }

    /// A body of so many bytes, or of the fewest that its records need.
    fn of_bytes(&self, bytes: u64) -> Bytes {
        let mut records = self.sheet.some("large", FEW);
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let missing = bytes.saturating_sub(sheet::body(&records).len());
        for (place, record) in records.iter_mut().enumerate() {
            let more = missing / FEW + usize::from(place < missing % FEW);
            if let Some(Value::String(name)) = record.get_mut(&self.sheet.name_field) {
                name.push_str(&"x".repeat(more));
            }
        }
        sheet::body(&records)
    }
}
