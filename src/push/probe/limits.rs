//! How large a request may be: doubled from what surely goes, up to a bound.

use std::time::Duration;

use serde_json::{Map, Value};

use super::finding::Finding;
use super::lab::{Lab, Largest, Pushed};
use super::shape::Said;
use super::sheet;
use super::watch::Watched;
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
}

/// Records for a request of a size.
struct Sized {
    /// How large it is, in what is measured.
    size: u64,
    records: Vec<Map<String, Value>>,
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
            let records = self.of_records(refused).records;
            let bytes = sheet::body(&records).len() as u64;
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
    }

    /// Doubles a size until it is refused; halves it, where the first one is.
    async fn try_sizes(
        &self,
        largest: u64,
        doublings: u32,
        sized: fn(&Self, u64) -> Sized,
    ) -> Tried {
        let mut tried = Tried::default();
        let mut wanted = (largest >> doublings).max(1);
        loop {
            let Sized { size, records } = sized(self, wanted);
            let pushed = self.push(Mode::Upsert, &records).await;
            // Another refusal may be about anything: a field's length, a table that is full, a quota.
            let too_large = pushed.refused().filter(|refused| refused.status == 413);
            if let Some(refused) = too_large {
                tried.most.refused = Some(size);
                tried.refusal = Some(refused);
                if tried.most.taken.is_some() {
                    return tried;
                }
                if wanted == 1 || size > wanted {
                    // What is refused at any size may be refused for something else.
                    tried.trouble = Some(format!("no smaller one was taken: {}", pushed.told()));
                    (tried.most, tried.refusal) = (Most::default(), None);
                    return tried;
                }
                wanted /= 2;
                continue;
            }
            if let Err(why) = self.has_loaded(&pushed, records.len() as u64).await {
                tried.trouble = Some(why);
                if tried.most.taken.is_none() {
                    (tried.most, tried.refusal) = (Most::default(), None);
                }
                return tried;
            }
            tried.most.taken = tried.most.taken.max(Some(size));
            if tried.most.refused.is_some() || size >= largest {
                return tried;
            }
            wanted = (size * 2).min(largest);
        }
    }

    /// Whether all records of a request were counted by its answer, and loaded as far as their import was
    /// followed; else why nothing is known of them.
    async fn has_loaded(&self, pushed: &Pushed, sent: u64) -> Result<(), String> {
        let taken = pushed.taken().ok_or_else(|| pushed.told())?;
        if taken.records != sent {
            let counted = display::counted(taken.records, "record");
            return Err(format!("{counted} of {sent} were counted by the answer"));
        }
        let watched = self.watch_pushed(&[pushed], Duration::ZERO).await;
        let over = watched.first().and_then(Watched::over);
        let Some(entry) = over.and_then(|over| over.entry.as_ref()) else {
            return Ok(());
        };
        match (&entry.error, &entry.count) {
            (Some(problem), _) => Err(format!(
                "the import of {} has an error: {}",
                display::counted(sent, "record"),
                self.exchange.redact(&problem.words)
            )),
            (None, Said::Is(count)) if *count != sent => Err(format!(
                "the import of {} counts {count}",
                display::counted(sent, "record")
            )),
            (None, _) => Ok(()),
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

    /// So many records.
    fn of_records(&self, count: u64) -> Sized {
        let number = usize::try_from(count).unwrap_or(usize::MAX);
        Sized {
            size: count,
            records: self.sheet.some("many", number),
        }
    }

    /// Records with a body of so many bytes, or of the fewest that they need.
    fn of_bytes(&self, bytes: u64) -> Sized {
        let mut records = self.sheet.some("large", FEW);
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let missing = bytes.saturating_sub(sheet::body(&records).len());
        for (place, record) in records.iter_mut().enumerate() {
            let more = missing / FEW + usize::from(place < missing % FEW);
            if let Some(Value::String(name)) = record.get_mut(&self.sheet.name_field) {
                name.push_str(&"x".repeat(more));
            }
        }
        Sized {
            size: sheet::body(&records).len() as u64,
            records,
        }
    }
}
