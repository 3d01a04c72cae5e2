//! Dates: layouts in jiff's strftime letters, and cells read by them.
//!
//! jiff reads leniently: years of one digit or with a sign, short numbers where nothing parts them,
//! white space before any number. What could be read in two ways is refused here.

use jiff::civil::Date;
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::TimeZone;

use crate::base::display;

use super::number::Reason;
use super::plain_date::{Day, PlainLayout};
use crate::mapping::output::Output;

/// One layout, checked: it tells a year of four digits, a month and a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    text: String,
    /// Where in `text` the year's letter stands.
    year_at: usize,
    /// Runs of numbers that nothing parts (`%Y%m%d`): each must be written in full.
    runs: Vec<String>,
    words: usize,
    /// Whether a number may be padded with spaces, which makes more words.
    padded: bool,
    plain: Option<PlainLayout>,
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

impl Layout {
    /// Checks a layout.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        let pieces = pieces(text);
        for piece in &pieces {
            match piece.letter {
                Some(letter @ (b'y' | b'g' | b'C' | b'D')) => {
                    let letter = char::from(letter);
                    return Err(format!(
                        "has `%{letter}`, but a year has four digits: write `%Y`"
                    ));
                }
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
            text: text.to_owned(),
            year_at: year.start,
            runs: runs(text, &pieces),
            words: text.split_whitespace().count(),
            padded: pieces
                .iter()
                .any(|p| p.flagged || matches!(p.letter, Some(b'e' | b'k' | b'l'))),
            plain: PlainLayout::new(text),
        })
    }

    /// The layout as the mapping writes it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The day that a cell names in this layout; none where it is not written so.
    pub(crate) fn day(&self, cell: &str) -> Option<Date> {
        self.read(cell).ok()
    }

    fn read(&self, cell: &str) -> Result<Date, Fault> {
        if let Some(plain) = self.plain {
            if let Some(date) = plain.read(cell) {
                return Ok(date);
            }
            if !plain.may_fit(cell) {
                return Err(Fault::Other);
            }
        }
        let (before, _) = self.text.split_at(self.year_at);
        let (_, at) = BrokenDownTime::parse_prefix(before, cell).map_err(|_| Fault::Other)?;
        let parsed = strtime::parse(&self.text, cell).map_err(|_| Fault::Other)?;
        let year = cell.as_bytes().get(at..at + 4);
        if !year.is_some_and(|year| year.iter().all(u8::is_ascii_digit)) {
            return Err(Fault::Year);
        }
        let words = cell.split_whitespace().count();
        if words < self.words || (words > self.words && !self.padded) {
            return Err(Fault::Other);
        }
        for run in &self.runs {
            let full = parsed.to_string(run).map_err(|_| Fault::Other)?;
            if !cell.contains(&full) {
                return Err(Fault::Other);
            }
        }
        let date = parsed.to_date().map_err(|_| Fault::Calendar)?;
        if date.year() < 1 {
            return Err(Fault::Calendar);
        }
        Ok(date)
    }
}

/// Why a cell is not a date in one layout; the later the more specific.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Other,
    Year,
    Calendar,
}

/// The layouts up to the first that is not plain: what is written in one of them in full needs no
/// other to be looked at.
pub(crate) fn plain_ones(layouts: &[Layout]) -> Box<[PlainLayout]> {
    layouts.iter().map_while(|layout| layout.plain).collect()
}

/// Appends the cell as `"YYYY-MM-DD"`, read by the first layout that fits.
pub(crate) fn write(cell: &str, layouts: &[Layout], out: &mut impl Output) -> Result<(), Reason> {
    let mut worst = Fault::Other;
    for layout in layouts {
        match layout.read(cell) {
            Ok(date) => {
                out.put(b"\"");
                out.put(&day(date));
                out.put(b"\"");
                return Ok(());
            }
            Err(fault) => worst = worst.max(fault),
        }
    }
    let names: Vec<String> = layouts.iter().map(|l| display::quoted(l.text())).collect();
    let names = names.join(" or ");
    Err(match worst {
        Fault::Other => format!("is not a date written as {names}"),
        Fault::Year => format!("has no year of four digits (layout {names})"),
        Fault::Calendar => format!("is not a day of the calendar (layout {names})"),
    }
    .into())
}

/// Appends the day of a text that begins with it, `YYYY-MM-DD`.
pub(crate) fn write_day(text: &str, out: &mut impl Output) -> Result<(), Reason> {
    let date = text.get(..10).and_then(|text| text.parse().ok());
    let date = date.ok_or("is not a day of the calendar")?;
    out.put(b"\"");
    out.put(&day(date));
    out.put(b"\"");
    Ok(())
}

/// The day of a text that begins with it, `YYYY-MM-DD`, as the layouts read it; none where they do not
/// read again what they write.
pub(crate) fn spelled(text: &str, layouts: &[Layout]) -> Option<String> {
    let date: Date = text.get(..10)?.parse().ok()?;
    let time = text.get(11..).and_then(|time| time.parse().ok());
    let at = date.to_datetime(time.unwrap_or_default());
    let at = at.to_zoned_datetime(TimeZone::UTC).ok()?;
    let mut wanted = Vec::new();
    write_day(text, &mut wanted).ok()?;
    layouts.iter().find_map(|layout| {
        let spelled = strtime::format(&layout.text, &at).ok()?;
        let mut read = Vec::new();
        write(&spelled, layouts, &mut read).ok()?;
        (read == wanted).then_some(spelled)
    })
}

fn day(date: Date) -> Day {
    let digit = |value: i16, unit: i16| b'0' + (value / unit % 10).unsigned_abs() as u8;
    let (year, month, day) = (date.year(), i16::from(date.month()), i16::from(date.day()));
    [
        digit(year, 1000),
        digit(year, 100),
        digit(year, 10),
        digit(year, 1),
        b'-',
        digit(month, 10),
        digit(month, 1),
        b'-',
        digit(day, 10),
        digit(day, 1),
    ]
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
