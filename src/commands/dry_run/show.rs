//! What a dry run found, for people: at most 80 columns wide.

use std::time::Duration;

use console::measure_text_width;

use super::values;

use crate::base::display;
use crate::base::log::Entry;
use crate::base::model::Mode;
use crate::push::changes;
use crate::push::plan::Plan;
use crate::push::receipt::{ColumnReceipt, DryRunReceipt, Receipt, WindowPlanReceipt};
use crate::push::totals;
use crate::push::values::ChangedRecord;
use crate::screen::report;
use crate::screen::terminal::{Results, Terminal};
use crate::service::facts::WindowReading;

/// The width of a line.
const WIDTH: usize = 80;

/// Where the text behind a label begins.
const INDENT: usize = 12;

/// The most that a column's name, a key and a type take of it; the value, as it is read and as it is sent,
/// has the rest.
const MOST: [usize; 3] = [20, 18, 8];

/// The most columns without a field that are listed.
const MOST_UNUSED: usize = 20;

/// Shows the plan on standard error and the first records, a line each, on standard output.
pub(super) fn preview(
    terminal: &Terminal,
    plan: &Plan,
    receipt: &Receipt,
    values: &[ChangedRecord],
) {
    let Some(preview) = &receipt.dry_run else {
        return;
    };
    let facts = changes(receipt)
        .into_iter()
        .chain(labelled("values", values::lines(values, WIDTH - INDENT)))
        .chain(facts(plan, preview, receipt));
    let facts = facts.map(|(label, text)| display::fit(&format!("  {label:9} {text}"), WIDTH));
    let title = Entry::info("dry_run", "nothing was sent").labelled(Some("dry run:"));
    terminal.log(&title.lines(facts.collect()));
    terminal.gap();
    let mut columns = table(&preview.columns, plan.shows_samples);
    let heading = Entry::info("columns", columns.remove(0)).heading();
    terminal.log(&heading.lines(columns));
    // They are of all records, whatever of them goes.
    let totals = totals::lines(preview.records + receipt.counts.unchanged, &receipt.totals);
    if let Some(totals) = report::totals(&totals) {
        terminal.gap();
        terminal.log(&totals);
    }
    if terminal.results() == Results::Document || preview.first_records.is_empty() {
        return;
    }
    let first = preview.first_records.len() as u64;
    terminal.gap();
    terminal.tell(&match first == preview.records {
        true => "what would be sent:".to_owned(),
        false => format!(
            "the first {} of {}:",
            display::count(first),
            display::counted(preview.records, "record")
        ),
    });
    for record in &preview.first_records {
        // A value that was pretty-printed has line ends between its parts.
        terminal.result(&record.get().replace(['\n', '\r'], ""));
    }
}

/// What would change, which is what a dry run is made for.
fn changes(receipt: &Receipt) -> Vec<(&'static str, String)> {
    let lines = match (&receipt.changes, &receipt.changes_unknown) {
        (Some(changes), _) => changes::lines(changes),
        (None, Some(why)) => vec![format!("unknown: {why}")],
        (None, None) => Vec::new(),
    };
    let lines = lines.iter().flat_map(|line| wrapped(line, WIDTH - INDENT));
    labelled("changes", lines.collect()).collect()
}

/// Lines of which the first has a label.
fn labelled(
    label: &'static str,
    lines: Vec<String>,
) -> impl Iterator<Item = (&'static str, String)> {
    let labels = std::iter::once(label).chain(std::iter::repeat(""));
    labels.zip(lines)
}

