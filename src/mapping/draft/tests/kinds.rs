//! What cells prove, rule by rule.

use super::super::evidence::{Evidence, Place};
use super::super::kinds::{DraftType, propose};
use super::super::names::Name;
use super::super::numbers::simplest;
use super::{body, draft_of};
use crate::base::position::Positions;
use crate::input::Typed;
use crate::mapping::value::marks::Negative;

/// The proposal for a column in a few words, with `?` where there is a remark.
fn kind(name: &str, cells: &[&str]) -> String {
    let mut evidence = Evidence::default();
    for (cell, line) in cells.iter().zip(2..) {
        evidence.add_cell(cell, Typed::Text, Place { line, room: 100 });
    }
    let proposal = propose(&evidence, &Name::new(name), Positions::Lines);
    let signs = |fits: u8| {
        let style = simplest(fits).unwrap();
        let thousands = style.thousands.map(String::from).unwrap_or_default();
        format!("{}{thousands}", style.decimal)
    };
    let kind = match &proposal.kind {
        DraftType::AsIs => "text".to_owned(),
        DraftType::Number(typed, fits, amounts) => {
            let marks = amounts.symbols.concat();
            let negative = match amounts.negative {
                None => "",
                Some(Negative::Parentheses) => "()",
                Some(Negative::Trailing) => "-",
            };
            let word = typed.word();
            match marks + negative {
                marks if marks.is_empty() => format!("{word} {}", signs(*fits)),
                marks => format!("{word} {} {marks}", signs(*fits)),
            }
        }
        DraftType::Boolean(answers) => {
            format!(
                "boolean {} | {}",
                answers.yes.join(" "),
                answers.no.join(" ")
            )
        }
        DraftType::Date(layouts) => format!("date {}", layouts.join(" | ")),
    };
    match proposal.remark {
        Some(_) if kind == "text" => kind + "?",
        _ => kind,
    }
}

#[test]
fn numbers_are_told_by_their_signs() {
    for (cells, expected) in [
        (&["12", "-7", ""][..], "integer ."),
        (&["12.5", "7"], "number ."),
        (&["12,5", "7"], "number ,"),
        (&[".5"], "number ."),
        (&["1.234,56"], "number ,."),
        (&["1,234.56", "-8"], "number .,"),
        (&["12 345,60"], "number , "),
        (&["12\u{202f}345,60", "1\u{a0}000"], "number , "),
        (&["1'234.50"], "number .'"),
        (&["1.234.567"], "integer ,."),
        (&["1 234"], "integer . "),
        // One cell decides for all.
        (&["1.234", "12.5"], "number ."),
        (&["1.234", "0.500"], "number ."),
        (&["1.234", "12345.678"], "number ."),
        (&["1.234", "1.234,5"], "number ,."),
        (&["1,234", "1,234,567"], "integer .,"),
        // No cell does.
        (&["1.234"], "text?"),
        (&["1,234", "567"], "text?"),
        (&["-1.234"], "text?"),
        // No style fits all.
        (&["1.5", "1,5"], "text"),
        (&["12", "n/a"], "text"),
    ] {
        assert_eq!(kind("Amount", cells), expected, "{cells:?}");
    }
}

#[test]
fn amounts_have_currencies_and_other_signs() {
    for (cells, expected) in [
        (&["€ 5"][..], "integer . €"),
        (&["-$5", "$-6.50", "7"], "number . $"),
        (
            &["$1,234.50", "(500.25)", "EUR 7.00", "(£3)"],
            "number ., $EUR£()",
        ),
        (&["1.234,50-", "12,00 €"], "number ,. €-"),
        (&["CHF 1'000.00", "5"], "number .' CHF"),
        (&["Rs.500", "Rs. 1"], "integer . Rs."),
        (&["12 000 kr", "5"], "integer .  kr"),
        (&["5%", "(6%)"], "percent . ()"),
        // Two ways to mark them, and marks in all cells.
        (&["5-", "(6)", "7"], "text"),
        (&["(5)", "(6)"], "text"),
        (&["$1.234"], "text?"),
        // No currencies.
        (&["5 kg", "6"], "text"),
        (&["USD", "5"], "text"),
        (&["$5 EUR"], "text"),
        (&["$05"], "text"),
    ] {
        assert_eq!(kind("Amount", cells), expected, "{cells:?}");
    }
    assert_eq!(kind("Account no", &["EUR 5"]), "text");
}

