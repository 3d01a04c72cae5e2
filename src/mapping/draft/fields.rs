//! The drafted fields: one for each column, in the order of the input.

use std::collections::HashSet;

use super::identity::{self, Choice};
use super::keys::Keys;
use super::kinds::{self, DraftType, Proposal};
use super::names::Name;
use super::numbers::{STYLES, simplest};
use super::sample::{Column, Sample};
use crate::mapping::value::style::NumberStyle;

/// One field of the draft.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) key: String,
    pub(super) column: String,
    pub(super) kind: DraftType,
    /// Whether white space around the cells is taken away.
    pub(super) trims: bool,
    /// Whether a record without it is refused.
    pub(super) is_required: bool,
    pub(super) remark: Option<String>,
    /// Why it is only a comment.
    pub(super) off: Option<String>,
    /// Whether no field can use its column.
    pub(super) is_unusable: bool,
    pub(super) example: Option<Example>,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Example {
    /// This among others.
    One(String),
    /// This or nothing.
    Only(String),
    /// This in every record.
    Always(String),
}

impl Example {
    /// The cell.
    pub(super) fn cell(&self) -> &str {
        let (Self::One(cell) | Self::Only(cell) | Self::Always(cell)) = self;
        cell
    }
}

/// The whole draft, before it is text.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    pub(super) list: Vec<Field>,
    pub(super) id: Choice,
    pub(super) name: Choice,
}

impl Fields {
    /// Drafts the fields of a sample. `things` are the slugs of what its records may be.
    pub(super) fn new(sample: &Sample, things: &[String]) -> Self {
        let names: Vec<Name> = sample.columns.iter().map(|c| Name::new(&c.last)).collect();
        let columns = sample.columns.iter().zip(&names);
        let proposals: Vec<Proposal> = columns
            .map(|(column, name)| kinds::propose(&column.evidence, name, sample.positions))
            .collect();
        let kinds: Vec<DraftType> = proposals.iter().map(|p| p.kind.clone()).collect();
        let mut id = identity::id(sample, &names, &kinds, things);
        let mut name = identity::name(sample, &names, things, id.column);
        let why = |choice: &Choice| sample.columns[choice.column?].unusable;
        if let Some(why) = why(&id) {
            id = Choice::open(format!("The column of the id cannot be used: {why}."));
        }
        if why(&name).is_some() {
            name = Choice::default();
        }
        let mut keys = Keys::default();
        let columns = sample.columns.iter().zip(proposals);
        let list = columns.map(|(column, proposal)| {
            let key = keys.key(&column.path);
            let is_required = sample.requires(column);
            let field = Field::new(key, column, proposal, sample.records);
            Field {
                is_required,
                ..field
            }
        });
        let mut fields = Self {
            list: list.collect(),
            id,
            name,
        };
        for at in [fields.id.column, fields.name.column].into_iter().flatten() {
            if let Some(field) = fields.list.get_mut(at) {
                (field.kind, field.remark) = (DraftType::AsIs, None);
            }
        }
        if let Some(at) = fields.id.column
            && let Some(field) = fields.list.get_mut(at)
        {
            field.trims = sample.columns[at].evidence.is_padded;
            // An id is never empty.
            field.is_required = false;
        }
        fields.turn_off_doubles();
        fields.keep_one();
        fields
    }

    /// The same for records that are nearly empty too.
    pub(super) fn without_required(&self) -> Self {
        let mut fields = self.clone();
        for field in &mut fields.list {
            field.is_required = false;
        }
        fields
    }

    /// A path that two columns have can be mapped once.
    fn turn_off_doubles(&mut self) {
        let mut seen = HashSet::new();
        for field in &mut self.list {
            if !seen.insert(field.column.clone()) && field.off.is_none() {
                field.off = Some("a key with a dot in its name has the same path".to_owned());
            }
        }
    }

    /// A mapping has at least one field.
    fn keep_one(&mut self) {
        let is_off = |field: &Field| field.off.is_some();
        if self.list.iter().all(is_off) {
            let named = self.list.iter_mut().filter(|field| !field.is_unusable);
            if let Some(field) = named.into_iter().next() {
                field.off = None;
            }
        }
    }

    /// The style of all numbers, where one fits them all.
    pub(super) fn common_style(&self) -> Option<NumberStyle> {
        let numbers = self.list.iter().filter(|field| field.off.is_none());
        let fits = numbers.filter_map(|field| field.kind.fits());
        simplest(fits.fold(u8::MAX, |all, fits| all & fits))
    }

    /// The signs that a field has to name for itself.
    pub(super) fn own_style(&self, field: &Field) -> Option<NumberStyle> {
        if self.common_style().is_some() {
            return None;
        }
        let style = simplest(field.kind.fits()?)?;
        (style != STYLES[0]).then_some(style)
    }

    /// Takes a proposal back that a sampled record does not go through with: the type first, then
    /// the field.
    pub(super) fn demote(&mut self, column: &str, reason: &str) {
        let place = |field: &Field| field.column == column && field.off.is_none();
        let Some(at) = self.list.iter().position(place) else {
            return;
        };
        let field = &mut self.list[at];
        if field.kind != DraftType::AsIs {
            field.kind = DraftType::AsIs;
            field.remark = Some(format!("No type, because of {reason}."));
            return;
        }
        field.off = Some(reason.to_owned());
        if self.id.column == Some(at) {
            self.id = Choice::open(format!("No column is fit to be the id: {reason}."));
        }
        if self.name.column == Some(at) {
            self.name.column = None;
        }
    }
}

impl Field {
    fn new(key: String, column: &Column, proposal: Proposal, records: u64) -> Self {
        let evidence = &column.evidence;
        let off = if let Some(why) = column.unusable {
            Some(why.to_owned())
        } else if column.path.trim().is_empty() {
            Some("it has no name".to_owned())
        } else if evidence.filled == 0 && records > 0 {
            Some("empty in all records read".to_owned())
        } else {
            None
        };
        let example = evidence.example.clone().map(|example| {
            match evidence.is_constant && evidence.filled > 1 {
                true if evidence.filled == records => Example::Always(example),
                true => Example::Only(example),
                false => Example::One(example),
            }
        });
        Self {
            key,
            column: column.path.clone(),
            kind: proposal.kind,
            trims: false,
            is_required: false,
            remark: proposal.remark,
            off,
            is_unusable: column.unusable.is_some() || column.path.trim().is_empty(),
            example,
        }
    }
}
