//! What the first bytes of an input tell of how it is written.
//!
//! Nothing is read here, and nothing is guessed: an answer is given only where no other delimiter
//! can be meant. What was said on the command line, what a name tells and the wording are left to
//! `written`.

use serde::de::IgnoredAny;

use super::csv::scan::Dialect;
use super::options::Quoting;
use super::text::line_end_len;

/// The delimiters that are recognised.
pub(super) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How many records of a sample are looked at, the header included.
const MAX_RECORDS: usize = 100;

/// The first bytes of an input, behind its byte order mark.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample<'b> {
    pub bytes: &'b [u8],
    /// Whether the input has no more than these.
    pub is_whole: bool,
}

/// How a sample reads with one delimiter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    pub delimiter: u8,
    /// The header's fields; 0 where it does not end in the sample.
    pub fields: usize,
    /// How many whole records follow.
    pub records: usize,
    /// How many of them have as many fields as the header.
    pub alike: usize,
    /// How many quotes are not closed as they should be, the header's included. They count as text.
    pub faults: usize,
}

/// What a sample tells of its delimiter.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    /// No other one splits the header, or no other one splits most of the records alike.
    One(Reading),
    /// No delimiter splits the header.
    Column,
    /// Each of these may be meant.
    Tie(Vec<Reading>),
    /// Each of these splits the header, and none the records.
    Neither(Vec<Reading>),
    /// The header does not end, whatever the delimiter, or there is none.
    NoHeader,
}

/// How an input is written for which nobody said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    /// Records with this delimiter, at least two of at least two fields each.
    Csv(u8),
    /// JSON objects, a line each.
    Ndjson,
    /// One JSON array.
    JsonArray,
    /// Nothing that is certain.
    Unknown,
}

impl Sample<'_> {
    /// How it reads with each delimiter.
    pub(crate) fn readings(self, quoting: Quoting) -> [Reading; 4] {
        DELIMITERS.map(|delimiter| Reading::of(self, Dialect { delimiter, quoting }))
    }

    /// Whether there is nothing but white space in it.
    pub(crate) fn is_blank(self) -> bool {
        self.bytes.trim_ascii().is_empty()
    }

    /// Whether each of its lines begins as a JSON object does.
    pub(crate) fn has_only_objects(self) -> bool {
        let lines = self.bytes.split(|byte| b"\r\n".contains(byte));
        let mut lines = lines.map(<[u8]>::trim_ascii_start);
        lines.all(|line| line.is_empty() || is_object_start(line))
    }

    /// Whether some byte of it can begin a JSON object.
    pub(crate) fn has_braces(self) -> bool {
        self.bytes.contains(&b'{')
    }
}

/// `{"` or `{}`, or as much of it as there is.
fn is_object_start(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"{") else {
        return false;
    };
    matches!(rest.trim_ascii_start().first(), None | Some(b'"' | b'}'))
}

impl Reading {
    /// Counts with the grammar by which records are read later.
    pub(crate) fn of(sample: Sample<'_>, dialect: Dialect) -> Self {
        let mut reading = Self {
            delimiter: dialect.delimiter,
            fields: 0,
            records: 0,
            alike: 0,
            faults: 0,
        };
        let mut at = 0;
        while reading.records + 1 < MAX_RECORDS
            && let Some(record) = Counted::at(at, sample, dialect)
        {
            let fields = record.fields;
            at = record.end;
            reading.faults += record.faults;
            if reading.fields == 0 {
                reading.fields = fields;
                continue;
            }
            reading.records += 1;
            reading.alike += usize::from(fields == reading.fields);
        }
        reading
    }

    /// Whether every record has as many fields as the header, and there are such.
    pub(crate) fn is_table(&self) -> bool {
        self.fields >= 2 && self.records > 0 && self.alike == self.records
    }

    /// Whether it can be meant: a few records with another number of fields are bad records, but
    /// a delimiter that splits few of them alike is text.
    fn is_plausible(&self) -> bool {
        2 * self.alike >= self.records
    }

