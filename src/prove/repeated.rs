//! Ids that occur twice: which they are, and what is done about them.

use std::borrow::Cow;

use super::again::again;
use super::error::{ProveError, Repeated};
use super::frame;
use crate::input::{InputError, Source};
use crate::mapping::Binding;
use crate::prove::chunk::ChunkPlan;
use crate::prove::duplicates::{IdIndex, Keep, RecordSet, SettleError};

/// What to do about an id that occurs twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnDuplicates {
    /// Refuse the input.
    Error,
    /// Send one record of several.
    Keep(Keep),
}

impl OnDuplicates {
    /// As it is typed.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Keep(Keep::First) => "first",
            Self::Keep(Keep::Last) => "last",
        }
    }
}

/// An id as it is compared: the text of a JSON string, the digits of a number.
pub(crate) fn id_text(json: &[u8]) -> Cow<'_, [u8]> {
    match json {
        [b'"', text @ .., b'"'] if memchr::memchr(b'\\', text).is_none() => Cow::Borrowed(text),
        [b'"', ..] => match serde_json::from_slice::<String>(json) {
            Ok(text) => Cow::Owned(text.into_bytes()),
            Err(_) => Cow::Borrowed(json),
        },
        digits => Cow::Borrowed(digits),
    }
}

/// The records that are left out because another one with their id is sent.
pub(super) fn find(
    source: &Source,
    binding: &Binding,
    ids: IdIndex,
    on_duplicates: OnDuplicates,
) -> Result<RecordSet, ProveError> {
    let candidates = ids.finish().map_err(ProveError::Ids)?;
    if candidates.is_empty() {
        return Ok(RecordSet::default());
    }
    let mut settler = candidates.settler();
    // The ids themselves, of records whose hashes are equal.
    let names = binding.field_names();
    let is_wanted = |record| candidates.wants(record);
    again(source, binding, &names, is_wanted, |at, id, _, _| {
        settler.add(at, &id_text(id)).map_err(ProveError::Ids)
    })?;
    let duplicates = settler.finish().map_err(|error| match error {
        SettleError::Scratch(error) => ProveError::Ids(error),
        SettleError::Changed => ProveError::Input(InputError::plain(error.to_string())),
    })?;
    match on_duplicates {
        OnDuplicates::Error if duplicates.count > 0 => Err(ProveError::Duplicates(Repeated::new(
            &duplicates,
            source.names(),
        ))),
        OnDuplicates::Error => Ok(RecordSet::default()),
        OnDuplicates::Keep(keep) => Ok(duplicates.losers(keep)),
    }
}

/// Takes dropped records out of the chunks' counts. Borders stay; a chunk that is left with none is
/// not sent.
pub(super) fn drop_from(chunks: &mut Vec<ChunkPlan>, dropped: &RecordSet) {
    if dropped.is_empty() {
        return;
    }
    let mut dropped = dropped.iter().peekable();
    for chunk in chunks.iter_mut() {
        while dropped
            .next_if(|record| *record <= chunk.range.last)
            .is_some()
        {
            chunk.records -= 1;
        }
    }
    chunks.retain(|chunk| chunk.records > 0);
    for (chunk, number) in chunks.iter_mut().zip(1..) {
        chunk.number = number;
    }
}

/// The sizes of bodies from which records were dropped: nothing tells how large those were.
pub(super) struct Bodies<'c> {
    chunks: &'c mut [ChunkPlan],
    /// The chunk of the record before.
    at: usize,
}

impl<'c> Bodies<'c> {
    /// The bodies of these chunks, to be added up anew.
    pub(super) fn new(chunks: &'c mut [ChunkPlan]) -> Self {
        for chunk in &mut *chunks {
            chunk.body_bytes = frame::BYTES;
        }
        Self { chunks, at: 0 }
    }

    /// Adds a record that is sent, of so many bytes; they come in their order.
    pub(super) fn add(&mut self, record: u64, bytes: u64) {
        let rest = self.chunks.get(self.at..).unwrap_or_default();
        let before = rest.iter().take_while(|chunk| chunk.range.last < record);
        self.at += before.count();
        if let Some(chunk) = self.chunks.get_mut(self.at) {
            let comma = u64::from(chunk.body_bytes > frame::BYTES);
            chunk.body_bytes += comma + bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_compared_as_text() {
        for (json, text) in [
            (r#""a""#, "a"),
            (r#""\u0041\n""#, "A\n"),
            ("12", "12"),
            (r#""12""#, "12"),
            (r#""""#, ""),
        ] {
            assert_eq!(&*id_text(json.as_bytes()), text.as_bytes(), "{json}");
        }
    }
}
