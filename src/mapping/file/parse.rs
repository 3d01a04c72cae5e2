//! The mapping file as a whole: its top level, `[input]`, and what holds between fields.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use encoding_rs::UTF_8;
use toml::de::DeTable;

use crate::base::display::quoted;
use crate::base::model::TableKey;
use crate::cli::patience;
use crate::input::Encoding;

use super::defaults::{CLASH, CLASH_HINT, Defaults, read_decimal, read_thousands};
use super::reader::{Item, Reader, variable};
use super::{field, guards, keys};
use crate::mapping::mistakes::{self, Mistake, did_you_mean};
use crate::mapping::spec::{Field, InputSettings, Mapping, Scalar, Unmapped};
use crate::mapping::value::style::PLAIN;

impl Mapping {
    /// The text of a mapping file: UTF-8, or what its byte order mark says, which PowerShell writes; none
    /// where it is neither.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
        let (encoding, mark) = encoding_rs::Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
        encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..])
    }

    /// Reads a mapping file.
    ///
    /// # Errors
    /// All mistakes at once, in the order of the file.
    pub(crate) fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (root, errors) = DeTable::parse_recoverable(text);
        let mut reader = Reader::new(text);
        reader.take_syntax(&errors, root.get_ref());
        let mapping = read_top(&mut reader, root.get_ref());
        if reader.mistakes.is_empty() {
            Ok(mapping)
        } else {
            Err(mistakes::settle(reader.mistakes))
        }
    }
}

fn read_top(reader: &mut Reader<'_>, root: &DeTable<'_>) -> Mapping {
    let mut mapping = Mapping::identity();
    let mut defaults = Defaults {
        style: PLAIN,
        trim: false,
    };
    // The defaults come first, wherever in the file they stand.
    if let Some(item) = root.get("input") {
        read_input(reader, item, &mut mapping, &mut defaults);
    }
    let mut fields = None;
    for (key, item) in root {
        let line = reader.line_of(key);
        match key.get_ref().as_ref() {
            "table" => mapping.table = read_table_key(reader, item),
            "id" => {
                mapping.id_line = Some(line);
                if let Some(id) = reader.name(item, "`id`") {
                    mapping.id = id;
                }
            }
            "name" => {
                if let Some(name) = reader.name(item, "`name`") {
                    mapping.name = name;
                }
            }
            "unmapped" => {
                mapping.unmapped_line = Some(line);
                if let Some(choice) = reader.choice(item, "`unmapped`", &Unmapped::WORDS) {
                    mapping.unmapped = choice;
                }
            }
            way @ ("all" | "debounce" | "wait" | "history") => {
                read_way(reader, way, item, &mut mapping)
            }
            "input" | "freeze" => {}
            "guard" => mapping.guard = guards::read_guard(reader, item),
            "fields" => fields = Some(read_fields(reader, item, &defaults, line)),
            unknown => {
                let hint = did_you_mean(unknown, keys::names(&keys::TOP)).unwrap_or_else(|| {
                    "fields stand below `[fields]`; above it: table, id, name, unmapped".to_owned()
                });
                reader.add(line, format!("unknown key {}", quoted(unknown)), hint);
            }
        }
    }
    check_whole(reader, root, &mapping.id, fields.as_deref());
    mapping.freeze = guards::read_freeze(reader, root, fields.as_deref());
    mapping.trim = defaults.trim;
    mapping.fields = fields;
    mapping
}

/// What no key by itself can tell.
fn check_whole(reader: &mut Reader<'_>, root: &DeTable<'_>, id: &str, fields: Option<&[Field]>) {
    if root.is_empty() && !reader.has_broken_lines() {
        let hint = "list the fields below `[fields]`, one a line: key = \"Column\"".to_owned();
        let mistake = Mistake::new(None, "the mapping says nothing", hint);
        reader.mistakes.push(mistake);
    }
    if let Some(mistake) = fields
        .iter()
        .flat_map(|fields| fields.iter())
        .find(|field| field.key == id)
        .and_then(Field::unfit_for_id)
    {
        let line = mistake.line.unwrap_or(1);
        reader.add(line, mistake.message, mistake.hint);
    }
}

