//! What a scheduler does after each exit code: the table of `docs/unattended.md`, the
//! README's, and every recipe's own list.

use std::collections::BTreeMap;
use std::fs;

use qobra_push::EXIT_CODES;
use regex::Regex;
use serde_json::json;

use super::scripts::{Fake, fake};
use super::{behind, pod, recipe, root};
use crate::support::has;

/// Killed: no code of the program's, and no scheduler is spared it.
const KILLED: u8 = 137;

fn numbers(text: &str) -> Vec<u8> {
    let number = Regex::new(r"\d+").unwrap();
    number
        .find_iter(text)
        .map(|found| found.as_str().parse().unwrap())
        .collect()
}

/// What the page says is to be done, by code; one word each.
fn table() -> BTreeMap<u8, String> {
    let page = fs::read_to_string(root("docs/unattended.md")).unwrap();
    let (_, rest) = page.split_once("<!-- schedulers -->\n").unwrap();
    let (table, _) = rest.split_once("<!-- /schedulers -->\n").unwrap();
    let mut all = BTreeMap::new();
    for row in table.lines().skip(2) {
        let [_, codes, word, _, _] = row.split('|').collect::<Vec<_>>().try_into().unwrap();
        for code in numbers(codes) {
            let before = all.insert(code, word.trim().to_owned());
            assert_eq!(before, None, "{row}");
        }
    }
    all
}

/// The codes that ask for a person.
fn person() -> Vec<u8> {
    let asks = table().into_iter().filter(|(_, word)| word == "a person");
    asks.map(|(code, _)| code).collect()
}

#[test]
fn the_table_names_every_code() {
    let mut codes: Vec<u8> = EXIT_CODES.iter().map(|row| row.code).collect();
    codes.push(KILLED);
    codes.sort_unstable();
    assert_eq!(table().into_keys().collect::<Vec<_>>(), codes);
}

/// The README says it in more words, of each code that the program has.
#[test]
fn the_readme_says_what_to_do_as_the_table_does() {
    let readme = fs::read_to_string(root("README.md")).unwrap();
    let table = table();
    for row in EXIT_CODES {
        let mine = format!("| {} | {} | {} | ", row.code, row.meaning, row.table);
        let (_, to_do) = readme.split_once(&mine).unwrap();
        let to_do = to_do.lines().next().unwrap();
        let says = [
            ("nothing", to_do.starts_with("nothing")),
            ("again", to_do.starts_with("the same line again")),
            ("resume", to_do.starts_with("`qobra-push resume --wait`")),
            ("status", to_do.starts_with("`qobra-push status --wait`")),
        ];
        let says = says.iter().find(|(_, is_said)| *is_said);
        let word = says.map_or("a person", |(word, _)| word);
        assert_eq!(word, table[&row.code], "{to_do}");
    }
}

#[test]
fn the_recipes_ask_for_a_person_as_the_table_does() {
    let unit = recipe("systemd/qobra-push-deals.service");
    let unit = numbers(&behind(&unit, "RestartPreventExitStatus=").join(" "));
    let rule = &pod()["podFailurePolicy"]["rules"][0];
    assert_eq!(
        (&rule["action"], &rule["onExitCodes"]["operator"]),
        (&json!("FailJob"), &json!("In"))
    );
    let job = numbers(&rule["onExitCodes"]["values"].to_string());
    let [airflow, dagster] = ["airflow_dag.py", "dagster_asset.py"].map(|name| {
        let source = recipe(name);
        let (_, rest) = source.split_once("PERSON = {").unwrap();
        numbers(rest.split_once('}').unwrap().0)
    });
    for (name, list) in [
        ("systemd", unit),
        ("kubernetes", job),
        ("airflow", airflow),
        ("dagster", dagster),
    ] {
        assert_eq!(list, person(), "{name}");
    }
}

#[test]
fn push_sh_does_what_the_table_says() {
    if !has("sh") {
        return;
    }
    for (code, word) in table() {
        let line = "deals.csv --all --wait";
        let next = match word.as_str() {
            "nothing" | "a person" => None,
            "again" => Some(line),
            "resume" => Some("resume --wait"),
            "status" => Some("status --wait"),
            other => panic!("{other}"),
        };
        let (told, calls) = fake(Fake {
            code,
            resumes: true,
        });
        let ends = if next.is_none() { code } else { 0 };
        assert_eq!(told.code(), Some(i32::from(ends)), "{code}: {told}");
        assert_eq!(
            calls,
            [Some(line), next].into_iter().flatten().collect::<Vec<_>>(),
            "{code}"
        );
        if word == "resume" {
            let (told, calls) = fake(Fake {
                code,
                resumes: false,
            });
            assert_eq!(told.code(), Some(0), "{code}: {told}");
            assert_eq!(calls, [line, "resume --wait", line], "{code}");
        }
    }
}
