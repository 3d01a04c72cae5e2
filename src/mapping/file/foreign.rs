//! Words of other programs that people write into a mapping: what to write instead.

/// What to write for a type that other programs have.
pub(crate) fn type_hint(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "string" | "str" | "varchar" | "char" => "write type = \"text\", or leave the type out",
        "currency" | "money" | "decimal" | "numeric" | "float" | "double" => {
            "write type = \"number\": digits are sent as they stand"
        }
        "int" | "bigint" | "long" => "write type = \"integer\"",
        "bool" => "write type = \"boolean\", and true = \"yes\", false = \"no\" for other words",
        "datetime" | "date-time" | "timestamp" | "time" => {
            "write type = \"date\" and a format such as \"%Y-%m-%d %H:%M:%S\" or \"epoch\": the day is sent"
        }
        "object" | "array" | "list" => "write type = \"json\"",
        _ => return None,
    })
}

/// A date layout of Excel, Java or Moment (`DD/MM/YYYY`, `yyyy-MM-dd HH:mm`) in strftime letters; none
/// where it has others, or a `%`.
pub(crate) fn layout(text: &str) -> Option<String> {
    let mut ours = String::new();
    let mut has_hour = false;
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let len = rest.len() - rest.trim_start_matches(letter).len();
        let (run, behind) = rest.split_at(len);
        rest = behind;
        let letters = match (letter, len) {
            ('y' | 'Y', 4) => "%Y",
            ('y' | 'Y', 2) => "%y",
            ('d' | 'D', 1 | 2) => "%d",
            ('d' | 'D' | 'E' | 'e', 3) => "%a",
            ('d' | 'D' | 'E' | 'e', 4) => "%A",
            // A small m is the minute behind an hour.
            ('m', 1 | 2) if has_hour => "%M",
            ('m' | 'M', 1 | 2) => "%m",
            ('m' | 'M', 3) => "%b",
            ('m' | 'M', 4) => "%B",
            ('H', 1 | 2) => "%H",
            ('h', 1 | 2) => match text.contains(['a', 'A']) {
                true => "%I",
                false => "%H",
            },
            ('s', 1 | 2) => "%S",
            ('S', 1..=9) => "%f",
            ('a' | 'A', 1) => "%p",
            ('z' | 'Z' | 'X' | 'x', _) => "%z",
            ('T', 1) => "T",
            ('\'', _) => "",
            (other, _) if other.is_alphanumeric() || other == '%' => return None,
            _ => run,
        };
        has_hour |= matches!(letter, 'h' | 'H');
        ours.push_str(letters);
    }
    Some(ours)
}
