//! The unquoted cells of one CSV record: places in the block's text, so that a record takes no memory
//! of its own.

use std::ops::Range;

use crate::input::mark::{self, Marked, Typed};

/// One unquoted cell of a CSV record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cell<'a> {
    /// What stands in it.
    pub text: &'a str,
    /// Whether a JSON string holds every byte of it as it stands. Whole blocks are looked at for
    /// that at once; `false` means that nothing is known.
    pub is_plain: bool,
}

/// The unquoted cells of one CSV record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextCells<'a> {
    text: &'a str,
    /// In the input's order.
    spans: &'a Spans,
    /// For each column its place among them.
    order: &'a [usize],
}

/// Where the cells of a record stand.
#[derive(Debug, Default)]
pub(crate) struct Spans {
    spans: Vec<Span>,
    /// What does not stand in the block as it is read.
    apart: String,
    /// For each cell of a sheet its type; none for CSV.
    types: Vec<Typed>,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    start: usize,
    end: usize,
    is_apart: bool,
    is_plain: bool,
}

impl Spans {
    pub(crate) fn clear(&mut self) {
        self.spans.clear();
        self.apart.clear();
    }

    /// Forgets what the record before was in a sheet.
    pub(crate) fn clear_types(&mut self) {
        self.types.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// Adds cells that stand in the block.
    #[inline]
    pub(crate) fn extend(&mut self, cells: impl Iterator<Item = (Range<usize>, bool)>) {
        self.spans.extend(cells.map(|(cell, is_plain)| Span {
            start: cell.start,
            end: cell.end,
            is_apart: false,
            is_plain,
        }));
    }

    /// Where the text of a cell ends.
    pub(crate) fn end(&self, n: usize) -> usize {
        self.spans[n].end
    }

    /// How many bytes the text of a cell has.
    #[inline]
    pub(crate) fn size(&self, n: usize) -> usize {
        let Span { start, end, .. } = self.spans[n];
        end - start
    }

    /// Takes a `\r` off the last cell, which belongs to the line end.
    #[inline]
    pub(crate) fn drop_return(&mut self, block: &str) {
        if let Some(last) = self.spans.last_mut()
            && block.as_bytes()[last.start..last.end].ends_with(b"\r")
        {
            last.end -= 1;
        }
    }

    /// Takes the quotes off a cell that stands in the block.
    #[inline]
    pub(crate) fn unquote(&mut self, n: usize, is_plain: bool) {
        let span = &mut self.spans[n];
        span.start += 1;
        span.end -= 1;
        span.is_plain &= is_plain;
    }

    /// Makes one quote of each two in a cell that stands in the block.
    pub(crate) fn undouble(&mut self, n: usize, block: &str) {
        let span = &mut self.spans[n];
        let start = self.apart.len();
        for (n, piece) in block[span.start..span.end].split("\"\"").enumerate() {
            if n > 0 {
                self.apart.push('"');
            }
            self.apart.push_str(piece);
        }
        *span = Span {
            start,
            end: self.apart.len(),
            is_apart: true,
            is_plain: false,
        };
    }

    /// Takes the marks off the cells of a sheet's record and notes their types.
    pub(crate) fn take_marks(&mut self, block: &str) -> Result<(), (usize, String)> {
        self.types.clear();
        for (n, span) in self.spans.iter_mut().enumerate() {
            let text = match span.is_apart {
                true => &self.apart,
                false => block,
            };
            let text = &text[span.start..span.end];
            match mark::read(text) {
                Marked::Value(typed, rest) => {
                    span.start += text.len() - rest.len();
                    self.types.push(typed);
                }
                Marked::None { why, .. } => return Err((n, why)),
            }
        }
        Ok(())
    }

    /// Adds a cell whose text is written by `write`.
    pub(crate) fn push_apart(&mut self, write: impl FnOnce(&mut String)) {
        let start = self.apart.len();
        write(&mut self.apart);
        self.spans.push(Span {
            start,
            end: self.apart.len(),
            is_apart: true,
            is_plain: false,
        });
    }
}

impl<'a> TextCells<'a> {
    pub(crate) fn new(text: &'a str, spans: &'a Spans, order: &'a [usize]) -> Self {
        Self { text, spans, order }
    }

    /// The cell of a column, by its place in [`Columns::Named`](crate::input::Columns::Named); an empty one
    /// where there is none.
    #[inline]
    pub(crate) fn cell(&self, column: usize) -> Cell<'a> {
        let at = self.order.get(column);
        let Some(span) = at.and_then(|&at| self.spans.spans.get(at)) else {
            return Cell {
                text: "",
                is_plain: true,
            };
        };
        let text = match span.is_apart {
            true => &self.spans.apart,
            false => self.text,
        };
        Cell {
            text: &text[span.start..span.end],
            is_plain: span.is_plain,
        }
    }

    /// What the sheet knows of the cell of a column; a text where there is no sheet.
    pub(crate) fn typed(&self, column: usize) -> Typed {
        let at = self.order.get(column);
        let typed = at.and_then(|&at| self.spans.types.get(at));
        typed.copied().unwrap_or_default()
    }

    /// Whether the record stood in a sheet.
    #[inline]
    pub(crate) fn are_typed(&self) -> bool {
        !self.spans.types.is_empty()
    }

    /// Its text.
    pub(crate) fn get(&self, column: usize) -> &'a str {
        self.cell(column).text
    }

    /// How many cells there are.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }
}

/// Cells for the tests of other modules.
#[cfg(any(test, fuzzing))]
impl Spans {
    pub(crate) fn for_test(cells: &[Cell<'_>]) -> Self {
        let mut spans = Self::default();
        for cell in cells {
            let start = spans.apart.len();
            spans.apart.push_str(cell.text);
            spans.spans.push(Span {
                start,
                end: spans.apart.len(),
                is_apart: true,
                is_plain: cell.is_plain,
            });
        }
        spans
    }

    /// The same as cells of a sheet, with these types.
    #[cfg(test)]
    pub(crate) fn typed_for_test(self, types: &[Typed]) -> Self {
        let types = types.to_vec();
        Self { types, ..self }
    }
}

#[cfg(any(test, fuzzing))]
impl<'a> TextCells<'a> {
    pub(crate) fn for_test(spans: &'a Spans, order: &'a [usize]) -> Self {
        Self::new("", spans, order)
    }
}
