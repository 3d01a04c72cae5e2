//! The rows that an import left out, kept while and after an answer is read: there may be a million
//! of them, and memory holds a few.
//!
//! Each is a line of JSON in a spooled temporary file without a name, which is gone with the answer. A
//! few rows never reach the disk: only what is over 64 KiB spills to it.

use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use serde_json::value::RawValue;
use tempfile::SpooledTempFile;

use super::rejected::RejectedRow;

/// How many bytes of rows stay in memory. Each request of a push may have an import of its own.
const IN_MEMORY: usize = 64 << 10;

/// How many bytes are read at a time.
const BLOCK: u64 = 64 << 10;

/// Where lists of rows go while an answer is read.
#[derive(Debug)]
pub(super) struct RowsWriter {
    file: SpooledTempFile,
    bytes: u64,
    lists: Vec<List>,
    /// From which list on rows could not be kept, and why.
    lost: Option<(usize, String)>,
}

#[derive(Clone, Copy, Debug)]
struct List {
    count: u64,
    start: u64,
    end: u64,
}

/// What stands in the place of a list that was taken out of an answer.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Marker {
    rows: u64,
    list: usize,
}

/// All lists of one answer.
#[derive(Debug)]
pub(crate) struct KeptRows {
    file: Mutex<SpooledTempFile>,
    lists: Vec<List>,
    lost: Option<(usize, String)>,
}

/// The rows of one list, to be read one by one.
#[derive(Clone, Debug, Default)]
pub(crate) struct RejectedRows {
    marker: Marker,
    kept: Option<Arc<KeptRows>>,
}

/// A part of the file in memory, so that rows which stand together are read together.
#[derive(Clone, Debug, Default)]
pub(crate) struct RowBlock {
    start: u64,
    bytes: Vec<u8>,
}

impl RowsWriter {
    /// Keeps rows in a file in this folder; none for the system's own for such files.
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        let folder = folder.unwrap_or_else(std::env::temp_dir);
        Self {
            file: SpooledTempFile::new_in(IN_MEMORY, folder),
            bytes: 0,
            lists: Vec::new(),
            lost: None,
        }
    }

    /// Begins a list.
    pub(super) fn begin(&mut self) {
        self.lists.push(List {
            count: 0,
            start: self.bytes,
            end: self.bytes,
        });
    }

    /// Adds a row, which has no line end in it, to the last list. One that cannot be kept counts.
    pub(super) fn add(&mut self, row: &[u8]) {
        let Some(list) = self.lists.last_mut() else {
            return;
        };
        list.count += 1;
        if self.lost.is_some() {
            return;
        }
        let written = self.file.write_all(row);
        match written.and_then(|()| self.file.write_all(b"\n")) {
            Ok(()) => {
                self.bytes += row.len() as u64 + 1;
                list.end = self.bytes;
            }
            Err(error) => self.lost = Some((self.lists.len() - 1, error.to_string())),
        }
    }

    /// Whether the last list has no row.
    pub(super) fn is_empty(&self) -> bool {
        self.lists.last().is_none_or(|list| list.count == 0)
    }

    /// What to put in the last list's place, as JSON.
    pub(super) fn marker(&self) -> String {
        let rows = self.lists.last().map_or(0, |list| list.count);
        format!(
            r#"{{"rows":{rows},"list":{}}}"#,
            self.lists.len().saturating_sub(1)
        )
    }

    /// All lists, to be read.
    pub(super) fn finish(self) -> Arc<KeptRows> {
        Arc::new(KeptRows {
            file: Mutex::new(self.file),
            lists: self.lists,
            lost: self.lost,
        })
    }
}

impl RejectedRows {
    /// The list that a marker stands for, which is not attached to its rows yet.
    pub(super) fn marked(marker: Marker) -> Self {
        Self { marker, kept: None }
    }

    /// Attaches the rows of the answer that the marker was in.
    pub(super) fn attach(&mut self, kept: &Arc<KeptRows>) {
        self.kept = Some(Arc::clone(kept));
    }

    pub(crate) fn count(&self) -> u64 {
        self.list().map_or(0, |list| list.count)
    }

    #[cfg(test)]
    pub(super) fn is_there(&self) -> bool {
        self.list().is_some()
    }

    fn list(&self) -> Option<List> {
        let list = self.kept.as_ref()?.lists.get(self.marker.list);
        // A marker that an answer made up is none.
        list.copied().filter(|list| list.count == self.marker.rows)
    }

