//! The tables: Markdown that can be read as it is.

use std::fmt::Write as _;

use crate::cases::Case;
use crate::measure::{Run, median};

/// What became of a case.
pub enum Outcome {
    /// It was run, and everything arrived every time.
    Measured(Vec<Run>),
    /// It could not be run.
    Missing(String),
    /// It did not do the job.
    Wrong(String),
}

/// Median times in milliseconds and memory in MiB.
struct Figures {
    wall: f64,
    least: f64,
    most: f64,
    cpu: f64,
    peak: f64,
}

impl Figures {
    fn of(outcome: &Outcome) -> Option<Self> {
        let Outcome::Measured(runs) = outcome else {
            return None;
        };
        let walls: Vec<_> = runs
            .iter()
            .map(|run| run.wall.as_secs_f64() * 1e3)
            .collect();
        let cpus = runs.iter().map(|run| run.cpu.as_secs_f64() * 1e3);
        let peaks = runs.iter().map(|run| run.peak as f64 / f64::from(1 << 20));
        Some(Self {
            least: walls.iter().copied().fold(f64::INFINITY, f64::min),
            most: walls.iter().copied().fold(0.0, f64::max),
            wall: median(walls),
            cpu: median(cpus.collect()),
            peak: median(peaks.collect()),
        })
    }
}

/// Every case in a line.
pub fn comparison(results: &[(Case, Outcome)]) -> String {
    let wall_of = |name: Option<&str>| {
        let (_, outcome) = results
            .iter()
            .find(|(case, _)| Some(case.name.as_str()) == name)?;
        Some(Figures::of(outcome)?.wall)
    };
    let ratio =
        |wall: f64, of: Option<f64>| of.map_or(String::new(), |of| format!("{:.2}", wall / of));
    let mut rows = vec![row(&[
        "case",
        "what",
        "records",
        "wall ms",
        "least",
        "most",
        "CPU ms",
        "peak MiB",
        "÷ posting",
        "÷ push",
    ])];
    for (case, outcome) in results {
        let mut cells = vec![
            case.name.clone(),
            case.title.clone(),
            case.truth.records.to_string(),
        ];
        match Figures::of(outcome) {
            Some(of) => {
                cells.extend(
                    [of.wall, of.least, of.most, of.cpu, of.peak].map(|x| format!("{x:.1}")),
                );
                cells.push(ratio(of.wall, wall_of(case.floor)));
                cells.push(ratio(of.wall, wall_of(case.push)));
            }
            None => cells.push(words(outcome)),
        }
        rows.push(cells);
    }
    markdown(&rows, 2)
}

/// Pushes of growing files, each beside the first of its format.
pub fn growth(results: &[(Case, Outcome)]) -> String {
    let mut rows = vec![row(&[
        "format",
        "records",
        "wall ms",
        "µs a record",
        "÷ first",
        "CPU ms",
        "peak MiB",
        "− first",
    ])];
    for (case, outcome) in results {
        let mut cells = vec![case.title.clone(), case.truth.records.to_string()];
        let first = results.iter().find(|(first, _)| first.title == case.title);
        let first =
            first.and_then(|(case, outcome)| Some((case.truth.records, Figures::of(outcome)?)));
        match (Figures::of(outcome), first) {
            (Some(of), Some((records, first))) => {
                let each = of.wall * 1e3 / case.truth.records as f64;
                let first_each = first.wall * 1e3 / records as f64;
                cells.extend([of.wall, each].map(|x| format!("{x:.2}")));
                cells.push(format!("{:.2}", each / first_each));
                cells.extend([of.cpu, of.peak, of.peak - first.peak].map(|x| format!("{x:.1}")));
            }
            _ => cells.push(words(outcome)),
        }
        rows.push(cells);
    }
    markdown(&rows, 1)
}

fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Measured(_) => String::new(),
        Outcome::Missing(why) => why.clone(),
        Outcome::Wrong(why) => format!("WRONG: {why}"),
    }
}

fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|&cell| cell.to_owned()).collect()
}

/// The first row is the head; the first `texts` columns stand left, the others right.
fn markdown(rows: &[Vec<String>], texts: usize) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let cell = |row: &[String], column: usize| row.get(column).cloned().unwrap_or_default();
    let width = |column: usize| {
        // Words in place of figures may stick out.
        let whole = rows.iter().filter(|row| row.len() == columns);
        let widths = whole.map(|row| cell(row, column).chars().count());
        widths.max().unwrap_or(0).max(2)
    };
    let widths: Vec<_> = (0..columns).map(width).collect();
    let mut out = String::new();
    for (at, row) in rows.iter().enumerate() {
        for (column, width) in widths.iter().enumerate() {
            let cell = cell(row, column).replace('|', "\\|");
            let _ = match column < texts {
                true => write!(out, "| {cell:width$} "),
                false => write!(out, "| {cell:>width$} "),
            };
        }
        out.push_str("|\n");
        if at == 0 {
            for (column, width) in widths.iter().enumerate() {
                let line = "-".repeat(width - 1);
                let _ = match column < texts {
                    true => write!(out, "| {line}- "),
                    false => write!(out, "| {line}: "),
                };
            }
            out.push_str("|\n");
        }
    }
    out
}
