//! Text from outside never reaches a terminal raw: one law, for each way by which text comes in.

use assert_cmd::Command;
use qobra_push::SandboxOptions;
use serde_json::{Value, json};

use crate::stage::{Stage, deals, options, table};
use crate::support::{Told, run};

mod kept;
mod service;

/// Paints, beeps, deletes, moves, turns round: C0, DEL, C1, bidi and unseen characters.
const NASTY: &str = "x\u{1b}[31m\u{1b}]0;t\u{7}\u{8}\r\t\u{7f}\u{9b}2J\u{85}\u{202e}\u{2066}\u{200f}\u{61c}\u{2028}y";

/// The same, and far more than is ever shown.
fn long() -> String {
    format!("{NASTY}{}", "w".repeat(5_000))
}

/// Whether a terminal obeys a character instead of showing it.
fn is_raw(c: char) -> bool {
    let is_bidi = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    (c.is_control() && c != '\n') || is_bidi
}

/// Runs it and scans both streams; what it said must show that the text was met.
fn harmless(command: &mut Command, of: &str) -> Told {
    let told = run(command);
    for (name, text) in [("stdout", &told.stdout), ("stderr", &told.stderr)] {
        let at = text.find(is_raw);
        assert_eq!(
            at,
            None,
            "{of}: {name} has {:?} in {text:?}",
            at.map(|at| &text[at..]).map(|t| t.chars().next())
        );
    }
    // No long text is repeated whole.
    assert!(!told.stderr.contains(&"w".repeat(400)), "{of}: {told}");
    told
}

/// [`harmless`], and the text is shown, escaped.
fn shows(command: &mut Command, of: &str) -> Told {
    let told = harmless(command, of);
    let is_shown = told.to_string().contains("31m");
    assert!(is_shown, "{of}: the text was never met: {told}");
    told
}

/// A mapping with one typed column.
const MAPPING: &str =
    "[fields]\nid = \"id\"\nname = \"name\"\namount = { column = \"amount\", type = \"number\" }\n";

#[test]
fn cells_and_ids() {
    let stage = Stage::unused();
    stage.folder().write("map.toml", MAPPING);
    let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    for text in [NASTY.to_owned(), long()] {
        let text = cell(&text);
        let refused = [
            ("amount", format!("id,name,amount\n1,a,{text}\n")),
            ("id", format!("id,name,amount\n{text},a,1\n{text},b,2\n")),
            ("too many", format!("id,name,amount\n1,a,1,{text}\n")),
            (
                "open quote",
                format!("id,name,amount\n1,a,{}\n", text.trim_end_matches('"')),
            ),
        ];
        for (of, csv) in refused {
            stage.folder().write("data.csv", csv);
            for more in [
                "",
                "--output json",
                "-q",
                "-v",
                "--max-errors 5 --duplicates first -n",
            ] {
                let line = format!("data.csv -t deals -m map.toml {more}");
                harmless(&mut stage.push(&line), &format!("{of} {more}"));
            }
        }
        // What would be sent is shown as JSON, which keeps its meaning.
        stage
            .folder()
            .write("data.csv", format!("id,name,amount\n1,{text},1\n"));
        let told = shows(&mut stage.push("data.csv -t deals -n"), "sample");
        let first = told.stdout.lines().next().unwrap();
        let sample: Value = serde_json::from_str(first).unwrap();
        assert!(
            sample["name"].as_str().unwrap().starts_with(NASTY),
            "{first}"
        );
    }
}

#[test]
fn values_of_ndjson() {
    let stage = Stage::unused();
    stage.folder().write("map.toml", MAPPING);
    stage.folder().write(
        "data.ndjson",
        format!(
            "{}\n",
            json!({"id": "1", "name": NASTY, "amount": NASTY, NASTY: 1})
        ),
    );
    shows(&mut stage.push("data.ndjson -t deals -n"), "NDJSON");
    harmless(
        &mut stage.push("data.ndjson -t deals -n -m map.toml"),
        "NDJSON cell",
    );
    stage.folder().write(
        "data.ndjson",
        format!(
            "{{\"id\": \"1\", \"{}\": 1, \"a\": {NASTY}}}\n",
            "\\u001b[31m"
        ),
    );
    harmless(&mut stage.push("data.ndjson -t deals -n"), "broken NDJSON");
}

