//! The mapping file: every mistake, all at once.

use proptest::prelude::*;

use super::{lines, mapping, schema};
use crate::input::{Encoding, Quoting};
use crate::mapping::spec::Mapping;

pub(super) fn mistakes(text: &str) -> String {
    schema::agree(text);
    match Mapping::parse(text) {
        Ok(_) => String::new(),
        Err(mistakes) => lines(&mistakes),
    }
}

/// The mistakes of one field.
pub(super) fn field(options: &str) -> String {
    mistakes(&format!("[fields]\nid = 'ID'\nf = {options}"))
}

const DESIGN: &str = r#"
table = "deals"            # may be overridden by --table
id    = "deal_id"          # API keys of the id and the name field (default "id", "name")
name  = "deal_name"
unmapped = "ignore"        # columns that no field uses
[input]
delimiter = ";"
encoding  = "utf-8"
decimal   = ","
thousands = " "
trim      = false
[fields]
deal_id    = "Deal ID"
deal_name  = "Opportunity Name"
amount     = { column = "Amount", type = "number" }
close_date = { column = "Close Date", type = "date", format = "%d/%m/%Y" }
won        = { column = "Won?", type = "boolean", true = ["yes", "oui"], false = ["no", "non"] }
currency   = { value = "EUR" }
owner      = { column = "Owner Email", required = true }
stage      = { column = "Stage", values = { "Closed Won" = "won", "Closed Lost" = "lost" } }
"#;

