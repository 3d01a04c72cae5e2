//! The header line of a CSV input: reading it, and refusing what would make columns ambiguous.
//!
//! Which columns are used is left to `mapping`.

use std::collections::HashMap;

use super::scan::Dialect;
use super::split::{Piece, Splitter};
use crate::base::display;
use crate::input::error::InputError;
use crate::input::limits::{Limits, MAX_COLUMNS};
use crate::input::opened::Input;
use crate::input::recognise::DELIMITERS;
use crate::input::reject_columns::{
    REJECT_COLUMNS, has_reject_columns, is_reject_column, name_in_input,
};
use crate::input::{faults, mark, text, written};

/// How many bytes are read at a time until the header has ended.
const READ_BYTES: usize = 64 << 10;

/// Whether the delimiter may be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delimiter {
    /// The user named it.
    Told,
    /// It is the format's usual one.
    Assumed,
}

/// The columns of one input, without those that only a rejects file has.
#[derive(Debug, Default)]
pub(crate) struct Header {
    /// Their names, in the input's order.
    pub names: Vec<String>,
    /// For each its place in a record.
    pub places: Vec<usize>,
    /// Why they cannot all be used: one has none of its own.
    pub fault: Option<InputError>,
}

/// Reads the header at `input.start`, moves the start behind it and notes what it says of records.
/// `name` is harmless to print.
pub(crate) fn read(
    input: &mut Input,
    name: &str,
    delimiter: Delimiter,
    limits: Limits,
) -> Result<Header, InputError> {
    let Some(dialect) = input.dialect else {
        return Ok(Header::default());
    };
    let (bytes, piece) = find(input, dialect, name, limits)?;
    let head = text::check(|| name.to_owned(), &bytes[..piece.end], input.place())?;
    let line = input.first_line + text::line_ends(&bytes[..piece.start]);
    let place = format!("{name}, line {line}");
    input.header_line = line;
    if input.refuses_controls() && text::control(&bytes[..piece.end]).is_some() {
        return Err(InputError::new(
            format!("{place}: the header holds control characters, which no text has"),
            format!(
                "is this file in {}? --encoding names another",
                input.encoding
            ),
        ));
    }
    if bytes[piece.start..piece.content_end]
        .trim_ascii()
        .is_empty()
    {
        return Err(InputError::new(
            format!("{place}: there is only white space where the header should be"),
            "the first line of a CSV file must name its columns",
        ));
    }
    let names = dialect.texts(head, piece.start);
    let names = match input.sheet.is_some() {
        true => mark::header(names, &place)?,
        false => names,
    };
    // What stands behind the last name are empty cells, as in the records.
    let named = names.iter().rposition(|name| !bare(name).is_empty());
    let mut names = names;
    names.truncate(named.map_or(names.len(), |last| last + 1));
    check_count(&names, &place)?;
    let fault = check(&names, &place).err();
    if delimiter == Delimiter::Assumed {
        check_delimiter(&names, dialect.delimiter, &place)?;
    }
    input.first_line = match input.sheet.is_some() {
        true => line + 1,
        false => input.first_line + text::line_ends(&bytes[..piece.end]),
    };
    input.start += piece.end as u64;
    input.width = names.len();
    input.has_reject_columns = has_reject_columns(names.iter().map(String::as_str));
    let (names, places) = match input.has_reject_columns {
        true => (names.iter().zip(0..))
            .filter(|(name, _)| !is_reject_column(name))
            .map(|(name, place)| (name_in_input(name).to_owned(), place))
            .unzip(),
        false => names.into_iter().zip(0..).unzip(),
    };
    Ok(Header {
        names,
        places,
        fault,
    })
}

