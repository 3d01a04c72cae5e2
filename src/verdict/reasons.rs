//! Equal reasons together: ten thousand rejected records mostly have a handful of causes.

use std::collections::HashMap;

use super::Rejected;
use crate::display;
use crate::position::{InputNames, Position};

/// One cause of rejected records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Why; harmless to print.
    pub reason: String,
    /// The API key of the field to blame, where it can be told. Foreign text.
    pub field: Option<String>,
    /// How many records.
    pub count: u64,
    /// The first of them that was found in the input.
    pub first: Option<Position>,
}

/// The causes, the most frequent first. `places` has the place of each record in the input, in the
/// order of `rejected`; it may be shorter where they were not looked for.
#[must_use]
pub fn reasons(rejected: &[Rejected], places: &[Option<Position>]) -> Vec<Reason> {
    let mut at: HashMap<(&str, Option<&str>), usize> = HashMap::new();
    let mut found: Vec<Reason> = Vec::new();
    for (n, rejected) in rejected.iter().enumerate() {
        let key = (&*rejected.reason, rejected.field.as_deref());
        let place = *at.entry(key).or_insert_with(|| {
            found.push(Reason {
                reason: rejected.reason.clone(),
                field: rejected.field.clone(),
                count: 0,
                first: None,
            });
            found.len() - 1
        });
        let reason = &mut found[place];
        reason.count += 1;
        let here = places.get(n).copied().flatten();
        reason.first = [reason.first, here].into_iter().flatten().min();
    }
    found.sort_by_key(|reason| std::cmp::Reverse(reason.count));
    found
}

impl Reason {
    /// `12 × could not convert string to float, column amount, first at line 651`. With `names`,
    /// for several inputs, the line has its file.
    #[must_use]
    pub fn sentence(&self, names: Option<&InputNames>) -> String {
        let mut text = format!("{} × {}", display::count(self.count), self.reason);
        if let Some(field) = &self.field {
            text.push_str(&format!(", column {}", display::shown(field)));
        }
        if let Some(first) = self.first {
            let place = names.map_or_else(
                || format!("line {}", first.line),
                |names| names.place(first),
            );
            text.push_str(&format!(", first at {place}"));
        }
        text
    }
}
