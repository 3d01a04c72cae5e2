//! Imports in a receipt, as they were seen last, without the values of their records.

use crate::base::display;
use crate::base::model::{ImportId, TableKey};
use crate::push::follow::{Ended, Followed, FollowedImport};
use crate::push::receipt::document::ImportReceipt;
use crate::push::verdict::{Reasons, Verdict};
use crate::service::ImportError;

/// The imports as they were seen last.
pub(crate) fn imports(
    followed: &Followed,
    verdict: &Verdict,
    table: Option<&TableKey>,
) -> Vec<ImportReceipt> {
    let import = |import: &FollowedImport| {
        let last = import.last.as_ref();
        let entries = last.map(|last| last.entries(table));
        let mut counts = entries.clone().into_iter().flatten();
        let mut errors = entries.into_iter().flatten();
        ImportReceipt {
            id: import.id.to_string(),
            status: last.map(|last| display::shown(last.status.word())),
            records: counts
                .try_fold(None, |sum: Option<u64>, entry| {
                    let count = entry.number_of_records?;
                    Some(Some(sum.unwrap_or_default().saturating_add(count)))
                })
                .flatten(),
            error: (errors.find_map(|entry| entry.error.as_ref()))
                .map(|error| error_words(error, &import.id, verdict))
                .or_else(|| match &import.end {
                    Ended::NotFound => Some("the service does not know it".to_owned()),
                    Ended::Failed(error) | Ended::Open(Some(error)) => Some(error.to_string()),
                    Ended::Over | Ended::Open(None) => None,
                }),
        }
    };
    followed.imports.iter().map(import).collect()
}

/// What went wrong with an import, without the values of its records.
fn error_words(error: &ImportError, id: &ImportId, verdict: &Verdict) -> String {
    let of_it = verdict.rejected.of(|import| import == id);
    if of_it.is_empty() {
        return without_values(&error.words());
    }
    let reasons = Reasons::of(&of_it).sentences(None);
    let title = error
        .title
        .as_deref()
        .map_or_else(|| "error".to_owned(), display::shown);
    without_values(&format!("{title}: {}", reasons.join("; ")))
}

/// A message without what stands in single quotes: the service quotes values of records so.
pub(crate) fn without_values(message: &str) -> String {
    let mut out = String::new();
    let mut rest = message;
    while let Some(start) = rest.find('\'') {
        let (before, after) = rest.split_at(start);
        let is_quote = !before.ends_with(char::is_alphanumeric);
        let end = after[1..].match_indices('\'').map(|(at, _)| at + 2);
        let end = end.filter(|end| !after[*end..].starts_with(char::is_alphanumeric));
        match end.min().filter(|_| is_quote) {
            Some(end) => {
                out.push_str(before);
                out.push('…');
                rest = &after[end..];
            }
            None => {
                out.push_str(&rest[..=start]);
                rest = &rest[start + 1..];
            }
        }
    }
    out + rest
}
