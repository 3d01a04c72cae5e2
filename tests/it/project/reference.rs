//! The mapping's reference, `docs/mapping.md`: its letters and keys are those of the program.

use std::fmt::Write as _;
use std::fs;

use qobra_push::command_line;

use super::pages::{page, root};
use crate::support::{Folder, run};

/// Each of the page's date letters in a layout, and a cell for it.
const LAYOUTS: [(&str, &str, &str); 21] = [
    ("%Y", "%Y-%m-%d", "2024-02-29"),
    ("%m", "%m/%d/%Y", "2/29/2024"),
    ("%d", "%d.%m.%Y", "29.02.2024"),
    ("%y", "%d/%m/%y", "29/02/24"),
    ("%F", "%F", "2024-02-29"),
    ("%b", "%d %b %Y", "29 Feb 2024"),
    ("%B", "%B %d %Y", "February 29 2024"),
    ("%a", "%a %d %b %Y", "Thu 29 Feb 2024"),
    ("%A", "%A %d %b %Y", "Thursday 29 Feb 2024"),
    ("%H", "%F %H", "2024-02-29 23"),
    ("%M", "%F %H:%M", "2024-02-29 23:59"),
    ("%S", "%F %H:%M:%S", "2024-02-29 23:59:01"),
    ("%T", "%FT%T", "2024-02-29T23:59:01"),
    ("%I", "%F %I:%M %p", "2024-02-29 11:59 PM"),
    ("%p", "%F %I %p", "2024-02-29 11 am"),
    ("%f", "%F %T.%f", "2024-02-29 23:59:01.123456"),
    ("%.f", "%F %T%.f", "2024-02-29 23:59:01.5"),
    ("%z", "%F %T%z", "2024-02-29 23:59:01-1200"),
    ("%:z", "%F %T%.f%:z", "2024-02-29 23:59:01.5+14:00"),
    ("%%", "%% %F", "% 2024-02-29"),
    ("/", "%d/%m/%Y", "29/02/2024"),
];

#[test]
fn date_letters_are_read_as_it_says() {
    let page = page("docs/mapping.md");
    let (_, table) = page.split_once("| letters | stand for |\n").unwrap();
    let rows = table.lines().skip(1).take_while(|line| !line.is_empty());
    let first_cells = rows.filter_map(|row| row.split('|').nth(1));
    let letters: Vec<&str> = first_cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    let tested: Vec<&str> = LAYOUTS.iter().map(|(letter, ..)| *letter).collect();
    // Those of the table and, last here, a sign that stands for itself.
    assert_eq!(letters, tested[..tested.len() - 1]);

    let mut mapping = String::from("table = \"deals\"\n[fields]\nid = \"id\"\nname = \"name\"\n");
    let (mut header, mut record) = (String::from("id,name"), String::from("1,x"));
    for (n, (_, layout, cell)) in LAYOUTS.iter().enumerate() {
        let field = format!("{{ column = \"d{n}\", type = \"date\", format = \"{layout}\" }}");
        let _ = writeln!(mapping, "d{n} = {field}");
        let _ = write!(header, ",d{n}");
        let _ = write!(record, ",{cell}");
    }
    let folder = Folder::new()
        .with("map.toml", mapping)
        .with("data.csv", format!("{header}\n{record}\n"));
    let told = run(folder
        .push()
        .args(["data.csv", "-m", "map.toml", "-n", "-q"]));
    assert_eq!(told.code(), Some(0), "{told}");
    let sent = told.stdout.matches("\"2024-02-29\"").count();
    assert_eq!(sent, LAYOUTS.len(), "{told}");
}

/// The schema that editors read, the reference that people read, and the help of what can be typed too.
#[test]
fn a_mapping_is_the_same_in_schema_reference_and_help() {
    let schema = fs::read_to_string(root("schemas/mapping.schema.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let keys = |at: &str| -> Vec<String> {
        let properties = schema.pointer(at).unwrap().as_object().unwrap();
        properties.keys().cloned().collect()
    };
    let [fields, input, guard, freeze, history] = ["long", "input", "guard", "freeze", "history"]
        .map(|name| keys(&format!("/$defs/{name}/properties")));
    let page = page("docs/mapping.md");
    let is_shown = |key: &String| {
        let shown = regex::Regex::new(&format!(r"(?m)`{key}`|[` ]{key} = |^{key} +=|^\[{key}\]"));
        shown.unwrap().is_match(&page)
    };
    let typed = [input, guard, history].concat();
    let all = [keys("/properties"), fields, freeze, typed.clone()].concat();
    let missing: Vec<_> = all.iter().filter(|key| !is_shown(key)).collect();
    assert!(missing.is_empty(), "docs/mapping.md lacks {missing:?}");
    let mut both = Vec::new();
    for option in command_line().get_arguments() {
        let name = option.get_long().unwrap_or_default().replace('-', "_");
        if typed.contains(&name) {
            let help = option.get_long_help().unwrap().to_string();
            assert!(help.contains("in the mapping"), "--{name}: {help}");
            both.push(name);
        }
    }
    both.sort();
    assert_eq!(
        both,
        [
            "delimiter",
            "encoding",
            "header_line",
            "keep",
            "max_changed",
            "max_hollow",
            "max_shrink",
            "min_overlap",
            "min_records",
            "records",
            "skip_last"
        ]
    );
}
