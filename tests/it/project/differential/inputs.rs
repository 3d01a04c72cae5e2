//! Made-up pushes: files of every format with what real exports have in them, a mapping or none, and
//! the options of the line. The same seed makes the same push.

use std::fmt;
use std::io::Write as _;

use fastrand::Rng;
use serde_json::Value;

use super::cells::{Kind, Style};

/// Whether everything in an input can be sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Quality {
    /// All of it can.
    Good,
    /// A part of it may be refused, or the command is none that sends.
    Any,
}

/// One push.
pub struct Case {
    pub files: Vec<(String, Vec<u8>)>,
    pub line: Vec<String>,
}

/// How a table is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    Ndjson,
    Json,
    Sheet,
}

/// A table before it is written.
struct Table {
    names: Vec<String>,
    kinds: Vec<Kind>,
    records: Vec<Vec<String>>,
    style: Style,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.line.join(" "))?;
        self.files.iter().try_for_each(|(name, content)| {
            let text = String::from_utf8_lossy(content);
            writeln!(f, "--- {name}\n{}", text.escape_debug())
        })
    }
}

impl Case {
    pub fn of(seed: u64, quality: Quality) -> Self {
        let mut random = Rng::with_seed(seed);
        let rng = &mut random;
        let format = match rng.u8(..100) {
            ..50 => Format::Csv,
            50..85 => Format::Ndjson,
            85..95 => Format::Json,
            _ => Format::Sheet,
        };
        let mut table = Table::made(rng, format);
        if quality == Quality::Any && rng.bool() {
            table.spoil(rng);
        }
        let (name, content) = table.written(rng, format, quality);
        let (name, content) = match format != Format::Sheet && rng.u8(..12) == 0 {
            true => (format!("{name}.gz"), gzipped(&content)),
            false => (name, content),
        };
        let mut line = vec![name.clone(), "--table".into(), "deals".into()];
        let mut files = vec![(name, content)];
        // Cells of a sheet are typed as Excel has them, which the mapping does not know.
        if format != Format::Sheet && rng.u8(..3) > 0 {
            files.push(("map.toml".into(), table.mapping(rng).into_bytes()));
            line.extend(["--mapping".into(), "map.toml".into()]);
        }
        line.extend(options(rng, quality));
        Self { files, line }
    }
}

fn options(rng: &mut Rng, quality: Quality) -> Vec<String> {
    let mut line = Vec::new();
    let mut add = |text: &str| line.extend(text.split_whitespace().map(str::to_owned));
    match rng.u8(..3) {
        0 => add("--all --debounce 900"),
        _ => add(&format!("--chunk-size {}", rng.u32(1..50))),
    }
    if quality == Quality::Any {
        match rng.u8(..10) {
            0 => add("--dry-run"),
            1 => add("--dry-run --output json"),
            2 | 3 => add("--output json"),
            4 => add("--max-errors 100%"),
            5 => add("--max-errors 2 --duplicates last"),
            6 => add("--duplicates first"),
            _ => {}
        }
    }
    line
}

fn gzipped(content: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(content).unwrap();
    gzip.finish().unwrap()
}

impl Table {
    fn made(rng: &mut Rng, format: Format) -> Self {
        let count = match rng.u8(..20) {
            0 => rng.usize(60..90),
            _ => rng.usize(1..9),
        };
        let style = Style::of(rng);
        let mut names = vec!["id".to_owned(), "name".to_owned()];
        let mut kinds = vec![Kind::Id, Kind::Text];
        for n in 0..count {
            names.push(match rng.u8(..6) {
                0 => format!("Spalte {n} ä"),
                1 if format == Format::Csv => format!("a \"b\" {n}"),
                _ => format!("Column {n}"),
            });
            kinds.push(Kind::any(rng));
        }
        // Long inputs cross the borders of blocks and chunks.
        let most = match rng.u8(..12) {
            0 => 3_000,
            1..=3 => 300,
            _ => 30,
        };
        let records = (0..rng.usize(1..=most))
            .map(|n| kinds.iter().map(|kind| kind.cell(rng, style, n)).collect())
            .collect();
        Self {
            names,
            kinds,
            records,
            style,
        }
    }

    /// Puts cells into it that no type takes, an id twice, and records of another length.
    fn spoil(&mut self, rng: &mut Rng) {
        const BAD: [&str; 12] = [
            "",
            " ",
            "x",
            "1,2,3",
            "NaN",
            "1_000",
            "--5",
            "31/02/2024",
            "+1",
            "0x10",
            "\u{feff}",
            "{",
        ];
        for _ in 0..rng.usize(1..6) {
            let record = rng.usize(..self.records.len());
            match rng.u8(..8) {
                0 => self.records[record].push("surplus".to_owned()),
                1 => self.records[record].truncate(1),
                2 => {
                    let id = self.records[0][0].clone();
                    self.records[record][0] = id;
                }
                _ => {
                    let column = rng.usize(..self.records[record].len());
                    self.records[record][column] = BAD[rng.usize(..BAD.len())].to_owned();
                }
            }
        }
    }

