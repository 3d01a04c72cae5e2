//! One field of a mapping file: the short form (`key = "Column"`) and the long one.

use toml::Spanned;
use toml::de::DeString;

use crate::base::display::quoted;

use super::defaults::Defaults;
use super::options::Options;
use super::reader::{Item, Reader, no_variables, variable};
use crate::mapping::spec::Field;

/// Reads one entry of `[fields]`; none where it cannot be understood at all.
pub(crate) fn read(
    reader: &mut Reader<'_>,
    key: &Spanned<DeString<'_>>,
    item: &Item<'_>,
    defaults: &Defaults,
) -> Option<Field> {
    let line = reader.line_of(key);
    let name = key.get_ref().as_ref();
    if name.trim().is_empty() || name.trim() != name {
        let message = format!(
            "field {}: an API key cannot be empty or have white space around it",
            quoted(name)
        );
        reader.add(line, message, None);
    }
    if let Some(variable) = variable(name) {
        let (message, hint) = no_variables(name, variable);
        reader.add(line, message, hint);
    }
    if item.get_ref().is_str() {
        let what = format!("field {}: the column's name", quoted(name));
        let column = reader.name(item, &what)?;
        return Some(Field::of_column(name, Some(line), column, defaults.trim));
    }
    let Some(table) = item.get_ref().as_table() else {
        let what = format!("field {}", quoted(name));
        let wanted =
            "a column's name or a table such as { column = \"Amount\", type = \"number\" }";
        return reader.wrong_type(item, &what, wanted);
    };
    Options {
        reader,
        table,
        name,
        line,
    }
    .read(defaults)
}
