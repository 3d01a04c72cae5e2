//! The proof of a draft: the program's own mapping writes every sampled record with it.

use std::collections::BTreeMap;

use super::error::DraftError;
use super::sample;
use crate::input::Source;
use crate::mapping::binding::Binding;
use crate::mapping::mistakes::Mistake;
use crate::mapping::spec::Mapping;
use crate::mapping::tally::Tally;

/// A key that no field has.
const NO_KEY: &str = "";

/// The columns to blame for sampled records that do not go through, each with its first fault.
pub(super) fn faults(
    text: &str,
    has_id: bool,
    source: &Source,
    limit: Option<u64>,
) -> Result<BTreeMap<String, String>, DraftError> {
    let binding = bind(text, has_id, source).map_err(|mistakes| {
        let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        DraftError::Bug(mistakes.join("; "))
    })?;
    let mut found = BTreeMap::new();
    let mut out = Vec::new();
    let mut tally = Tally::default();
    sample::each(source, limit, |_, cells| {
        // A record that cannot be read is no draft's fault.
        let Ok(cells) = cells else { return };
        out.clear();
        for fault in binding
            .write(&cells, &mut out, &mut tally)
            .err()
            .into_iter()
            .flatten()
        {
            // No column is to blame for the id that a draft lacks.
            if !fault.column.is_empty() && !found.contains_key(&fault.column) {
                found.insert(fault.column.clone(), fault.message());
            }
        }
    })?;
    Ok(found)
}

fn bind(text: &str, has_id: bool, source: &Source) -> Result<Binding, Vec<Mistake>> {
    let mut mapping = Mapping::parse(text)?;
    if has_id {
        return mapping.bind(source.columns());
    }
    mapping.set_id(NO_KEY);
    mapping.bind_without_id(source.columns())
}
