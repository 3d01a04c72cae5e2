//! What releases are made by: the workflows, and the scripts and templates below `packaging`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;
use serde_json::Value;

use crate::support::{Folder, has};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A file or folder beside the manifest.
fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn text(path: &str) -> String {
    fs::read_to_string(root(path)).unwrap()
}

fn workflow(name: &str) -> Value {
    serde_saphyr::from_str(&text(&format!(".github/workflows/{name}"))).unwrap()
}

/// What the release workflow builds, and on what.
fn builds() -> Vec<(String, String)> {
    let builds = &workflow("release.yml")["jobs"]["build"]["strategy"]["matrix"]["include"];
    let word = |build: &Value, key: &str| build[key].as_str().unwrap().to_owned();
    let builds = builds.as_array().unwrap().iter();
    builds
        .map(|build| (word(build, "target"), word(build, "on")))
        .collect()
}

/// A script's end and words; none where what runs it is not here.
fn script(interpreter: &str, words: &[&str]) -> Option<(bool, String, String)> {
    if !has(interpreter) {
        return None;
    }
    let (name, words) = words.split_first().unwrap();
    let mut command = Command::new(interpreter);
    command.arg(root("packaging").join(name)).args(words);
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (told, errors) = (text(output.stdout), text(output.stderr));
    Some((output.status.success(), told, errors))
}

#[test]
fn nothing_that_workflows_use_can_be_moved() {
    let pinned =
        Regex::new(r"^\s*- uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$").unwrap();
    let mut seen = 0;
    for name in ["ci.yml", "release.yml"] {
        for line in text(&format!(".github/workflows/{name}")).lines() {
            if line.contains("uses:") {
                assert!(pinned.is_match(line), "{name}: {line}");
                seen += 1;
            }
        }
    }
    assert!(seen > 10, "{seen}");
    let version = Regex::new(r"^\d+\.\d+\.\d+$").unwrap();
    for (tool, pin) in workflow("release.yml")["env"].as_object().unwrap() {
        assert!(version.is_match(pin.as_str().unwrap()), "{tool}: {pin}");
    }
}

#[test]
fn every_job_has_no_more_rights_than_it_names() {
    let release = workflow("release.yml");
    assert_eq!(release["permissions"], serde_json::json!({}));
    for (name, job) in release["jobs"].as_object().unwrap() {
        let rights = job["permissions"].as_object().unwrap();
        let writes = rights.values().filter(|right| *right == "write").count();
        let may_write = ["release", "image", "wheels"].contains(&name.as_str());
        assert_eq!(writes > 0, may_write, "{name}: {rights:?}");
    }
    assert_eq!(
        workflow("ci.yml")["permissions"],
        serde_json::json!({ "contents": "read" })
    );
}