    /// Whether a larger sample can tell more.
    fn is_undecided(&self) -> bool {
        self.fields == 0 || (self.fields >= 2 && self.records == 0)
    }
}

/// Whether more bytes of the input have to be seen.
pub(super) fn needs_more(readings: &[Reading], sample: Sample<'_>) -> bool {
    !sample.is_whole && readings.iter().any(Reading::is_undecided)
}

/// Which of the delimiters is the right one.
///
/// A table of two columns or more has its delimiter in its header, and as often in each record. So
/// the right one splits the header: where it is the only one it needs no more proof, and a ragged
/// record is a fault of that record. Where there are several the records have to tell.
pub(crate) fn verdict(readings: &[Reading]) -> Verdict {
    if readings.iter().all(|reading| reading.fields == 0) {
        return Verdict::NoHeader;
    }
    // A header that does not end may have any number of fields.
    let splitting: Vec<Reading> = readings
        .iter()
        .filter(|reading| reading.fields != 1)
        .copied()
        .collect();
    match splitting[..] {
        [] => return Verdict::Column,
        [only] => return Verdict::One(only),
        _ => {}
    }
    let plausible = splitting.iter().filter(|reading| reading.is_plausible());
    let mut plausible: Vec<Reading> = plausible.copied().collect();
    // With a wrong delimiter, what stands behind a closing quote is text.
    if plausible.iter().any(|reading| reading.faults == 0) {
        plausible.retain(|reading| reading.faults == 0);
    }
    match plausible[..] {
        [] => Verdict::Neither(splitting),
        [only] => Verdict::One(only),
        _ => Verdict::Tie(plausible),
    }
}

/// How a sample is written, where that is certain.
pub(super) fn guess(sample: Sample<'_>, readings: &[Reading]) -> Guess {
    if let Some(json) = json(sample) {
        return json;
    }
    let one = match (readings, verdict(readings)) {
        // The one that was told.
        (&[told], _) => told,
        (_, Verdict::One(one)) => one,
        _ => return Guess::Unknown,
    };
    match one.is_table() {
        true => Guess::Csv(one.delimiter),
        false => Guess::Unknown,
    }
}

/// Whether a sample is JSON as far as it goes.
pub(super) fn json(sample: Sample<'_>) -> Option<Guess> {
    let text = sample.bytes.trim_ascii_start();
    let (guess, ends): (_, fn(&[u8]) -> bool) = match text.first() {
        Some(b'{') => (Guess::Ndjson, ends_object),
        Some(b'[') => (Guess::JsonArray, ends_array),
        _ => return None,
    };
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    let is_json = match values.next()? {
        Ok(_) => ends(&text[values.byte_offset()..]),
        Err(error) => error.is_eof() && !sample.is_whole,
    };
    is_json.then_some(guess)
}

/// Whether what follows an object can: nothing more on its line, or another object. A tab may be a
/// delimiter.
fn ends_object(rest: &[u8]) -> bool {
    let next = rest.iter().find(|byte| **byte != b' ');
    matches!(next, None | Some(b'\r' | b'\n' | b'{'))
}

fn ends_array(rest: &[u8]) -> bool {
    rest.iter().all(|byte| b" \r\n".contains(byte))
}

/// A whole record, counted.
struct Counted {
    fields: usize,
    faults: usize,
    /// One past its line end.
    end: usize,
}

impl Counted {
    /// The next record; none where the sample ends before it does.
    fn at(start: usize, sample: Sample<'_>, dialect: Dialect) -> Option<Self> {
        let mut counted = Self {
            fields: 0,
            faults: 0,
            end: start,
        };
        loop {
            match line_end_len(sample.bytes, counted.end) {
                0 => break,
                blank => counted.end += blank,
            }
        }
        if counted.end == sample.bytes.len() {
            return None;
        }
        loop {
            let (cell, is_fault) = dialect.cell_or_text(sample.bytes, counted.end, sample.is_whole);
            let cell = cell.ok()?;
            counted.fields += 1;
            counted.faults += usize::from(is_fault);
            counted.end = cell.next;
            if cell.ends_record {
                return Some(counted);
            }
        }
    }
}
