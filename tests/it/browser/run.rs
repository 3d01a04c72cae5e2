//! The page of a run, as a file that somebody opens.

use std::path::Path;

use qobra_push::{SandboxOptions, TableSpec, ValueKind, parse_faults};

use super::chromium::Browser;
use super::tab::Tab;
use crate::rig::{REPLACE, ends};
use crate::stage::{Stage, deals, options};

const MAPPING: &str = "
table = \"deals\"
[fields]
id = \"id\"
name = \"name\"
amount = { column = \"amount\", type = \"number\" }
";

/// Opens a page, which asks for nothing but itself and complains of nothing; looks at it in every way that
/// people do, and keeps pictures.
fn opened<'b>(browser: &'b Browser, path: &Path, name: &str) -> Tab<'b> {
    let tab = Tab::open(browser);
    let url = url::Url::from_file_path(path).unwrap().to_string();
    tab.go(&url);
    assert_eq!(tab.asked(), [url], "{name}");
    for scheme in ["light", "dark"] {
        tab.medium("screen", scheme);
        tab.screenshot(&format!("run-{name}-{scheme}"));
    }
    tab.medium("print", "light");
    tab.size(700, 1000);
    tab.fits(name);
    tab.screenshot(&format!("run-{name}-print"));
    tab.medium("screen", "light");
    tab.size(400, 800);
    tab.fits(name);
    tab.screenshot(&format!("run-{name}-phone"));
    assert_eq!(tab.complaints(), [] as [serde_json::Value; 0], "{name}");
    for (scheme, width) in [("light", 400), ("dark", 1280)] {
        tab.medium("screen", scheme);
        tab.size(width, 800);
        tab.is_accessible(&format!("{name}, {scheme}, {width}"));
    }
    tab
}

/// The page that a line wrote.
fn page(stage: &Stage, line: &str, code: i32) -> std::path::PathBuf {
    ends(stage, &format!("{line} --report page.html"), code);
    stage.folder().path().join("page.html")
}

#[test]
fn a_replace_with_retries() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let stage = Stage::of(SandboxOptions {
        faults: parse_faults("503@2,429:1@4,reset-after@7,slow:1@9").unwrap(),
        ..options()
    });
    let stage = stage.file("deals.csv", deals(60));
    page(&stage, REPLACE, 0);
    stage.settled();
    ends(&stage, "status", 0);
    ends(&stage, "report -o page.html", 0);
    let tab = opened(
        &browser,
        &stage.folder().path().join("page.html"),
        "replace",
    );
    assert_eq!(
        tab.text("h1"),
        "Table “deals” held exactly the 60 records of this push when its import ended."
    );
    let drawn =
        "Array.from(document.querySelectorAll('svg rect'), rect => rect.getBoundingClientRect())
        .every(box => box.width >= 1 && box.height >= 4)";
    assert_eq!(tab.eval(drawn), true);
    let titles = tab.eval(
        "Array.from(document.querySelectorAll('rect.failed title'), title => title.textContent)",
    );
    assert_eq!(titles.as_array().unwrap().len(), 2, "{titles}");
}

#[test]
fn a_push_with_rejects() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let spec = TableSpec {
        fields: [("amount".to_owned(), ValueKind::Number)].into(),
        ..crate::stage::table("deals", "id")
    };
    let stage = Stage::of(SandboxOptions {
        tables: vec![spec],
        ..options()
    });
    let mut csv = deals(40);
    csv.push_str("41,Deal 41,a lot\n42,Deal 42,more\n43,Deal\n");
    let stage = stage.file("deals.csv", csv).file("map.toml", MAPPING);
    let path = page(&stage, "deals.csv -m map.toml", 3);
    let tab = opened(&browser, &path, "refused");
    assert_eq!(tab.text("h1"), "Table “deals” holds what it held before.");
    assert!(tab.text("main").contains("is not a number"));

    page(&stage, "deals.csv -m map.toml --max-errors 3", 7);
    stage.settled();
    ends(&stage, "status", 7);
    ends(&stage, "report -o page.html", 0);
    let tab = opened(&browser, &path, "gaps");
    assert_eq!(
        tab.text("h1"),
        "Table “deals” has gaps: 3 records rejected here, 0 by Qobra."
    );
    assert!(tab.text("main").contains("is not a number"));
}

#[test]
fn a_dry_run_and_a_rehearsal() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let stage = Stage::unused().file("deals.csv", deals(60));
    let stage = stage.file("map.toml", MAPPING);
    let path = page(
        &stage,
        "deals.csv -m map.toml --dry-run --all --debounce 900",
        0,
    );
    let tab = opened(&browser, &path, "dry-run");
    assert!(tab.text("h1").contains("dry run"));
    assert!(tab.text("main").contains("Deal 1"));

    let path = page(
        &stage,
        "deals.csv -m map.toml --sandbox --all --debounce 900 --chunk-size 5",
        0,
    );
    let tab = opened(&browser, &path, "rehearsal");
    assert!(
        tab.text("header").contains("A rehearsal"),
        "{}",
        tab.text("header")
    );
}

/// Whatever stands in a file is text: no script runs, no title changes, no character is hidden.
#[test]
fn a_hostile_file() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let evil =
        "<img src=x onerror='alert(1)'><script>document.title='owned'</script></title></style>&lt;";
    let header = format!("id,\"{evil}\",name\u{202e}eman\n");
    let row = |id: &str, value: &str, name: &str| format!("\"{id}\",\"{value}\",\"{name}\"\n");
    let csv = |value: &str, name: &str| {
        header.clone() + &row(evil, value, name) + &row("a\u{202e}b\u{7f}", "x", "y")
    };
    let long = "x".repeat(5_000);
    let stage = Stage::new().file("old.csv", csv("old", "old"));
    let name = "<b>'&.csv";
    let stage = stage.file(
        name,
        csv(&long, evil) + &row("javascript:alert(2)", "z", evil),
    );
    ends(&stage, "old.csv -t deals --all --keep 3", 0);
    stage.settled();
    let line = format!("{name} -t deals --all --keep 3 --values");
    let path = page(&stage, &line, 0);
    let tab = opened(&browser, &path, "hostile");
    assert_eq!(
        tab.eval("document.querySelectorAll('script, img, b').length"),
        0
    );
    let title = tab.eval("document.title");
    assert!(
        title
            .as_str()
            .unwrap()
            .starts_with("Push to table deals, run 20"),
        "{title}"
    );
    let text = tab.text("main");
    assert!(
        text.contains("<img src=x onerror='alert(1)'><script>"),
        "{text}"
    );
    assert!(
        text.contains("\\u{202e}") && !text.contains('\u{202e}'),
        "{text}"
    );
}

#[test]
fn old_and_new_values() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let stage = Stage::new().file("deals.csv", deals(30));
    ends(
        &stage,
        "deals.csv -t deals --all --debounce 900 --keep 3",
        0,
    );
    stage.settled();
    ends(&stage, "status", 0);
    let changed = deals(32).replace("Deal 7,7.50", "Deal seven,7.75");
    let stage = stage.file("deals.csv", changed.replace("3,Deal 3,3.50\n", ""));
    let line = "deals.csv -t deals --all --debounce 900 --keep 3 --values";
    let path = page(&stage, line, 0);
    let tab = opened(&browser, &path, "values");
    let text = tab.text("main");
    assert!(text.contains("\"Deal 7\"\t\"Deal seven\""), "{text}");
}
