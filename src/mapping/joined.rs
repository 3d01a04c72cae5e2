//! Several columns as one text: the cells that are not empty, in their order.

use std::borrow::Cow;

use crate::input::Cells;

use super::binding::{Bound, CellPlace};
use super::object;
use super::spec::Content;
use super::tally::FieldTally;
use super::written::{CellFault, HALF_CHARACTER, Reason};
use crate::mapping::value::text::{self, Token, Value};

impl Bound {
    /// The text of a field's columns; empty where all of them are. An id needs each of them: without one
    /// of its parts it may be another record's.
    #[cold]
    pub(super) fn joined(
        &self,
        cells: &Cells<'_>,
        found: &[Option<usize>],
        tally: &mut FieldTally,
    ) -> Result<String, CellFault> {
        let (CellPlace::Joined(places), Content::Columns(joined)) = (&self.place, &self.field.from)
        else {
            return Ok(String::new());
        };
        tally.parts.resize_with(places.len(), FieldTally::default);
        let (mut all, mut is_first) = (String::new(), true);
        for ((place, column), tally) in places.iter().zip(&joined.columns).zip(&mut tally.parts) {
            let fault = |cell: &str, reason: Reason| CellFault {
                column: column.clone(),
                cell: cell.to_owned(),
                reason: reason.into_owned(),
            };
            let part = part(place, cells, found, tally).map_err(|reason| fault("", reason))?;
            if self.is_empty(Value::Text(&part)) {
                match self.is_id {
                    true => return Err(fault(&part, "is empty, and is a part of the id".into())),
                    false => continue,
                }
            }
            if !is_first {
                all.push_str(&joined.between);
            }
            is_first = false;
            all.push_str(match self.trims {
                true => text::trimmed(&part),
                false => &part,
            });
        }
        Ok(all)
    }
}

/// One column's text.
fn part<'c>(
    place: &CellPlace,
    cells: &'c Cells<'_>,
    found: &[Option<usize>],
    tally: &mut FieldTally,
) -> Result<Cow<'c, str>, Reason> {
    match (cells, place) {
        (Cells::Text(cells), CellPlace::Column(at)) => Ok(cells.get(*at).into()),
        (Cells::Object(pairs), CellPlace::Keys(candidates)) => {
            let Some(raw) = object::value(candidates, pairs, found)? else {
                object::note_near(candidates, pairs, found, tally);
                return Ok("".into());
            };
            tally.seen = true;
            match text::sort_token(raw) {
                Token::Plain(Value::Tree(_)) => {
                    Err("is a JSON object or array, which is no part of a text".into())
                }
                Token::Plain(value) => Ok(value.text().into()),
                Token::String(token) => text::decode(token).ok_or(HALF_CHARACTER.into()),
            }
        }
        _ => Ok("".into()),
    }
}
