//! Dates: cells read by layouts in jiff's strftime letters.
//!
//! jiff reads leniently: years of one digit or with a sign, short numbers where nothing parts them,
//! white space before any number. What could be read in two ways is refused here.

use std::borrow::Cow;

use jiff::civil::Date;
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::{Offset, TimeZone};

use super::layout::{Demands, Ending, Reading};
use super::plain_date::{PlainLayout, day, find, put_day};
use super::zone::{self, Epoch, NoMoment};
use crate::base::display;
use crate::mapping::output::Output;
use crate::mapping::written::Reason;

/// The type of a field of dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dates {
    layouts: Vec<Layout>,
    /// The layouts up to the first that is not plain: what is written in one of them in full needs no
    /// other to be looked at.
    plain: Box<[PlainLayout]>,
    /// Where the day is wanted of values that tell their moment.
    zone: Option<TimeZone>,
}

impl Dates {
    pub(crate) fn new(layouts: Vec<Layout>, zone: Option<TimeZone>) -> Self {
        let plain = layouts.iter().map_while(|layout| layout.plain).collect();
        Self {
            layouts,
            plain,
            zone,
        }
    }

    /// How offsets are written that are read and change nothing, if there are any.
    pub(crate) fn dropped_offset(&self) -> Option<&str> {
        let readings = self.layouts.iter().map(|layout| &layout.reading);
        let mut with_offset = readings.filter(|reading| reading.has_offset);
        let first = with_offset.next().filter(|_| self.zone.is_none())?;
        Some(first.zero.as_deref().unwrap_or("%z"))
    }

    /// Appends a cell as `"YYYY-MM-DD"` if that is certain at once; else nothing.
    #[inline]
    pub(crate) fn put(&self, cell: &str, out: &mut impl Output) -> bool {
        let day = find(cell, &self.plain);
        if let Some(day) = day {
            put_day(day, out);
        }
        day.is_some()
    }

    /// Appends the cell as `"YYYY-MM-DD"`, read by the first layout that fits.
    pub(crate) fn write(&self, cell: &str, out: &mut impl Output) -> Result<(), Reason> {
        let mut worst = Misfit::Other;
        for layout in &self.layouts {
            match layout.read(cell, self.zone.as_ref()) {
                Ok(date) => {
                    put_day(day(date), out);
                    return Ok(());
                }
                Err(misfit) => worst = worst.max(misfit),
            }
        }
        let names: Vec<String> = self
            .layouts
            .iter()
            .map(|l| display::quoted(l.text()))
            .collect();
        let names = names.join(" or ");
        Err(match worst {
            Misfit::Other => format!("is not a date written as {names}"),
            Misfit::Year if self.layouts.iter().any(|l| l.reading.has_short_year) => {
                format!("has no year as its layout writes it (layout {names})")
            }
            Misfit::Year => format!("has no year of four digits (layout {names})"),
            Misfit::OtherUnit => {
                format!(
                    "counts another unit: that would be near 1970 or behind 2199 (layout {names})"
                )
            }
            Misfit::Calendar => format!("is not a day of the calendar (layout {names})"),
        }
        .into())
    }

    /// The day of a text that begins with it, `YYYY-MM-DD`, as the layouts read it; none where they do not
    /// read again what they write.
    pub(crate) fn spelled(&self, text: &str) -> Option<String> {
        let date: Date = text.get(..10)?.parse().ok()?;
        let time = text.get(11..).and_then(|time| time.parse().ok());
        let at = date.to_datetime(time.unwrap_or_default());
        let zone = self.zone.clone().unwrap_or(TimeZone::UTC);
        let at = at.to_zoned_datetime(zone).ok()?;
        let mut wanted = Vec::new();
        write_day(text, &mut wanted).ok()?;
        self.layouts.iter().find_map(|layout| {
            let spelled = match layout.epoch {
                Some(epoch) => epoch.count(at.timestamp()),
                None if layout.reading.zero.is_some() => {
                    strtime::format(&layout.text, &at.with_time_zone(TimeZone::UTC)).ok()?
                }
                None => strtime::format(&layout.text, &at).ok()?,
            };
            let mut read = Vec::new();
            self.write(&spelled, &mut read).ok()?;
            (read == wanted).then_some(spelled)
        })
    }
}

/// One layout, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    text: String,
    reading: Reading,
    /// None where it has no letters.
    demands: Option<Demands>,
    plain: Option<PlainLayout>,
    epoch: Option<Epoch>,
}

