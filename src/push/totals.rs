//! Control totals as a table for people, who tick them off: at most 80 columns wide.

use console::measure_text_width;

use crate::base::display;
use crate::prove::totals::{FieldTotal, MOST_DISTINCT};

/// The width of a line.
const WIDTH: usize = 80;

/// The most that a field's name takes of it, and the least that is left for one.
const NAME: [usize; 2] = [20, 8];

/// The most lines of fields.
const MOST_LINES: usize = 60;

const HEADING: [&str; 6] = [
    "field",
    "filled",
    "distinct",
    "sum",
    "least/first",
    "greatest/last",
];

/// What stands in place of a sum.
const BEYOND: &str = "too long";

/// A field's name, its counts, its sum, least and greatest.
type Row = [String; 6];

/// The table below its heading; no line where there is nothing to tell.
pub(crate) fn lines(records: u64, totals: &[FieldTotal]) -> Vec<String> {
    if records == 0 || totals.is_empty() {
        return Vec::new();
    }
    let records = display::counted(records, "record");
    let mut lines = vec![format!("control totals of {records}, as sent:")];
    let rows: Vec<_> = totals.iter().take(MOST_LINES).map(row).collect();
    let widths = Widths::of(&rows);
    lines.push(widths.line(&HEADING.map(str::to_owned)));
    let (mut shown, mut left) = (0, MOST_LINES);
    for row in &rows {
        let of_row = widths.lines(row);
        match left.checked_sub(of_row.len()) {
            Some(rest) => left = rest,
            None => break,
        }
        lines.extend(of_row);
        shown += 1;
    }
    if shown < totals.len() {
        let more = display::counted((totals.len() - shown) as u64, "more field");
        lines.push(format!("  and {more}, in the receipt"));
    }
    if totals[..shown].iter().any(|total| total.overflow) {
        lines.push(format!(
            "  {BEYOND}: a number has over 18 decimal places, or some 20 digits before them"
        ));
    }
    lines
}

fn row(total: &FieldTotal) -> Row {
    let is_number = total.sum.is_some();
    let number = |text: &Option<String>| text.as_deref().map_or_else(String::new, display::number);
    let value = |text: &Option<String>| match is_number {
        true => number(text),
        false => text.clone().unwrap_or_default(),
    };
    let distinct = match total.distinct {
        Some(distinct) => display::count(distinct),
        None if total.filled > MOST_DISTINCT as u64 => {
            format!(">{}", display::count(MOST_DISTINCT as u64))
        }
        None => String::new(),
    };
    [
        match total.field.as_str() {
            "" => "(other keys)".to_owned(),
            field => display::shown(field),
        },
        display::count(total.filled),
        distinct,
        match total.overflow {
            true => BEYOND.to_owned(),
            false => number(&total.sum),
        },
        value(&total.min),
        value(&total.max),
    ]
}

/// How wide each column is. A number that has no room in its own stands on a line of its own: none is
/// ever cut.
struct Widths([usize; 6]);

impl Widths {
    fn of(rows: &[Row]) -> Self {
        let widest = |rows: &[&Row], at: usize| {
            let widths = rows.iter().map(|row| measure_text_width(&row[at]));
            widths.max().unwrap_or(0).max(HEADING[at].len())
        };
        let all: Vec<&Row> = rows.iter().collect();
        let mut fitting = all.clone();
        loop {
            let mut widths: [usize; 6] = std::array::from_fn(|at| match at {
                0..3 => widest(&all, at),
                _ => widest(&fitting, at),
            });
            let others: usize = widths[1..].iter().map(|width| width + 2).sum();
            let left = WIDTH.saturating_sub(2 + others);
            let name = widths[0].min(NAME[0]);
            widths[0] = name.min(left);
            if widths[0] >= name.min(NAME[1]) || fitting.is_empty() {
                return Self(widths);
            }
            // The widest numbers go.
            let width = |row: &Row| row[3..].iter().map(String::len).max();
            let most = fitting.iter().map(|row| width(row)).max();
            fitting.retain(|row| Some(width(row)) != most);
        }
    }

    /// A field's line, and those of numbers that have no room in it.
    fn lines(&self, row: &Row) -> Vec<String> {
        let fits = row[3..]
            .iter()
            .zip(&self.0[3..])
            .all(|(cell, width)| cell.len() <= *width);
        if fits {
            return vec![self.line(row)];
        }
        let mut first = row.clone();
        first[3..].fill(String::new());
        let labels = ["sum", "least", "greatest"];
        let numbers = labels.iter().zip(&row[3..]).map(|(label, cell)| {
            let width = WIDTH.saturating_sub(4 + label.len());
            format!("    {label}{cell:>width$}")
        });
        std::iter::once(self.line(&first)).chain(numbers).collect()
    }

