//! Which sheet of a workbook is read.

use super::parts::SheetEntry;
use crate::base::display;
use crate::input::error::InputError;
use crate::input::faults;

/// How many sheets a message names.
const SHOWN: usize = 10;

/// The sheet to read, and the visible ones that might have been meant too.
pub(super) fn choose(
    sheets: &[SheetEntry],
    wanted: Option<&str>,
    name: &str,
) -> Result<(String, Vec<String>), InputError> {
    let with_cells = |sheet: &&SheetEntry| sheet.has_cells;
    let Some(wanted) = wanted else {
        let is_visible = |sheet: &&SheetEntry| sheet.is_visible;
        let mut visible =
            (sheets.iter().filter(with_cells).filter(is_visible)).map(|sheet| sheet.name.clone());
        let first = visible.next().ok_or_else(|| {
            InputError::new(
                format!("{name} has no visible sheet with cells"),
                format!("--sheet NAME reads a hidden one{}", these(sheets)),
            )
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
            unknown(sheets, wanted),
        )),
    }
}

fn unknown(sheets: &[SheetEntry], wanted: &str) -> String {
    let wanted = wanted.to_lowercase();
    let likeness = |sheet: &SheetEntry| {
        strsim::normalized_damerau_levenshtein(&wanted, &sheet.name.to_lowercase())
    };
    let nearest = (sheets.iter().filter(|sheet| sheet.has_cells))
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
fn these(sheets: &[SheetEntry]) -> String {
    let with_cells = sheets.iter().filter(|sheet| sheet.has_cells);
    let names = with_cells.map(|sheet| sheet.name.as_str());
    match listed(names) {
        names if names.is_empty() => names,
        names => format!("; its sheets are {names}"),
    }
}

/// The first names of sheets, and how many there are more.
pub(super) fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(display::quoted).collect();
    let more = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", names[..names.len().min(SHOWN)].join(", "))
}