/// The first record that is not a blank line.
fn find(
    input: &Input,
    dialect: Dialect,
    name: &str,
    limits: Limits,
) -> Result<(Vec<u8>, Piece), InputError> {
    let mut bytes = Vec::new();
    let mut splitter = Splitter::new(Some(dialect));
    loop {
        let offset = input.start + bytes.len() as u64;
        let is_last = input.append(&mut bytes, offset, READ_BYTES)?;
        let line_of = |at: usize| input.first_line + text::line_ends(&bytes[..at]);
        let broken = |fault| faults::quote(name, input.place(), &bytes, fault, Some(dialect));
        while let Some(piece) = splitter.next(&bytes, is_last).map_err(broken)? {
            let length = piece.content_end - piece.start;
            if length > limits.record_bytes {
                let line = line_of(piece.start);
                return Err(faults::too_long(name, line, None, limits.record_bytes));
            }
            if length > 0 {
                return Ok((bytes, piece));
            }
        }
        let line = line_of(splitter.pending());
        let open_quote = splitter.open_quote();
        let quote_line = open_quote.map(line_of);
        // Blank lines are read over only in an amount that somebody may have meant.
        if splitter.pending() > limits.record_bytes {
            return Err(InputError::new(
                format!(
                    "{name}, line {line}: nothing but {} of blank lines stands before here",
                    display::size(splitter.pending() as u64)
                ),
                "the first line of a CSV file must name its columns",
            ));
        }
        // What has not ended is longer than a record may be, its line end included.
        if bytes.len() - splitter.pending() > limits.record_bytes + 1 {
            let limit = limits.record_bytes;
            return Err(faults::too_long(name, line, quote_line, limit));
        }
        if is_last {
            let backslash = open_quote.map(|open| faults::has_backslash(dialect, &bytes[open..]));
            return Err(match quote_line.zip(backslash) {
                Some((quote_line, has_backslash)) => {
                    faults::unclosed(name, (line, quote_line), has_backslash)
                }
                None if splitter.pending() < bytes.len() => faults::escaped_end(name, line),
                None => InputError::new(
                    match bytes.is_empty() {
                        true => format!("{name} is empty"),
                        false => format!("{name} has blank lines only"),
                    },
                    "the first line of a CSV file must name its columns",
                ),
            });
        }
    }
}

/// What to say where the first line seems to be a record.
pub(crate) const LACKS_HEADER: &str =
    "does the file lack its header line? Its first line must name the columns";

/// Whether some of the names are such as no column has, but a record does: a number, a date, an
/// address.
pub(crate) fn looks_like_data<'n>(names: impl IntoIterator<Item = &'n str>) -> bool {
    names.into_iter().any(is_value)
}

/// Whether a name is a number, a date or an address.
pub(crate) fn is_value(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let is_number = digits > 0
        && name
            .bytes()
            .all(|b| b.is_ascii_digit() || b"+-.,".contains(&b));
    let date = name.as_bytes();
    let is_date = digits >= 8
        && matches!(date, [_, _, _, _, b'-', _, _, b'-', ..])
        && date[..4].iter().all(u8::is_ascii_digit);
    let is_address = !name.contains(char::is_whitespace)
        && (name.split_once('@')).is_some_and(|(user, host)| {
            !user.is_empty() && host.contains('.') && !host.contains('@')
        });
    is_number || is_date || is_address
}

/// What to do about names that are none of their own.
const OWN_NAMES: &str = "each column needs a name of its own in the header; a mapping may leave such columns \
                         out (qobra-push init drafts one)";

const MAPPED: &str = "leave the column out of a mapping (qobra-push init drafts one)";

/// Why a field cannot use some of these columns, in words: none for those that it can.
pub(crate) fn unusable(names: &[String]) -> Vec<Option<&'static str>> {
    let mut times: HashMap<&str, u64> = HashMap::with_capacity(names.len());
    for name in names {
        *times.entry(name).or_default() += 1;
    }
    let why = |name: &String| match bare(name) {
        "" => Some("it has no name"),
        _ if times[name.as_str()] > 1 => Some("another column has the same name"),
        bare if bare.len() != name.len() => Some("its name has white space around it"),
        _ => None,
    };
    names.iter().map(why).collect()
}

/// A name without the white space around it, and what is as invisible.
fn bare(name: &str) -> &str {
    name.trim_matches(|c: char| c.is_whitespace() || "\u{feff}\u{200b}".contains(c))
}

fn check_count(names: &[String], place: &str) -> Result<(), InputError> {
    // The rejects of the widest input that is read can be read again.
    let extra = if has_reject_columns(names.iter().map(String::as_str)) {
        REJECT_COLUMNS.len()
    } else {
        0
    };
    if names.len() > MAX_COLUMNS + extra {
        return Err(InputError::new(
            format!(
                "{place}: the header has {} columns; at most {} are read",
                display::count(names.len() as u64),
                display::count(MAX_COLUMNS as u64)
            ),
            "is this the right delimiter? Else export fewer columns, or push them as NDJSON \
                 under fewer keys",
        ));
    }
    Ok(())
}

