//! Tables as files, in the shapes that programs write and people leave.

use std::io::{Cursor, Write as _};

use fastrand::Rng;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use serde_json::{Map, Value, json};
use zip::write::SimpleFileOptions;

use super::table::{Cell, Table, Typed};

/// A file, and what stands in it besides its records.
pub struct Written {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    pub shape: String,
}

pub fn written(rng: &mut Rng, table: &mut Table) -> Written {
    match rng.u8(..10) {
        0..6 => csv(rng, table),
        6..8 => sheet(rng, table),
        _ => json_of(rng, table),
    }
}

fn csv(rng: &mut Rng, table: &Table) -> Written {
    let delimiter = [",", ";", "\t", "|"][rng.usize(..4)];
    let end = ["\n", "\r\n"][rng.usize(..2)];
    let is_quoted = rng.u8(..4) == 0;
    let mut shape = format!("csv {delimiter:?} {end:?}");
    let cell = |text: &str| match is_quoted
        || text.contains(['"', '\n', '\r'])
        || text.contains(delimiter)
    {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    };
    let mut note = |words: &str| {
        shape.push_str(", ");
        shape.push_str(words);
    };
    let mut text = String::new();
    if rng.u8(..10) == 0 {
        note("sep=");
        text += &format!("sep={delimiter}{end}");
    } else if rng.u8(..8) == 0 {
        note("a title");
        text += &format!("Report: open deals{end}Run on{delimiter}27/11/2026{end}{end}");
    }
    let trailing = if rng.u8(..8) == 0 { delimiter } else { "" };
    let leading = if rng.u8(..10) == 0 { delimiter } else { "" };
    let names: Vec<_> = table.names.iter().map(|name| cell(name)).collect();
    text += &format!("{leading}{}{trailing}{end}", names.join(delimiter));
    let has_gaps = rng.u8(..8) == 0;
    for record in &table.records {
        if has_gaps && rng.u8(..5) == 0 {
            text += &format!(
                "{leading}{}{trailing}{end}",
                delimiter.repeat(names.len() - 1)
            );
        }
        let cells: Vec<_> = record.iter().map(|one| cell(&one.shown)).collect();
        text += &format!("{leading}{}{trailing}{end}", cells.join(delimiter));
    }
    if !trailing.is_empty() {
        note("a trailing delimiter");
    }
    if !leading.is_empty() {
        note("a nameless first column");
    }
    if has_gaps {
        note("lines of delimiters");
    }
    if rng.u8(..10) == 0 {
        note("a footer");
        text += &format!("{end}Exported by somebody{end}Confidential{end}");
    }
    let (bytes, coded) = encoded(rng, text);
    note(coded);
    let name = if delimiter == "\t" {
        "deals.tsv"
    } else {
        "deals.csv"
    };
    packed(rng, name, bytes, shape)
}

fn encoded(rng: &mut Rng, text: String) -> (Vec<u8>, &'static str) {
    match rng.u8(..8) {
        0 => ([b"\xef\xbb\xbf", text.as_bytes()].concat(), "a mark"),
        1 => {
            let units = text.encode_utf16().flat_map(u16::to_le_bytes);
            (b"\xff\xfe".iter().copied().chain(units).collect(), "UTF-16")
        }
        _ => (text.into_bytes(), "UTF-8"),
    }
}

fn packed(rng: &mut Rng, name: &'static str, bytes: Vec<u8>, shape: String) -> Written {
    match rng.u8(..12) {
        0 => {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gzip.write_all(&bytes).unwrap();
            Written {
                name: if name == "deals.tsv" {
                    "deals.tsv.gz"
                } else {
                    "deals.csv.gz"
                },
                bytes: gzip.finish().unwrap(),
                shape: shape + ", gzip",
            }
        }
        1 => {
            let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
            for (path, content) in [(name, &bytes[..]), ("__MACOSX/._deals.csv", b"x")] {
                zip.start_file(path, SimpleFileOptions::default()).unwrap();
                zip.write_all(content).unwrap();
            }
            Written {
                name: "deals.zip",
                bytes: zip.finish().unwrap().into_inner(),
                shape: shape + ", zip",
            }
        }
        _ => Written { name, bytes, shape },
    }
}

fn sheet(rng: &mut Rng, table: &mut Table) -> Written {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let is_typed = rng.u8(..3) > 0;
    let (down, right) = if rng.u8(..6) == 0 { (9, 1) } else { (0, 0) };
    let has_title = down == 0 && rng.u8(..5) == 0;
    let down = if has_title { 3 } else { down };
    if has_title {
        sheet
            .write_string(0, right, "Report\nof open deals")
            .unwrap();
        sheet.write_string(1, right, "Run on").unwrap();
    }
    let percent = Format::new().set_num_format("0.0%");
    let day = Format::new().set_num_format("dd/mm/yyyy");
    for (column, name) in (right..).zip(&table.names) {
        sheet.write_string(down, column, name).unwrap();
    }
    for (row, record) in (down + 1..).zip(&mut table.records) {
        for (column, cell) in (right..).zip(record) {
            let typed = if is_typed && !cell.shown.is_empty() {
                cell.typed
            } else {
                Typed::Text
            };
            let done = match typed {
                Typed::Text => sheet.write_string(row, column, &cell.shown),
                Typed::Number(number) => {
                    *cell = Cell {
                        shown: number.to_string(),
                        meant: Some(number.to_string()),
                        typed,
                    };
                    sheet.write_number(row, column, number)
                }
                Typed::Percent(share) => {
                    cell.shown = cell.meant.clone().unwrap() + "%";
                    sheet.write_number_with_format(row, column, share, &percent)
                }
                Typed::Boolean(word) => {
                    cell.shown = word.to_string();
                    sheet.write_boolean(row, column, word)
                }
                Typed::Date(year, month, of) => {
                    cell.shown = format!("{year}-{month:02}-{of:02}");
                    let date = ExcelDateTime::from_ymd(year, month, of).unwrap();
                    sheet.write_datetime_with_format(row, column, &date, &day)
                }
            };
            done.unwrap();
        }
    }
    Written {
        name: "deals.xlsx",
        bytes: book.save_to_buffer().unwrap(),
        shape: format!(
            "xlsx, typed: {is_typed}, a title: {has_title}, from row {}",
            down + 1
        ),
    }
}

fn json_of(rng: &mut Rng, table: &Table) -> Written {
    let record = |cells: &Vec<Cell>| -> Value {
        let cells = table.names.iter().zip(cells);
        let entries = cells.map(|(name, cell)| (name.clone(), Value::from(cell.shown.as_str())));
        entries.collect::<Map<_, _>>().into()
    };
    let records: Vec<Value> = table.records.iter().map(record).collect();
    let lines = |records: &[Value]| -> String {
        records.iter().map(|record| format!("{record}\n")).collect()
    };
    let (name, text, shape) = match rng.u8(..5) {
        0 => ("deals.ndjson", lines(&records), "ndjson"),
        1 => (
            "deals.json",
            Value::from(records).to_string(),
            "an array on one line",
        ),
        2 => {
            let pretty = serde_json::to_string_pretty(&records).unwrap();
            ("deals.json", pretty, "a pretty array")
        }
        3 => {
            let document = json!({ "items": records, "next": null });
            ("deals.json", document.to_string(), "items")
        }
        _ => {
            let document = json!({ "data": { "deals": { "nodes": records } } });
            ("deals.json", document.to_string(), "data.deals.nodes")
        }
    };
    Written {
        name,
        bytes: text.into_bytes(),
        shape: shape.to_owned(),
    }
}