#[test]
fn what_is_not_surely_a_number_stays_text() {
    for cell in [
        "00123",
        "01.5",
        "1E5",
        "+5",
        "(5)",
        "5-",
        "1_000",
        "0x1F",
        "5 kg",
        "Q$5",
        "--5",
        "-",
        ".",
        "5.",
        "1234567890123456",
        "1.2.3",
        "12 34 56",
        "٣",
        "NaN",
        "inf",
    ] {
        assert_eq!(kind("Amount", &[cell]), "text", "{cell}");
    }
    for name in ["Zip code", "Phone", "Deal ID", "Order number"] {
        assert_eq!(kind(name, &["75001", "69002"]), "text", "{name}");
    }
    assert_eq!(kind("Amount", &["", " "]), "text");
    assert_eq!(kind("Amount", &["123456789012345"]), "integer .");
}

#[test]
fn percentages_have_their_sign_everywhere() {
    assert_eq!(kind("Discount", &["12,5 %", "5%"]), "percent ,");
    assert_eq!(kind("Discount", &["10%"]), "percent .");
    assert_eq!(kind("Discount", &["10%", "0.1"]), "text?");
    assert_eq!(kind("Discount", &["1.234%"]), "text?");
    assert_eq!(kind("Discount", &["%"]), "text");
}

#[test]
fn booleans_are_opposites() {
    for (name, cells, expected) in [
        ("Won", &["true", "false", ""][..], "boolean true | false"),
        ("Won", &["Yes", "NO", "yes"], "boolean Yes | NO"),
        ("Won", &["non", "oui"], "boolean oui | non"),
        ("Won", &["ja", "nein"], "boolean ja | nein"),
        ("Won", &["sí", "no"], "boolean sí | no"),
        ("Won", &["y", "n"], "boolean y | n"),
        (
            "Won",
            &["yes", "non", "no", "oui"],
            "boolean yes oui | non no",
        ),
        ("Won", &["Si", "No"], "boolean Si | No"),
        ("Won", &["SÍ", "NO"], "boolean SÍ | NO"),
        // Slovenia and Norway, or yes and no.
        ("Country", &["NO", "SI", "NO", ""], "text?"),
        ("Won", &["SI", "NO"], "text?"),
        ("Is won", &["SI", "NO"], "boolean SI | NO"),
        // Of two languages.
        ("Won", &["ja", "no"], "text"),
        ("Won", &["sí", "non"], "text"),
        ("Is won", &["1", "0"], "boolean 1 | 0"),
        ("Won?", &["1", "0"], "boolean 1 | 0"),
        ("Won", &["1", "0"], "integer ."),
        ("Won", &["yes", "yes"], "text"),
        ("Won", &["yes", "non"], "text"),
        ("Won", &["yes", "no", "maybe"], "text"),
        ("Won", &["o", "n"], "text"),
    ] {
        assert_eq!(kind(name, cells), expected, "{name} {cells:?}");
    }
}