/// Refuses names that are none of their own, which only matters where they are used.
fn check(names: &[String], place: &str) -> Result<(), InputError> {
    // A first record that is taken for the header is not told from a header with mistakes.
    let own_name = match looks_like_data(names.iter().map(String::as_str)) {
        true => LACKS_HEADER,
        false => OWN_NAMES,
    };
    let mut places = HashMap::with_capacity(names.len());
    for (number, name) in (1..).zip(names) {
        let bare = bare(name);
        let shown = display::quoted(name);
        if bare.is_empty() {
            return Err(InputError::new(
                format!("{place}: {} has no name", nameless(names, number)),
                own_name,
            ));
        }
        if bare.len() != name.len() {
            return Err(InputError::new(
                format!("{place}: the name of column {number} has white space around it: {shown}"),
                format!("take the white space out of the header, or {MAPPED}"),
            ));
        }
        if let Some(first) = places.insert(name, number) {
            return Err(InputError::new(
                format!("{place}: columns {first} and {number} have the same name: {shown}"),
                own_name,
            ));
        }
    }
    Ok(())
}

/// A column without a name by its number, from 1, and by the names beside it.
fn nameless(names: &[String], number: usize) -> String {
    let named = |name: &&String| !bare(name).is_empty();
    let left = names[..number - 1].iter().rev().find(named);
    let right = names[number..].iter().find(named);
    let beside = match (left, right) {
        (Some(left), Some(right)) => {
            let (left, right) = (display::quoted(left), display::quoted(right));
            format!(", between {left} and {right},")
        }
        (Some(left), None) => format!(", behind {},", display::quoted(left)),
        (None, Some(right)) => format!(", before {},", display::quoted(right)),
        (None, None) => String::new(),
    };
    format!("column {number}{beside}")
}

/// A single column whose name holds another delimiter is a file read with the wrong one.
pub(super) fn check_delimiter(names: &[String], used: u8, place: &str) -> Result<(), InputError> {
    let [only] = names else {
        return Ok(());
    };
    let stands = |other: &&u8| **other != used && only.contains(char::from(**other));
    DELIMITERS.iter().find(stands).map_or(Ok(()), |other| {
        Err(faults::open(
            format!(
                "{place}: one column only, {}: is the delimiter {}?",
                display::quoted(only),
                written::quoted(*other)
            ),
            written::option(*other),
        ))
    })
}

/// For each of the `wanted` names its place in a record of the input whose header is given, which
/// must have the same names in any order.
/// `place` and `first` name the two inputs.
pub(crate) fn order(
    wanted: &[String],
    header: &Header,
    place: &str,
    first: &str,
) -> Result<Vec<usize>, InputError> {
    let Header { names, places, .. } = header;
    // Names that stand twice have their own places too, though no field can use them.
    if wanted == names {
        return Ok(places.clone());
    }
    let places: HashMap<&str, usize> = (names.iter().map(String::as_str))
        .zip(places.iter().copied())
        .collect();
    let order: Vec<usize> = (wanted.iter())
        .filter_map(|name| places.get(name.as_str()).copied())
        .collect();
    if order.len() == wanted.len() && wanted.len() == names.len() {
        return Ok(order);
    }
    let missing = listed(wanted.iter().filter(|name| !names.contains(name)));
    let extra = listed(names.iter().filter(|name| !wanted.contains(name)));
    let count = |of: &[String], name: &String| of.iter().filter(|other| *other == name).count();
    let uneven = names.iter().filter(|name| wanted.contains(name));
    let uneven = listed(uneven.filter(|name| count(names, name) != count(wanted, name)));
    let what: Vec<String> = [
        ("missing", missing),
        ("extra", extra),
        ("not as often", uneven),
    ]
    .into_iter()
    .filter(|(_, names)| !names.is_empty())
    .map(|(word, names)| format!("{word}: {names}"))
    .collect();
    Err(InputError::new(
        format!(
            "{place} does not have the columns of {first} ({})",
            what.join("; ")
        ),
        "files that are pushed together need the same columns, in any order",
    ))
}

/// The first names of a list, and how many there are more.
fn listed<'n>(names: impl Iterator<Item = &'n String>) -> String {
    const SHOWN: usize = 5;
    let names: Vec<String> = names.map(|name| display::quoted(name)).collect();
    let mut text = names[..names.len().min(SHOWN)].join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(
            " and {} more",
            display::count((names.len() - SHOWN) as u64)
        ));
    }
    text
}
