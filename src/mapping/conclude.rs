//! What only the whole input can tell: keys that no record has, or that no field uses.

use crate::base::display::{self, quoted};

use super::binding::{Binding, Shape};
use super::mistakes::{self, Mistake, nth_did_you_mean};
use super::spec::{Content, Unmapped};
use super::tally::{FieldTally, Tally};

impl Binding {
    /// What to say once, after the whole input was written with this binding.
    pub(crate) fn conclude(&self, tally: &Tally) -> Result<Vec<String>, Vec<Mistake>> {
        let mut found = Vec::new();
        let mut notes = self.notes.clone();
        if matches!(self.shape, Shape::Keys(_)) {
            if tally.records > 0 {
                found.extend(self.absent_keys(tally));
            }
            match self.unmapped {
                _ if tally.unmapped.is_empty() => {}
                Unmapped::Ignore => notes.push(format!("not mapped: {}", tally.unmapped.listed())),
                Unmapped::Error => found.push(mistakes::unmapped(
                    "keys",
                    &tally.unmapped.listed(),
                    self.unmapped_line,
                )),
            }
        }
        if !found.is_empty() {
            return Err(mistakes::settle(found));
        }
        for (bound, tally) in self.fields.iter().zip(&tally.fields) {
            if tally.unlisted_cells > 0 {
                notes.push(format!(
                    "column {}: {} not listed in `values` of field {} and sent unchanged: {}",
                    display::shown(bound.column()),
                    match tally.unlisted_cells {
                        1 => "1 cell is".to_owned(),
                        n => format!("{} cells are", display::count(n)),
                    },
                    quoted(&bound.field.key),
                    tally.unlisted.listed(),
                ));
            }
        }
        Ok(notes)
    }

    fn absent_keys(&self, tally: &Tally) -> Vec<Mistake> {
        let mut absent = Vec::new();
        for (at, bound) in self.fields.iter().enumerate() {
            let seen = tally.fields.get(at);
            let columns: Vec<(&str, Option<&FieldTally>)> = match &bound.field.from {
                Content::Column(column) => vec![(column, seen)],
                Content::Columns(joined) => {
                    let parts = (0..).map(|n| seen.and_then(|seen| seen.parts.get(n)));
                    joined
                        .columns
                        .iter()
                        .map(String::as_str)
                        .zip(parts)
                        .collect()
                }
                Content::Constant(_) => continue,
            };
            for (column, seen) in columns {
                if seen.is_some_and(|field| field.seen) {
                    continue;
                }
                let seen = seen.into_iter().flat_map(|field| field.near.iter());
                let all = seen.chain(tally.unmapped.iter());
                let (name, field) = (quoted(column), quoted(&bound.field.key));
                let message = format!("no record has the key {name} (field {field})");
                let hint = nth_did_you_mean(absent.len(), column, all);
                absent.push(Mistake::new(bound.field.line, message, hint));
            }
        }
        absent
    }
}
