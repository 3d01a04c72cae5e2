//! The sandbox's page, beside pushes that go on.

use std::time::Duration;

use qobra_push::{SandboxOptions, TableSpec, ValueKind};
use serde_json::{Value, json};

use super::chromium::Browser;
use super::tab::Tab;
use crate::rig::{REPLACE, ends};
use crate::stage::{Stage, deals, options, table};

/// What the fields of a record may be.
const HOSTILE: &str =
    "<img src=x onerror='alert(1)'><script>document.title='owned'</script>\u{202e}";

impl Tab<'_> {
    /// It is the page of this sandbox, which asks nobody else and complains of nothing.
    fn is_quiet(&self, stage: &Stage) {
        let is_own = |url: &String| url == "data:," || url.starts_with(&stage.url());
        let foreign: Vec<_> = self
            .asked()
            .into_iter()
            .filter(|url| !is_own(url))
            .collect();
        assert_eq!(foreign, [""; 0]);
        assert_eq!(self.complaints(), [] as [Value; 0]);
        assert_eq!(self.eval("document.title"), "Sandbox of qobra-push");
    }

    /// In every way that people look at it.
    fn pictures(&self, name: &str) {
        for (width, scheme) in [(1280, "light"), (1280, "dark"), (400, "light")] {
            self.medium("screen", scheme);
            self.size(width, 800);
            self.fits(name);
            self.screenshot(&format!("sandbox-{name}-{width}-{scheme}"));
            self.is_accessible(&format!("{name}, {width}, {scheme}"));
        }
        self.size(1280, 800);
    }

    /// Waits until a part shows a text.
    fn shows(&self, part: &str, text: &str) {
        let (part, text) = (Value::from(part), Value::from(text));
        self.until(&format!(
            "document.getElementById({part}).innerText.includes({text})"
        ));
    }
}

/// A table with declared types, which rejects and drops.
fn typed() -> SandboxOptions {
    let fields = [("name", ValueKind::Text), ("amount", ValueKind::Number)];
    SandboxOptions {
        tables: vec![
            TableSpec {
                fields: fields.map(|(name, kind)| (name.to_owned(), kind)).into(),
                ..table("deals", "id")
            },
            table("owners", "id"),
        ],
        ..options()
    }
}

#[test]
fn it_shows_what_a_push_does() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let stage = Stage::of(typed());
    let tab = Tab::open(&browser);
    tab.go(&stage.url());
    tab.shows("live", "Live.");
    tab.shows("windows", "None is open.");
    tab.pictures("empty");

    let csv = deals(60).replace("amount", "total") + "61,Deal 61,a lot\n";
    let stage = stage.file("deals.csv", deals(60) + "61,Deal 61,a lot\n");
    ends(&stage, REPLACE, 0);
    tab.shows("windows", "15:00");
    tab.shows("windows", "replace");
    tab.shows("requests", "POST /v1/tables/deals/records/bulk");
    stage.running.sandbox.advance(Duration::from_secs(1));
    tab.shows("windows", "14:59");
    tab.pictures("window");
    // A rejected record can be looked at, and stays open while the page goes on.
    stage.running.sandbox.advance(Duration::from_secs(900));
    tab.shows("imports", "finished");
    tab.click("#imports summary");
    stage
        .folder()
        .write("owners.csv", format!("id,n\n1,\"{HOSTILE}\"\n"));
    ends(&stage, "owners.csv -t owners", 0);
    tab.shows("tables", "owners");
    tab.until("document.querySelectorAll('#imports tbody tr').length >= 2");
    assert_eq!(
        tab.eval("document.querySelectorAll('#imports details[open]').length"),
        1
    );
    assert!(
        // Its line is of what came, and the chunks come in any order.
        tab.text("#imports").contains(", amount: "),
        "{}",
        tab.text("#imports")
    );
    // Fields that the table does not have.
    stage.folder().write("deals.csv", csv);
    ends(&stage, "deals.csv -t deals --max-hollow 100%", 0);
    tab.shows("tables", "total");
    tab.pictures("pushed");
    // Text is text.
    tab.go(&format!("{}/?table=owners", stage.url()));
    tab.shows("records", "<img src=x onerror='alert(1)'>");
    tab.shows("records", "\\u{202e}");
    assert_eq!(
        tab.eval("document.querySelectorAll('main img, main script').length"),
        0
    );
    tab.is_quiet(&stage);
}

