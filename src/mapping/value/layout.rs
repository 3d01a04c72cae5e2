//! Layouts of dates in jiff's strftime letters, checked as the mapping file is read.

use jiff::civil::Date;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use crate::base::display;

/// What a layout that tells a year of four digits, a month and a day demands of a cell beyond jiff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Demands {
    /// Where in the layout the year's letter stands.
    pub(crate) year_at: usize,
    /// Runs of numbers that nothing parts (`%Y%m%d`): each must be written in full.
    pub(crate) runs: Vec<String>,
    pub(crate) words: usize,
    /// Whether a number may be padded with spaces, which makes more words.
    pub(crate) padded: bool,
}

/// What a layout is to jiff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// With `%Y` for `%y`, and without an offset at its end.
    pub(crate) text: String,
    /// Whether the year has two digits, those of 20yy.
    pub(crate) has_short_year: bool,
    /// Whether an offset ends it, and whether white space stands before that.
    pub(crate) ending: Option<Ending>,
    /// The offset of zero in so many words that ends a layout of moments, such as `Z`: jiff reads it
    /// like any other text, so that what it means has to be known here.
    pub(crate) zero: Option<String>,
    /// Whether there is an offset anywhere.
    pub(crate) has_offset: bool,
    /// Whether hours are those of half a day, which nothing tells.
    pub(crate) has_half_days: bool,
}

/// What stands before an offset at the end of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Space,
    Tight,
}

impl Reading {
    pub(crate) fn new(text: &str) -> Self {
        let pieces = pieces(text);
        let has = |wanted: &[u8]| {
            let mut letters = pieces.iter().filter_map(|piece| piece.letter);
            letters.any(|letter| wanted.contains(&letter))
        };
        let short_year = (pieces.iter()).find(|piece| piece.letter == Some(b'y') && !piece.flagged);
        let mut full = text.to_owned();
        if let Some(piece) = short_year {
            full.replace_range(piece.start..piece.end, "%Y");
        }
        let offset = pieces.last().filter(|piece| piece.letter == Some(b'z'));
        let mut ending = None;
        if let Some(piece) = offset {
            full.truncate(piece.start);
            let len = full.trim_end().len();
            ending = Some(match len < full.len() {
                true => Ending::Space,
                false => Ending::Tight,
            });
            full.truncate(len);
        }
        let zero = has(b"HIklTR").then(|| zero_at_the_end(text, &pieces));
        let zero = zero.flatten();
        Self {
            text: full,
            has_short_year: short_year.is_some(),
            ending,
            has_offset: has(b"z") || zero.is_some(),
            zero,
            has_half_days: has(b"Il") && !has(b"pP"),
        }
    }
}

/// A piece of a layout.
struct Piece {
    start: usize,
    end: usize,
    /// The letter of a `%` piece; none for one literal byte.
    letter: Option<u8>,
    /// Whether flags or a width stand before the letter.
    flagged: bool,
}

/// Letters that are read as digits of which there may be fewer than usual.
const DIGITS: &[u8] = b"YmdeHIklMSjGVUWF";

impl Demands {
    /// Checks a layout.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        let pieces = pieces(text);
        for piece in &pieces {
            match piece.letter {
                Some(letter @ (b'y' | b'g' | b'C' | b'D')) => {
                    let letter = char::from(letter);
                    return Err(format!(
                        "has `%{letter}`: write `%Y`, or `%y` for two digits of 20yy"
                    ));
                }
                Some(b'Q') => return Err("has `%Q`, but zones have no names: write `%z`".into()),
                Some(b'n' | b't') => return Err("has `%n` or `%t`: write a space".into()),
                _ => {}
            }
        }
        let is_year = |piece: &&Piece| matches!(piece.letter, Some(b'Y' | b'F' | b'G'));
        let years: Vec<&Piece> = pieces.iter().filter(is_year).collect();
        let [year] = years[..] else {
            return Err(if years.is_empty() {
                "does not tell the year (`%Y`)".into()
            } else {
                "tells the year more than once".into()
            });
        };
        if year.flagged {
            return Err("has a flag or a width at its year: write `%Y`".into());
        }
        for known in [
            Date::constant(2001, 2, 3),
            Date::constant(2019, 12, 31),
            Date::constant(2024, 2, 29),
        ] {
            check_round_trip(text, known)?;
        }
        Ok(Self {
            year_at: year.start,
            runs: runs(text, &pieces),
            words: text.split_whitespace().count(),
            padded: pieces
                .iter()
                .any(|p| p.flagged || matches!(p.letter, Some(b'e' | b'k' | b'l'))),
        })
    }
}

/// Writes a known date in the layout and reads it back.
fn check_round_trip(layout: &str, date: Date) -> Result<(), String> {
    let wrong = |error: jiff::Error| {
        let error = display::shown(&error.to_string());
        format!("is not a date layout: {error}")
    };
    let known = date
        .at(16, 5, 6, 0)
        .to_zoned_datetime(TimeZone::UTC)
        .map_err(wrong)?;
    let text = strtime::format(layout, &known).map_err(wrong)?;
    let parsed = strtime::parse(layout, text).map_err(wrong)?;
    if parsed.to_date().is_ok_and(|back| back == date) {
        Ok(())
    } else {
        Err("does not tell the year, the month and the day".into())
    }
}

/// Cuts a layout into `%` pieces and literal bytes.
fn pieces(text: &str) -> Vec<Piece> {
    let bytes = text.as_bytes();
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        at += 1;
        let mut letter = None;
        let mut flagged = false;
        if bytes[start] == b'%' {
            let flags = b"_0^#-.:123456789";
            while at < bytes.len() && flags.contains(&bytes[at]) {
                flagged = true;
                at += 1;
            }
            letter = bytes.get(at).copied();
            at = bytes.len().min(at + 1);
        }
        pieces.push(Piece {
            start,
            end: at,
            letter,
            flagged,
        });
    }
    pieces
}

/// The offset of zero that is all of the text behind a layout's last letter, but for the rest of a time
/// that is written out, as in `%H:%M:%S.000Z` and `%H:00 UTC`.
fn zero_at_the_end(text: &str, pieces: &[Piece]) -> Option<String> {
    let last = pieces.iter().rfind(|piece| piece.letter.is_some())?;
    let behind = text.get(last.end..)?;
    let behind = behind.trim_start_matches(|c: char| c.is_ascii_digit() || ":.,".contains(c));
    let zero = behind.trim();
    let is_name = ["Z", "UTC", "GMT"]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(zero));
    let digits = zero.strip_prefix(['+', '-']);
    let is_number = digits.is_some_and(|digits| ["00", "0000", "00:00"].contains(&digits));
    (is_name || is_number).then(|| zero.to_owned())
}

/// The runs of two and more digit letters without anything between them.
fn runs(text: &str, pieces: &[Piece]) -> Vec<String> {
    pieces
        .chunk_by(|a, b| is_digits(a) && is_digits(b))
        .filter(|run| run.len() > 1)
        .filter_map(|run| Some(text[run.first()?.start..run.last()?.end].to_owned()))
        .collect()
}

fn is_digits(piece: &Piece) -> bool {
    piece.letter.is_some_and(|letter| DIGITS.contains(&letter))
}
