//! Mappings as other programs save them, and what people write first.

use super::parse::{field, mistakes};
use crate::mapping::spec::Mapping;

#[test]
fn words_of_other_programs_are_answered() {
    for (word, ours) in [
        ("string", "text"),
        ("currency", "number"),
        ("float", "number"),
        ("int", "integer"),
        ("bool", "boolean"),
        ("datetime", "date"),
        ("Timestamp", "date"),
        ("object", "json"),
    ] {
        let found = field(&format!("{{ column = 'C', type = '{word}' }}"));
        let start =
            format!("line 3: field `f`: unknown type `{word}`\n  hint: write type = \"{ours}\"");
        assert!(found.starts_with(&start), "{found}");
    }
    for (layout, ours) in [
        ("DD/MM/YYYY", "%d/%m/%Y"),
        ("dd.mm.yyyy", "%d.%m.%Y"),
        ("yyyy-MM-dd", "%Y-%m-%d"),
        ("M/D/YYYY", "%m/%d/%Y"),
        ("MM/DD/YY", "%m/%d/%y"),
        ("DD MMM YYYY", "%d %b %Y"),
        ("dddd, D MMMM YYYY", "%A, %d %B %Y"),
        ("yyyy-MM-dd'T'HH:mm:ss", "%Y-%m-%dT%H:%M:%S"),
        ("YYYY-MM-DD HH:mm", "%Y-%m-%d %H:%M"),
        ("m/d/yyyy h:mm a", "%m/%d/%Y %I:%M %p"),
    ] {
        let found = field(&format!(
            "{{ column = 'C', type = 'date', format = \"{layout}\" }}"
        ));
        let end = format!("\n  hint: letters stand behind a %: \"{ours}\"\n");
        assert!(found.ends_with(&end), "{found}");
    }
    let found = field("{ column = 'C', type = 'date', format = 'dd of Quarter' }");
    assert!(found.contains("hint: for example"), "{found}");
}

#[test]
fn variables_are_refused_where_they_would_be_sent() {
    let table = mistakes("table = '${TABLE}'\n[fields]\nid = 'ID'");
    assert_eq!(
        table,
        "line 1: `table`: a mapping has no variables: `${TABLE}`\n  \
         hint: leave `table` out and name it with -t: -t \"$TABLE\"\n"
    );
    for text in ["f = { value = 'a ${Q_1} b' }", "'x${Q_1}' = 'C'"] {
        let found = mistakes(&format!("[fields]\nid = 'ID'\n{text}"));
        assert!(
            found.contains("a mapping has no variables: `${Q_1}`"),
            "{found}"
        );
        assert!(found.contains("with -t"), "{found}");
    }
    // A column may have any name, and money is none.
    assert_eq!(field("'${COLUMN}'"), "");
    for value in ["$5", "${}", "${a b}", "${1}", "${A"] {
        assert_eq!(field(&format!("{{ value = '{value}' }}")), "");
    }
}

#[test]
fn a_file_is_decoded_by_its_mark() {
    let text = "table = \"deals\" # é";
    let with = |mark: &[u8], units: Vec<u8>| [mark, &units].concat();
    let wide = |of: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(of).collect();
    for bytes in [
        text.as_bytes().to_vec(),
        with(b"\xef\xbb\xbf", text.as_bytes().to_vec()),
        with(b"\xff\xfe", wide(u16::to_le_bytes)),
        with(b"\xfe\xff", wide(u16::to_be_bytes)),
    ] {
        assert_eq!(Mapping::decode(&bytes).as_deref(), Some(text));
    }
    for bytes in [
        &b"\xff"[..],
        b"table = \"\xe9\"",
        b"\xff\xfea",
        b"\xff\xfe\x00\xd8",
    ] {
        assert_eq!(Mapping::decode(bytes), None, "{bytes:?}");
    }
}
