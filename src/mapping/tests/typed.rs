//! Cells that have a type already: what fields make of them, and how they are spelled for CSV.

use proptest::prelude::*;

use super::*;
use crate::input::Typed;

/// One cell of a sheet through the field `f`, whose options are given; and its spelling as CSV through
/// the same field.
fn both(options: &str, typed: Typed, text: &str) -> [Result<String, String>; 2] {
    let mapping_text = format!("[fields]\nid = 'ID'\nf = {{ column = 'C', {options} }}");
    let binding = mapping(&mapping_text).bind(&header(&["ID", "C"])).unwrap();
    let cells = ["1", text].map(|text| Cell {
        text,
        is_plain: false,
    });
    let spans = Spans::for_test(&cells).typed_for_test(&[Typed::Text, typed]);
    let cells = Cells::Text(TextCells::for_test(&spans, &[0, 1]));
    let of_sheet = one(write(&binding, &cells, &mut Tally::default()));
    let spelling = binding.spelling();
    let spelled = spelling.of(1, typed, text);
    let of_csv = one(write_csv(&binding, &["1", &spelled], &mut Tally::default()));
    [of_sheet, of_csv]
}

fn written(options: &str, typed: Typed, text: &str) -> Result<String, String> {
    let [of_sheet, of_csv] = both(options, typed, text);
    assert_eq!(of_sheet, of_csv, "{options} {typed:?} {text}");
    of_sheet
}

#[test]
fn typed_cells_need_no_signs_words_and_layouts() {
    let signs = "decimal = \",\", thousands = \".\"";
    let number = format!("type = \"number\", {signs}");
    let percent = format!("type = \"percent\", {signs}");
    assert_eq!(written(&number, Typed::Number, "1.234"), ok("1.234"));
    assert_eq!(written(&number, Typed::Number, "1e+21"), ok("1e+21"));
    assert_eq!(written(&number, Typed::Number, "-00123"), ok("-123"));
    assert_eq!(written(&percent, Typed::Number, "12.125%"), ok("12.125"));
    let share = format!("{percent}, fraction = true");
    assert_eq!(written(&share, Typed::Number, "-7.5%"), ok("-0.075"));
    let words = "type = \"boolean\", true = [\"oui\", \"ja\"], false = \"non\"";
    assert_eq!(written(words, Typed::Boolean, "true"), ok("true"));
    assert_eq!(written(words, Typed::Boolean, "false"), ok("false"));
    let american = "type = \"date\", format = [\"%m/%d/%Y\", \"%d.%m.%Y %H:%M\"]";
    assert_eq!(
        written(american, Typed::Date, "2026-04-03"),
        ok("\"2026-04-03\"")
    );
    assert_eq!(
        written(american, Typed::Date, "2026-04-03 23:59:59"),
        ok("\"2026-04-03\"")
    );
    let zoned = "type = \"date\", format = \"%Y-%m-%dT%H:%M:%SZ\", timezone = \"Europe/Paris\"";
    assert_eq!(
        written(zoned, Typed::Date, "2026-04-03 23:59:59"),
        ok("\"2026-04-03\"")
    );
}

#[test]
fn cells_of_another_type_are_texts() {
    let sheet = |options: &str, typed, text| both(options, typed, text)[0].clone();
    assert_eq!(
        sheet("type = \"text\"", Typed::Number, "12.50%"),
        ok("\"12.50%\"")
    );
    assert_eq!(
        sheet("trim = false", Typed::Boolean, "true"),
        ok("\"true\"")
    );
    assert_eq!(sheet("type = \"json\"", Typed::Number, "1.5"), ok("1.5"));
    let words = "type = \"boolean\", true = \"1\", false = \"0\"";
    assert_eq!(sheet(words, Typed::Number, "1"), ok("true"));
    let compact = "type = \"date\", format = \"%Y%m%d\"";
    assert_eq!(
        sheet(compact, Typed::Number, "20260131"),
        ok("\"2026-01-31\"")
    );
    for (options, typed, text) in [
        ("type = \"number\"", Typed::Number, "12.50%"),
        ("type = \"number\"", Typed::Boolean, "true"),
        ("type = \"date\"", Typed::Boolean, "true"),
        ("type = \"integer\"", Typed::Number, "1.5"),
        ("type = \"boolean\"", Typed::Date, "2026-01-31"),
    ] {
        assert!(sheet(options, typed, text).is_err(), "{options} {text}");
    }
    // A translation goes by what the sheet shows.
    let values = "type = \"number\", values = { \"1.5\" = \"2\" }";
    assert_eq!(sheet(values, Typed::Number, "1.5"), ok("2"));
}

/// The date is not written as its layout has it, which the text would send.
#[test]
fn what_two_fields_read_otherwise_stays_what_it_is() {
    let spelled = |more: &str| {
        let text = format!(
            "[fields]\nid = 'ID'\nday = {{ column = 'C', type = 'date', format = '%d/%m/%Y' }}\n{more}"
        );
        let binding = super::mapping(&text).bind(&header(&["ID", "C"])).unwrap();
        let cell = "2026-01-31";
        binding.spelling().of(1, Typed::Date, cell).into_owned()
    };
    assert_eq!(spelled(""), "31/01/2026");
    let same = "other = { column = 'C', type = 'date', format = ['%d/%m/%Y', '%F'] }";
    assert_eq!(spelled(same), "31/01/2026");
    assert_eq!(spelled("text = 'C'"), "2026-01-31");
    assert_eq!(spelled("text = { columns = ['ID', 'C'] }"), "2026-01-31");
}

proptest! {
    /// What a rejects file says of a sheet is read as the sheet was, whatever the mapping's signs.
    #[test]
    fn what_is_spelled_reads_back_as_it_was(
        number in "-?(0|[1-9][0-9]{0,7})(\\.[0-9]{1,6})?%?",
        day in (1_i16..9_999, 1_i8..13, 1_i8..29),
        time in prop_oneof![Just(""), Just(" 08:30:00"), Just(" 23:59:59.125")],
        truth in any::<bool>(),
        signs in proptest::sample::select(vec![(".", ""), (".", ","), (",", "."), (",", " "), ("·", "'")]),
        layout in proptest::sample::select(vec![
            "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%d %B %Y", "%F %T", "%d.%m.%Y %I:%M %p", "%Y-%m-%dT%H:%M:%S%z",
        ]),
    ) {
        let signs = format!("decimal = \"{}\", thousands = \"{}\"", signs.0, signs.1);
        let percent = format!("type = \"percent\", {signs}");
        let plain = number.trim_end_matches('%');
        prop_assert_eq!(written(&percent, Typed::Number, &number), ok(plain));
        let kind = format!("type = \"number\", {signs}");
        prop_assert_eq!(written(&kind, Typed::Number, plain), ok(plain));
        let word = truth.to_string();
        let words = "type = \"boolean\", true = \"vrai\", false = \"faux\"";
        prop_assert_eq!(written(words, Typed::Boolean, &word), ok(&word));
        let day = format!("{:04}-{:02}-{:02}", day.0, day.1, day.2);
        let layout = format!("type = \"date\", format = [\"%d-%m-%Y\", \"{layout}\"]");
        let wanted = format!("\"{day}\"");
        prop_assert_eq!(written(&layout, Typed::Date, &format!("{day}{time}")), ok(&wanted));
    }
}
