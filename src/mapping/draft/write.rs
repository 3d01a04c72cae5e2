//! The draft as text: TOML with comments, readable in 80 columns.

use std::fmt::Write as _;

use super::fields::{Example, Field, Fields};
use super::identity::Choice;
use super::kinds::DraftType;
use super::options::DraftOptions;
use super::sample::Sample;
use crate::base::display;
use crate::mapping::value::marks::Negative;
use crate::mapping::value::style::NumberStyle;

/// The first lines of every draft: where editors find what a mapping may hold.
const SCHEMA_LINE: &str = "#:schema mapping.schema.json\n# (`qobra-push init --schema > mapping.schema.json` puts it beside this file)";

/// The widest line, unless names are longer.
const WIDTH: usize = 80;

/// The most characters of an example.
const EXAMPLE_CHARS: usize = 40;

/// Fewer characters of an example are not worth it.
const FEWEST_CHARS: usize = 10;

/// Keys longer than this are not lined up with the others.
const KEY_CHARS: usize = 24;

/// The names and settings that stand around the fields.
pub(super) struct Frame<'a> {
    pub(super) sample: &'a Sample,
    pub(super) options: &'a DraftOptions,
    /// The input's name, harmless to print.
    pub(super) input: &'a str,
    /// What was read of it, where that is not all.
    pub(super) notes: &'a [String],
    pub(super) delimiter: Option<u8>,
    pub(super) escape: Option<u8>,
}

/// The whole draft.
pub(super) fn text(fields: &Fields, frame: &Frame<'_>) -> String {
    let mut out = format!("{SCHEMA_LINE}\n#\n");
    head(&mut out, fields, frame);
    out.push('\n');
    match &frame.options.table {
        Some(table) => {
            let _ = writeln!(out, "table = {}", quoted(table));
        }
        None => out.push_str("# table = \"KEY\"    # the table's key, or say it with --table\n"),
    }
    choice(&mut out, "id", &fields.id, fields);
    choice(&mut out, "name", &fields.name, fields);
    input(&mut out, fields, frame);
    out.push_str("\n[fields]\n");
    let keys = fields.list.iter().map(|field| field.key.len());
    let width = keys.filter(|&n| n <= KEY_CHARS).max().unwrap_or(0);
    for field in &fields.list {
        line(&mut out, field, fields.own_style(field), width);
    }
    out
}

/// What was read, and what to check.
fn head(out: &mut String, fields: &Fields, frame: &Frame<'_>) {
    let sample = frame.sample;
    let read = sample.records + sample.unreadable;
    let what = match (read, sample.is_whole) {
        (0, _) => "its header alone: it has no records".to_owned(),
        (1, true) => "its only record".to_owned(),
        (n, true) => format!("all of its {} records", display::count(n)),
        (n, false) => format!("its first {} records", display::count(n)),
    };
    comment(
        out,
        &format!(
            "A mapping drafted from {}: from {what}. Please check:",
            frame.input
        ),
    );
    for item in [
        "id and name: the fields that tell records apart, and that Qobra shows",
        "keys, left of the `=`: they must be the API keys of the table's fields",
        "types: each one fits every cell that was read; text where nothing was sure",
    ] {
        let _ = writeln!(out, "# - {item}");
    }
    if fields.list.iter().any(|field| field.is_required) {
        out.push_str(
            "# - required: no cell was empty that was read; take it away where one may be\n",
        );
        if let Some(place) = sample.first_hollow() {
            let what = "is nearly empty, and a push with this mapping refuses it";
            comment(
                out,
                &format!("Left to do: {place} {what}. Correct the file, or leave the line out."),
            );
        }
    }
    for note in frame.notes {
        comment(out, &format!("{note}."));
    }
    if sample.unreadable > 0 {
        let records = display::counted(sample.unreadable, "record");
        let fault = sample.first_fault.as_deref().unwrap_or_default();
        comment(
            out,
            &format!("Left out: {records} that cannot be read. The first one {fault}."),
        );
    }
    if sample.is_cut {
        comment(out, "The records have more keys than these.");
    }
    let table = match frame.options.table {
        Some(_) => "",
        None => " --table KEY",
    };
    let words = &frame.options.words;
    let _ = writeln!(
        out,
        "#\n#   qobra-push {words} --mapping THIS-FILE{table} --dry-run"
    );
}