    /// The row that stands at a place, counted from 0, and the place of the next one; none behind
    /// the last. `block` is used again for the next row.
    pub(crate) fn at(
        &self,
        place: u64,
        block: &mut RowBlock,
    ) -> io::Result<Option<(RejectedRow, u64)>> {
        let (Some(kept), Some(list)) = (&self.kept, self.list()) else {
            return Ok(None);
        };
        let start = list.start + place;
        if start >= list.end {
            return match &kept.lost {
                Some((first, why)) if *first <= self.marker.list => {
                    Err(io::Error::other(why.clone()))
                }
                _ => Ok(None),
            };
        }
        let line = block.line(kept, start, list.end)?;
        let row: &RawValue = serde_json::from_slice(line)?;
        Ok(Some((RejectedRow::new(row), place + line.len() as u64 + 1)))
    }
}

impl RowBlock {
    /// The line that begins at a byte of the file, in a list that ends at another.
    fn line(&mut self, kept: &KeptRows, start: u64, end: u64) -> io::Result<&[u8]> {
        let mut size = 0;
        loop {
            let from = start.checked_sub(self.start).map(usize::try_from);
            let rest = from.and_then(|from| self.bytes.get(from.ok()?..));
            if let Some(length) = rest.and_then(|rest| memchr::memchr(b'\n', rest)) {
                let from = (start - self.start) as usize;
                return Ok(&self.bytes[from..from + length]);
            }
            if size >= end - start {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            size = (2 * size).max(BLOCK);
            let mut file = kept.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(start))?;
            self.bytes.clear();
            self.start = start;
            let most = size.min(end - start);
            (&mut *file).take(most).read_to_end(&mut self.bytes)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lists of rows with so many bytes of text each.
    fn kept(folder: Option<PathBuf>, lists: &[&[usize]]) -> Vec<RejectedRows> {
        let mut writer = RowsWriter::new(folder);
        let mut markers = Vec::new();
        for list in lists {
            writer.begin();
            for length in *list {
                writer.add(format!("\"{}\"", "x".repeat(*length)).as_bytes());
            }
            let marker: Marker = serde_json::from_str(&writer.marker()).unwrap();
            markers.push(RejectedRows::marked(marker));
        }
        let kept = writer.finish();
        markers.iter_mut().for_each(|rows| rows.attach(&kept));
        markers
    }

    /// The lengths of all rows and their places, read with one block.
    fn read(rows: &RejectedRows) -> io::Result<(Vec<usize>, Vec<u64>)> {
        let (mut lengths, mut places) = (Vec::new(), Vec::new());
        let (mut place, mut block) = (0, RowBlock::default());
        while let Some((row, next)) = rows.at(place, &mut block)? {
            lengths.push(row.details.len());
            places.push(place);
            place = next;
        }
        Ok((lengths, places))
    }

    #[test]
    fn rows_come_back_in_any_order_in_memory_and_on_disk() {
        let long: Vec<usize> = (0..2_000).map(|n| n * 37 % 501).collect();
        let large = [3, 200_000, 0, 70_000, 5];
        for lists in [[&[1, 2][..], &[], &[4]], [&long, &large, &[7]]] {
            for (rows, list) in kept(None, &lists).iter().zip(lists) {
                assert_eq!(rows.count(), list.len() as u64);
                let (lengths, places) = read(rows).unwrap();
                assert_eq!(lengths, list);
                let mut block = RowBlock::default();
                for (place, length) in places.iter().zip(lengths).rev() {
                    let (row, _) = rows.at(*place, &mut block).unwrap().unwrap();
                    assert_eq!(row.details.len(), length);
                }
            }
        }
    }

    #[test]
    fn rows_without_a_place_count_and_are_told() {
        let nowhere = Some("/nowhere/at/all".into());
        let lists = kept(nowhere, &[&[10, 20], &[100_000, 30]]);
        // The first list is still in memory.
        assert_eq!(read(&lists[0]).unwrap().0, [10, 20]);
        assert_eq!(lists[1].count(), 2);
        let error = read(&lists[1]).unwrap_err().to_string();
        let missing = std::fs::File::open("/nowhere/at/all/list").unwrap_err();
        assert!(error.contains(&missing.to_string()), "{error}");
    }

    #[test]
    fn what_an_answer_made_up_is_no_list() {
        let mut lists = kept(None, &[&[1]]);
        for json in [r#"{"rows":2,"list":0}"#, r#"{"rows":1,"list":7}"#] {
            lists[0].marker = serde_json::from_str(json).unwrap();
            assert_eq!(lists[0].count(), 0, "{json}");
            assert_eq!(read(&lists[0]).unwrap().0, [0; 0], "{json}");
        }
        assert_eq!(RejectedRows::default().count(), 0);
    }
}