/// A million records: a page of them at a time, and every step is quick enough for a person.
#[test]
fn a_million_records() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let stage = Stage::unused();
    let records: Vec<_> = (1..=1_000_000u32)
        .map(|n| json!({ "id": format!("k{n}") }))
        .collect();
    stage.running.sandbox.seed("deals", &records);
    drop(records);
    let tab = Tab::open(&browser);
    tab.go(&stage.url());
    tab.shows("records", "records 1 to 50 of 1,000,002");
    assert_eq!(
        tab.eval("document.querySelectorAll('#records tbody tr').length"),
        50
    );
    let rows = "document.querySelectorAll('*').length < 1000";
    assert_eq!(tab.eval(rows), true);
    tab.pictures("million");
    tab.click("#last");
    tab.until(
        "document.querySelector('#records tbody tr:last-child').innerText.includes('k1000000')",
    );
    tab.click("#first");
    tab.until("location.search.includes('from=0') && document.readyState === 'complete'");
    tab.eval("document.querySelector('#search').value = 'K99999'; document.querySelector('#search').form.requestSubmit()");
    tab.until("location.search.includes('search=K99999')");
    tab.shows("records", "11 records with the text");
    tab.is_quiet(&stage);
}

/// What somebody types, where they have scrolled to and what they look for stays while the page goes on.
#[test]
fn a_refresh_disturbs_nobody() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let stage = Stage::new().file("deals.csv", deals(200));
    ends(&stage, "deals.csv -t deals", 0);
    stage.settled();
    let tab = Tab::open(&browser);
    tab.go(&format!("{}/?table=deals&search=deal", stage.url()));
    tab.shows("live", "Live.");
    tab.eval("document.getElementById('search').focus(); document.getElementById('search').value = 'half typ'");
    let places =
        "[document.getElementById('records').scrollTop, scrollY, document.activeElement.id,
         document.getElementById('search').value, location.search]";
    tab.eval("document.getElementById('records').scrollTop = 300; scrollTo(0, 250)");
    let before = tab.eval(places);
    assert_eq!(before[0], 300, "{before}");
    stage
        .folder()
        .write("more.csv", "id,name,amount\n900,Deal 900,7\n1,Deal one,8\n");
    ends(&stage, "more.csv -t deals", 0);
    stage.settled();
    tab.shows("records", "Deal one");
    assert_eq!(tab.eval(places), before);
    tab.is_quiet(&stage);
}

/// A fault that is armed by a button hits the next push; one that makes no sense is refused in words.
#[test]
fn faults_are_armed_from_it() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let stage = Stage::new().file("deals.csv", deals(5));
    let tab = Tab::open(&browser);
    tab.go(&stage.url());
    tab.shows("faults", "None is armed.");
    tab.click("#next button[value='503']");
    tab.shows("faults", "503@1");
    tab.eval("document.getElementById('fault').value = '429:1@2'; document.querySelector('#arm button').click()");
    tab.shows("faults", "429:1@2");
    tab.eval("document.getElementById('fault').value = 'nonsense'; document.querySelector('#arm button').click()");
    tab.shows("mistake", "nonsense");
    tab.pictures("faults");
    ends(&stage, "deals.csv -t deals", 0);
    let statuses: Vec<_> = stage.posts().iter().map(|seen| seen.status).collect();
    assert_eq!(statuses, [Some(503), Some(429), Some(200)]);
    tab.shows("requests", "fault 503@1");
    tab.shows("faults", "is over");
    // One that is still to come can be taken back.
    tab.click("#next button[value='reset']");
    tab.shows("faults", "reset@4");
    tab.eval("document.getElementById('disarm-reset@4').click()");
    tab.until("!document.getElementById('faults').innerText.includes('reset@4')");
    // The one that was refused is what a browser logs in red; nothing else is.
    let red = tab.complaints();
    assert_eq!(red.len(), 1, "{red:#?}");
    assert!(
        red[0]["message"].as_str().unwrap().contains("400"),
        "{red:#?}"
    );
}
