//! From a sample of the input to the text of a draft.

use super::error::DraftError;
use super::fields::Fields;
use super::options::DraftOptions;
use super::sample::{self, Sample};
use super::write::{self, Frame};
use super::{check, keys};
use crate::input::{Columns, Source, is_value};

/// A drafted mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    /// The mapping file.
    pub text: String,
    /// How many records were looked at.
    pub records: u64,
    /// How many more could not be read.
    pub unreadable: u64,
    /// The place of the first record that is refused because it is nearly empty.
    pub first_hollow: Option<String>,
    /// How many lines at the end were not looked at, as they seem to be no records; a push reads them.
    pub proposed_skip_last: u64,
    /// The encoding that the input seems to be in, where nobody has said it.
    pub guessed_encoding: Option<String>,
    /// Whether the input has no more than those.
    pub is_whole: bool,
    /// Whether it names the id field.
    pub has_id: bool,
    /// Whether what was taken for the header looks like a record.
    pub has_record_as_header: bool,
}

/// Drafts a mapping for an input.
pub(crate) fn draft(source: &Source, options: &DraftOptions) -> Result<Draft, DraftError> {
    let sample = sample::read(source, options.records)?;
    if let Some(why) = nothing(&sample) {
        return Err(DraftError::Nothing(format!(
            "{}: {why}",
            source.names().name(0)
        )));
    }
    let mut fields = Fields::new(&sample, &things(options));
    let input = source.names().name(0);
    if fields.list.iter().all(|field| field.is_unusable) {
        let why = "no field can use any of its columns: each needs a name of its own in the header";
        return Err(DraftError::Nothing(format!("{input}: {why}")));
    }
    let frame = Frame {
        sample: &sample,
        options,
        input: &input,
        notes: source.notes(),
        delimiter: source.common_delimiter(),
        escape: source.quoting().escape,
    };
    loop {
        // A nearly empty record is to be refused: it takes nothing back.
        let text = write::text(&fields.without_required(), &frame);
        let has_id = fields.id.column.is_some();
        let faults = check::faults(&text, has_id, source, options.records)?;
        if faults.is_empty() {
            return Ok(Draft {
                text: write::text(&fields, &frame),
                first_hollow: sample.first_hollow(),
                proposed_skip_last: options.proposed_skip_last,
                guessed_encoding: options.guessed_encoding.clone(),
                records: sample.records,
                unreadable: sample.unreadable,
                is_whole: sample.is_whole,
                has_id,
                has_record_as_header: has_record_as_header(source),
            });
        }
        // Each turn takes something back, so that there is an end.
        for (column, reason) in &faults {
            fields.demote(column, reason);
        }
        if fields.list.iter().all(|field| field.off.is_some()) {
            let reasons: Vec<String> = faults.into_values().collect();
            return Err(DraftError::Nothing(format!(
                "{input}: {}",
                reasons.join("; ")
            )));
        }
    }
}

/// Whether half of the columns' names are numbers, dates or addresses.
fn has_record_as_header(source: &Source) -> bool {
    let Columns::Named(names) = source.columns() else {
        return false;
    };
    // Years are names of columns too.
    let is_year = |name: &str| name.len() == 4 && name.parse::<u16>().is_ok();
    let is_record = |name: &&String| is_value(name) && !is_year(name);
    let values = names.iter().filter(is_record).count();
    values > 0 && 2 * values >= names.len()
}

/// Why no draft can be made of a sample.
pub(super) fn nothing(sample: &Sample) -> Option<String> {
    let is_named = |column: &sample::Column| !column.path.trim().is_empty();
    if sample.columns.iter().any(is_named) {
        return None;
    }
    Some(match &sample.first_fault {
        Some(fault) if sample.records == 0 => {
            format!("none of its first records can be read: the first one {fault}")
        }
        _ if sample.records == 0 => {
            "it has no records, so nothing tells which columns it has".to_owned()
        }
        _ => "its records have no keys".to_owned(),
    })
}

/// What the records may be, the likeliest first: the table's key, and the words of the file's name.
pub(super) fn things(options: &DraftOptions) -> Vec<String> {
    let mut things: Vec<String> = options
        .table
        .iter()
        .map(|table| keys::slug(table))
        .collect();
    let stem = keys::slug(&options.stem);
    let words: Vec<&str> = stem
        .split('_')
        .filter(|word| word.contains(|c: char| c.is_ascii_alphabetic()))
        .collect();
    things.push(words.join("_"));
    things.extend(words.into_iter().map(str::to_owned));
    things.retain(|thing| !thing.is_empty());
    things.truncate(50);
    things
}
