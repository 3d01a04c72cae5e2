//! One record's cells to one JSON object.

use crate::base::display;
use crate::input::{Cell, Cells, TextCells};

use super::binding::{Binding, Bound, CellPlace, Shape};
use super::check::{check_id, check_whole, why_empty};
use super::mistakes::nearest;
use super::object::{self, Pairs};
use super::output::Output;
use super::sent::Sent;
use super::spec::{Content, Empty};
use super::tally::{FieldTally, Tally};
use super::typed;
use super::written::{CellFault, HALF_CHARACTER, Measured, Reason};
use crate::mapping::value::kind::ValueType;
use crate::mapping::value::text;
use crate::mapping::value::text::{Token, Value};

/// The object at hand.
struct Object<'o, O> {
    out: &'o mut O,
    start: usize,
    /// The id's JSON.
    id: &'o mut Vec<u8>,
    faults: Vec<CellFault>,
}

impl Binding {
    /// [`write`](Self::write) into a buffer that is only looked at: finds out whether the record can be
    /// written, how long it is, and what each field's value is.
    pub(crate) fn measure<'t>(
        &self,
        cells: &Cells<'_>,
        sent: &mut Sent,
        tally: &'t mut Tally,
    ) -> Result<Measured<'t>, Vec<CellFault>> {
        sent.clear();
        self.write(cells, sent, tally)?;
        if let (Cells::Object(pairs), Shape::Whole { .. }) = (cells, &self.shape) {
            // Which keys there are is asked for once, when the whole input is measured.
            tally.note_keys(pairs);
        }
        Ok(Measured {
            bytes: sent.size() as u64,
            id: &tally.id,
        })
    }

    /// Appends one record as one JSON object; answers with the JSON of its id, quotes included.
    pub(crate) fn write<'t>(
        &self,
        record: &Cells<'_>,
        out: &mut impl Output,
        tally: &'t mut Tally,
    ) -> Result<&'t [u8], Vec<CellFault>> {
        tally.begin(self.fields.len());
        let start = out.size();
        tally.id.clear();
        let mut object = Object {
            out,
            start,
            id: &mut tally.id,
            faults: Vec::new(),
        };
        match (record, &self.shape) {
            (Cells::Object(pairs), Shape::Whole { id }) => object.write_whole(pairs, id),
            (Cells::Object(pairs), Shape::Keys(wanted)) => {
                wanted.locate(pairs, &mut tally.scratch, &mut tally.unmapped);
                let found = &tally.scratch.found;
                for (bound, field_tally) in self.fields.iter().zip(&mut tally.fields) {
                    match bound.place {
                        CellPlace::Joined(_) => {
                            object.write_joined(bound, record, found, field_tally);
                        }
                        _ => object.write_key(bound, pairs, found, field_tally),
                    }
                }
            }
            (Cells::Text(cells), _) if cells.are_typed() => {
                object.write_sheet(&self.fields, record, cells, &mut tally.fields);
            }
            (Cells::Text(cells), _) => {
                for (bound, field_tally) in self.fields.iter().zip(&mut tally.fields) {
                    match bound.place {
                        CellPlace::Column(at) => {
                            object.write_cell(bound, cells.cell(at), field_tally)
                        }
                        CellPlace::Joined(_) => {
                            object.write_joined(bound, record, &[], field_tally);
                        }
                        CellPlace::Constant | CellPlace::Keys(_) => object.write_constant(bound),
                    }
                }
            }
            // A source has one format for all its records, so this pair does not meet.
            (Cells::Object(_), Shape::Columns) => {}
        }
        object.finish()?;
        if !self.percents.is_empty() {
            self.note_signs(record, tally);
        }
        Ok(&tally.id)
    }
}

