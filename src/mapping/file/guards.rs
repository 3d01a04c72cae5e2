//! `[guard]`, `[freeze]` and `[history]`: how much a push may change, what it may not, and what is kept of it.

use jiff::civil::Date;
use toml::de::DeTable;

use crate::base::display::quoted;
use crate::base::percent;

use super::reader::{Item, Reader};
use super::{guard_keys, keys};
use crate::mapping::mistakes::did_you_mean;
use crate::mapping::spec::{Field, Freeze, GuardSettings};
use crate::mapping::value::kind::FieldType;

/// Reads `[guard]`.
pub(crate) fn read_guard(reader: &mut Reader<'_>, item: &Item<'_>) -> GuardSettings {
    let mut guard = GuardSettings::default();
    let Some(table) = reader.table(item, "`guard`") else {
        return guard;
    };
    for (key, item) in table {
        match key.get_ref().as_ref() {
            "min_records" => guard.min_records = reader.count(item, "`min_records`", 0),
            "max_shrink" => guard.max_shrink = read_share(reader, item, "`max_shrink`"),
            "max_hollow" => guard.max_hollow = read_share(reader, item, "`max_hollow`"),
            "min_overlap" => guard.min_overlap = read_share(reader, item, "`min_overlap`"),
            "max_changed" => guard.max_changed = read_share(reader, item, "`max_changed`"),
            unknown => {
                let line = reader.line_of(key);
                let hint =
                    did_you_mean(unknown, keys::names(&guard_keys::GUARD)).unwrap_or_else(|| {
                        format!("[guard] knows {}", keys::listed(&guard_keys::GUARD))
                    });
                reader.add(
                    line,
                    format!("[guard]: unknown key {}", quoted(unknown)),
                    hint,
                );
            }
        }
    }
    guard
}

/// Reads `[history]`: of how many replaces the records are kept.
pub(crate) fn read_history(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<u64> {
    let mut keep = None;
    for (key, item) in reader.table(item, "`history`")? {
        match key.get_ref().as_ref() {
            "keep" => keep = reader.count(item, "`keep`", 0),
            unknown => {
                let line = reader.line_of(key);
                let hint = did_you_mean(unknown, keys::names(&guard_keys::HISTORY));
                let known = || format!("[history] knows {}", keys::listed(&guard_keys::HISTORY));
                let message = format!("[history]: unknown key {}", quoted(unknown));
                reader.add(line, message, hint.unwrap_or_else(known));
            }
        }
    }
    keep
}

fn read_share(reader: &mut Reader<'_>, item: &Item<'_>, what: &str) -> Option<u64> {
    let text = reader.string(item, what)?;
    percent::millionths(&text).or_else(|| {
        let message = format!("{what} must be a percentage, not {}", quoted(&text));
        reader.refuse(
            item,
            message,
            "from \"0%\" to \"100%\", such as \"30%\"".to_owned(),
        )
    })
}

/// Reads `[freeze]`, whose field must be one of these.
pub(crate) fn read_freeze(
    reader: &mut Reader<'_>,
    root: &DeTable<'_>,
    fields: Option<&[Field]>,
) -> Option<Freeze> {
    let (key, item) = root.get_key_value("freeze")?;
    let line = reader.line_of(key);
    let table = reader.table(item, "`freeze`")?;
    let (mut field, mut before) = (None, None);
    for (key, item) in table {
        match key.get_ref().as_ref() {
            "field" => field = reader.name(item, "`field`"),
            "before" => before = read_day(reader, item),
            unknown => {
                let line = reader.line_of(key);
                let hint =
                    did_you_mean(unknown, keys::names(&guard_keys::FREEZE)).unwrap_or_else(|| {
                        format!("[freeze] knows {}", keys::listed(&guard_keys::FREEZE))
                    });
                reader.add(
                    line,
                    format!("[freeze]: unknown key {}", quoted(unknown)),
                    hint,
                );
            }
        }
    }
    for key in keys::names(&guard_keys::FREEZE) {
        if !table.contains_key(key) && !reader.has_broken_lines() {
            let hint = "it needs both: field = \"close_date\", before = 2026-01-01".to_owned();
            reader.add(line, format!("[freeze]: `{key}` is missing"), hint);
        }
    }
    let freeze = Freeze {
        field: field?,
        before: before?,
    };
    check_field(reader, root, fields.unwrap_or(&[]), &freeze);
    Some(freeze)
}

/// A day, as TOML writes it or as a text.
fn read_day(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<Date> {
    let value = item.get_ref();
    let text = match value.as_datetime() {
        Some(moment) => moment.to_string(),
        None if value.is_str() => reader.string(item, "`before`")?,
        None => return reader.wrong_type(item, "`before`", "a date"),
    };
    let hint = "write it as 2026-01-01".to_owned();
    let is_formed = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !is_formed {
        let message = format!("`before` must be a day, not {}", quoted(&text));
        return reader.refuse(item, message, hint);
    }
    let day = text.parse().ok();
    day.or_else(|| {
        reader.refuse(
            item,
            format!("`before`: there is no day {}", quoted(&text)),
            hint,
        )
    })
}

/// Looks whether the field of `[freeze]` tells a day.
fn check_field(reader: &mut Reader<'_>, root: &DeTable<'_>, fields: &[Field], freeze: &Freeze) {
    let place = (root.get("freeze"))
        .and_then(|item| item.get_ref().as_table()?.get("field"))
        .map(|item| reader.line_of(item));
    let (line, name) = (place.unwrap_or(1), quoted(&freeze.field));
    let of_type = |field: &Field| field.kind.field_type() == Some(FieldType::Date);
    match fields.iter().find(|field| field.key == freeze.field) {
        Some(field) if of_type(field) => {}
        Some(_) => {
            let message = format!("[freeze]: the field {name} is not of type `date`");
            let hint = format!("{} = {{ column = \"…\", type = \"date\" }}", freeze.field);
            reader.add(line, message, hint);
        }
        None => {
            // What is wrong with one that was not understood is told already.
            let all = root
                .get("fields")
                .and_then(|item| item.get_ref().as_table());
            if all.is_some_and(|all| all.contains_key(freeze.field.as_str())) {
                return;
            }
            let near = did_you_mean(&freeze.field, fields.iter().map(|field| field.key.as_str()));
            let hint =
                near.unwrap_or_else(|| "it is the API key of a field of type `date`".to_owned());
            reader.add(line, format!("[freeze]: there is no field {name}"), hint);
        }
    }
}
