//! Mapping files: whatever stands in one is read or told, each mistake on a line of the file.

use super::{MOST_BYTES, check_message};
use crate::input::Columns;
use crate::mapping::{Binding, Mapping, Mistake};

/// Bytes that are no text are taken as text with replacement characters.
pub fn mapping_file(data: &[u8]) {
    if data.len() > MOST_BYTES {
        return;
    }
    let text = String::from_utf8_lossy(data);
    match Mapping::parse(&text) {
        Err(mistakes) => {
            assert!(!mistakes.is_empty());
            check(&text, &mistakes);
        }
        Ok(mapping) => {
            let names = ["ID", "Deal", "Amount (EUR)", "deal_id"].map(str::to_owned);
            for columns in [Columns::Named(names.to_vec()), Columns::PerRecord] {
                match mapping.bind(&columns) {
                    Ok(binding) => check_fields(&binding),
                    Err(mistakes) => check(&text, &mistakes),
                }
            }
        }
    }
}

fn check(text: &str, mistakes: &[Mistake]) {
    let lines = 1 + text.matches('\n').count();
    for mistake in mistakes {
        check_message(&mistake.to_string(), mistake.hint.as_deref());
        assert!(
            mistake.line.is_none_or(|line| (1..=lines).contains(&line)),
            "{mistake}"
        );
    }
    let order: Vec<usize> = mistakes
        .iter()
        .map(|mistake| mistake.line.unwrap_or(usize::MAX))
        .collect();
    assert!(order.is_sorted(), "{mistakes:?}");
}

/// No field is written twice. Without any, records go as they are.
fn check_fields(binding: &Binding) {
    let mut keys: Vec<&str> = binding.fields().map(|field| field.key).collect();
    let count = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), count);
}