fn read_table_key(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<String> {
    let key = reader.string(item, "`table`")?;
    if let Some(variable) = variable(&key) {
        let message = format!("`table`: a mapping has no variables: {}", quoted(variable));
        let hint = "leave `table` out and name it with -t: -t \"$TABLE\"".to_owned();
        return reader.refuse(item, message, hint);
    }
    match TableKey::new(key) {
        Ok(key) => Some(key.as_str().to_owned()),
        Err(error) => reader.refuse(item, format!("`table`: {error}"), None),
    }
}

/// How the table is pushed, and what is kept of that.
fn read_way(reader: &mut Reader<'_>, key: &str, item: &Item<'_>, mapping: &mut Mapping) {
    match key {
        "all" => mapping.all = reader.boolean(item, "`all`"),
        "wait" => mapping.wait = reader.boolean(item, "`wait`"),
        "history" => mapping.keep = guards::read_history(reader, item),
        _ => mapping.debounce = read_time(reader, item, "`debounce`"),
    }
}

/// Seconds, or a time as it is typed.
fn read_time(reader: &mut Reader<'_>, item: &Item<'_>, what: &str) -> Option<Duration> {
    let text = match reader.scalar(item, what)? {
        Scalar::Text(text) | Scalar::Number(text) => text,
        Scalar::Bool(_) => return reader.wrong_type(item, what, "seconds or a time"),
    };
    match patience(&text) {
        Ok(time) => Some(time),
        Err(why) => reader.refuse(item, format!("{what}: {why}"), None),
    }
}

fn read_input(
    reader: &mut Reader<'_>,
    item: &Item<'_>,
    mapping: &mut Mapping,
    defaults: &mut Defaults,
) {
    let Some(table) = reader.table(item, "`input`") else {
        return;
    };
    let (mut signs_line, mut escape_line) = (None, 0);
    for (key, item) in table {
        let line = reader.line_of(key);
        match key.get_ref().as_ref() {
            "delimiter" => mapping.input.delimiter = read_delimiter(reader, item),
            "quote" => {
                if let Some(has_quotes) = reader.choice(item, "`quote`", &keys::QUOTES) {
                    mapping.input.quoting.has_quotes = has_quotes;
                }
            }
            "escape" => {
                escape_line = line;
                mapping.input.quoting.escape = read_escape(reader, item);
            }
            "encoding" => mapping.input.encoding = read_encoding(reader, item),
            "records" => mapping.input.records = reader.name(item, "`records`"),
            "header_line" => {
                mapping.input.margins.header_line = reader.count(item, "`header_line`", 1);
            }
            "skip_last" => {
                let count = reader.count(item, "`skip_last`", 0);
                mapping.input.margins.skip_last = count.unwrap_or(0);
            }
            "decimal" => {
                signs_line = signs_line.max(Some(line));
                if let Some(sign) = read_decimal(reader, item) {
                    defaults.style.decimal = sign;
                }
            }
            "thousands" => {
                signs_line = signs_line.max(Some(line));
                defaults.style.thousands = read_thousands(reader, item).flatten();
            }
            "null" => mapping.null = read_null(reader, item),
            "trim" => defaults.trim = reader.boolean(item, "`trim`").unwrap_or(false),
            unknown => {
                let hint = did_you_mean(unknown, keys::names(&keys::INPUT))
                    .unwrap_or_else(|| format!("[input] knows {}", keys::listed(&keys::INPUT)));
                let message = format!("[input]: unknown key {}", quoted(unknown));
                reader.add(line, message, hint);
            }
        }
    }
    let InputSettings {
        delimiter, quoting, ..
    } = mapping.input;
    if delimiter.is_some() && delimiter == quoting.escape {
        let message = "[input]: the delimiter and the escape are the same";
        reader.add(escape_line, message, None);
    }
    if let (Some(line), true) = (signs_line, defaults.style.clashes()) {
        reader.add(line, format!("[input]: {CLASH}"), CLASH_HINT.to_owned());
        // One mistake is enough: the fields that take over these signs are not to blame.
        defaults.style.thousands = None;
    }
}

fn read_delimiter(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<u8> {
    let text = reader.string(item, "`delimiter`")?;
    match text.as_bytes() {
        _ if text == "tab" || text == "\\t" => Some(b'\t'),
        [byte] if !matches!(byte, b'"' | b'\r' | b'\n' | 0) => Some(*byte),
        _ => {
            let shown = quoted(&text);
            let message = format!("`delimiter` must be one ASCII character, not {shown}");
            let hint = "for example \",\", \";\", \"|\" or \"tab\"";
            reader.refuse(item, message, hint.to_owned())
        }
    }
}

fn read_escape(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<u8> {
    let text = reader.string(item, "`escape`")?;
    match text.as_bytes() {
        [byte] if byte.is_ascii_punctuation() && !b"\",;|".contains(byte) => Some(*byte),
        _ => {
            let message = format!("`escape` cannot be {}", quoted(&text));
            let hint = "it is one ASCII character such as \"\\\\\": no letter, digit or blank, no quote and \
                        no usual delimiter";
            reader.refuse(item, message, hint.to_owned())
        }
    }
}

fn read_null(reader: &mut Reader<'_>, item: &Item<'_>) -> Arc<[String]> {
    let words = reader.words(item, "`null`").unwrap_or_default();
    let words = words.into_iter().map(|(word, _)| word.trim().to_owned());
    words.collect()
}

fn read_encoding(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<Encoding> {
    let label = reader.string(item, "`encoding`")?;
    match Encoding::named(&label) {
        Ok(encoding) => Some(encoding),
        Err(unknown) => {
            let message = format!("`encoding`: there is no encoding {}", quoted(&label));
            reader.refuse(item, message, unknown.hint())
        }
    }
}

fn read_fields(
    reader: &mut Reader<'_>,
    item: &Item<'_>,
    defaults: &Defaults,
    line: usize,
) -> Vec<Field> {
    let Some(table) = reader.table(item, "`fields`") else {
        return Vec::new();
    };
    if table.is_empty() && !reader.has_broken_lines() {
        let hint = "list the fields below it, one a line: key = \"Column\"".to_owned();
        reader.add(line, "`[fields]` is empty", hint);
    }
    table
        .iter()
        .filter_map(|(key, item)| field::read(reader, key, item, defaults))
        .collect()
}
