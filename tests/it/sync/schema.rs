//! The published schema of project files is what the program prints, and takes what the program takes.

use std::path::Path;

use serde_json::Value;

use super::tables::PROJECT;
use crate::support::{push, run};

#[test]
fn the_published_schema_is_the_programs_own() {
    let printed = run(push().args(["sync", "--schema"]));
    assert_eq!(printed.code(), Some(0), "{printed}");
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/project.schema.json");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(&place, &printed.stdout).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(place).unwrap(),
        printed.stdout,
        "UPDATE_SCHEMA=1 writes it"
    );

    let schema: Value = serde_json::from_str(&printed.stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let is_valid = |text: &str| {
        let project: Value = toml::from_str(text).unwrap();
        validator.is_valid(&project)
    };
    assert!(is_valid(PROJECT));
    let deals = |line: &str| format!("[push.deals]\nfiles = 'deals.csv'\n{line}\n");
    for good in [
        "max_shrink = '10%'",
        "jobs = 2",
        "wait = true",
        "duplicates = 'last'",
    ] {
        assert!(is_valid(&deals(good)), "{good}");
    }
    for bad in [
        "dry_run = true",
        "wait = 1",
        "duplicates = 'all'",
        "output = 'json'",
        "sise = 1",
        "jobs = [1]",
    ] {
        assert!(!is_valid(&deals(bad)), "{bad}");
    }
    for bad in [
        "",
        "[push]",
        "[push.deals]",
        "[push.'a b']\nfiles = 'x'",
        "[pushes]",
    ] {
        assert!(!is_valid(bad), "{bad}");
    }
}
