//! A mapping resolved once against the columns of an input.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::base::display::quoted;
use crate::input::{Columns, LACKS_HEADER, looks_like_data, unusable};

use super::binding::{Binding, Bound, CellPlace, Shape};
use super::mistakes::{self, Mistake, did_you_mean, listed, nearest, nth_did_you_mean};
use super::object::Wanted;
use super::prefix::Prefix;
use super::signs;
use super::spec::{Content, Empty, Field, Mapping, Unmapped};
use crate::mapping::value::kind::Quick;

impl Mapping {
    /// Resolves the mapping against the columns of the input.
    pub(crate) fn bind(&self, columns: &Columns) -> Result<Binding, Vec<Mistake>> {
        match &self.fields {
            None => self.bind_identity(columns),
            Some(fields) => self.bind_fields(fields, columns, self.check_id(fields)),
        }
    }

    /// The same for a mapping whose id is still to be chosen: every record that is good otherwise is
    /// refused by [`Binding::write`] with one fault that names no column.
    pub(crate) fn bind_without_id(&self, columns: &Columns) -> Result<Binding, Vec<Mistake>> {
        self.bind_fields(self.fields.as_deref().unwrap_or(&[]), columns, Vec::new())
    }

    /// Whether every column goes under its own name.
    pub(crate) fn is_identity(&self) -> bool {
        self.fields.is_none()
    }

    /// The columns that its fields use.
    pub(crate) fn wanted_columns(&self) -> Vec<&str> {
        let fields = self.fields.as_deref().unwrap_or_default();
        columns_of(fields).map(|(_, column)| column).collect()
    }

    fn bind_fields(
        &self,
        fields: &[Field],
        columns: &Columns,
        mut found: Vec<Mistake>,
    ) -> Result<Binding, Vec<Mistake>> {
        let (bound, shape) = match columns {
            Columns::Named(names) => {
                found.extend(check_columns(fields, names));
                let places: HashMap<&str, usize> =
                    names.iter().map(String::as_str).zip(0..).collect();
                let place =
                    |column: &str| CellPlace::Column(*places.get(column).unwrap_or(&usize::MAX));
                (self.bound(fields, place), Shape::Columns)
            }
            Columns::PerRecord => {
                let mut wanted = Wanted::default();
                let bound = self.bound(fields, |column| CellPlace::Keys(wanted.add(column)));
                (bound, Shape::Keys(wanted))
            }
        };
        let mut notes = Vec::new();
        if let Columns::Named(names) = columns {
            match (unused(fields, names), self.unmapped) {
                (None, _) => {}
                (Some(unused), Unmapped::Ignore) => notes.push(format!("not mapped: {unused}")),
                (Some(unused), Unmapped::Error) => {
                    found.push(mistakes::unmapped("columns", &unused, self.unmapped_line));
                }
            }
        }
        notes.extend(bound.iter().filter_map(Bound::note_of_offsets));
        if !found.is_empty() {
            return Err(mistakes::settle(found));
        }
        Ok(Binding {
            percents: signs::percents(&bound),
            fields: bound,
            shape,
            unmapped: self.unmapped,
            unmapped_line: self.unmapped_line,
            notes,
        })
    }

    fn bind_identity(&self, columns: &Columns) -> Result<Binding, Vec<Mistake>> {
        let mut binding = Binding {
            fields: Vec::new(),
            percents: Vec::new(),
            shape: Shape::Whole {
                id: self.id.clone(),
            },
            unmapped: Unmapped::Ignore,
            unmapped_line: None,
            notes: Vec::new(),
        };
        let Columns::Named(names) = columns else {
            return match (self.trim, self.null.is_empty()) {
                (true, _) => Err(vec![needs_fields("trim")]),
                (_, false) => Err(vec![needs_fields("null")]),
                _ => Ok(binding),
            };
        };
        if !names.contains(&self.id) {
            let near = nearest(&self.id, names.iter().map(String::as_str));
            let hint = match near {
                Some(near) => format!("did you mean --id-field {}?", quoted(near)),
                None if looks_like_data(names.iter().map(String::as_str)) => {
                    LACKS_HEADER.to_owned()
                }
                None => "say with --id-field which column is the id, or map the columns with --mapping FILE".to_owned(),
            };
            let message = format!("the input has no column {} for the id", quoted(&self.id));
            return Err(vec![Mistake::new(None, message, hint)]);
        }
        let fields: Vec<Field> = names
            .iter()
            .map(|name| Field::of_column(name, None, name.clone(), self.trim))
            .collect();
        let mut at = 0..;
        binding.fields = self.bound(&fields, |_| {
            CellPlace::Column(at.next().unwrap_or(usize::MAX))
        });
        binding.shape = Shape::Columns;
        Ok(binding)
    }

