//! What is wrong with a project file is said at once, with its lines.

use insta::assert_snapshot;

use super::tables::{PROJECT, TABLES, unused};
use crate::rig::said;

#[test]
fn all_mistakes_of_a_file_are_told_together() {
    let stage = unused().file(
        "qobra-push.toml",
        "[defaults]\n\
         chunk-sise = 5\n\
         output = \"json\"\n\
         after = \"deals\"\n\
         [push.deals]\n\
         file = \"deals.csv\"\n\
         all = \"yes\"\n\
         max-shrink = \"10%\"\n\
         max_shrink = \"20%\"\n\
         after = \"ownres\"\n\
         [push.owners]\n\
         files = \"-\"\n\
         dry_run = true\n\
         jobs = [1]\n\
         [push.\"a b\"]\n\
         files = []\n\
         [pushes]\n",
    );
    assert_snapshot!(said(&stage, "sync", 2));
}

#[test]
fn values_are_refused_as_the_push_refuses_them() {
    let stage = unused().file(
        "qobra-push.toml",
        "[push.deals]\n\
         files = \"deals-1.csv\"\n\
         table = \"deals\"\n\
         max_errors = \"few\"\n\
         duplicates = \"both\"\n\
         wait_timeout = 5\n\
         [push.owners]\n\
         files = \"owners.csv\"\n\
         [push.quotas]\n\
         files = \"quotas.csv\"\n\
         table = \"quotas\"\n\
         jobs = 65\n",
    );
    let typed = said(&stage, "sync --jobs 65", 2);
    assert_snapshot!(said(&stage, "sync", 2) + &typed);
}

#[test]
fn names_and_circles() {
    let circle =
        "[push.a]\nfiles = \"a.csv\"\nafter = \"b\"\n[push.b]\nfiles = \"b.csv\"\nafter = \"a\"\n";
    let stage = unused().file("circle.toml", circle).file("empty.toml", "");
    let twice = PROJECT.replace("table = \"owners\"", "table = \"deals\"");
    let stage = stage.file("twice.toml", twice);
    let lines = [
        "sync dealz",
        "sync elsewhere",
        "sync --project none.toml",
        "sync --project circle.toml",
        "sync --project empty.toml",
        "sync --project twice.toml",
    ];
    assert_snapshot!(lines.map(|line| said(&stage, line, 2)).concat());
}

/// One page, of the last table, would be left of all.
#[test]
fn pages_that_would_overwrite_each_other() {
    let shared = PROJECT.replace("debounce =", "report = \"page.html\"\ndebounce =");
    let stage = unused().file("qobra-push.toml", &shared);
    let told = said(&stage, "sync", 2);
    let why = "the pages of owners and deals both go to page.html";
    assert!(
        told.contains(why) && told.contains("a `report` of its own"),
        "{told}"
    );
    assert!(!stage.folder().path().join("page.html").exists());

    let own = |text: &str, name: &str| {
        let push = format!("[push.{name}]\n");
        text.replace(&push, &format!("{push}report = \"{name}.html\"\n"))
    };
    let own = TABLES
        .iter()
        .fold(PROJECT.to_owned(), |text, name| own(&text, name));
    let stage = stage.file("qobra-push.toml", own);
    said(&stage, "sync --dry-run", 0);
    for name in TABLES {
        let page = std::fs::read_to_string(stage.folder().path().join(format!("{name}.html")));
        assert!(
            page.unwrap().contains(&format!("Dry run to table {name}")),
            "{name}"
        );
    }
}
