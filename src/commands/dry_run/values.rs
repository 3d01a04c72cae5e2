//! Old and new values of changed records, for people.

use console::measure_text_width;

use crate::base::display;
use crate::push::values::ChangedRecord;

/// The most that an id and a key take of a line; the values have the rest.
const MOST: [usize; 2] = [20, 18];

/// The most fields of a record whose values are shown.
const MOST_FIELDS: usize = 8;

/// What changes in the records that are named, on lines of at most so many columns.
pub(super) fn lines(records: &[ChangedRecord], width: usize) -> Vec<String> {
    records
        .iter()
        .flat_map(|record| of(record, width))
        .collect()
}

/// A line for each field.
fn of(record: &ChangedRecord, width: usize) -> Vec<String> {
    let id = display::fit(&display::shown(&record.id), MOST[0]);
    let shown = record.fields.iter().take(MOST_FIELDS);
    let mut lines: Vec<_> = shown
        .map(|(key, old, new)| {
            let key = display::fit(&display::shown(key), MOST[1]);
            line(
                &format!("{id}  {key}: "),
                [old.as_deref(), new.as_deref()],
                width,
            )
        })
        .collect();
    let more = record.fields.len().saturating_sub(MOST_FIELDS) as u64;
    if more > 0 {
        lines.push(format!("  and {}", display::counted(more, "more field")));
    }
    lines
}

fn line(head: &str, values: [Option<&str>; 2], width: usize) -> String {
    let [old, new] = values.map(|json| json.map_or_else(|| "(none)".to_owned(), display::shown));
    let left = width.saturating_sub(measure_text_width(head) + " → ".chars().count());
    // Half of it for the old value, and more where the new one is shorter.
    let most = (left / 2).max(left.saturating_sub(measure_text_width(&new)));
    let old = display::fit(&old, most);
    let rest = left.saturating_sub(measure_text_width(&old));
    format!("{head}{old} → {}", display::fit(&new, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 68;

    #[test]
    fn both_are_cut_to_the_line() {
        let some = |text: &str| Some(text.to_owned());
        let field = |n: usize| (format!("field {n}"), some("1"), None);
        let long = "a".repeat(100);
        let records = [
            ChangedRecord {
                id: "D-1".to_owned(),
                fields: vec![
                    ("notes".to_owned(), some(&long), some(&long)),
                    ("stage\n".to_owned(), some(&long), some("\"won\"")),
                ],
            },
            ChangedRecord {
                id: "D-2".to_owned(),
                fields: (0..10).map(field).collect(),
            },
        ];
        let lines = lines(&records, WIDTH);
        let a = |n| "a".repeat(n);
        assert_eq!(lines[0], format!("D-1  notes: {}… → {}…", a(25), a(26)));
        assert_eq!(lines[1], format!("D-1  stage\\n: {}… → \"won\"", a(45)));
        assert_eq!(lines[2], "D-2  field 0: 1 → (none)");
        assert_eq!(lines[10], "  and 2 more fields");
        assert_eq!(lines.len(), 11);
        assert!(lines.iter().all(|line| measure_text_width(line) <= WIDTH));
    }
}
