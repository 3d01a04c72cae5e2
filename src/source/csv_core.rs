//! One CSV record at a time, read by csv-core: the way that is always right.

use csv_core::ReadRecordResult;

/// csv-core with its output buffers.
pub(super) struct RecordReader {
    core: ::csv_core::Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// What [`RecordReader::read`] found; the cells are in the reader's buffers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// One past the record's line end.
    pub end: usize,
    text_bytes: usize,
    fields: usize,
}

impl std::fmt::Debug for RecordReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordReader").finish_non_exhaustive()
    }
}

impl RecordReader {
    pub fn new(delimiter: u8) -> Self {
        let core = ::csv_core::ReaderBuilder::new()
            .delimiter(delimiter)
            .build();
        Self {
            core,
            text: vec![0; 1 << 10],
            ends: vec![0; 32],
        }
    }

    /// Forgets what was read before.
    pub fn reset(&mut self) {
        self.core.reset();
        // A fresh reader takes a byte order mark off what it reads first. Here that is the middle
        // of a file, where the mark is text; an empty line first makes the reader not fresh.
        self.core.read_record(b"\n", &mut [0], &mut [0]);
    }

    /// Reads the record that begins at `at`, which is not a blank line and not the end.
    pub fn read(&mut self, bytes: &[u8], at: usize) -> Found {
        let mut found = Found {
            end: at,
            text_bytes: 0,
            fields: 0,
        };
        loop {
            // Without input left this asks for the record that has no line end.
            let (result, read, written, ended) = self.core.read_record(
                &bytes[found.end..],
                &mut self.text[found.text_bytes..],
                &mut self.ends[found.fields..],
            );
            found.end += read;
            found.text_bytes += written;
            found.fields += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.text.resize(2 * self.text.len(), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::Record | ReadRecordResult::End => break,
            }
        }
        // csv-core leaves the `\n` of a `\r\n` to the next record.
        if bytes[..found.end].ends_with(b"\r") && bytes.get(found.end) == Some(&b'\n') {
            found.end += 1;
        }
        found
    }

    /// The cells of what was just found, each with its end in the text.
    pub fn cells(&self, found: &Found) -> Result<(&str, &[usize]), std::str::Utf8Error> {
        let text = std::str::from_utf8(&self.text[..found.text_bytes])?;
        Ok((text, &self.ends[..found.fields]))
    }
}