#[test]
fn dates_are_told_by_a_day_above_twelve() {
    for (cells, expected) in [
        (&["2024-02-29", ""][..], "date %Y-%m-%d"),
        (&["2024/02/29"], "date %Y/%m/%d"),
        (&["01.02.2024"], "date %d.%m.%Y"),
        (&["03/04/2024", "25/12/2024"], "date %d/%m/%Y"),
        (&["03/04/2024", "12/25/2024"], "date %m/%d/%Y"),
        (&["3/4/2024", "25/12/2024"], "date %d/%m/%Y"),
        (&["25-12-2024"], "date %d-%m-%Y"),
        (&["2024-02-29T23:59:01"], "date %Y-%m-%dT%H:%M:%S"),
        (&["2024-02-29T23:59:01Z"], "date %Y-%m-%dT%H:%M:%SZ"),
        (&["2024-02-29 23:59"], "date %Y-%m-%d %H:%M"),
        (
            &["2024-02-29T23:59:01.123+02:00"],
            "date %Y-%m-%dT%H:%M:%S%.f%:z",
        ),
        (&["25/12/2024 08:30"], "date %d/%m/%Y %H:%M"),
        (&["12/25/2024 8:30 PM"], "date %m/%d/%Y %I:%M %p"),
        (&["14 Jan 2025"], "date %d %b %Y"),
        (&["January 14, 2025"], "date %B %d, %Y"),
        (&["2024-02-29", "25/12/2024"], "date %Y-%m-%d | %d/%m/%Y"),
        // Both orders fit, or none does.
        (&["03/04/2024"], "text?"),
        (&["05/05/2024"], "text?"),
        (&["03-04-2024", "2024-02-29"], "text?"),
        (&["25/12/2024", "12/25/2024"], "text?"),
        (&["03/04/2024 10:00"], "text?"),
        // Not dates.
        (&["2024-02-30"], "text"),
        (&["25/12/24"], "text"),
        (&["2024-02-29", "soon"], "text"),
    ] {
        assert_eq!(kind("Close", cells), expected, "{cells:?}");
    }
}

#[test]
fn dates_with_an_offset_ask_for_a_zone() {
    for (cell, asks) in [
        ("2024-02-29T23:59:01Z", true),
        ("2024-02-29T23:59:01.5Z", true),
        ("2024-02-29T23:59Z", true),
        ("2024-02-29T23:59:01+01:00", true),
        ("2024-02-29T23:59:01", false),
    ] {
        let mut evidence = Evidence::default();
        let place = Place { line: 2, room: 100 };
        evidence.add_cell(cell, Typed::Text, place);
        let remark = propose(&evidence, &Name::new("Close"), Positions::Lines).remark;
        assert_eq!(remark.unwrap().contains("timezone"), asks, "{cell}");
    }
}

#[test]
fn eight_digits_are_a_day_where_the_name_says_so() {
    assert_eq!(kind("Close Date", &["20240229"]), "date %Y%m%d");
    assert_eq!(kind("Amount", &["20240229"]), "integer .");
    assert_eq!(kind("Close Date", &["20240230"]), "integer .");
    assert_eq!(kind("Close Date", &["12340229"]), "integer .");
}

#[test]
fn json_values_are_what_they_are() {
    let draft = draft_of(
        "deals.ndjson",
        concat!(
            r#"{"id":1,"amount":1.5,"text":"1.5","won":true,"mix":"1","tags":["a"],"when":"25/12/2024"}"#,
            "\n",
            r#"{"id":2,"amount":7,"text":"2,5","won":false,"mix":2,"tags":[],"when":null}"#,
        ),
    )
    .unwrap();
    insta::assert_snapshot!(body(&draft.text));
}

#[test]
fn the_id_is_sure_or_left_to_the_user() {
    let about_id = |csv: &str| {
        let draft = draft_of("deals.csv", csv).unwrap();
        let body = body(&draft.text);
        let end = body.find("\n[fields]").unwrap();
        body[..end].to_owned()
    };
    let all = [
        ("the name says it", "Deal ID,Owner ID,name\n1,7,a\n2,8,b\n"),
        ("the surest is no id", "id,Deal ID,name\n1,7,a\n1,8,b\n"),
        ("two are as sure", "Owner ID,Team ID,name\n1,7,a\n2,8,b\n"),
        ("none is fit", "id,Deal ID,name\n1,,a\n1,8,b\n"),
        ("white space", "id,name\n 1,a\n2 ,b\n"),
        ("only the cells say it", "what,stage,name\nx,a,a\ny,a,a\n"),
        (
            "the cells leave a choice",
            "what,stage,name\nx,a,a\ny,b,a\n",
        ),
        ("nothing says it", "what,stage,name\nx,a,a\nx,a,a\n"),
        ("no records", "Deal ID,name\n"),
        ("one record", "what,name\nx,a\n"),
    ];
    let said: Vec<String> = all
        .iter()
        .map(|(case, csv)| format!("== {case}\n{}", about_id(csv)))
        .collect();
    insta::assert_snapshot!(said.concat());
}