    fn line(&self, row: &Row) -> String {
        let [name, ..] = self.0;
        let field = display::fit(&row[0], name);
        let padding = name.saturating_sub(measure_text_width(&field));
        let mut line = format!("  {field}{:padding$}", "");
        for (cell, width) in row.iter().zip(self.0).skip(1) {
            line.push_str(&format!("  {cell:>width$}"));
        }
        line.truncate(line.trim_end().len());
        line
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn total(field: &str, filled: u64, values: [&str; 3]) -> FieldTotal {
        let [sum, min, max] = values.map(|text| (!text.is_empty()).then(|| text.to_owned()));
        FieldTotal {
            filled,
            sum,
            min,
            max,
            distinct: Some(filled.min(7)),
            ..FieldTotal::unfilled(field)
        }
    }

    #[test]
    fn a_table_for_people() {
        let id = FieldTotal {
            distinct: None,
            ..total("deal_id", 1_234, [""; 3])
        };
        let weight = FieldTotal {
            overflow: true,
            ..total("weight", 3, [""; 3])
        };
        let totals = [
            id,
            total("amount", 1_230, ["-1234567.50", "-12345.00", "9.50"]),
            total("close_date", 900, ["", "2025-01-01", "2025-12-31"]),
            total("a name that is longer than the column", 12, [""; 3]),
            total("never", 0, [""; 3]),
            weight,
            total("", 5, [""; 3]),
        ];
        insta::assert_snapshot!(lines(1_234, &totals).join("\n"));
    }

    #[test]
    fn numbers_that_have_no_room_stand_below() {
        let long = "123456789012345678901.123456789012345678";
        let totals = [
            total(
                "日本語の列名は幅が二倍になるので切られる",
                12_000_000,
                ["1234567890.12", "1", "2"],
            ),
            total("fine", 3, [long, "-0.000000000000000001", long]),
            total("amount", 3, ["5", "1", "2"]),
        ];
        insta::assert_snapshot!(lines(12_000_000, &totals).join("\n"));
    }

    #[test]
    fn many_fields_are_counted() {
        let totals: Vec<_> = (0..500)
            .map(|n| total(&n.to_string(), 1, [""; 3]))
            .collect();
        let shown = lines(1, &totals);
        assert_eq!(shown.len(), 2 + MOST_LINES + 1);
        assert_eq!(shown[0], "control totals of 1 record, as sent:");
        assert_eq!(shown[62], "  and 440 more fields, in the receipt");
        assert_eq!(lines(1, &totals[..60]).len(), 2 + MOST_LINES);
        // Lines below a field's own count too.
        let long = ["1".repeat(60), "1".repeat(40), "1".repeat(40)];
        let totals = vec![total("long", 1, long.each_ref().map(String::as_str)); 20];
        let shown = lines(1, &totals);
        assert_eq!(shown.len(), 2 + MOST_LINES + 1);
        assert_eq!(shown[62], "  and 5 more fields, in the receipt");
    }

    #[test]
    fn nothing_is_told_of_nothing() {
        assert_eq!(lines(0, &[total("a", 0, [""; 3])]), Vec::<String>::new());
        assert_eq!(lines(5, &[]), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn lines_are_narrow_and_no_number_is_cut(
            fields in prop::collection::vec(
                (".{0,40}", 0..100_000_000_000_u64, "-?[1-9][0-9]{0,31}(\\.[0-9]{1,18})?", "-?[1-9][0-9]{0,20}", any::<bool>()),
                1..70,
            )
        ) {
            let totals: Vec<_> = fields
                .iter()
                .map(|(name, filled, sum, least, has_sum)| match has_sum {
                    true => total(name, *filled, [sum, least, sum]),
                    false => total(name, *filled, ["", "2025-01-31", "2025-02-01"]),
                })
                .collect();
            let shown = lines(1, &totals);
            for line in &shown {
                prop_assert!(measure_text_width(line) <= WIDTH, "{line}");
                prop_assert!(!line.contains(char::is_control), "{line:?}");
            }
            let text = shown.join("\n");
            let told = totals.len() - shown.last().map_or(0, |line| match line.strip_prefix("  and ") {
                Some(more) => more.split(' ').next().unwrap().parse().unwrap(),
                None => 0,
            });
            for total in &totals[..told] {
                for number in total.sum.iter().chain(total.sum.as_ref().and(total.min.as_ref())) {
                    prop_assert!(text.contains(&display::number(number)), "{number}\n{text}");
                }
            }
        }
    }
}