#[test]
fn header_names() {
    let stage = Stage::unused();
    stage.folder().write("map.toml", MAPPING);
    for text in [NASTY.to_owned(), long()] {
        for header in [
            format!("id,name,amount,\"{text}\""),
            format!("id,\"{text}\",\"{text}\""),
            format!("\"{text}\""),
        ] {
            stage
                .folder()
                .write("data.csv", format!("{header}\n1,2,3,4\n"));
            for line in [
                "-m map.toml",
                "",
                "-m map.toml -v",
                "--id-field nothing",
                "--output json",
            ] {
                harmless(
                    &mut stage.push(&format!("data.csv -t deals -n {line}")),
                    &header,
                );
            }
        }
    }
}

/// Only Unix lets a file have such a name.
#[cfg(unix)]
#[test]
fn names_of_files() {
    use std::ffi::OsString;
    use std::fs;
    use std::os::unix::ffi::OsStringExt as _;

    use crate::support::KEY;

    let stage = Stage::unused();
    let mut raw = OsString::from(NASTY).into_vec();
    raw.extend([b'-', 0xff, 0x80, 0xc3]);
    for name in [OsString::from(NASTY), OsString::from_vec(raw)] {
        let place = stage.folder().path().join(&name);
        let bad = b"id,name,amount\n1,2\n".as_slice();
        for content in [None, Some(bad), Some(b"word\n".as_slice())] {
            if let Some(content) = content {
                fs::write(&place, content).unwrap();
            }
            shows(stage.push("-t deals -v").arg(&name), "input");
            shows(stage.push("-t deals data.csv -m").arg(&name), "mapping");
        }
        stage.folder().write("data.csv", deals(3));
        let certificates = "--retry-for 0 --base-url https://service.invalid --ca-cert";
        for option in [certificates, "--api-key-file", "--state-dir"] {
            let mut command = stage.push(&format!("data.csv -t deals {option}"));
            command
                .env_remove("QOBRA_PUSH_STATE_DIR")
                .env("HOME", stage.folder().path());
            shows(command.arg(&name), option);
        }
        stage.folder().write("bad.csv", bad);
        shows(
            stage.push("bad.csv -t deals --rejects").arg(&name),
            "--rejects",
        );
        for variable in ["QOBRA_PUSH_STATE_DIR", "QOBRA_API_KEY_FILE"] {
            shows(
                stage.push("data.csv -t deals").env(variable, &name),
                variable,
            );
        }
        let inside = stage.folder().path().join(&name).join("x");
        for variable in [
            "STATE_DIRECTORY",
            "XDG_STATE_HOME",
            "HOME",
            "CREDENTIALS_DIRECTORY",
        ] {
            let mut command = stage.push("data.csv -t deals");
            command
                .env_remove("QOBRA_PUSH_STATE_DIR")
                .env_remove("QOBRA_API_KEY");
            command
                .env("QOBRA_API_KEY_FILE", "/nowhere")
                .env(variable, &inside);
            if variable == "CREDENTIALS_DIRECTORY" {
                command.env_remove("QOBRA_API_KEY_FILE");
            } else {
                command
                    .env_remove("QOBRA_API_KEY_FILE")
                    .env("QOBRA_API_KEY", KEY);
            }
            shows(&mut command, variable);
        }
        fs::remove_file(&place).unwrap();
    }
}