impl Layout {
    /// Checks a layout.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        let epoch = Epoch::WORDS.iter().find(|(word, _)| *word == text);
        let epoch = epoch.map(|(_, epoch)| *epoch);
        let reading = Reading::new(text);
        Ok(Self {
            text: text.to_owned(),
            demands: match epoch {
                Some(_) => None,
                None => Some(Demands::new(&reading.text)?),
            },
            reading,
            plain: PlainLayout::new(text),
            epoch,
        })
    }

    /// The layout as the mapping writes it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What a zone needs to know of it, if that is not there.
    pub(crate) fn needs(&self, has_zone: bool) -> Option<&'static str> {
        match (has_zone, self.epoch) {
            (false, Some(_)) => Some("needs `timezone`, which tells when a day begins"),
            (true, None) if self.reading.has_offset && self.reading.has_half_days => {
                Some("needs `%p`, or `%H`, to move moments into a zone")
            }
            _ => None,
        }
    }

    /// The day that a cell names in this layout; none where it is not written so.
    pub(crate) fn day(&self, cell: &str) -> Option<Date> {
        self.read(cell, None).ok()
    }

    fn read(&self, cell: &str, zone: Option<&TimeZone>) -> Result<Date, Misfit> {
        if let Some(plain) = self.plain {
            if let Some(date) = plain.read(cell) {
                return Ok(date);
            }
            if !plain.may_fit(cell) {
                return Err(Misfit::Other);
            }
        }
        let Some(demands) = &self.demands else {
            let epoch = self.epoch.ok_or(Misfit::Other)?;
            let day = epoch.day(cell, zone.unwrap_or(&TimeZone::UTC));
            return day.map_err(|error| match error {
                NoMoment::NotDigits => Misfit::Other,
                NoMoment::OtherUnit => Misfit::OtherUnit,
            });
        };
        let (cell, offset) = self.split_offset(cell)?;
        let (date, parsed) = self.parse(cell, demands)?;
        let zero = || self.reading.zero.as_ref().map(|_| Offset::UTC);
        let offset = offset.or(parsed.offset()).or_else(zero);
        let (Some(zone), Some(offset), Some(_)) = (zone, offset, parsed.hour()) else {
            return Ok(date);
        };
        let time = parsed.to_time().map_err(|_| Misfit::Other)?;
        let date = zone::day(date.to_datetime(time), offset, zone).filter(|date| date.year() > 0);
        date.ok_or(Misfit::Calendar)
    }

    /// Takes the offset off the end of a cell, where the layout has one there.
    fn split_offset<'c>(&self, cell: &'c str) -> Result<(&'c str, Option<Offset>), Misfit> {
        let Some(ending) = self.reading.ending else {
            return Ok((cell, None));
        };
        let split = zone::split_offset(cell).ok_or(Misfit::Other)?;
        let before = split.before.trim_end();
        let is_spaced = before.len() < split.before.len();
        match is_spaced == (ending == Ending::Space) || (split.is_word && is_spaced) {
            true => Ok((before, Some(split.offset))),
            false => Err(Misfit::Other),
        }
    }

    fn parse(&self, cell: &str, demands: &Demands) -> Result<(Date, BrokenDownTime), Misfit> {
        let layout = &self.reading.text;
        let (before, _) = layout.split_at(demands.year_at);
        let (_, at) = BrokenDownTime::parse_prefix(before, cell).map_err(|_| Misfit::Other)?;
        let mut cell = Cow::Borrowed(cell);
        let digits = if self.reading.has_short_year { 2 } else { 4 };
        let year = cell.as_bytes().get(at..at + digits);
        let has_year = year.is_some_and(|year| year.iter().all(u8::is_ascii_digit));
        if has_year && self.reading.has_short_year {
            cell.to_mut().insert_str(at, "20");
        }
        let parsed = strtime::parse(layout, &*cell).map_err(|_| Misfit::Other)?;
        if !has_year {
            return Err(Misfit::Year);
        }
        let words = cell.split_whitespace().count();
        if words < demands.words || (words > demands.words && !demands.padded) {
            return Err(Misfit::Other);
        }
        for run in &demands.runs {
            let full = parsed.to_string(run).map_err(|_| Misfit::Other)?;
            if !cell.contains(&full) {
                return Err(Misfit::Other);
            }
        }
        let date = parsed.to_date().map_err(|_| Misfit::Calendar)?;
        match date.year() < 1 {
            true => Err(Misfit::Calendar),
            false => Ok((date, parsed)),
        }
    }
}

/// Why a cell is not a date in one layout; the later the more specific.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Misfit {
    Other,
    Year,
    Calendar,
    OtherUnit,
}

/// Appends the day of a text that begins with it, `YYYY-MM-DD`.
pub(crate) fn write_day(text: &str, out: &mut impl Output) -> Result<(), Reason> {
    let date = text.get(..10).and_then(|text| text.parse().ok());
    let date = date.ok_or("is not a day of the calendar")?;
    put_day(day(date), out);
    Ok(())
}
