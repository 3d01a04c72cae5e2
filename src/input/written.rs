//! How an input is written: what was said, else what its name tells, else what its first bytes show.
//!
//! What the bytes show is left to `recognise`; here they are read, and what is not certain is
//! refused in words.

use super::csv::scan::Dialect;
use super::error::InputError;
use super::limits::Limits;
use super::opened::Input;
use super::options::{Format, Quoting, RecordsAt, SourceOptions};
use super::recognise::{self, Guess, Reading, Sample, Verdict};
use super::source::Source;
use super::{faults, margins};
use crate::base::display;

/// How many bytes are looked at, unless a record is longer.
const SAMPLE_BYTES: usize = 64 << 10;

/// What is known of an input before its content is looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Told {
    /// What the user said.
    pub format: Option<Format>,
    /// What its name tells.
    pub by_name: Option<Format>,
    /// What the user said.
    pub delimiter: Option<u8>,
    /// The delimiter that is usual in files with such a name.
    pub usual: Option<u8>,
    /// What the user said.
    pub quoting: Quoting,
}

impl Told {
    /// The text of a sheet.
    pub(crate) const SHEET: Self = Self {
        format: Some(Format::Csv),
        by_name: None,
        delimiter: Some(Dialect::SHEET.delimiter),
        usual: None,
        quoting: Dialect::SHEET.quoting,
    };

    fn dialect(self, delimiter: u8) -> Dialect {
        Dialect {
            delimiter,
            quoting: self.quoting,
        }
    }
}

/// Finds out how an input is written, notes its dialect, and leaves out what stands around its table.
/// `name` is harmless to print.
pub(super) fn settle(
    input: &mut Input,
    name: &str,
    mut told: Told,
    options: &SourceOptions,
    limits: Limits,
) -> Result<Format, InputError> {
    let margins = margins::of(input, options.margins)?;
    if let RecordsAt::Typed(_) = options.records {
        refuse_records(input, name, told)?;
        told.format = Some(Format::Json);
    }
    if let None | Some(Format::Csv) = told.format.or(told.by_name) {
        let named = match input.sheet.is_some() {
            true => None,
            false => margins::separator(input)?,
        };
        told.delimiter = told.delimiter.or(named);
        if let Some(line) = margins.header_line {
            margins::go_to_header(input, name, line, limits)?;
        }
    }
    told.delimiter = told.delimiter.or(told.usual);
    let format = dialect(input, name, told, &options.records, limits)?;
    match format {
        Format::Csv => margins::cut_tail(input, name, margins.skip_last, limits)?,
        Format::Ndjson | Format::Json if margins.is_typed => {
            return Err(faults::open(
                format!("{name} is {}, which has no header line", format.name()),
                "leave --header-line and --skip-last out, or say --format csv if that is what the file is",
            ));
        }
        Format::Ndjson | Format::Json => {}
    }
    Ok(format)
}

/// Finds out the format of an input and notes its dialect.
fn dialect(
    input: &mut Input,
    name: &str,
    told: Told,
    records: &RecordsAt,
    limits: Limits,
) -> Result<Format, InputError> {
    match (told.format, told.delimiter) {
        (Some(format @ (Format::Ndjson | Format::Json)), _) => return Ok(format),
        (Some(Format::Csv), Some(delimiter)) => {
            input.dialect = Some(told.dialect(delimiter));
            return Ok(Format::Csv);
        }
        _ => {}
    }
    let mut bytes = Vec::new();
    let (sample, readings) = sample(input, told, &mut bytes, limits)?;
    if told.format.is_none() {
        refuse_contradiction(name, told.by_name, sample, &readings)?;
    }
    let format = match told.format.or(told.by_name) {
        Some(format) => format,
        None => match (guessed(name, sample, &readings)?, records) {
            (Format::Ndjson, RecordsAt::Mapped(_)) => Format::Json,
            (format, _) => format,
        },
    };
    if format == Format::Csv {
        let delimiter = match told.delimiter {
            Some(delimiter) => delimiter,
            None => one_delimiter(name, recognise::verdict(&readings))?,
        };
        input.dialect = Some(told.dialect(delimiter));
    }
    Ok(format)
}

/// Refuses `--records` for what is no JSON document.
fn refuse_records(input: &Input, name: &str, told: Told) -> Result<(), InputError> {
    let either = "leave --records out, or say --format json if that is what the file is";
    let (what, hint) = match told.format.or(told.by_name) {
        None | Some(Format::Json) => return Ok(()),
        _ if input.sheet.is_some() => ("a workbook", "leave --records out"),
        Some(Format::Csv) => ("CSV", either),
        Some(Format::Ndjson) => ("NDJSON, each line of which is a record", either),
    };
    Err(faults::open(
        format!("--records names a place in a JSON document, and {name} is {what}"),
        hint,
    ))
}

/// Enough of an input to know its delimiter, and how it reads with each that may be.
fn sample<'b>(
    input: &Input,
    told: Told,
    bytes: &'b mut Vec<u8>,
    limits: Limits,
) -> Result<(Sample<'b>, Vec<Reading>), InputError> {
    // Behind so many bytes the header and a record have ended, or are too long to be read.
    let most = SAMPLE_BYTES + 2 * limits.record_bytes;
    loop {
        let offset = input.start + bytes.len() as u64;
        let is_whole = input.append(bytes, offset, SAMPLE_BYTES.max(bytes.len()))?;
        let seen = Sample { bytes, is_whole };
        let readings = match told.delimiter {
            Some(delimiter) => vec![Reading::of(seen, told.dialect(delimiter))],
            None => seen.readings(told.quoting).to_vec(),
        };
        if bytes.len() > most || !recognise::needs_more(&readings, Sample { bytes, is_whole }) {
            return Ok((Sample { bytes, is_whole }, readings));
        }
    }
}