/// `id = …` or `name = …`, with what is to be said about it.
fn choice(out: &mut String, option: &str, choice: &Choice, fields: &Fields) {
    if let Some(remark) = &choice.remark {
        out.push('\n');
        comment(out, remark);
    }
    let key = |column: Option<usize>| Some(fields.list.get(column?)?.key.as_str());
    let _ = match key(choice.column) {
        Some(key) => writeln!(out, "{option:5} = \"{key}\""),
        None => {
            let key = key(choice.proposed).unwrap_or("KEY");
            writeln!(out, "# {option} = \"{key}\"")
        }
    };
}

/// How the input is written, where that is not the usual way.
fn input(out: &mut String, fields: &Fields, frame: &Frame<'_>) {
    let mut lines = Vec::new();
    match frame.delimiter {
        None | Some(b',') => {}
        Some(b'\t') => lines.push(("delimiter", quoted("tab"))),
        Some(byte) => lines.push(("delimiter", quoted(&char::from(byte).to_string()))),
    }
    if let Some(byte) = frame.escape {
        lines.push(("escape", quoted(&char::from(byte).to_string())));
    }
    if let Some(encoding) = &frame.options.encoding {
        lines.push(("encoding", quoted(encoding)));
    }
    let margins = frame.options.margins;
    lines.extend((margins.header_line).map(|line| ("header_line", line.to_string())));
    if margins.skip_last > 0 {
        lines.push(("skip_last", margins.skip_last.to_string()));
    }
    if let Some(path) = &frame.options.records_at {
        lines.push(("records", quoted(path)));
    }
    if let Some(style) = fields.common_style() {
        if style.decimal != '.' {
            lines.push(("decimal", quoted(&style.decimal.to_string())));
        }
        let sign = style.thousands.map(|sign| quoted(&sign.to_string()));
        lines.extend(sign.map(|sign| ("thousands", sign)));
    }
    let proposed = frame.options.proposed_skip_last;
    if lines.is_empty() && frame.options.remark.is_none() && proposed == 0 {
        return;
    }
    out.push_str("\n[input]\n");
    remarks(out, frame);
    let width = lines.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
    for (key, value) in lines {
        let _ = writeln!(out, "{key:width$} = {value}");
    }
}

/// What is to be looked at of how the input is written.
fn remarks(out: &mut String, frame: &Frame<'_>) {
    let proposed = frame.options.proposed_skip_last;
    if proposed > 0 {
        let (lines, them) = match proposed {
            1 => ("The last line seems to be no record".to_owned(), "it"),
            n => (format!("The last {n} lines seem to be no records"), "them"),
        };
        let what = "Take the # away to leave";
        comment(
            out,
            &format!("{lines}, and no type was made of {them}. {what} {them} out:"),
        );
        let _ = writeln!(out, "# skip_last = {proposed}");
    }
    if let Some(remark) = &frame.options.remark {
        comment(out, remark);
    }
    if let Some(encoding) = &frame.options.guessed_encoding {
        comment(
            out,
            &format!(
                "The file is not UTF-8. Read as {encoding}: check a word with an accent in the examples below."
            ),
        );
    }
    if frame.escape.is_some() {
        comment(out, "Without the escape this file cannot be read.");
    }
}

