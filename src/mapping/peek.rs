//! A first look at an input: what each column becomes, with a value of it, for people who check a
//! mapping.

use std::collections::{HashMap, HashSet};

use crate::base::display;
use crate::input::{Cells, Columns, Members, each_pair};

use super::binding::{Binding, CellPlace, FieldView, Origin, Shape};
use super::tally::Tally;
use crate::mapping::value::kind::FieldType;
use crate::mapping::value::text::{self, Value};

/// The most columns without a field that are kept: an NDJSON input may have others in every record.
const MOST_OTHERS: usize = 500;

/// One column of an input, or one constant of the mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Peeked {
    /// The column's name, as it is in the input; none for a constant.
    pub column: Option<String>,
    /// The API key of its field; none where no field uses it.
    pub key: Option<String>,
    /// The field's type; none where a value goes as it is, or nowhere.
    pub kind: Option<FieldType>,
    /// The JSON that every record takes.
    pub constant: Option<String>,
    /// The first value seen that is not empty, harmless to print, cut where it is long.
    pub sample: Option<String>,
    /// The JSON that is sent for it, harmless to print, cut where it is long; none where that record is a
    /// bad one, and all others so far are.
    pub sent: Option<String>,
}

/// Looks at records until every column has shown a value.
#[derive(Debug)]
pub(crate) struct Peek<'b> {
    binding: &'b Binding,
    tally: Tally,
    fields: Vec<Peeked>,
    others: Vec<Peeked>,
    /// Where in `others` a key of NDJSON stands.
    places: HashMap<String, usize>,
    /// Where in the header each of `others` stands, for CSV.
    at: Vec<usize>,
}

impl Binding {
    /// Begins to look at an input with these columns.
    pub(crate) fn peek(&self, columns: &Columns) -> Peek<'_> {
        let fields: Vec<_> = self.fields().map(Peeked::of_field).collect();
        let (mut others, mut at) = (Vec::new(), Vec::new());
        if let Columns::Named(names) = columns {
            let places = self.fields.iter().flat_map(|bound| bound.place.columns());
            let used: HashSet<usize> = places.filter_map(CellPlace::column).collect();
            let unused = (names.iter().enumerate()).filter(|(at, _)| !used.contains(at));
            (at, others) = unused
                .map(|(at, name)| (at, Peeked::of_column(name)))
                .unzip();
        }
        Peek {
            binding: self,
            tally: Tally::default(),
            fields,
            others,
            places: HashMap::new(),
            at,
        }
    }
}

impl Peek<'_> {
    /// Looks at one record.
    pub(crate) fn look(&mut self, cells: &Cells<'_>) {
        match cells {
            Cells::Text(cells) => {
                for (at, peeked) in self.at.iter().zip(&mut self.others) {
                    peeked.see(Value::Text(cells.get(*at)), None);
                }
            }
            Cells::Object(pairs) => self.look_at_others(pairs),
        }
        let written = match self.fields.iter().any(Peeked::wants_more) {
            true => self.write(cells),
            false => None,
        };
        let mut sent = HashMap::new();
        if let Some(written) = &written {
            // It was just written, so it can be read.
            let _ = each_pair(written, |key, value| {
                sent.insert(key, value);
            });
        }
        let found = &self.tally.scratch.found;
        for (bound, peeked) in self.binding.fields.iter().zip(&mut self.fields) {
            let sent = sent.get(bound.field.key.as_str()).copied();
            bound.look(cells, found, |value| {
                if !bound.is_empty(value) {
                    peeked.see(value, sent);
                }
            });
        }
    }

    /// The record as it would be sent; none where it is a bad one.
    fn write(&mut self, cells: &Cells<'_>) -> Option<String> {
        let mut json = Vec::new();
        let written = self.binding.write(cells, &mut json, &mut self.tally);
        written.ok()?;
        String::from_utf8(json).ok()
    }

    /// Finds the keys that fields use, and looks at those that none does.
    fn look_at_others(&mut self, pairs: &Members<'_>) {
        let wanted = match &self.binding.shape {
            Shape::Keys(wanted) => Some(wanted),
            Shape::Columns | Shape::Whole { .. } => None,
        };
        if let Some(wanted) = wanted {
            wanted.locate(pairs, &mut self.tally.scratch, &mut self.tally.unmapped);
        }
        for (key, raw) in pairs.iter() {
            if wanted.is_some_and(|wanted| wanted.has(key)) {
                continue;
            }
            let at = match self.places.get(&**key) {
                Some(at) => *at,
                None if self.others.len() == MOST_OTHERS => continue,
                None => {
                    let mut peeked = Peeked::of_column(key);
                    // Without a mapping everything goes under its own name.
                    peeked.key = wanted.is_none().then(|| key.to_string());
                    self.others.push(peeked);
                    self.places.insert(key.to_string(), self.others.len() - 1);
                    self.others.len() - 1
                }
            };
            // Without a mapping it goes as it is.
            let sent = wanted.is_none().then_some(*raw);
            text::look(raw, |value| self.others[at].see(value, sent));
        }
    }

    /// Whether further records can show nothing new. Those of NDJSON may always have another key.
    pub(crate) fn is_complete(&self) -> bool {
        matches!(self.binding.shape, Shape::Columns)
            && !self.fields.iter().any(Peeked::wants_more)
            && self.others.iter().all(|peeked| peeked.sample.is_some())
    }

    /// What was seen: the fields in the order in which they are written, then the columns that no
    /// field uses.
    pub(crate) fn finish(mut self) -> Vec<Peeked> {
        self.fields.append(&mut self.others);
        self.fields
    }
}

impl Peeked {
    fn of_field(field: FieldView<'_>) -> Self {
        let (column, constant) = match field.origin {
            Origin::Column(name) => (Some(name.to_owned()), None),
            Origin::Constant(json) => (None, Some(json.to_owned())),
        };
        Self {
            column,
            key: Some(field.key.to_owned()),
            kind: field.kind,
            constant,
            sample: None,
            sent: None,
        }
    }

    fn of_column(name: &str) -> Self {
        Self {
            column: Some(name.to_owned()),
            key: None,
            kind: None,
            constant: None,
            sample: None,
            sent: None,
        }
    }

    /// Keeps the first value, that of a good record if there is one.
    fn see(&mut self, value: Value<'_>, sent: Option<&str>) {
        let is_news = self.sample.is_none() || (self.sent.is_none() && sent.is_some());
        if is_news && !value.is_blank() {
            self.sample = Some(display::shown(value.text()));
            self.sent = sent.map(display::shown);
        }
    }

    /// Whether another record may still show what this one would be sent as.
    fn wants_more(&self) -> bool {
        self.constant.is_none() && self.sent.is_none()
    }
}
