//! A rejects file read back: why records were left out, and where the first of them stood.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;

use serde_json::{Map, Value};

use crate::input::REJECT_COLUMNS;

/// The most reasons that are told, and the most places of each.
const MOST_REASONS: usize = 20;
const MOST_PLACES: usize = 5;

/// The most reasons that are told apart: others than the first ones are counted together.
const MOST_KNOWN: usize = 1_000;

/// Records that were left out for the same reason.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct RejectedFor {
    pub reason: String,
    pub count: u64,
    /// `deals.csv:17`, of the first ones.
    pub places: Vec<String>,
}

/// The reasons in a file, the most frequent first.
pub(crate) fn reasons(path: &Path) -> io::Result<Vec<RejectedFor>> {
    let mut file = BufReader::new(File::open(path)?);
    let mut reasons = Reasons::default();
    match file
        .fill_buf()?
        .iter()
        .find(|byte| !byte.is_ascii_whitespace() && byte.is_ascii())
    {
        Some(b'{') => of_lines(file, &mut reasons)?,
        _ => of_csv(path, &mut reasons)?,
    }
    Ok(reasons.finish())
}

fn of_lines(file: impl io::BufRead, reasons: &mut Reasons) -> io::Result<()> {
    let [name, line, _, reason] = REJECT_COLUMNS;
    for text in file.lines() {
        let text = text?;
        let Ok(record) =
            serde_json::from_str::<Map<String, Value>>(text.trim_start_matches('\u{feff}'))
        else {
            continue;
        };
        let of = |key: &str| match record.get(key) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        };
        reasons.add(&of(reason), &of(name), &of(line));
    }
    Ok(())
}

fn of_csv(path: &Path, reasons: &mut Reasons) -> io::Result<()> {
    let [name, line, _, reason] = REJECT_COLUMNS;
    let mut header = String::new();
    BufReader::new(File::open(path)?).read_line(&mut header)?;
    // What stands between our own columns stands between all.
    let between = header
        .rsplit_once(name)
        .and_then(|(_, rest)| rest.bytes().find(|byte| *byte != b'"'));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(between.unwrap_or(b','))
        .flexible(true)
        .from_path(path)
        .map_err(io::Error::other)?;
    let header = reader.byte_headers().map_err(io::Error::other)?.clone();
    let place = |wanted: &str| header.iter().rposition(|name| name == wanted.as_bytes());
    let (Some(name), Some(line), Some(reason)) = (place(name), place(line), place(reason)) else {
        return Err(io::Error::other("it has no reasons"));
    };
    // What such a record has too many or too few of stands behind ours.
    let mut record = csv::ByteRecord::new();
    while reader
        .read_byte_record(&mut record)
        .map_err(io::Error::other)?
    {
        let of =
            |at: usize| String::from_utf8_lossy(record.get(at).unwrap_or_default()).into_owned();
        reasons.add(&of(reason), &of(name), &of(line));
    }
    Ok(())
}

#[derive(Default)]
struct Reasons(HashMap<String, RejectedFor>);

impl Reasons {
    fn add(&mut self, reason: &str, file: &str, line: &str) {
        let key = match self.0.len() < MOST_KNOWN || self.0.contains_key(reason) {
            true => reason,
            false => "for other reasons",
        };
        let of = self.0.entry(key.to_owned()).or_insert_with(|| RejectedFor {
            reason: key.to_owned(),
            ..RejectedFor::default()
        });
        of.count += 1;
        if of.places.len() < MOST_PLACES {
            of.places.push(format!("{file}:{line}"));
        }
    }

    fn finish(self) -> Vec<RejectedFor> {
        let mut all: Vec<_> = self.0.into_values().collect();
        all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.reason.cmp(&b.reason)));
        if all.len() > MOST_REASONS {
            let rest = all.drain(MOST_REASONS - 1..).collect::<Vec<_>>();
            all.push(RejectedFor {
                reason: format!("{} more reasons", rest.len()),
                count: rest.iter().map(|one| one.count).sum(),
                places: Vec::new(),
            });
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(String, u64, Vec<String>)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejects");
        std::fs::write(&path, text).unwrap();
        let all = reasons(&path).unwrap();
        all.into_iter()
            .map(|one| (one.reason, one.count, one.places))
            .collect()
    }

    #[test]
    fn reasons_are_counted_in_both_forms() {
        let csv = "\u{feff}id;\"a;b\";reject_file;reject_line;reject_column;reject_reason\n\
                   1;\"x\ny\";deals.csv;7;a;is no number\n2;x;deals.csv;9;;has 3 cells;more\n3;;deals.csv;11;a;is no number\n";
        let expected = [
            (
                "is no number".to_owned(),
                2,
                vec!["deals.csv:7".to_owned(), "deals.csv:11".to_owned()],
            ),
            ("has 3 cells".to_owned(), 1, vec!["deals.csv:9".to_owned()]),
        ];
        assert_eq!(of(csv), expected);
        let json = "{\"id\":1,\"reject_file\":\"deals.csv\",\"reject_line\":7,\"reject_column\":\"a\",\"reject_reason\":\"is no number\"}\n\
                    {\"reject_raw\":\"x\",\"reject_file\":\"deals.csv\",\"reject_line\":9,\"reject_reason\":\"has 3 cells\"}\n\
                    {\"reject_file\":\"deals.csv\",\"reject_line\":11,\"reject_reason\":\"is no number\"}\n";
        assert_eq!(of(json), expected);
    }

    #[test]
    fn reasons_that_are_many_are_counted_together() {
        let line = |n: u64| format!("{{\"reject_reason\":\"r{n}\",\"reject_line\":{n}}}\n");
        let all = of(&(0..1_500).map(line).collect::<String>());
        assert_eq!(all.len(), MOST_REASONS);
        assert_eq!(all.iter().map(|one| one.1).sum::<u64>(), 1_500);
        assert_eq!(all[0].0, "for other reasons");
    }
}
