//! The records of a frozen period that a push would touch: `frozen.csv` of the run.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Span;
use jiff::civil::{Date, date};

use super::lister::Lister;
use crate::runs::changes::Listed;
use crate::runs::state;

/// The file's columns.
const HEADER: [&str; 5] = ["id", "what", "old_day", "new_day", "fields"];

/// What a push does to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Touch {
    New,
    Changed,
    Vanished,
}

/// A record of a frozen period.
#[derive(Clone, Debug)]
pub(super) struct FrozenRecord<'a> {
    /// Its number in the input, or in the base where it vanished.
    pub(super) record: u64,
    pub(super) id: &'a [u8],
    pub(super) what: Touch,
    pub(super) old_day: Option<i32>,
    pub(super) new_day: Option<i32>,
    /// The fields that differ.
    pub(super) fields: Vec<&'a str>,
}

/// Lists records of frozen periods, partition by partition; the file is made for the first of them.
#[derive(Debug)]
pub(crate) struct FrozenFile {
    path: PathBuf,
    /// Days before this one are frozen: since 1970-01-01.
    pub(super) before: i32,
    writer: Option<csv::Writer<File>>,
    records: Lister,
}

impl FrozenFile {
    pub(crate) fn new(path: &Path, before: Date) -> Self {
        let since = before.since(date(1970, 1, 1));
        let before = since.map_or(i32::MAX, |span| span.get_days());
        Self {
            path: path.to_owned(),
            before,
            writer: None,
            records: Lister::default(),
        }
    }

    pub(super) fn add(&mut self, record: &FrozenRecord<'_>) -> io::Result<()> {
        self.records.add(record.record, record.id);
        let writer = match &mut self.writer {
            Some(writer) => writer,
            None => {
                let mut writer = csv::Writer::from_writer(state::create_private(&self.path)?);
                writer.write_record(HEADER)?;
                self.writer.insert(writer)
            }
        };
        let what = match record.what {
            Touch::New => "new",
            Touch::Changed => "changed",
            Touch::Vanished => "vanished",
        };
        let [old, new] = [record.old_day, record.new_day].map(day);
        let fields = record.fields.join(" ");
        let texts = [what, &old, &new, &fields].map(str::as_bytes);
        writer.write_record([record.id].into_iter().chain(texts))?;
        Ok(())
    }

    /// The records so far.
    pub(super) fn listed(&self) -> Listed {
        self.records.listed()
    }

    /// Ends the file; where it is, if any record is frozen.
    pub(crate) fn finish(self) -> io::Result<Option<PathBuf>> {
        let Some(mut writer) = self.writer else {
            return Ok(None);
        };
        writer.flush()?;
        Ok(Some(self.path))
    }

    /// Removes what was written: the comparison came to nothing.
    pub(super) fn discard(&mut self) {
        if self.writer.take().is_some() {
            // It goes with the run's folder at the latest.
            let _ = fs::remove_file(&self.path);
        }
        self.records = Lister::default();
    }
}

fn day(days: Option<i32>) -> String {
    let Some(days) = days else {
        return String::new();
    };
    let since = Span::new().try_days(days);
    match since.and_then(|days| date(1970, 1, 1).checked_add(days)) {
        Ok(date) => date.to_string(),
        Err(_) => "unknown".to_owned(),
    }
}