    fn bound(&self, fields: &[Field], mut place: impl FnMut(&str) -> CellPlace) -> Vec<Bound> {
        let bound = fields.iter().enumerate().map(|(number, field)| {
            let is_id = field.key == self.id;
            Bound {
                prefix: Prefix::new(&field.key, number),
                place: match &field.from {
                    Content::Column(column) => place(column),
                    Content::Columns(joined) => CellPlace::Joined(
                        joined.columns.iter().map(|column| place(column)).collect(),
                    ),
                    Content::Constant(_) => CellPlace::Constant,
                },
                is_id,
                empty: if is_id {
                    Empty::Error
                } else {
                    field.empty.unwrap_or_default()
                },
                trims: field.trim || field.kind.always_trims(),
                // The fast checks know neither translations nor words for empty cells.
                quick: match field.values.is_some() || !self.null.is_empty() {
                    true => Quick::Never,
                    false => field.kind.quick(is_id, field.trim),
                },
                null: Arc::clone(&self.null),
                field: field.clone(),
            }
        });
        bound.collect()
    }

    fn check_id(&self, fields: &[Field]) -> Vec<Mistake> {
        if let Some(field) = fields.iter().find(|field| field.key == self.id) {
            return field.unfit_for_id().into_iter().collect();
        }
        let hint = did_you_mean(&self.id, fields.iter().map(|field| field.key.as_str()));
        let hint = hint.unwrap_or_else(|| {
            "add it below [fields], or say with `id = \"...\"` or --id-field which field is the id".to_owned()
        });
        let message = format!("no field is mapped to the id field {}", quoted(&self.id));
        vec![Mistake::new(self.id_line, message, hint)]
    }
}

/// JSON objects that go as they are have no cells to be looked at.
fn needs_fields(key: &str) -> Mistake {
    let message = format!("[input]: `{key}` needs `[fields]` where records are JSON objects");
    let hint = "without fields they are sent as they are; list them below `[fields]`".to_owned();
    Mistake::new(None, message, hint)
}

fn columns_of(fields: &[Field]) -> impl Iterator<Item = (&Field, &str)> {
    fields.iter().flat_map(|field| {
        let columns = match &field.from {
            Content::Column(column) => std::slice::from_ref(column),
            Content::Columns(joined) => &joined.columns,
            Content::Constant(_) => &[],
        };
        columns.iter().map(move |column| (field, column.as_str()))
    })
}

fn check_columns(fields: &[Field], names: &[String]) -> Vec<Mistake> {
    let present: HashSet<&str> = names.iter().map(String::as_str).collect();
    let is_absent = |column: &str| !present.contains(column);
    let lacks_header = looks_like_data(names.iter().map(String::as_str))
        && columns_of(fields).all(|(_, column)| is_absent(column));
    let absent = columns_of(fields).filter(|(_, column)| is_absent(column));
    if lacks_header {
        let message = "the input has none of the columns that the mapping names, and its first line \
                       looks like a record";
        return vec![Mistake::new(None, message, LACKS_HEADER.to_owned())];
    }
    let unusable = unusable(names);
    let useless = columns_of(fields).filter_map(|(field, column)| {
        let at = names.iter().position(|name| name == column)?;
        let why = unusable[at]?;
        let message = format!("column {} cannot be used: {why}", quoted(column));
        let hint = "each column that a field uses needs a name of its own in the header";
        Some(Mistake::new(field.line, message, hint.to_owned()))
    });
    let mistakes = absent.enumerate().map(|(n, (field, column))| {
        let all = || names.iter().map(String::as_str);
        let hint = nth_did_you_mean(n, column, all())
            .unwrap_or_else(|| format!("its columns are {}", listed(all(), false)));
        let padded = names.iter().find(|name| name.trim() == column);
        let (column, key) = (quoted(column), quoted(&field.key));
        let message = format!("the input has no column {column} (field {key})");
        let hint = match padded {
            Some(name) => format!(
                "its column {} has white space around its name: take that out of the header",
                quoted(name)
            ),
            None => hint,
        };
        Mistake::new(field.line, message, hint)
    });
    useless.chain(mistakes).collect()
}

/// The columns that no field uses, in words.
fn unused(fields: &[Field], names: &[String]) -> Option<String> {
    let used: HashSet<&str> = columns_of(fields).map(|(_, column)| column).collect();
    let mut unused = names
        .iter()
        .map(String::as_str)
        .filter(|name| !used.contains(name))
        .peekable();
    unused.peek()?;
    Some(listed(unused, false))
}