#[test]
fn every_target_is_built_on_its_own_system_and_told_of() {
    let builds = builds();
    for (target, on) in &builds {
        let (system, is_arm) = match target.split_once('-').unwrap() {
            (processor, rest) if rest.contains("linux") => ("ubuntu", processor == "aarch64"),
            (_, "pc-windows-msvc") => ("windows", false),
            // Runners of macOS are Arm where nothing else is said.
            (processor, "apple-darwin") => ("macos", processor == "aarch64"),
            other => panic!("{other:?}"),
        };
        let runs_arm = on.ends_with("-arm") || (system == "macos" && !on.ends_with("-intel"));
        assert!(
            on.starts_with(system) && runs_arm == is_arm,
            "{target}: {on}"
        );
    }
    let targets: BTreeSet<_> = builds.into_iter().map(|(target, _)| target).collect();
    let page = text("docs/install.md");
    let (_, table) = page.split_once("<!-- targets -->\n").unwrap();
    let (table, _) = table.split_once("<!-- /targets -->").unwrap();
    let told = table
        .lines()
        .filter_map(|row| row.strip_prefix("| `")?.split('`').next());
    assert_eq!(told.map(str::to_owned).collect::<BTreeSet<_>>(), targets);
    // What the supply chain is judged for.
    let deny: toml::Table = text("deny.toml").parse().unwrap();
    let judged = deny["graph"]["targets"].as_array().unwrap().iter();
    let judged: BTreeSet<_> = judged
        .map(|target| target.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(judged, targets);
}

#[test]
fn versions_agree() {
    // The wheel takes all of them from Cargo.toml.
    let wheel: toml::Table = text("pyproject.toml").parse().unwrap();
    let project = wheel["project"].as_table().unwrap();
    assert_eq!(project["name"].as_str(), Some(env!("CARGO_PKG_NAME")));
    assert!(
        project["dynamic"]
            .as_array()
            .unwrap()
            .contains(&"version".into())
    );
    let numbers = |version: &str| {
        let numbers = version.split('.').map(|part| part.parse().unwrap());
        numbers.collect::<Vec<u32>>()
    };
    let release = workflow("release.yml");
    let compiler = numbers(release["env"]["RUST"].as_str().unwrap());
    let oldest = numbers(env!("CARGO_PKG_RUST_VERSION"));
    assert!(compiler >= oldest, "{compiler:?} {oldest:?}");
    // What passes the gate is what is released.
    let gate = workflow("ci.yml");
    assert_eq!(gate["env"]["RUST"], release["env"]["RUST"]);
}

#[test]
fn the_notes_of_a_release_are_its_section_of_the_changelog() {
    let changelog = text("CHANGELOG.md");
    let heading = format!("## [{VERSION}] - ");
    let (before, rest) = changelog.split_once(&heading).unwrap();
    let (_, section) = rest.split_once('\n').unwrap();
    let (section, after) = section.split_once("\n## ").unwrap_or((section, ""));
    let folder = Folder::new();
    let notes = |day: &str, section: &str| {
        let after = format!("{after}\n## [0.0.1] - 2020-01-01\n\n- Older.\n");
        let changelog = format!("{before}{heading}{day}\n{section}{after}");
        folder.write("CHANGELOG.md", changelog);
        let file = folder.path().join("CHANGELOG.md");
        script("bash", &["notes", VERSION, file.to_str().unwrap()])
    };
    let Some((is_good, told, _)) = notes("2026-12-01", section) else {
        return;
    };
    assert!(is_good && told.trim() == section.trim(), "{told}");
    assert!(told.starts_with("### "), "{told}");
    for (day, section, why) in [
        ("unreleased", section, "needs the day of the release"),
        ("2026-12-01", "\n", "is empty"),
    ] {
        let (is_good, told, errors) = notes(day, section).unwrap();
        assert!(
            !is_good && told.is_empty() && errors.contains(why),
            "{errors}"
        );
    }
    let (is_good, _, errors) = script("bash", &["notes", "9.9.9"]).unwrap();
    assert!(!is_good && errors.contains("no section"), "{errors}");
}

#[test]
fn manifests_are_filled_in_wholly() {
    let folder = Folder::new();
    let archive = |target: &str| {
        let end = if target.contains("windows") {
            "zip"
        } else {
            "tar.gz"
        };
        format!("qobra-push-{VERSION}-{target}.{end}")
    };
    let sums = |targets: &[(String, String)]| {
        let lines = targets
            .iter()
            .enumerate()
            .map(|(number, (target, _))| format!("{:064x}  {}\n", number + 1, archive(target)));
        folder.write("SHA256SUMS", lines.collect::<String>());
        folder.path().join("SHA256SUMS")
    };
    let out = folder.path().join("out");
    let fill = |file: &Path| {
        let words = ["manifests", "acme/qobra-push", file.to_str().unwrap()];
        script("python3", &[&words[..], &[out.to_str().unwrap()]].concat())
    };
    let builds = builds();
    let Some((is_good, told, errors)) = fill(&sums(&builds)) else {
        return;
    };
    assert!(is_good, "{errors}");
    assert_eq!(told.lines().count(), 5, "{told}");
    for line in told.lines() {
        let manifest = fs::read_to_string(line).unwrap();
        assert!(manifest.contains(VERSION), "{line}: {manifest}");
        for (number, (target, _)) in builds.iter().enumerate() {
            // Each checksum stands beside the archive that it is of.
            let (sum, archive) = (format!("{:064x}", number + 1), archive(target));
            assert_eq!(
                manifest.contains(&sum),
                manifest.contains(&archive),
                "{manifest}"
            );
        }
        match line.rsplit('.').next().unwrap() {
            "json" => drop(serde_json::from_str::<Value>(&manifest).unwrap()),
            "yaml" => drop(serde_saphyr::from_str::<Value>(&manifest).unwrap()),
            _ => assert!(manifest.contains("class QobraPush < Formula")),
        }
    }
    let (_, without_one) = builds.split_last().unwrap();
    let (is_good, _, errors) = fill(&sums(without_one)).unwrap();
    assert!(!is_good && errors.contains("'sha256_"), "{errors}");
}
