//! Which sheet of a workbook is read.

use calamine::{Sheet, SheetType, SheetVisible};

use super::OpenError;
use crate::display;
use crate::source::{Blame, faults};

/// How many sheets a message names.
const SHOWN: usize = 10;

/// The sheet to read, and the visible ones that might have been meant too.
pub(super) fn choose(
    sheets: &[Sheet],
    wanted: Option<&str>,
    name: &str,
) -> Result<(String, Vec<String>), OpenError> {
    let with_cells = |sheet: &&Sheet| sheet.typ == SheetType::WorkSheet;
    let Some(wanted) = wanted else {
        let is_visible = |sheet: &&Sheet| sheet.visible == SheetVisible::Visible;
        let mut visible =
            (sheets.iter().filter(with_cells).filter(is_visible)).map(|sheet| sheet.name.clone());
        let first = visible.next().ok_or_else(|| OpenError {
            blame: Blame::Content,
            message: format!("{name} has no visible sheet with cells"),
            hint: Some(format!("--sheet NAME reads a hidden one{}", these(sheets))),
        })?;
        return Ok((first, visible.collect()));
    };
    match sheets
        .iter()
        .filter(with_cells)
        .find(|sheet| sheet.name == wanted)
    {
        Some(sheet) => Ok((sheet.name.clone(), Vec::new())),
        None => Err(faults::open(
            format!("{name} has no sheet {}", display::quoted(wanted)),
            &unknown(sheets, wanted),
        )),
    }
}

fn unknown(sheets: &[Sheet], wanted: &str) -> String {
    let wanted = wanted.to_lowercase();
    let likeness =
        |sheet: &Sheet| strsim::normalized_damerau_levenshtein(&wanted, &sheet.name.to_lowercase());
    let nearest = (sheets
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet))
    .map(|sheet| (likeness(sheet), sheet))
    .max_by(|(one, _), (other, _)| one.total_cmp(other));
    match nearest {
        Some((_, sheet)) => {
            let nearest = display::quoted(&sheet.name);
            format!("the nearest is {nearest}{}", these(sheets))
        }
        None => "it has no sheet with cells".to_owned(),
    }
}

/// The sheets with cells, behind a semicolon.
fn these(sheets: &[Sheet]) -> String {
    let names: Vec<String> = (sheets.iter())
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| display::quoted(&sheet.name))
        .collect();
    if names.is_empty() {
        return String::new();
    }
    let more = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "; its sheets are {}{more}",
        names[..names.len().min(SHOWN)].join(", ")
    )
}
