//! The type of a field, with the options that belong to it.

use jiff::tz::TimeZone;

use crate::base::display::quoted;

use super::defaults::{CLASH, CLASH_HINT, Defaults, read_decimal, read_thousands};
use super::foreign;
use super::options::Options;
use super::reader::Item;
use crate::mapping::mistakes::did_you_mean;
use crate::mapping::value::boolean::Words;
use crate::mapping::value::date::{Dates, Layout};
use crate::mapping::value::kind::{FieldType, ValueType};
use crate::mapping::value::marks::{Marks, Negative};
use crate::mapping::value::number::Number;
use crate::mapping::value::style::NumberKind;

impl Options<'_, '_, '_, '_> {
    /// The type that cells are read by; none where its options are wrong.
    pub(crate) fn read_kind(
        &mut self,
        typed: Option<FieldType>,
        defaults: &Defaults,
    ) -> Option<ValueType> {
        Some(match typed {
            None => ValueType::AsIs,
            Some(FieldType::Text) => ValueType::Text,
            Some(FieldType::Number) => self.read_number(NumberKind::Number, defaults)?,
            Some(FieldType::Integer) => self.read_number(NumberKind::Integer, defaults)?,
            Some(FieldType::Percent) => {
                let fraction = match self.item("fraction") {
                    Some(_) => self.flag("fraction"),
                    None => Some(false),
                };
                let kind = match fraction {
                    Some(true) => NumberKind::Fraction,
                    _ => NumberKind::Percent,
                };
                let percent = self.read_number(kind, defaults);
                fraction.and(percent)?
            }
            Some(FieldType::Boolean) => ValueType::Boolean(self.read_words()?),
            Some(FieldType::Date) => ValueType::Date(self.read_dates()?),
            Some(FieldType::Json) => ValueType::Json,
        })
    }

    fn read_number(&mut self, kind: NumberKind, defaults: &Defaults) -> Option<ValueType> {
        let (mut style, mut own) = (defaults.style, None);
        if let Some(item) = self.item("decimal") {
            own = Some(item);
            style.decimal = read_decimal(self.reader, item)?;
        }
        if let Some(item) = self.item("thousands") {
            own = Some(item);
            style.thousands = read_thousands(self.reader, item)?;
        }
        if let (Some(item), true) = (own, style.clashes()) {
            return self.refuse(item, CLASH, Some(CLASH_HINT));
        }
        let marks = self.read_marks()?;
        Some(ValueType::Number(
            Number::new(style, kind).with_marks(marks),
        ))
    }

    /// The outer none: they are wrong.
    fn read_marks(&mut self) -> Option<Option<Marks>> {
        let negative = self.choice("negative", &Negative::WORDS);
        let mut symbols = Vec::new();
        for (symbol, line) in self.words("symbols")?.unwrap_or_default() {
            if !Marks::is_symbol(&symbol) {
                let message = format!(
                    "{}: {} cannot be one",
                    self.what("symbols"),
                    quoted(&symbol)
                );
                let hint = "it has no digits, minus signs, parentheses or percent signs, and no white space around it";
                self.reader.add(line, message, hint.to_owned());
            }
            symbols.push(symbol);
        }
        Some(Marks::new(symbols, negative))
    }

    fn read_words(&mut self) -> Option<Words> {
        let (yes, no) = (self.words("true"), self.words("false"));
        let texts = |words: Option<Vec<(String, usize)>>| {
            words.map(|words| words.into_iter().map(|(word, _)| word).collect())
        };
        match Words::new(texts(yes?), texts(no?)) {
            Ok(words) => Some(words),
            Err(both) => {
                let item = self.item("false").or_else(|| self.item("true"))?;
                let message = format!("{} stands for both true and false", quoted(&both));
                self.refuse(item, &message, Some("words are compared without case"))
            }
        }
    }

    fn read_dates(&mut self) -> Option<Dates> {
        let zone = self.item("timezone").map(|item| self.read_zone(item));
        let layouts = self.read_layouts(zone.is_some());
        // A zone that there is not is none that is left out.
        let zone = match zone {
            Some(zone) => Some(zone?),
            None => None,
        };
        Some(Dates::new(layouts?, zone))
    }

    fn read_zone(&mut self, item: &Item<'_>) -> Option<TimeZone> {
        let name = self.reader.name(item, &self.what("timezone"))?;
        if let Ok(zone) = TimeZone::get(&name) {
            return Some(zone);
        }
        let all: Vec<String> = jiff::tz::db()
            .available()
            .map(|zone| zone.to_string())
            .collect();
        let place = format!("/{}", name.trim().replace(' ', "_")).to_lowercase();
        let city = all
            .iter()
            .find(|zone| zone.to_lowercase().ends_with(&place));
        let hint = match city {
            Some(zone) => format!("did you mean {}?", quoted(zone)),
            None => did_you_mean(&name, all.iter().map(String::as_str)).unwrap_or_else(|| {
                "it is a name such as \"Europe/Paris\", \"America/New_York\" or \"UTC\"".to_owned()
            }),
        };
        let message = format!("there is no time zone {}", quoted(&name));
        self.refuse(item, &message, Some(&hint))
    }

    fn read_layouts(&mut self, has_zone: bool) -> Option<Vec<Layout>> {
        let Some(texts) = self.words("format")? else {
            return Some(vec![Layout::new("%Y-%m-%d").ok()?]);
        };
        let mut layouts = Vec::new();
        let mut all_good = true;
        for (text, line) in texts {
            match Layout::new(&text) {
                Ok(layout) => {
                    if let Some(need) = layout.needs(has_zone) {
                        all_good = false;
                        let message = format!("{}: {} {need}", self.what("format"), quoted(&text));
                        let hint = "for example timezone = \"Europe/Paris\", or \"UTC\"".to_owned();
                        self.reader.add(line, message, hint);
                    }
                    layouts.push(layout);
                }
                Err(problem) => {
                    all_good = false;
                    let message = format!("{}: {} {problem}", self.what("format"), quoted(&text));
                    let ours = foreign::layout(&text).filter(|ours| Layout::new(ours).is_ok());
                    let hint = match ours {
                        Some(ours) => format!("letters stand behind a %: \"{ours}\""),
                        None => "for example \"%Y-%m-%d\", \"%d/%m/%Y\" or \"%d %b %Y\"".to_owned(),
                    };
                    self.reader.add(line, message, hint);
                }
            }
        }
        all_good.then_some(layouts)
    }
}