/// One field's line: its remark above it, its example behind it or, where that is too narrow, above.
fn line(out: &mut String, field: &Field, style: Option<NumberStyle>, width: usize) {
    let assignment = format!("{:width$} = {}", field.key, value(field, style));
    if let Some(reason) = &field.off {
        let _ = writeln!(out, "# {assignment}  # {}", display::shown(reason));
        return;
    }
    if let Some(remark) = &field.remark {
        comment(out, remark);
    }
    // The words of a boolean are in its list.
    let is_said = matches!(field.kind, DraftType::Boolean(_));
    let Some(example) = field.example.as_ref().filter(|_| !is_said) else {
        out.push_str(&assignment);
        out.push('\n');
        return;
    };
    let taken = assignment.chars().count() + "  # ".len() + words(example, 0).chars().count();
    let room = WIDTH.saturating_sub(taken);
    let needed = example.cell().chars().count().min(FEWEST_CHARS);
    let _ = match room >= needed {
        true => writeln!(out, "{assignment}  # {}", words(example, room)),
        false => writeln!(out, "# {}:\n{assignment}", words(example, EXAMPLE_CHARS)),
    };
}

/// An example with at most so many characters of its cell.
fn words(example: &Example, most: usize) -> String {
    let cell = cut(example.cell(), most.min(EXAMPLE_CHARS));
    match example {
        Example::One(_) => format!("e.g. {cell}"),
        Example::Only(_) => format!("{cell} or empty"),
        Example::Always(_) => format!("always {cell}"),
    }
}

/// What stands behind the field's `=`.
fn value(field: &Field, style: Option<NumberStyle>) -> String {
    let column = quoted(&field.column);
    let mut more = String::new();
    match &field.kind {
        DraftType::AsIs => {}
        DraftType::Number(typed, _, amounts) => {
            let _ = write!(more, ", type = \"{}\"", typed.word());
            if !amounts.symbols.is_empty() {
                let _ = write!(more, ", symbols = {}", list(&amounts.symbols));
            }
            let words = Negative::WORDS.iter();
            for (word, _) in words.filter(|(_, of)| Some(*of) == amounts.negative) {
                let _ = write!(more, ", negative = \"{word}\"");
            }
        }
        DraftType::Boolean(answers) => {
            more.push_str(", type = \"boolean\"");
            for (option, words) in [("true", &answers.yes), ("false", &answers.no)] {
                let is_usual = matches!(&words[..], [word] if word.to_lowercase() == option);
                if !is_usual {
                    let _ = write!(more, ", {option} = {}", list(words));
                }
            }
        }
        DraftType::Date(layouts) => {
            more.push_str(", type = \"date\"");
            match &layouts[..] {
                [layout] if layout == "%Y-%m-%d" => {}
                [layout] => {
                    let _ = write!(more, ", format = {}", quoted(layout));
                }
                _ => {
                    let _ = write!(more, ", format = {}", list(layouts));
                }
            }
        }
    }
    if let Some(style) = style {
        let _ = write!(more, ", decimal = \"{}\"", style.decimal);
        if let Some(sign) = style.thousands {
            let _ = write!(more, ", thousands = \"{sign}\"");
        }
    }
    if field.trims {
        more.push_str(", trim = true");
    }
    if field.is_required {
        more.push_str(", required = true");
    }
    match more.is_empty() {
        true => column,
        false => format!("{{ column = {column}{more} }}"),
    }
}

fn list(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("[{}]", words.join(", "))
}

/// A text as a TOML string: what does not show or moves the cursor is escaped.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if display::is_hidden(c) && u32::from(c) <= 0xffff => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c if display::is_hidden(c) => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// An example's beginning between quotes.
fn cut(cell: &str, most: usize) -> String {
    let shown = display::shown(cell);
    if most == 0 {
        return "\"\"".to_owned();
    }
    if shown.chars().count() <= most {
        return format!("\"{shown}\"");
    }
    let beginning: String = shown.chars().take(most - 1).collect();
    format!("\"{}…\"", beginning.trim_end())
}

/// A comment, broken into lines.
fn comment(out: &mut String, words: &str) {
    let mut line = String::from("#");
    for word in words.split_whitespace() {
        if line.len() > 1 && line.chars().count() + 1 + word.chars().count() > WIDTH {
            out.push_str(&line);
            out.push('\n');
            "#".clone_into(&mut line);
        }
        line.push(' ');
        line.push_str(word);
    }
    out.push_str(&line);
    out.push('\n');
}
