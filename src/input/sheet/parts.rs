//! The parts of a workbook: where in the archive its sheets, texts and formats lie.
//!
//! Relations say so, from the package to the workbook and from there on. Nearly all programs put the
//! parts where calamine looks for them; where one did not, or some sheet is of a kind that calamine
//! knows nothing of, the parts that are needed are put there in a new package of their own.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;
use zip::result::ZipError;

use super::error::{damaged, no_archive};
use super::package::{Budget, Role, normal};
use super::stored::StoredPackage;
use crate::input::error::InputError;

/// Where calamine looks for texts and formats, in the workbook's folder.
const STRINGS: &str = "sharedStrings.xml";
const STYLES: &str = "styles.xml";

/// The only sheet of a new package.
const ONLY: &str = "sheet";

/// One sheet as the workbook lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SheetEntry {
    pub name: String,
    pub is_visible: bool,
    /// Whether it has cells, as a chart has not.
    pub has_cells: bool,
    /// Its part, if that is there.
    part: Option<String>,
}

/// A workbook's parts.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// For each part its place in the archive, by its name in small letters and with slashes.
    places: HashMap<String, usize>,
    /// The workbook's folder with a slash behind it, or nothing.
    folder: String,
    pub sheets: Vec<SheetEntry>,
    strings: String,
    styles: String,
    is_1904: bool,
    /// Whether the workbook says that its formulas were not calculated.
    pub is_uncalculated: bool,
    /// Whether calamine would not find a sheet, or refuse the workbook because of one.
    is_odd: bool,
}

/// Where a relation leads.
struct Relation {
    /// The last word of its type.
    kind: String,
    target: String,
}

