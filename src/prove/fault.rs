//! What is wrong with a record, in words.

use crate::base::display;
use crate::input::RowFault;
use crate::mapping::CellFault;

/// What is wrong with a record: the columns to blame, for the rejects, and a sentence.
#[derive(Debug)]
pub(super) struct Fault {
    pub columns: String,
    pub reason: String,
    /// The sentence with the column in it.
    pub shown: String,
    /// Each cell that is wrong, or the record.
    pub wrong: Vec<Wrong>,
    /// Whether the record can be mapped and is only too large to be sent.
    pub is_too_large: bool,
}

/// One thing that is wrong with a record.
#[derive(Debug)]
pub(super) struct Wrong {
    /// The column, as it is in the input; empty where the whole record is wrong.
    pub column: String,
    /// The cell, as it is in the input; empty where it has none.
    pub cell: String,
    /// Completes "`12,5O` …", harmless to print.
    pub reason: String,
}

impl Fault {
    pub(crate) fn of_row(fault: &RowFault) -> Self {
        let shown = match &fault.column {
            Some(column) => format!("column {}: {fault}", display::shown(column)),
            None => fault.to_string(),
        };
        let column = fault.column.clone().unwrap_or_default();
        Self {
            columns: column.clone(),
            reason: fault.to_string(),
            shown,
            wrong: vec![Wrong {
                column,
                cell: String::new(),
                reason: fault.to_string(),
            }],
            is_too_large: false,
        }
    }

    pub(crate) fn of_cells(faults: &[CellFault]) -> Self {
        let columns: Vec<_> = faults.iter().map(|fault| fault.column.as_str()).collect();
        let shown: Vec<_> = faults.iter().map(CellFault::message).collect();
        let shown = shown.join("; ");
        let wrong = faults.iter().map(|fault| Wrong {
            column: fault.column.clone(),
            cell: fault.cell.clone(),
            reason: fault.reason.clone(),
        });
        Self {
            columns: columns.join(", "),
            reason: shown.clone(),
            shown,
            wrong: wrong.collect(),
            is_too_large: false,
        }
    }

    /// A record that no request can hold.
    pub(crate) fn too_large(json: u64) -> Self {
        let json = display::count(json);
        let shown = format!(
            "the record makes {json} bytes of JSON, more than one request may hold (--max-body)"
        );
        Self {
            columns: String::new(),
            reason: shown.clone(),
            shown,
            wrong: vec![Wrong {
                column: String::new(),
                cell: String::new(),
                reason: "makes more bytes of JSON than one request may hold (--max-body)"
                    .to_owned(),
            }],
            is_too_large: true,
        }
    }
}