    fn written(&self, rng: &mut Rng, format: Format, quality: Quality) -> (String, Vec<u8>) {
        match format {
            Format::Csv => self.csv(rng),
            Format::Ndjson => ("data.ndjson".into(), self.ndjson(rng, quality).into_bytes()),
            Format::Json => ("data.json".into(), self.json(rng).into_bytes()),
            Format::Sheet => ("data.xlsx".into(), self.sheet()),
        }
    }

    fn csv(&self, rng: &mut Rng) -> (String, Vec<u8>) {
        let delimiter = *rng.choice(&[',', ';', '\t', '|']).unwrap();
        let end = *rng.choice(&["\n", "\n", "\r\n", "\r"]).unwrap();
        let quotes_all = rng.u8(..4) == 0;
        let mut text = String::new();
        if rng.u8(..5) == 0 {
            text.push('\u{feff}');
        }
        for (n, record) in std::iter::once(&self.names)
            .chain(&self.records)
            .enumerate()
        {
            if n > 0 && rng.u8(..30) == 0 {
                text.push_str(end);
            }
            for (n, cell) in record.iter().enumerate() {
                if n > 0 {
                    text.push(delimiter);
                }
                let must = cell.starts_with('"') || cell.contains([delimiter, '\n', '\r']);
                match must || quotes_all || rng.u8(..20) == 0 {
                    true => text.push_str(&format!("\"{}\"", cell.replace('"', "\"\""))),
                    false => text.push_str(cell),
                }
            }
            text.push_str(end);
        }
        if rng.u8(..5) == 0 {
            text.truncate(text.len() - end.len());
        }
        let name = if delimiter == '\t' {
            "data.tsv"
        } else {
            "data.csv"
        };
        (name.into(), text.into_bytes())
    }

    /// A record as a JSON object; members that are empty may be missing.
    fn object(&self, rng: &mut Rng, record: &[String]) -> String {
        let mut members = Vec::new();
        for (n, (name, kind)) in self.names.iter().zip(&self.kinds).enumerate() {
            let Some(cell) = record.get(n) else { break };
            // A key that no record has is an error, so the first record has them all.
            let is_first = std::ptr::eq(record, self.records[0].as_slice());
            if !is_first && cell.is_empty() && rng.u8(..3) == 0 {
                continue;
            }
            let value = kind.json(rng, self.style, cell);
            let space = *rng.choice(&["", "", " ", "  "]).unwrap();
            members.push(format!("{}:{space}{value}", Value::from(name.as_str())));
        }
        if rng.u8(..15) == 0 {
            rng.shuffle(&mut members);
        }
        format!("{{{}}}", members.join(*rng.choice(&[",", ", "]).unwrap()))
    }

    fn ndjson(&self, rng: &mut Rng, quality: Quality) -> String {
        let end = *rng.choice(&["\n", "\n", "\r\n"]).unwrap();
        let mut text = String::new();
        for record in &self.records {
            if rng.u8(..40) == 0 {
                text.push_str(end);
            }
            text.push_str(&self.object(rng, record));
            if quality == Quality::Any && rng.u8(..60) == 0 {
                text.pop();
            }
            text.push_str(end);
        }
        text
    }

    fn json(&self, rng: &mut Rng) -> String {
        let objects: Vec<_> = self.records.iter().map(|r| self.object(rng, r)).collect();
        let between = *rng.choice(&[",", ",\n", "\n,\n  "]).unwrap();
        let list = format!("[{}]", objects.join(between));
        match rng.u8(..3) {
            0 => format!("{{\"items\": {list}}}\n"),
            _ => list,
        }
    }

    fn sheet(&self) -> Vec<u8> {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (row, record) in (0..).zip(std::iter::once(&self.names).chain(&self.records)) {
            for (column, cell) in (0..).zip(record) {
                match (row % 3, cell.parse::<f64>()) {
                    (1, Ok(number)) if column > 1 && number.is_finite() => {
                        sheet.write_number(row, column, number).unwrap()
                    }
                    _ => sheet.write_string(row, column, cell).unwrap(),
                };
            }
        }
        book.save_to_buffer().unwrap()
    }

    fn mapping(&self, rng: &mut Rng) -> String {
        let mut text = self.style.input();
        text.push_str("[fields]\n");
        for (n, (name, kind)) in self.names.iter().zip(&self.kinds).enumerate() {
            let key = match n {
                0 | 1 => name.clone(),
                _ => format!("field_{n}"),
            };
            let column = Value::from(name.as_str());
            text.push_str(&format!(
                "{key} = {{ column = {column}{} }}\n",
                kind.options(rng)
            ));
        }
        text
    }
}