impl Parts {
    /// Reads what the workbook says of its parts, and checks all that calamine will hold in memory.
    pub(crate) fn read<R: Read + Seek>(
        archive: &mut ZipArchive<R>,
        budget: &mut Budget<'_>,
    ) -> Result<Self, InputError> {
        let names = archive.file_names_raw().zip(0..);
        let mut parts = Self {
            places: names
                .map(|(name, at)| (normal(&String::from_utf8_lossy(name)), at))
                .collect(),
            ..Self::default()
        };
        let package = parts.relations(archive, budget, "", ".rels")?;
        let mut books = package.into_values();
        let book = books.find(|relation| relation.kind == "officeDocument");
        let book =
            book.ok_or_else(|| damaged(budget.name, "it does not say where its workbook is"))?;
        let book = resolved("", &book.target);
        let (folder, file) = book.rsplit_once('/').unwrap_or(("", &book));
        parts.folder = match folder {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        let relations = parts.relations(archive, budget, &parts.folder, &format!("{file}.rels"))?;
        parts.read_book(archive, budget, &book, &relations)?;
        parts.find_texts_and_formats(archive, budget, &relations)?;
        Ok(parts)
    }

    fn find_texts_and_formats<R: Read + Seek>(
        &mut self,
        archive: &mut ZipArchive<R>,
        budget: &mut Budget<'_>,
        relations: &BTreeMap<String, Relation>,
    ) -> Result<(), InputError> {
        let target = |kind: &str| {
            let mut all = relations.values();
            let relation = all.find(|relation| relation.kind == kind)?;
            Some(resolved(&self.folder, &relation.target))
        };
        let (strings, styles) = (target("sharedStrings"), target("styles"));
        // Without its formats a date is a number, and nothing would tell. A missing text is told.
        if let Some(path) = styles.as_deref().filter(|path| self.place(path).is_none()) {
            return Err(not_found(budget.name, path));
        }
        // calamine looks at the usual places, whatever the relations say.
        let usual = [STRINGS, STYLES].map(|file| format!("{}{file}", self.folder));
        self.strings = strings.unwrap_or_else(|| usual[0].clone());
        self.styles = styles.unwrap_or_else(|| usual[1].clone());
        let theme = format!("{}theme/theme1.xml", self.folder);
        self.is_odd |= normal(&self.strings) != normal(&usual[0]);
        self.is_odd |= normal(&self.styles) != normal(&usual[1]);
        for (path, role) in [
            (&self.strings, Role::Strings),
            (&self.styles, Role::Styles),
            (&theme, Role::Other),
        ] {
            if let Some(place) = self.place(path) {
                budget.check(archive, place, path, role)?;
            }
        }
        Ok(())
    }

    /// Checks a sheet's part.
    pub(crate) fn check_sheet<R: Read + Seek>(
        &self,
        archive: &mut ZipArchive<R>,
        budget: &mut Budget<'_>,
        sheet: &str,
    ) -> Result<(), InputError> {
        let path = self.part_of(sheet).unwrap_or_default();
        let place = self.place(path);
        let missing = || damaged(budget.name, &format!("Worksheet '{sheet}' not found"));
        budget.check(archive, place.ok_or_else(missing)?, path, Role::Sheet)
    }

    fn part_of(&self, sheet: &str) -> Option<&str> {
        let entry = self.sheets.iter().find(|entry| entry.name == sheet)?;
        entry.part.as_deref()
    }

    fn place(&self, path: &str) -> Option<usize> {
        self.places.get(&normal(path)).copied()
    }

    /// The relations of a part in `folder`, by their ids.
    fn relations<R: Read + Seek>(
        &self,
        archive: &mut ZipArchive<R>,
        budget: &mut Budget<'_>,
        folder: &str,
        file: &str,
    ) -> Result<BTreeMap<String, Relation>, InputError> {
        let path = format!("{folder}_rels/{file}");
        let mut relations = BTreeMap::new();
        self.each_tag(archive, budget, &path, |tag| {
            if tag.local_name().as_ref() == "Relationship"
                && let (Some(id), Some(kind), Some(target)) = (
                    attribute(tag, "Id"),
                    attribute(tag, "Type"),
                    attribute(tag, "Target"),
                )
            {
                let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
                relations.insert(id, Relation { kind, target });
            }
        })?;
        Ok(relations)
    }

    fn read_book<R: Read + Seek>(
        &mut self,
        archive: &mut ZipArchive<R>,
        budget: &mut Budget<'_>,
        path: &str,
        relations: &BTreeMap<String, Relation>,
    ) -> Result<(), InputError> {
        let is_true = |value: Option<String>| value.is_some_and(|v| v == "1" || v == "true");
        let (mut sheets, mut is_1904, mut is_uncalculated) = (Vec::new(), false, false);
        self.each_tag(archive, budget, path, |tag| {
            match tag.local_name().as_ref() {
                "sheet" => sheets.push(tag.to_owned()),
                "workbookPr" => is_1904 |= is_true(attribute(tag, "date1904")),
                "calcPr" => is_uncalculated |= is_true(attribute(tag, "fullCalcOnLoad")),
                _ => {}
            }
        })?;
        (self.is_1904, self.is_uncalculated) = (is_1904, is_uncalculated);
        for tag in &sheets {
            self.add_sheet(tag, relations);
        }
        Ok(())
    }

    fn add_sheet(&mut self, tag: &BytesStart<'_>, relations: &BTreeMap<String, Relation>) {
        let relation = attribute(tag, "id").and_then(|id| relations.get(&id));
        let kind = relation.map_or("", |relation| relation.kind.as_str());
        let state = attribute(tag, "state");
        let state = state.as_deref().unwrap_or("visible");
        let part = relation.map(|relation| resolved(&self.folder, &relation.target));
        let usual = relation.map(|relation| match relation.target.strip_prefix('/') {
            Some(absolute) => absolute.to_owned(),
            None => format!("{}{}", self.folder, relation.target),
        });
        self.is_odd |= part != usual
            || !["worksheet", "chartsheet", "dialogsheet"].contains(&kind)
            || !["visible", "hidden", "veryHidden"].contains(&state);
        self.sheets.push(SheetEntry {
            name: attribute(tag, "name").unwrap_or_default(),
            is_visible: !state.to_ascii_lowercase().contains("hidden"),
            has_cells: kind == "worksheet",
            part: part.filter(|part| self.place(part).is_some()),
        });
    }

    /// Shows every tag of a part that has to be there.
    fn each_tag<R: Read + Seek>(
        &self,
        archive: &mut ZipArchive<R>,
        budget: &mut Budget<'_>,
        path: &str,
        see: impl FnMut(&BytesStart<'_>),
    ) -> Result<(), InputError> {
        let name = budget.name;
        let place = self.place(path);
        let place = place.ok_or_else(|| not_found(name, path))?;
        budget.check(archive, place, path, Role::List)?;
        let part = archive.by_index(place);
        let part = part.map_err(|error| no_archive(name, &error))?;
        each_tag(BufReader::new(part), see)
            .map_err(|error| damaged(name, &format!("Xml error: {error}")))
    }

    /// A package with one sheet and what it needs, where calamine finds all of it; none where that is
    /// so already. Also the sheet's name in it.
    pub(crate) fn put_right<R: Read + Seek>(
        &self,
        archive: &mut ZipArchive<R>,
        sheet: &str,
    ) -> Result<Option<(File, &'static str)>, ZipError> {
        if !self.is_odd {
            return Ok(None);
        }
        let mut package = StoredPackage::new(tempfile::tempfile()?);
        for (path, text) in [
            ("_rels/.rels", PACKAGE.to_owned()),
            ("xl/_rels/workbook.xml.rels", RELATIONS.to_owned()),
            ("xl/workbook.xml", book(self.is_1904)),
        ] {
            package.add(path, text.as_bytes())?;
        }
        for (part, path) in [
            (self.part_of(sheet).unwrap_or_default(), "xl/sheet.xml"),
            (&self.strings, "xl/sharedStrings.xml"),
            (&self.styles, "xl/styles.xml"),
        ] {
            if let Some(place) = self.place(part) {
                package.add(path, archive.by_index(place)?)?;
            }
        }
        Ok(Some((package.finish()?, ONLY)))
    }
}

const PACKAGE: &str = "<Relationships><Relationship Id=\"a\" Type=\"/relationships/officeDocument\" \
                       Target=\"xl/workbook.xml\"/></Relationships>";
const RELATIONS: &str = "<Relationships><Relationship Id=\"b\" Type=\"/worksheet\" \
                         Target=\"sheet.xml\"/></Relationships>";

/// A workbook with one sheet.
fn book(is_1904: bool) -> String {
    let epoch = u8::from(is_1904);
    format!(
        "<workbook><workbookPr date1904=\"{epoch}\"/><sheets><sheet name=\"{ONLY}\" id=\"b\"/></sheets>\
         </workbook>"
    )
}

fn not_found(name: &str, path: &str) -> InputError {
    damaged(name, &format!("File not found '{path}'"))
}

/// The name of the part to which a relation leads from `folder`.
fn resolved(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let whole = match target.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("{folder}{target}"),
    };
    let mut steps: Vec<&str> = Vec::new();
    for step in whole.split('/') {
        match step {
            "." | "" => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// An attribute's value, whatever the prefix of its name.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes();
    let mut attributes = attributes.with_checks(false).flatten();
    let found = attributes.find(|one| one.key.local_name().as_ref() == name)?;
    let value = found.normalized_value(XmlVersion::Implicit1_0).ok()?;
    Some(value.into_owned())
}

fn each_tag(part: impl BufRead, mut see: impl FnMut(&BytesStart<'_>)) -> quick_xml::Result<()> {
    let mut xml = quick_xml::Reader::from_reader(part);
    xml.config_mut().check_end_names = false;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer)? {
            Event::Start(tag) | Event::Empty(tag) => see(&tag),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}