/// The format of an input for which neither the user nor its name tells it.
fn guessed(name: &str, sample: Sample<'_>, readings: &[Reading]) -> Result<Format, InputError> {
    match recognise::guess(sample, readings) {
        Guess::Csv(_) => return Ok(Format::Csv),
        Guess::Ndjson => return Ok(Format::Ndjson),
        Guess::JsonArray => return Ok(Format::Json),
        Guess::Unknown => {}
    }
    if sample.bytes.is_empty() {
        return Err(faults::open(
            format!("{name} is empty: nothing tells whether it is CSV, NDJSON or JSON"),
            "--format csv|ndjson|json",
        ));
    }
    if let verdict @ Verdict::Tie(_) = recognise::verdict(readings) {
        one_delimiter(name, verdict)?;
    }
    Err(faults::open(
        format!("{name}: nothing tells whether it is CSV, NDJSON or JSON"),
        "--format csv|ndjson|json",
    ))
}

/// Content that is certainly something else than the name tells.
fn refuse_contradiction(
    name: &str,
    by_name: Option<Format>,
    sample: Sample<'_>,
    readings: &[Reading],
) -> Result<(), InputError> {
    match (by_name, recognise::json(sample)) {
        (Some(Format::Csv), Some(Guess::Ndjson)) if sample.has_only_objects() => Err(faults::open(
            format!("{name} is named as CSV and looks like NDJSON: each line is a JSON object"),
            "--format ndjson, or --format csv if it is CSV all the same",
        )),
        (Some(Format::Csv), Some(Guess::JsonArray)) => Err(faults::open(
            format!("{name} is named as CSV and looks like a JSON array"),
            "--format json, or --format csv if it is CSV all the same",
        )),
        (Some(Format::Ndjson), _) if !sample.is_blank() && !sample.has_braces() => {
            let looks = match recognise::guess(sample, readings) {
                Guess::Csv(delimiter) => format!("looks like CSV with {}", words(delimiter)),
                Guess::JsonArray => "looks like a JSON array".to_owned(),
                Guess::Ndjson | Guess::Unknown => "has no JSON object at its start".to_owned(),
            };
            Err(faults::open(
                format!("{name} is named as NDJSON and {looks}"),
                "--format csv or json if it is that; NDJSON has one object on each line",
            ))
        }
        _ => Ok(()),
    }
}

/// The delimiter, where it is certain.
fn one_delimiter(name: &str, verdict: Verdict) -> Result<u8, InputError> {
    let (message, readings) = match verdict {
        Verdict::One(one) => return Ok(one.delimiter),
        // Without a header the first line that is not blank is told of by `header`.
        Verdict::Column | Verdict::NoHeader => return Ok(b','),
        Verdict::Tie(readings) => (tie(name, &readings), readings),
        Verdict::Neither(readings) => {
            let candidates = joined(readings.iter().map(|one| quoted(one.delimiter)), "and");
            let message = format!(
                "{name}: {candidates} stand in the header, and none of them splits the records as it splits the header"
            );
            (message, readings)
        }
    };
    let options = readings.iter().map(|one| option(one.delimiter));
    Err(faults::open(message, joined(options, "or")))
}

fn tie(name: &str, readings: &[Reading]) -> String {
    let candidates = joined(readings.iter().map(|one| quoted(one.delimiter)), "and");
    let fields = joined(
        readings.iter().map(|one| display::count(one.fields as u64)),
        "and",
    );
    let both = match readings.len() {
        2 => "both ",
        _ => "",
    };
    match readings.iter().all(Reading::is_table) {
        true => format!(
            "{name}: {both}{candidates} split every record alike ({fields} fields): say which it is"
        ),
        false => format!(
            "{name}: {both}{candidates} split the header ({fields} fields), and the records do not tell which it is"
        ),
    }
}

/// A delimiter as people see it.
pub(super) fn quoted(delimiter: u8) -> String {
    match delimiter {
        b'\t' => "`tab`".to_owned(),
        other => display::quoted(&char::from(other).to_string()),
    }
}

/// A delimiter with its noun.
fn words(delimiter: u8) -> String {
    format!("delimiter {}", quoted(delimiter))
}

/// The option that names a delimiter, as it is typed into a shell.
pub(super) fn option(delimiter: u8) -> String {
    match delimiter {
        b'\t' => "--delimiter tab".to_owned(),
        other => format!("--delimiter '{}'", char::from(other)),
    }
}

/// `a`, `a and b`, `a, b and c`.
fn joined(parts: impl Iterator<Item = String>, last: &str) -> String {
    let mut parts: Vec<String> = parts.collect();
    match parts.pop() {
        Some(end) if !parts.is_empty() => format!("{} {last} {end}", parts.join(", ")),
        end => end.unwrap_or_default(),
    }
}

impl Source {
    /// Which inputs have another delimiter than a comma, harmless to print: a fact that the user
    /// should see once.
    pub(crate) fn delimiter_notes(&self) -> Vec<String> {
        let inputs = self.inputs.iter().enumerate();
        let unusual = inputs.filter_map(|(n, input)| {
            let delimiter = input.delimiter().filter(|delimiter| *delimiter != b',')?;
            Some(format!("{}: {}", self.names.name(n), words(delimiter)))
        });
        unusual.collect()
    }
}