#[test]
fn what_is_typed() {
    let stage = Stage::unused().file("data.csv", deals(3));
    for option in [
        "--table",
        "--base-url",
        "--debounce",
        "--chunk-size",
        "--max-body",
        "--format",
        "--encoding",
        "--delimiter",
        "--max-errors",
        "--max-shrink",
        "--id-field",
        "--output",
        "--color",
        "--jobs",
    ] {
        let mut command = stage.push("data.csv");
        if option != "--table" {
            command.args(["--table", "deals"]);
        }
        command
            .env_remove("QOBRA_BASE_URL")
            .args([option, NASTY, "-n"]);
        harmless(&mut command, option);
    }
    for line in [
        "status",
        "resume",
        "rollback -t",
        "rollback -t deals",
        "runs -t",
        "completions",
        "sandbox --fault",
    ] {
        let mut command = stage.push(line);
        harmless(command.env_remove("QOBRA_BASE_URL").arg(NASTY), line);
    }
    harmless(
        stage.push("data.csv -t deals").arg(format!("--{NASTY}")),
        "option",
    );
    harmless(
        stage.push("data.csv -t deals").env("QOBRA_BASE_URL", NASTY),
        "QOBRA_BASE_URL",
    );
    for variable in ["HTTPS_PROXY", "NO_PROXY", "TERM", "LC_ALL", "TZ"] {
        let mut command =
            stage.push("data.csv -t deals --retry-for 0 --base-url https://service.invalid");
        harmless(
            command
                .env("HTTPS_PROXY", "http://127.0.0.1:1")
                .env(variable, NASTY),
            variable,
        );
    }
}

/// A key that tables may have shows its bidi controls nowhere.
#[test]
fn table_keys() {
    let key = "d\u{202e}e\u{2066}als";
    let stage = Stage::of(SandboxOptions {
        tables: vec![table(key, "id")],
        ..options()
    });
    stage.folder().write("data.csv", deals(3));
    for line in [
        "data.csv -n --table",
        "data.csv -v --output json --table",
        "data.csv --all --table",
        "runs -t",
        "status -t",
        "resume --output json",
        "runs --output json",
    ] {
        let mut command = stage.push(line);
        if line.ends_with("-t") || line.ends_with("--table") {
            command.arg(key);
        }
        harmless(&mut command, line);
    }
    harmless(
        stage.push("data.csv --table deals\u{202e}").arg("-v"),
        "unknown table",
    );
}

#[test]
fn mappings() {
    let stage = Stage::unused().file("data.csv", deals(3));
    // As TOML escapes, and as raw characters that TOML refuses or takes.
    let escaped: String = NASTY
        .chars()
        .map(|c| {
            if is_raw(c) {
                format!("\\u{:04x}", u32::from(c))
            } else {
                c.to_string()
            }
        })
        .collect();
    for text in [escaped.as_str(), NASTY, &long()] {
        for mapping in [
            format!("table = \"{text}\"\n{MAPPING}"),
            format!("\"{text}\" = 1\n{MAPPING}"),
            format!("unmapped = \"{text}\"\n{MAPPING}"),
            format!(
                "[input]\ndelimiter = \"{text}\"\nencoding = \"{text}\"\ndecimal = \"{text}\"\n\"{text}\" = 1\n{MAPPING}"
            ),
            format!("{MAPPING}\"{text}\" = \"amount\"\n"),
            format!("{MAPPING}more = \"{text}\"\n"),
            format!(
                "{MAPPING}more = {{ column = \"amount2\", type = \"{text}\", format = \"{text}\" }}\n"
            ),
            format!(
                "{MAPPING}more = {{ column = \"amount2\", type = \"date\", format = \"{text}\" }}\n"
            ),
            format!("{MAPPING}more = {{ value = \"{text}\" }}\n"),
            format!("{MAPPING}more = {{ value = 1, \"{text}\" = 2 }}\n"),
            format!("{MAPPING}more = {text}\n"),
            format!("{MAPPING}{text} = 1\n"),
            format!("{text}\n{MAPPING}"),
        ] {
            stage.folder().write("map.toml", &mapping);
            harmless(
                &mut stage.push("data.csv -t deals -m map.toml -n -v"),
                &mapping,
            );
        }
    }
}
