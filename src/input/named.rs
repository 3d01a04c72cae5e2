//! What an input's name tells of how it is written.

use std::path::Path;

use super::options::Format;

/// What tells a compressed file behind what its name tells of its content.
const COMPRESSED: [&str; 3] = ["gz", "zst", "zstd"];

/// The format and the delimiter that a name tells.
pub(super) fn by_name(name: &str) -> (Option<Format>, Option<u8>) {
    match extension(Path::new(name)).as_str() {
        "csv" | "txt" => (Some(Format::Csv), None),
        "tsv" | "tab" => (Some(Format::Csv), Some(b'\t')),
        "ndjson" | "jsonl" | "json-lines" => (Some(Format::Ndjson), None),
        "json" => (Some(Format::Json), None),
        _ => (None, None),
    }
}

/// Whether it is a name of data, compressed or not.
pub(super) fn is_data(name: &str) -> bool {
    let is_book = || matches!(&*extension(Path::new(name)), "xlsx" | "xlsm" | "zip");
    by_name(name).0.is_some() || is_book()
}

/// The extension in small letters; of a compressed file that of what is in it.
fn extension(path: &Path) -> String {
    let of = |path: &Path| {
        let extension = path.extension().unwrap_or_default();
        extension.to_string_lossy().to_ascii_lowercase()
    };
    let outer = of(path);
    match path.file_stem() {
        Some(inner) if COMPRESSED.contains(&outer.as_str()) => of(Path::new(inner)),
        _ => outer,
    }
}