impl<O: Output> Object<'_, O> {
    fn finish(self) -> Result<(), Vec<CellFault>> {
        if self.faults.is_empty() && self.id.is_empty() {
            self.out.cut(self.start);
            return Err(vec![CellFault {
                column: String::new(),
                cell: String::new(),
                reason: "has no id".to_owned(),
            }]);
        }
        if !self.faults.is_empty() {
            self.out.cut(self.start);
            return Err(self.faults);
        }
        // Each member begins with a comma; there is one at least, the id.
        self.out.replace(self.start, b'{');
        self.out.put(b"}");
        Ok(())
    }

    fn fault(&mut self, column: &str, cell: &str, reason: Reason) {
        self.faults.push(CellFault {
            column: column.to_owned(),
            cell: cell.to_owned(),
            reason: reason.into_owned(),
        });
    }

    /// One CSV cell.
    fn write_cell(&mut self, bound: &Bound, cell: Cell<'_>, tally: &mut FieldTally) {
        if bound.quick.is_sent_as_it_stands(cell) {
            bound.prefix.put(self.out);
            text::put_string(cell.text.as_bytes(), self.out);
        } else if cell.text.is_empty() && bound.field.values.is_none() {
            self.write_empty(bound, Value::Text(cell.text));
        } else if !self.put_text(bound, cell.text, cell.is_plain) {
            self.write_field(bound, Value::Text(cell.text), None, tally);
        }
    }

    /// The cells of a sheet, always the longer way: with a second caller the quick one would not be
    /// inlined any more, which cost CSV a fifth of its time.
    #[cold]
    fn write_sheet(
        &mut self,
        fields: &[Bound],
        record: &Cells<'_>,
        cells: &TextCells<'_>,
        tallies: &mut [FieldTally],
    ) {
        for (bound, tally) in fields.iter().zip(tallies) {
            let at = match bound.place {
                CellPlace::Column(at) => at,
                CellPlace::Joined(_) => {
                    self.write_joined(bound, record, &[], tally);
                    continue;
                }
                CellPlace::Constant | CellPlace::Keys(_) => {
                    self.write_constant(bound);
                    continue;
                }
            };
            let text = cells.get(at);
            let value = typed::value(&bound.field.kind, cells.typed(at), text);
            self.write_field(bound, value.unwrap_or(Value::Text(text)), None, tally);
        }
    }

    /// The fast check of a text, which nearly all cells pass. A cell comes in pieces, so that it comes in
    /// registers: handed over in memory, its flag is stored as one byte and loaded as one of eight, for
    /// which the processor waits; that took half of this file's time.
    #[inline(always)]
    fn put_text(&mut self, bound: &Bound, text: &str, is_plain: bool) -> bool {
        let (kind, quick) = (&bound.field.kind, bound.quick);
        if bound.is_id {
            let is_put = kind.put_text(quick, text, is_plain, self.id);
            if is_put {
                bound.prefix.put(self.out);
                self.out.put(self.id);
            }
            return is_put;
        }
        let before = self.out.size();
        bound.prefix.put(self.out);
        let is_put = kind.put_text(quick, text, is_plain, self.out);
        if !is_put {
            self.out.cut(before);
        }
        is_put
    }

    /// The fast check of a JSON value that is no string.
    #[inline(always)]
    fn put_token(&mut self, bound: &Bound, token: &str) -> bool {
        let is_good = bound.field.kind.takes_token(bound.quick, token);
        if is_good {
            bound.prefix.put(self.out);
            self.out.put(token.as_bytes());
            if bound.is_id {
                self.id.extend_from_slice(token.as_bytes());
            }
        }
        is_good
    }

    fn write_constant(&mut self, bound: &Bound) {
        if let Content::Constant(json) = &bound.field.from {
            bound.prefix.put(self.out);
            self.out.put(json.as_bytes());
        }
    }

    /// Several columns as one text.
    #[cold]
    fn write_joined(
        &mut self,
        bound: &Bound,
        record: &Cells<'_>,
        found: &[Option<usize>],
        tally: &mut FieldTally,
    ) {
        match bound.joined(record, found, tally) {
            Ok(text) => self.write_field(bound, Value::Text(&text), None, tally),
            Err(fault) => self.faults.push(fault),
        }
    }

    fn write_key(
        &mut self,
        bound: &Bound,
        pairs: &Pairs<'_>,
        found: &[Option<usize>],
        tally: &mut FieldTally,
    ) {
        let CellPlace::Keys(candidates) = &bound.place else {
            return self.write_constant(bound);
        };
        let raw = match object::value(candidates, pairs, found) {
            Ok(Some(raw)) => raw,
            Ok(None) => {
                object::note_near(candidates, pairs, found, tally);
                return self.write_field(bound, Value::Missing, None, tally);
            }
            Err(reason) => return self.fault(bound.column(), "", reason),
        };
        tally.seen = true;
        let is_put = match text::without_escapes(raw) {
            Some(text) => self.put_text(bound, text, true),
            None => self.put_token(bound, raw),
        };
        if is_put {
            return;
        }
        match text::sort_token(raw) {
            Token::Plain(value) => self.write_field(bound, value, None, tally),
            Token::String(token) => match text::decode(token) {
                Some(text) => self.write_field(bound, Value::Text(&text), Some(token), tally),
                None => self.fault(bound.column(), token, HALF_CHARACTER.into()),
            },
        }
    }

    /// One field: trim, `values`, the empty check, the type.
    fn write_field(
        &mut self,
        bound: &Bound,
        cell: Value<'_>,
        mut raw: Option<&str>,
        tally: &mut FieldTally,
    ) {
        let mut value = cell;
        // A JSON string that goes on as JSON is a value, not a cell with white space around it.
        let keeps = raw.is_some() && matches!(bound.field.kind, ValueType::Json);
        if let (Value::Text(text), true, false) = (value, bound.trims, keeps) {
            let trimmed = text::trimmed(text);
            if trimmed.len() != text.len() {
                raw = None;
                value = Value::Text(trimmed);
            }
        }
        let mut is_empty = bound.is_empty(value);
        // JSON arrays and objects are listed by their text, as numbers are.
        if let Some(values) = &bound.field.values {
            if let Some(listed) = values.list.get(value.text()) {
                (value, raw) = (listed.value(), None);
                is_empty = value.is_blank();
                // Typed fields are trimmed, whoever wrote the text.
                if let (Value::Text(text), true) = (value, bound.field.kind.always_trims()) {
                    value = Value::Text(text::trimmed(text));
                }
            } else if !is_empty {
                if values.else_error {
                    let near = nearest(value.text(), values.list.keys().map(String::as_str));
                    let reason = match near {
                        Some(near) => format!(
                            "is not listed in `values` (the nearest is {})",
                            display::quoted(near)
                        ),
                        None => "is not listed in `values`".to_owned(),
                    };
                    return self.fault(bound.column(), cell.text(), reason.into());
                }
                tally.unlisted_cells += 1;
                tally.unlisted.add(value.text());
            }
        }
        if is_empty {
            return self.write_empty(bound, cell);
        }
        bound.prefix.put(self.out);
        let written = if bound.is_id {
            check_id(value).and_then(|()| bound.field.kind.write(value, raw, self.id))
        } else {
            bound.field.kind.write(value, raw, self.out)
        };
        match written {
            Ok(()) if bound.is_id => self.out.put(self.id),
            Ok(()) => {}
            Err(reason) => self.fault(bound.column(), cell.text(), reason),
        }
    }

    fn write_empty(&mut self, bound: &Bound, cell: Value<'_>) {
        let json: &[u8] = match bound.empty {
            Empty::Omit => return,
            Empty::Error => return self.fault(bound.column(), cell.text(), why_empty(cell)),
            Empty::Null => b"null",
            Empty::Text => b"\"\"",
        };
        bound.prefix.put(self.out);
        self.out.put(json);
    }

    /// A whole NDJSON record as it is; only the id is looked at.
    fn write_whole(&mut self, pairs: &Pairs<'_>, id: &str) {
        let mut seen = false;
        for (key, raw) in pairs {
            let start = self.out.size();
            self.out.put(b",");
            text::write_string(key, self.out);
            self.out.put(b":");
            self.out.value_begins(key, start);
            self.out.put(raw.as_bytes());
            let is_id = **key == *id;
            seen |= is_id;
            match check_whole(raw, is_id) {
                Ok(()) if is_id => self.id.extend_from_slice(raw.as_bytes()),
                Ok(()) => {}
                Err((cell, reason)) => self.fault(key, &cell, reason),
            }
        }
        if !seen {
            self.fault(id, "", why_empty(Value::Missing));
        }
    }
}
