//! All inputs of a run, opened: what columns they have, and their blocks from any place.

use std::io;
use std::path::Path;

use super::csv::scan::Dialect;
use super::encoding::Encoding;
use super::error::InputError;
use super::limits::Limits;
use super::opened::Input;
use super::options::{Format, Margins, Quoting, Wrapping};
use super::record::Columns;
use crate::base::position::{InputNames, Positions};

/// Opened inputs of one push: all of one format, all with the same columns.
#[derive(Debug)]
pub(crate) struct Source {
    pub(super) names: InputNames,
    pub(super) columns: Columns,
    /// Why not all columns can be sent under their own names.
    pub(super) name_fault: Option<InputError>,
    pub(super) format: Format,
    pub(super) quoting: Quoting,
    pub(super) margins: Margins,
    /// What was said of JSON documents, whether there are any or not.
    pub(super) records_at: Option<String>,
    pub(super) inputs: Vec<Input>,
    /// What was said of them while they were opened.
    pub(super) notes: Vec<String>,
    pub(super) limits: Limits,
}

impl Source {
    /// What a push reads, as the user named it.
    pub(crate) fn names(&self) -> &InputNames {
        &self.names
    }

    /// The columns that every record has.
    pub(crate) fn columns(&self) -> &Columns {
        &self.columns
    }

    /// How the inputs are written.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// What has to be said of inputs that were converted: one that is not read as it stands.
    pub(crate) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The bytes of all inputs as UTF-8, headers included; none while one has not arrived to its
    /// end.
    pub(crate) fn total_bytes(&self) -> Option<u64> {
        self.inputs.iter().map(|input| input.intake.bytes()).sum()
    }

    /// Where an input's copy is kept; none for a file that is read where it stands.
    pub(crate) fn kept(&self, input: usize) -> Option<&Path> {
        self.inputs.get(input)?.intake.kept()
    }

    /// Brings the copies that are kept to the disk, as far as they were read.
    pub(crate) fn sync_kept(&self) -> io::Result<()> {
        self.inputs.iter().try_for_each(|input| input.intake.sync())
    }

    /// What stands before an input's first record: its byte order mark and its header.
    pub(crate) fn head(&self, input: usize) -> Result<Vec<u8>, InputError> {
        let mut head = Vec::new();
        if let Some(opened) = self.inputs.get(input) {
            let want = usize::try_from(opened.start).unwrap_or(usize::MAX);
            opened.append(&mut head, 0, want)?;
        }
        Ok(head)
    }

    /// The streams whose last line does not end: whoever wrote them may have died at it. To be asked
    /// when they were read to their end; nothing is known of others.
    pub(crate) fn unended(&self) -> Vec<String> {
        let is_unended = |input: &Input| input.intake.is_stream() && input.is_unended();
        let inputs = self.inputs.iter().enumerate();
        inputs
            .filter(|(_, input)| is_unended(input))
            .map(|(n, _)| self.names.name(n))
            .collect()
    }

    /// How many inputs there are.
    pub(crate) fn input_count(&self) -> usize {
        self.inputs.len()
    }

    /// The delimiter of all inputs; none for NDJSON and JSON, or where they differ.
    pub(crate) fn common_delimiter(&self) -> Option<u8> {
        let same = |input: &Input| input.delimiter() == self.delimiter();
        self.delimiter().filter(|_| self.inputs.iter().all(same))
    }

    /// An input's delimiter; none for NDJSON and JSON.
    pub(crate) fn delimiter_of(&self, input: usize) -> Option<u8> {
        self.inputs.get(input)?.delimiter()
    }

    /// Why not all columns can be sent under their own names; those that a mapping uses are its own
    /// concern.
    pub(crate) fn name_fault(&self) -> Option<&InputError> {
        self.name_fault.as_ref()
    }

    /// What was said of what stands around the tables.
    pub(crate) fn margins(&self) -> Margins {
        self.margins
    }

    /// What quotes and escapes mean in its CSV inputs.
    pub(crate) fn quoting(&self) -> Quoting {
        self.quoting
    }

    /// How CSV is written that is to be read as the first input is, with the same mapping; none for
    /// NDJSON and JSON.
    pub(crate) fn dialect(&self) -> Option<Dialect> {
        self.delimiter().map(|delimiter| Dialect {
            delimiter,
            quoting: self.quoting,
        })
    }

    /// The sheet that an input's text was, if it is a workbook.
    pub(crate) fn sheet(&self, input: usize) -> Option<&str> {
        self.inputs.get(input)?.sheet.as_deref()
    }

    /// Where in its JSON documents the records stand, if somebody said it: keys with dots between
    /// them.
    pub(crate) fn records_at(&self) -> Option<&str> {
        (self.records_at.as_deref()).filter(|_| self.format == Format::Json)
    }

    /// What tells where an input's records stand, if its text was JSON and is one record a line since.
    pub(crate) fn positions(&self, input: usize) -> Option<Positions> {
        self.inputs.get(input)?.positions
    }

    /// What an input's text was encoded in, where that was not UTF-8.
    pub(crate) fn encoding_of(&self, input: usize) -> Option<Encoding> {
        let encoding = self.inputs.get(input)?.encoding;
        (encoding != Encoding::UTF_8).then_some(encoding)
    }

    /// The file of a zip archive that an input's text was.
    pub(crate) fn member(&self, input: usize) -> Option<String> {
        self.wrapping(input).member.map(|member| member.name)
    }

    /// What an input's bytes were found to be.
    pub(crate) fn wrapping(&self, input: usize) -> Wrapping {
        let wrapping = self.inputs.get(input).map(|input| input.intake.wrapping());
        wrapping.unwrap_or_default()
    }

    /// The delimiter of the first input; none for NDJSON and JSON.
    pub(crate) fn delimiter(&self) -> Option<u8> {
        self.inputs.first().and_then(Input::delimiter)
    }
}
