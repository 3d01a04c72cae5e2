//! How an input is read to be drafted: as it is told, or as the table is written that it certainly holds.

use super::drafting::{Draft, draft};
use super::error::DraftError;
use super::options::DraftOptions;
use crate::input::{
    Blame, Encoding, InputError, InputPath, Margins, Quoting, Source, SourceOptions,
};

/// Drafts a mapping for an input, and gives the input as it was read. Only where it `can_repeat`, which
/// a pipe cannot, it is read again in another way.
pub(crate) fn of_input(
    input: &InputPath,
    can_repeat: bool,
    options: &SourceOptions,
    words: &DraftOptions,
) -> Result<(Draft, Source), DraftError> {
    let drafted = of_table(input, can_repeat, options, words);
    if let (Err(DraftError::Input(error)), None, true) = (&drafted, options.encoding, can_repeat)
        && let Some(label) = error.may_be_in
        && let Ok(encoding) = Encoding::named(label)
    {
        return of_encoding(input, encoding, options, words).or(drafted);
    }
    let is_content = match &drafted {
        Err(DraftError::Input(error)) => error.blame == Blame::Content,
        Err(DraftError::Nothing(_)) => true,
        _ => false,
    };
    if !(is_content && can_repeat) {
        return drafted;
    }
    // Backslashes may be why: without any in it, the input would be read as before.
    let options = SourceOptions {
        quoting: Quoting {
            escape: Some(b'\\'),
            ..options.quoting
        },
        ..options.clone()
    };
    of_table(input, can_repeat, &options, words).or(drafted)
}

/// The draft in an encoding that nobody has named. It says so: whoever checks the draft sees whether the words
/// are right, and a push reads the input so only because the draft has it.
fn of_encoding(
    input: &InputPath,
    encoding: Encoding,
    options: &SourceOptions,
    words: &DraftOptions,
) -> Result<(Draft, Source), DraftError> {
    let name = encoding.name().to_lowercase();
    let options = SourceOptions {
        encoding: Some(encoding),
        ..options.clone()
    };
    let words = DraftOptions {
        encoding: Some(name.clone()),
        guessed_encoding: Some(name),
        ..words.clone()
    };
    of_input(input, true, &options, &words)
}

/// The draft for the table that an input certainly holds, else for all of it.
fn of_table(
    input: &InputPath,
    can_repeat: bool,
    options: &SourceOptions,
    words: &DraftOptions,
) -> Result<(Draft, Source), DraftError> {
    let source = Source::open(std::slice::from_ref(input), options)?;
    let table = match options.margins == Margins::default() {
        true => source.likely_table(&[])?,
        false => None,
    };
    let mut words = words.clone();
    let Some(table) = table.filter(|table| table.is_elsewhere || table.skip_last > 0) else {
        words.remark = other_header(&source, options)?;
        return Ok((draft(&source, &words)?, source));
    };
    words.proposed_skip_last = table.skip_last * u64::from(!table.has_certain_end);
    if !can_repeat {
        return Ok((draft(&source, &words)?, source));
    }
    words.margins = Margins {
        header_line: table.is_elsewhere.then_some(table.header_line),
        skip_last: table.skip_last * u64::from(table.has_certain_end),
        is_typed: false,
    };
    // Types are not made of what seems to be no record: a word such as `Total` would make a text of numbers.
    let options = SourceOptions {
        delimiter: Some(table.delimiter),
        margins: Margins {
            skip_last: table.skip_last,
            ..words.margins
        },
        ..options.clone()
    };
    let source = Source::open(std::slice::from_ref(input), &options)?;
    Ok((draft(&source, &words)?, source))
}

/// What to look at where a line below the one that was taken for the header names the id.
fn other_header(source: &Source, options: &SourceOptions) -> Result<Option<String>, InputError> {
    if options.margins.header_line.is_some() {
        return Ok(None);
    }
    let other = source.likely_table(&["id"])?;
    Ok(other.filter(|other| other.is_elsewhere).map(|other| {
        format!(
            "Check the header: line {0} has a cell \"id\"; if that is the header, header_line = {0} reads it.",
            other.header_line
        )
    }))
}
