//! Old and new values of the changed records that are named, where the old ones are kept.

use std::collections::HashMap;
use std::io;

use memchr::memmem;

use crate::input::pairs;
use crate::mapping::Mapping;
use crate::prove::chunk::{ChunkPlan, MappedInput};
use crate::prove::{id_text, read_lines};
use crate::runs::base::Comparison;
use crate::runs::history::{History, PastRun};
use crate::runs::kept::Payload;

/// One changed record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChangedRecord {
    pub id: String,
    /// The fields that differ: the key, and the JSON that the table has and that it will have; none where
    /// there is no such key.
    pub fields: Vec<(String, Option<String>, Option<String>)>,
}

/// The listed changed records with their values, as far as both are known: nothing where the base is not
/// what a kept replace has sent, or where that is damaged. Memory: two records for each id.
pub(crate) fn changed(
    history: &History,
    comparison: &Comparison,
    mapping: &Mapping,
    (input, chunks): (MappedInput<'_>, &[ChunkPlan]),
    is_replace: bool,
) -> Vec<ChangedRecord> {
    let ids = &comparison.changes.changed.ids;
    let base = history.run(&comparison.base.run);
    let kept = base.and_then(|base| history.run(base.origin()));
    let Some(kept) = kept.filter(|_| !ids.is_empty()) else {
        return Vec::new();
    };
    let payload = Payload::of(&kept.dir);
    let mut old = Wanted::new(ids, mapping.id());
    let read = payload.sidecar().and_then(|about| {
        // Of another field, or another table, ids mean something else.
        let is_same = about.id_field == mapping.id();
        is_same
            .then(|| payload.each(&about, |line| old.look(line)))
            .transpose()
    });
    let mut new = Wanted::new(ids, mapping.id());
    if !matches!(read, Ok(Some(()))) || old.found.is_empty() {
        return Vec::new();
    }
    if read_lines(input, chunks, |lines| new.look_at_all(lines)).is_err() {
        return Vec::new();
    }
    let both = ids.iter().filter_map(|id| {
        let (old, new) = (old.found.get(id)?, new.found.get(id)?);
        Some(ChangedRecord {
            id: id.clone(),
            fields: differing(old, new, is_replace),
        })
    });
    both.filter(|record| !record.fields.is_empty()).collect()
}

/// The changed records that a run of the past names, with the values that its base and the run itself sent:
/// nothing where not both are kept.
pub(crate) fn kept(history: &History, run: &PastRun) -> Vec<ChangedRecord> {
    let plan = run.journal.plan();
    let Some(changes) = &plan.changes else {
        return Vec::new();
    };
    let ids = &changes.changed.ids;
    let of = |run: &PastRun| {
        let sent = history.run(run.origin())?;
        let payload = Payload::of(&sent.dir);
        let about = payload.sidecar().ok()?;
        let mut wanted = Wanted::new(ids, &plan.options.id_field);
        payload.each(&about, |line| wanted.look(line)).ok()?;
        Some(wanted.found)
    };
    let base = history.run(&changes.base_run);
    let (Some(old), Some(new)) = (base.and_then(of), of(run)) else {
        return Vec::new();
    };
    let both = ids.iter().filter_map(|id| {
        Some(ChangedRecord {
            id: id.clone(),
            fields: differing(old.get(id)?, new.get(id)?, plan.mode.is_replace()),
        })
    });
    both.filter(|record| !record.fields.is_empty()).collect()
}

/// The fields of one record that differ in another, in the order of the new one.
fn differing(
    old: &str,
    new: &str,
    is_replace: bool,
) -> Vec<(String, Option<String>, Option<String>)> {
    let fields = |line| {
        let mut fields = Vec::new();
        // They were written by this program.
        let _ = pairs(line, &mut fields);
        fields
    };
    let (old, new) = (fields(old), fields(new));
    let value = |of: &[(_, &str)], key: &str| {
        let found = of
            .iter()
            .find(|(name, _): &&(std::borrow::Cow<'_, str>, _)| name == key);
        found.map(|(_, value)| (*value).to_owned())
    };
    let gone = old
        .iter()
        .filter(|(key, _)| is_replace && value(&new, key).is_none());
    let keys = new.iter().chain(gone).map(|(key, _)| key);
    let both = keys.map(|key| (key.clone().into_owned(), value(&old, key), value(&new, key)));
    both.filter(|(_, old, new)| old != new).collect()
}

/// Records that are looked for by their ids.
struct Wanted<'a> {
    ids: &'a [String],
    id_field: &'a str,
    /// What stands in a line that may be one of them; none where an id may be written in several ways.
    signs: Option<Vec<memmem::Finder<'a>>>,
    found: HashMap<String, String>,
}

impl<'a> Wanted<'a> {
    fn new(ids: &'a [String], id_field: &'a str) -> Self {
        let is_plain = |id: &String| {
            let mut bytes = id.bytes();
            bytes.all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b'/'))
        };
        let signs = ids.iter().all(is_plain).then(|| {
            let signs = ids.iter().map(memmem::Finder::new);
            signs.collect()
        });
        Self {
            ids,
            id_field,
            signs,
            found: HashMap::new(),
        }
    }

    fn look_at_all(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.may_be_in(lines) {
            let lines = lines.split(|byte| *byte == b'\n');
            lines.for_each(|line| self.look(line));
        }
        Ok(())
    }

    fn may_be_in(&self, text: &[u8]) -> bool {
        let mut signs = self.signs.iter().flatten();
        self.signs.is_none() || signs.any(|sign| sign.find(text).is_some())
    }

    fn look(&mut self, line: &[u8]) {
        if !self.may_be_in(line) {
            return;
        }
        let (Ok(line), mut fields) = (std::str::from_utf8(line), Vec::new()) else {
            return;
        };
        if pairs(line, &mut fields).is_err() {
            return;
        }
        let id = fields.iter().find(|(key, _)| key == self.id_field);
        let Some(id) = id.map(|(_, id)| id_text(id.as_bytes())) else {
            return;
        };
        if let Some(id) = self.ids.iter().find(|wanted| wanted.as_bytes() == &*id) {
            self.found.insert(id.clone(), line.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_found_by_their_ids() {
        let ids = ["D-1", "7"].map(str::to_owned);
        let mut wanted = Wanted::new(&ids, "id");
        let lines = "{\"id\":\"D-10\",\"a\":\"D-1\"}\n{\"a\":7,\"id\":7}\n{\"id\":\"\\u0044-1\"}\n{\"id\":\"D-1\"}\n";
        wanted.look_at_all(lines.as_bytes()).unwrap();
        assert_eq!(wanted.found["7"], "{\"a\":7,\"id\":7}");
        assert_eq!(wanted.found["D-1"], "{\"id\":\"D-1\"}");
        assert_eq!(wanted.found.len(), 2);
        // One that JSON may write in several ways.
        let ids = ["é/\"".to_owned()];
        let mut wanted = Wanted::new(&ids, "id");
        wanted.look(b"{\"id\":\"\\u00e9\\/\\\"\"}");
        assert_eq!(wanted.found.len(), 1);
    }

    #[test]
    fn fields_that_differ_are_told_with_both_values() {
        let old = "{\"id\":1,\"a\":\"x\",\"b\":2.0,\"gone\":null}";
        let new = "{\"b\":2.00,\"a\":\"x\",\"id\":1,\"more\":[1]}";
        let some = |text: &str| Some(text.to_owned());
        let mut expected = vec![
            ("b".to_owned(), some("2.0"), some("2.00")),
            ("more".to_owned(), None, some("[1]")),
        ];
        assert_eq!(differing(old, new, false), expected);
        expected.push(("gone".to_owned(), some("null"), None));
        assert_eq!(differing(old, new, true), expected);
    }
}
