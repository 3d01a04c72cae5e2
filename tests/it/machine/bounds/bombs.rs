//! Files that grow to a thousand times their size when they are unpacked.

use std::io::{self, Write as _};

use insta::assert_snapshot;

use super::child::{MIB, STREAMED, WORKBOOK, ZSTD_LONG, fed, is_full, refused, sized};
use crate::stage::Stage;

/// What grows to a thousand times its size when it is unpacked.
#[test]
fn bombs() {
    let records = "1,x\n".repeat(50_000);
    // Good records without an end: the limit is what ends them.
    let limit = if is_full() { "2GiB" } else { "8MiB" };
    let rows = (sized(2_050 * MIB, 9 * MIB) / records.len() as u64) as usize;
    let packed = [HEADER, records.as_bytes(), &[b'\n'; 4_000_000]].concat();
    let stage = Stage::unused()
        .file("bomb.csv.gz", gzip(&packed, 1))
        .file("bomb.csv.zst", zstd::encode_all(&*packed, 19).unwrap())
        .file("line.csv.gz", gzip(&vec![b'x'; MIB as usize], 2_048))
        .file("line.csv.zst", zstd_line(sized(4 << 30, 64 * MIB)))
        .file("long.csv.zst", zstd_window(27))
        .file("longer.csv.zst", zstd_window(28))
        .file("boundless.csv.zst", ZSTD_BOUNDLESS)
        .file(
            "rows.csv.gz",
            [gzip(HEADER, 1), gzip(records.as_bytes(), rows)].concat(),
        )
        .file("rows.csv.zst", zstd_rows(records.as_bytes(), rows));
    let mut said = String::new();
    for (most, line) in [
        (STREAMED, "bomb.csv.gz -t deals --max-input 1MiB"),
        (STREAMED, "bomb.csv.zst -t deals --max-input 1MiB"),
        (STREAMED, "line.csv.gz -t deals"),
        (STREAMED, "line.csv.zst -t deals"),
        (ZSTD_LONG, "long.csv.zst -t deals"),
        (STREAMED, "longer.csv.zst -t deals"),
        (STREAMED, "boundless.csv.zst -t deals"),
        (STREAMED, "rows.csv.gz -t deals --max-input LIMIT"),
        (STREAMED, "rows.csv.zst -t deals --max-input LIMIT"),
    ] {
        let told = refused(&stage, most, &line.replace("LIMIT", limit));
        said.push_str(&told.replace(limit, "LIMIT").replace("2.0 GiB", "8.0 MiB"));
    }
    assert_snapshot!(said);
}

/// A frame that says that its window has 2^41 bytes and more.
const ZSTD_BOUNDLESS: [u8; 10] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, 0x01, 0x00, 0x00, 0x00];

/// Above all records.
const HEADER: &[u8] = b"id,name\n";

/// The same records again and again in one frame.
fn zstd_rows(records: &[u8], times: usize) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.write_all(HEADER).unwrap();
    for _ in 0..times {
        encoder.write_all(records).unwrap();
    }
    encoder.finish().unwrap()
}

/// Each record a member of its own.
#[test]
fn members() {
    let count = sized(1_000_000, 20_000) as usize;
    let members = [gzip(HEADER, 1), gzip(b"1,x\n", count)].concat();
    let stage = Stage::unused().file("members.csv.gz", members);
    let line = "members.csv.gz -t deals --dry-run --duplicates last";
    let (told, _) = fed(&stage, STREAMED, line, None);
    assert_eq!(told.code(), Some(0), "{told}");
}

/// So many equal members, one behind the other.
fn gzip(unit: &[u8], members: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(unit).unwrap();
    encoder.finish().unwrap().repeat(members)
}

/// A line of so many bytes in one frame.
fn zstd_line(bytes: u64) -> Vec<u8> {
    zstd::encode_all(io::Read::take(io::repeat(b'x'), bytes), 1).unwrap()
}

/// A line of 512 MiB that is unpacked with a window of so many bits.
fn zstd_window(bits: u32) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(bits).unwrap();
    let bytes = sized(512 * MIB, 192 * MIB);
    io::copy(&mut io::Read::take(io::repeat(b'x'), bytes), &mut encoder).unwrap();
    encoder.finish().unwrap()
}

/// Workbooks of a few hundred KiB that inflate to gigabytes.
#[test]
fn workbooks() {
    let rows = sized(64, 1) * 4 * MIB / 32;
    let texts = sized(1 << 30, 16 * MIB) / 5;
    let stage = Stage::unused()
        .file("rows.xlsx", workbook(rows, 0, 0))
        .file("texts.xlsx", workbook(1, texts, 0))
        .file("announced.xlsx", workbook(1, 1, 1 << 40));
    let limit = match is_full() {
        true => "128MiB",
        false => "2MiB",
    };
    let mut said = String::new();
    for line in [
        format!("rows.xlsx -t deals --max-input {limit}"),
        "announced.xlsx -t deals".to_owned(),
    ] {
        said.push_str(&refused(&stage, STREAMED, &line));
    }
    assert_snapshot!(said.replace(limit, "LIMIT").replace("128.0 MiB", "2.0 MiB"));
    let told = refused(&stage, WORKBOOK, "texts.xlsx -t deals");
    assert!(!is_full() || told.contains("1.0 GiB of texts"), "{told}");
}

/// A workbook with so many rows and shared texts, of which so many are announced.
fn workbook(rows: u64, texts: u64, announced: u64) -> Vec<u8> {
    const BOOK: &str = r#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Data" sheetId="1" r:id="r1"/></sheets></workbook>"#;
    const RELS: &str = r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    const PACKAGE: &str = r#"<Relationships><Relationship Id="p" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    let mut part = |name: &str, head: &str, unit: &str, count: u64, tail: &str| {
        let options = zip::write::SimpleFileOptions::default().large_file(true);
        zip.start_file(name, options).unwrap();
        zip.write_all(head.as_bytes()).unwrap();
        let many = unit.repeat(1_000);
        for _ in 0..count / 1_000 {
            zip.write_all(many.as_bytes()).unwrap();
        }
        let rest = unit.repeat((count % 1_000) as usize);
        zip.write_all(rest.as_bytes()).unwrap();
        zip.write_all(tail.as_bytes()).unwrap();
    };
    part("_rels/.rels", PACKAGE, "", 0, "");
    part("xl/workbook.xml", BOOK, "", 0, "");
    part("xl/_rels/workbook.xml.rels", RELS, "", 0, "");
    let sst = format!("<sst uniqueCount=\"{announced}\">");
    part("xl/sharedStrings.xml", &sst, "<si/>", texts, "</sst>");
    let row = "<row><c><v>1</v></c></row>     \n";
    let head = "<worksheet><sheetData>";
    part(
        "xl/worksheets/sheet1.xml",
        head,
        row,
        rows,
        "</sheetData></worksheet>",
    );
    zip.finish().unwrap().into_inner()
}
