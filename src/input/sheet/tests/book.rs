//! Workbooks of raw XML, for what no writer writes, and the reading of any.

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::input::error::InputError;
use crate::input::sheet::convert::{Converted, convert};
use crate::input::sheet::error::SpreadsheetError;

/// Reads the bytes of a workbook.
pub(crate) fn read(bytes: &[u8], sheet: Option<&str>) -> Result<(String, Converted), InputError> {
    read_at_most(bytes, sheet, 1 << 24)
}

pub(crate) fn read_at_most(
    bytes: &[u8],
    sheet: Option<&str>,
    most: u64,
) -> Result<(String, Converted), InputError> {
    let mut out = Vec::new();
    match convert(Cursor::new(bytes), "deals.xlsx", sheet, most, &mut out) {
        Ok(converted) => Ok((String::from_utf8(out).unwrap(), converted)),
        Err(SpreadsheetError::Refused(error)) => Err(error),
        Err(SpreadsheetError::Write(error)) => panic!("{error}"),
    }
}

/// The text without the marks of types.
pub(crate) fn text(bytes: &[u8]) -> String {
    let marked = read(bytes, None).unwrap().0;
    ["\u{ffff}n", "\u{ffff}b", "\u{ffff}d"]
        .iter()
        .fold(marked, |text, mark| text.replace(mark, ""))
}

pub(crate) fn refused(bytes: &[u8], sheet: Option<&str>) -> InputError {
    read(bytes, sheet).unwrap_err()
}

/// The parts of a workbook with one sheet, `Data`.
pub(crate) struct Book {
    pub parts: Vec<(&'static str, String)>,
}

const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

impl Book {
    /// With these rows (`<row>…</row>`).
    pub(crate) fn of(rows: &str) -> Self {
        let relation = |id: &str, kind: &str, target: &str| {
            format!("<Relationship Id=\"{id}\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
        };
        let relations =
            |all: String| format!("<Relationships xmlns=\"{RELATIONS}\">{all}</Relationships>");
        let book = relations(relation("a", "officeDocument", "xl/workbook.xml"));
        let sheets = relation("b", "worksheet", "worksheets/sheet1.xml");
        let workbook = format!(
            "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><workbookPr/><sheets>\
             <sheet name=\"Data\" sheetId=\"1\" r:id=\"b\"/></sheets></workbook>"
        );
        let styles = [
            ("1", 14),
            ("2", 22),
            ("3", 21),
            ("4", 46),
            ("5", 10),
            ("6", 165),
            ("7", 166),
        ]
        .map(|(_, format)| format!("<xf numFmtId=\"{format}\"/>"))
        .concat();
        let styles = format!(
            "<styleSheet xmlns=\"{MAIN}\"><numFmts>\
             <numFmt numFmtId=\"165\" formatCode=\"[$-40C]d&quot; de &quot;mmmm yyyy;@\"/>\
             <numFmt numFmtId=\"166\" formatCode=\"0.00&quot; days&quot;\"/></numFmts>\
             <cellXfs><xf numFmtId=\"0\"/>{styles}</cellXfs></styleSheet>"
        );
        let sheet =
            format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>");
        Self {
            parts: vec![
                ("_rels/.rels", book),
                ("xl/workbook.xml", workbook),
                ("xl/_rels/workbook.xml.rels", relations(sheets)),
                ("xl/styles.xml", styles),
                ("xl/worksheets/sheet1.xml", sheet),
            ],
        }
    }

    /// One row with one cell each.
    pub(crate) fn of_cells(cells: &[&str]) -> Self {
        let row = |cell: &&str| format!("<row>{cell}</row>");
        Self::of(&cells.iter().map(row).collect::<String>())
    }

    /// Days are counted from 1904.
    pub(crate) fn counted_since_1904(mut self) -> Self {
        let book = &mut self.parts[1].1;
        *book = book.replace("<workbookPr/>", "<workbookPr date1904=\"1\"/>");
        self
    }

    pub(crate) fn with(mut self, path: &'static str, content: &str) -> Self {
        self.parts.push((path, content.to_owned()));
        self
    }

    pub(crate) fn without(mut self, path: &str) -> Self {
        self.parts.retain(|(name, _)| *name != path);
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, content) in &self.parts {
            zip.start_file(*path, SimpleFileOptions::default()).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    pub(crate) fn text(&self) -> String {
        text(&self.bytes())
    }
}