#[test]
fn the_example_of_the_manual_is_valid() {
    for text in [
        DESIGN.to_owned(),
        format!("\u{feff}{}", DESIGN.replace('\n', "\r\n")),
    ] {
        let mapping = mapping(&text);
        assert_eq!(mapping.table(), Some("deals"));
        assert_eq!((mapping.id(), mapping.name()), ("deal_id", "deal_name"));
        assert_eq!(mapping.input().delimiter, Some(b';'));
        assert_eq!(mapping.input().encoding, Some(Encoding::UTF_8));
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = r#"tabel = "deals"
table = ".."
id = 5
unmapped = "warn"
[input]
delimiter = ";;"
encoding = "windows-1225"
decimal = ","
thousands = ","
trimm = true
[fields]
id = { column = "ID", empty = "omit" }
a = { column = "ID" }
b = { colum = "B" }
c = { column = "C", type = "numbr" }
d = { column = "D", type = "date", format = ["%d/%m/%Y", "%d/%m/%g"] }
e = { column = "E", type = "boolean", true = ["yes", "1"], false = "YES" }
f = { column = "F", value = "x" }
g = { column = "G", type = "number", format = "%Y", true = "x" }
a = "again"
h = [1]
i = { column = "I", type = "date", empty = "text" }
j = { column = "J", required = true, empty = "null" }
owner.email = "Owner"
k = 
l = { column = "L", values = { a = "x" }, values_else = "drop", type = "number" }
"#;
    assert_eq!(mistakes(text), GOLDEN);
}

const GOLDEN: &str = r#"line 1: unknown key `tabel`
  hint: did you mean `table`?
line 2: `table`: `.` and `..` cannot be table keys: they would leave their place in the URL
line 3: `id` must be a string, not an integer
line 4: `unmapped` cannot be `warn`
  hint: it is one of `ignore`, `error`
line 6: `delimiter` must be one ASCII character, not `;;`
  hint: for example ",", ";", "|" or "tab"
line 7: `encoding`: there is no encoding `windows-1225`
  hint: did you mean `windows-1255`?
line 9: [input]: the decimal sign and the thousands sign are the same
  hint: set both: decimal = ",", thousands = "."; none is thousands = ""
line 10: [input]: unknown key `trimm`
  hint: did you mean `trim`?
line 12: the id field `id` can never be empty
  hint: leave `empty` out: an empty id is always an error
line 14: field `b`: unknown key `colum`
  hint: did you mean `column`?
line 15: field `c`: unknown type `numbr`
  hint: did you mean `number`?
line 16: field `d`: `format`: `%d/%m/%g` has `%g`: write `%Y`, or `%y` for two digits of 20yy
  hint: for example "%Y-%m-%d", "%d/%m/%Y" or "%d %b %Y"
line 17: field `e`: `yes` stands for both true and false
  hint: words are compared without case
line 18: field `f` has both `column` and `value`
  hint: keep one of them
line 19: field `g`: `format` does not go with type `number`
  hint: it goes with type `date`
line 19: field `g`: `true` does not go with type `number`
  hint: it goes with type `boolean`
line 20: `a` is given twice (first on line 13)
line 21: field `h` must be a column's name or a table such as { column = "Amount", type = "number" }, not an array
line 22: field `i`: `empty = "text"` does not go with type `date`
  hint: it sends "", which Qobra may not read as this type; "null" or "omit" is safe
line 23: field `j`: `required = true` and another `empty`
  hint: `required = true` is `empty = "error"`: keep one
line 24: field `owner`: unknown key `email`
  hint: if the API key is `owner.email`, put it in quotes
line 25: this is not TOML: string values must be quoted, expected literal string
line 26: field `l`: `values_else` cannot be `drop`
  hint: it is one of `error`, `pass`
line 26: field `l`: `values`: `a`: `x` is not a number
"#;

#[test]
fn toml_errors_have_lines_and_no_control_characters() {
    let text = "[fields]\nid = 'ID'\nx = \"a\u{1b}[31mb\"\n";
    let all = mistakes(text);
    assert!(all.starts_with("line 3: this is not TOML: "), "{all}");
    assert!(!all.replace('\n', "").contains(char::is_control), "{all:?}");
    assert!(mistakes("[fields\nid = 'x'").starts_with("line 1: this is not TOML"));
    assert_eq!(
        mistakes("[fields]\nid = 'x'\n\n'id' = 'y'"),
        "line 4: `id` is given twice (first on line 2)\n"
    );
    let unknown = mistakes("\"a\\u001b\" = 1\n[fields]\nid = 'x'");
    assert!(
        unknown.starts_with("line 1: unknown key `a\\u{1b}`\n"),
        "{unknown}"
    );
}

#[test]
fn fields_must_be_there() {
    assert!(mistakes("").contains("the mapping says nothing"));
    assert!(mistakes("# nothing").contains("the mapping says nothing"));
    // Without them every column goes under its own name.
    assert_eq!(mistakes("[input]\ntrim = true"), "");
    assert_eq!(mistakes("table = 'deals'"), "");
    assert!(mistakes("[fields]").starts_with("line 1: `[fields]` is empty"));
    assert!(mistakes("fields = 1").contains("line 1: `fields` must be a table, not an integer"));
    assert!(mistakes("[[fields]]\nid = 'x'").contains("must be a table, not an array"));
    assert!(mistakes("[fields]\nid = ''").contains("the column's name is empty"));
    assert!(mistakes("[fields]\nid = {}").contains("needs `column` or `value`"));
    assert!(mistakes("[fields]\n' id' = 'x'").contains("white space around it"));
    assert_eq!(mistakes("[fields.id]\ncolumn = 'x'\ntrim = true"), "");
}

#[test]
fn signs_are_checked() {
    let amount = |options: &str| field(&format!("{{ column = 'C', type = 'number', {options} }}"));
    assert!(amount("decimal = '..'").contains("`decimal` must be one sign, not `..`"));
    assert!(amount("decimal = ''").contains("must be one sign"));
    assert!(amount("decimal = '0'").contains("must be one sign"));
    assert!(amount("decimal = ' '").contains("must be one sign"));
    assert!(amount("thousands = ', '").contains("must be one sign"));
    assert!(amount("thousands = '.'").contains("are the same"));
    assert!(amount("decimal = ',', thousands = ','").contains("are the same"));
    for good in [
        "decimal = ',', thousands = '.'",
        "thousands = \"'\"",
        "thousands = \"\u{202f}\"",
        "thousands = ''",
    ] {
        assert_eq!(amount(good), "");
    }
    let inherited = "[input]\nthousands = ','\n[fields]\nid = 'ID'\nf = { column = 'C', type = 'number', decimal = ',' }";
    assert!(mistakes(inherited).starts_with("line 5: field `f`: the decimal sign"));
    for (delimiter, good) in [
        ("tab", true),
        ("\\t", true),
        ("|", true),
        ("é", false),
        ("", false),
    ] {
        let text = format!("[input]\ndelimiter = \"{delimiter}\"\n[fields]\nid = 'x'");
        assert_eq!(mistakes(&text).is_empty(), good, "{delimiter}");
    }
}

#[test]
fn quotes_and_escapes() {
    let with = |lines: &str| format!("[input]\n{lines}\n[fields]\nid = 'ID'");
    let quoting = |lines: &str| mapping(&with(lines)).input().quoting;
    assert_eq!(quoting(""), Quoting::PLAIN);
    assert_eq!(quoting("quote = '\"'"), Quoting::PLAIN);
    let both = Quoting {
        escape: Some(b'\\'),
        has_quotes: false,
    };
    assert_eq!(quoting("escape = \"\\\\\"\nquote = \"none\""), both);
    for byte in 0..=0x7f_u8 {
        let text = with(&format!("escape = \"\\u{byte:04x}\""));
        let is_good = byte.is_ascii_punctuation() && !b"\",;|".contains(&byte);
        assert_eq!(Mapping::parse(&text).is_ok(), is_good, "{byte}");
        super::schema::agree(&text);
    }
    assert_eq!(
        mistakes(&with("escape = 'é'\nquote = \"'\"")),
        "line 2: `escape` cannot be `é`\n  hint: it is one ASCII character such as \"\\\\\": no letter, \
         digit or blank, no quote and no usual delimiter\n\
         line 3: `quote` cannot be `'`\n  hint: it is one of `\"`, `none`\n"
    );
    assert_eq!(
        mistakes(&with("escape = '^'\ndelimiter = '^'")),
        "line 2: [input]: the delimiter and the escape are the same\n"
    );
}

#[test]
fn options_must_fit_the_type() {
    let cases = [
        (
            "{ column = 'C', fraction = true, type = 'number' }",
            "`fraction` does not go with type `number`",
        ),
        ("{ column = 'C', decimal = ',' }", "`decimal` needs a type"),
        (
            "{ column = 'C', type = 'text', thousands = ' ' }",
            "does not go with type `text`",
        ),
        (
            "{ column = 'C', type = 'date', trim = false }",
            "`trim` = false does not go with type `date`",
        ),
        (
            "{ column = 'C', type = 'number', empty = 'text' }",
            "`empty = \"text\"` does not go with type `number`",
        ),
        (
            "{ column = 'C', empty = 'zero' }",
            "`empty` cannot be `zero`",
        ),
        (
            "{ column = 'C', values_else = 'error' }",
            "`values_else` goes with `values` only",
        ),
        (
            "{ column = 'C', values = { a = [1] } }",
            "must be a string, a number or a boolean",
        ),
        (
            "{ column = 'C', values = { a = 2024-01-01 } }",
            "not a bare date",
        ),
        (
            "{ column = 'C', values = { a = inf } }",
            "must be a finite decimal number",
        ),
        (
            "{ column = 'C', type = 'number', values = { a = 'b' } }",
            "`values`: `a`: `b` is not a number",
        ),
        (
            "{ column = 'C', type = 'boolean', true = [] }",
            "`true` is an empty list",
        ),
        (
            "{ column = 'C', type = 'boolean', true = ['a', 1] }",
            "must be a string, not an integer",
        ),
        (
            "{ column = 'C', type = 'boolean', true = 'FALSE' }",
            "`false` stands for both true and false",
        ),
        (
            "{ column = 'C', required = 'yes' }",
            "`required` must be true or false, not a string",
        ),
        ("{ value = '' }", "`value` is empty"),
        (
            "{ columns = ['A', 'B'], column = 'C' }",
            "has both `column` and `columns`",
        ),
        ("{ columns = 'A' }", "`columns` must be a list of strings"),
        (
            "{ columns = ['A', ''] }",
            "each entry of field `f`: `columns` is empty",
        ),
        (
            "{ columns = ['A', 'B'], type = 'number' }",
            "`columns` does not go with type `number`",
        ),
        (
            "{ column = 'A', join = ' ' }",
            "`join` goes with `columns` only",
        ),
        (
            "{ value = 'x', type = 'number' }",
            "`value` `x` is not a number",
        ),
        (
            "{ value = 'x', trim = true }",
            "`trim` does not go with `value`",
        ),
        ("{ type = 'number' }", "needs `column` or `value`"),
    ];
    for (options, expected) in cases {
        let found = field(options);
        assert!(found.contains(expected), "{options}: {found}");
        assert_eq!(found.matches("line 3:").count(), 1, "{options}: {found}");
    }
    assert_eq!(
        field("{ column = 'C', type = 'percent', fraction = true, decimal = ',' }"),
        ""
    );
    assert_eq!(
        field("{ column = 'C', required = true, empty = 'error', trim = true }"),
        ""
    );
    assert_eq!(field("{ value = 12.50, type = 'number' }"), "");
}

#[test]
fn constants_are_the_json_they_say() {
    use super::super::{Origin, Tally};
    let text = "[input]\ndecimal = ','\n[fields]\nid = 'ID'\na = { value = 'x\"' }\nb = { value = 12.50 }\nc = { value = true }\nd = { value = 7, type = 'text' }\ne = { value = '1.5', type = 'number' }";
    let binding = mapping(text).bind(&super::header(&["ID"])).unwrap();
    let (json, _) = super::write_csv(&binding, &["1"], &mut Tally::default()).unwrap();
    assert_eq!(
        json,
        r#"{"id":"1","a":"x\"","b":12.50,"c":true,"d":"7","e":1.5}"#
    );
    assert_eq!(
        binding.fields().nth(2).unwrap().origin,
        Origin::Constant("12.50")
    );
}

proptest! {
    #[test]
    fn no_text_brings_it_down(text in "([\\[\\]{}=\"',.a-c#\\n \u{1}é]|fields|column|type|values|empty|\\[fields\\]\n|id = 'x'\n){0,30}") {
        if let Err(mistakes) = Mapping::parse(&text) {
            prop_assert!(!mistakes.is_empty());
            for mistake in &mistakes {
                let all = format!("{}{}", mistake.message, mistake.hint.as_deref().unwrap_or(""));
                prop_assert!(!all.contains(char::is_control), "{:?}", all);
            }
            prop_assert!(mistakes.is_sorted_by_key(|m| m.line.unwrap_or(usize::MAX)));
        }
    }
}