/// A text on lines of at most so many columns, broken between words.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for (n, word) in text.split(' ').enumerate() {
        let taken = measure_text_width(&line) + 1 + measure_text_width(word);
        if taken > width && !line.trim().is_empty() {
            lines.push(std::mem::replace(&mut line, "   ".to_owned()));
        } else if n > 0 {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// What is read, where it goes, how much of it, and what speaks against it.
fn facts(plan: &Plan, preview: &DryRunReceipt, receipt: &Receipt) -> Vec<(&'static str, String)> {
    let counts = receipt.counts;
    let mode = match receipt.mode == Mode::Upsert.word() {
        true => Mode::Upsert,
        false => plan.send.mode,
    };
    let mut facts = vec![
        ("input", input(preview)),
        ("table", display::quoted(plan.send.table.as_str())),
        ("mode", effect(mode, plan.send.reading)),
        (
            "records",
            format!(
                "{} in {}, {}",
                display::count(preview.records),
                display::counted(preview.chunks, "chunk"),
                display::size(preview.bytes)
            ),
        ),
    ];
    let left_out = [
        (counts.unchanged, "unchanged"),
        (counts.rejected_locally, "bad"),
        (
            counts.duplicates_dropped,
            "because another one with the same id is sent",
        ),
    ];
    let left_out = left_out.iter().filter(|(count, _)| *count > 0);
    let left_out: Vec<_> = left_out
        .map(|(count, why)| format!("{} {why}", display::count(*count)))
        .collect();
    if !left_out.is_empty() {
        facts.push(("left out", left_out.join(", ")));
    }
    if let Some(window) = preview.window {
        facts.push(("window", room(window)));
    }
    let verdict = match preview.refusal {
        None => "nothing speaks against it",
        Some(_) => "refused, for the reason below",
    };
    facts.push(("guards", verdict.to_owned()));
    facts
}

fn input(preview: &DryRunReceipt) -> String {
    let header = preview
        .header_line
        .map(|line| format!("header on line {line}"));
    let last = preview
        .skip_last
        .map(|count| format!("last {} left out", display::counted(count, "line")));
    let around = header.into_iter().chain(last);
    if let Some(sheet) = &preview.sheet {
        let sheet = format!("workbook, sheet {}", display::quoted(sheet));
        return std::iter::once(sheet)
            .chain(around)
            .collect::<Vec<_>>()
            .join(", ");
    }
    let mut parts = vec![preview.format.to_ascii_uppercase()];
    parts.extend((preview.delimiter.as_deref()).map(|sign| match sign {
        "\t" => "tabs between cells".to_owned(),
        sign => format!("{} between cells", display::quoted(sign)),
    }));
    parts.extend(around);
    parts.extend(
        (preview.records_at.as_deref())
            .map(|path| format!("records under {}", display::quoted(path))),
    );
    parts.extend(
        (preview.escape.as_deref()).map(|sign| format!("{} escapes", display::quoted(sign))),
    );
    if preview.quote == Some("none") {
        parts.push("quotes are text".to_owned());
    }
    parts.push(preview.encoding.clone());
    parts.extend((preview.compression).map(|by| match &preview.member {
        Some(member) => format!("{by}, file {}", display::quoted(member)),
        None => by.to_owned(),
    }));
    parts.join(", ")
}

fn effect(mode: Mode, reading: Option<WindowReading>) -> String {
    let request = match reading {
        Some(WindowReading::Last) => "last",
        _ => "first",
    };
    match mode {
        Mode::Upsert => "upsert: added, or written over those with the same id".to_owned(),
        Mode::Replace { debounce } if debounce.is_zero() => "replace: the whole content".to_owned(),
        Mode::Replace { debounce } => format!(
            "replace: the whole content, {} after the {request} request",
            display::time(debounce)
        ),
    }
}

/// How long the requests take, and how long they may.
fn room(window: WindowPlanReceipt) -> String {
    let time = |seconds| display::time(Duration::try_from_secs_f64(seconds).unwrap_or_default());
    if window.debounce_seconds == 0.0 {
        let needed = time(window.expected_seconds);
        return format!("none: about {needed} are needed");
    }
    format!(
        "{}: about {} of {}, the last {} kept free",
        if window.fits { "enough" } else { "too short" },
        time(window.expected_seconds),
        time(window.debounce_seconds),
        time(window.margin_seconds)
    )
}

/// The columns, a line each below a heading.
fn table(columns: &[ColumnReceipt], shows_samples: bool) -> Vec<String> {
    let (used, unused): (Vec<_>, Vec<_>) = columns.iter().partition(|c| c.key.is_some());
    let values = match shows_samples {
        true => ["first value", "as sent"],
        false => [""; 2],
    };
    let heading = ["column", "key", "type", values[0], values[1]].map(str::to_owned);
    let shown = used
        .into_iter()
        .chain(unused.iter().take(MOST_UNUSED).copied());
    let rows: Vec<_> = std::iter::once(heading).chain(shown.map(cells)).collect();
    let widest = |at: usize| {
        let widths = rows.iter().map(|row| measure_text_width(&row[at]));
        widths.max().unwrap_or_default()
    };
    let [name, key, kind] = MOST;
    let first = [widest(0).min(name), widest(1).min(key), widest(2).min(kind)];
    // Half of what is left for the value as it is read, and more where it is shorter as sent.
    let left = WIDTH.saturating_sub(1 + first.iter().map(|width| width + 2).sum::<usize>() + 2);
    let most = (left / 2).max(left.saturating_sub(widest(4) + 1));
    let widths = [first[0], first[1], first[2], widest(3).min(most)];
    let mut lines: Vec<_> = rows.iter().map(|row| line(row, widths)).collect();
    if let Some(more) = unused
        .len()
        .checked_sub(MOST_UNUSED)
        .filter(|more| *more > 0)
    {
        let more = display::counted(more as u64, "more column");
        lines.push(format!("  and {more} that no field uses"));
    }
    lines
}

fn cells(column: &ColumnReceipt) -> [String; 5] {
    let name = column.column.as_deref().map(display::shown);
    let value = column.sample.clone().unwrap_or_default();
    let sent = match &column.constant {
        Some(json) => display::shown(json.get()),
        None => column.sent.clone().unwrap_or_default(),
    };
    let (key, kind) = match &column.key {
        Some(key) => (display::shown(key), column.kind.unwrap_or("as it is")),
        None => ("(not sent)".to_owned(), ""),
    };
    let name = name.unwrap_or_else(|| "(constant)".to_owned());
    [name, key, kind.to_owned(), value, sent]
}

fn line(row: &[String; 5], widths: [usize; 4]) -> String {
    let mut line = " ".to_owned();
    for (cell, width) in row.iter().zip(widths) {
        let cell = display::fit(cell, width);
        let padding = width - measure_text_width(&cell);
        line.push_str(&format!(" {cell}{:padding$} ", ""));
    }
    let rest = WIDTH.saturating_sub(measure_text_width(&line) + 1);
    line.push_str(&format!(" {}", display::fit(&row[4], rest)));
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn column(name: &str, key: Option<&str>, sample: &str) -> ColumnReceipt {
        ColumnReceipt {
            column: Some(name.to_owned()),
            key: key.map(str::to_owned),
            kind: key.map(|_| "text"),
            constant: None,
            sample: Some(display::shown(sample)),
            sent: key.map(|_| display::shown(&format!("\"{sample}\""))),
        }
    }

    #[test]
    fn wide_characters_are_aligned_by_what_they_take() {
        let columns = [
            column("日本語", Some("name"), "x"),
            column("é\u{301}", Some("k"), "日".repeat(80).as_str()),
        ];
        let lines = table(&columns, true);
        let pad = " ".repeat(17);
        assert_eq!(
            lines[0],
            format!("  column  key   type  first value{pad}  as sent")
        );
        assert_eq!(
            lines[1],
            format!("  日本語  name  text  x{pad}            \"x\"")
        );
        let (read, sent) = ("日".repeat(13), "日".repeat(13));
        assert_eq!(
            lines[2],
            format!("  é\u{301}       k     text  {read}…   \"{sent}…")
        );
    }

    #[test]
    fn long_lists_go_on_below() {
        assert_eq!(wrapped("  by field: a 1", 20), ["  by field: a 1"]);
        assert_eq!(
            wrapped("5 new: D-1, D-2, D-3, D-4", 16),
            ["5 new: D-1, D-2,", "   D-3, D-4"]
        );
        assert_eq!(wrapped("averylongword b", 5), ["averylongword", "   b"]);
        assert_eq!(wrapped("", 5), [""]);
    }

    #[test]
    fn many_unused_columns_are_counted() {
        let columns: Vec<_> = (0..100).map(|n| column(&n.to_string(), None, "")).collect();
        let lines = table(&columns, true);
        assert_eq!(lines.len(), 1 + MOST_UNUSED + 1);
        assert_eq!(lines[21], "  and 80 more columns that no field uses");
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_a_terminal(
            columns in prop::collection::vec((".{0,60}", prop::option::of(".{0,60}"), ".{0,90}"), 0..6)
        ) {
            let columns: Vec<_> = columns
                .iter()
                .map(|(name, key, sample)| column(name, key.as_deref(), sample))
                .collect();
            let lines = table(&columns, true);
            for line in &lines {
                prop_assert!(measure_text_width(line) <= WIDTH, "{line}");
                prop_assert!(!line.contains(char::is_control), "{line:?}");
            }
        }
    }
}
