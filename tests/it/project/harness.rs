//! The tests themselves: whoever runs them, they test the same, and say what they leave out.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::Folder;

/// One test of this program, run by itself.
fn rerun(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test]).env_remove("CI");
    command
}

/// What a command told, and whether it went well.
fn outcome(command: &mut Command) -> (bool, String) {
    let output = command.output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&told).into_owned(),
    )
}

/// As under `nohup`, and as in a script's background.
#[cfg(target_os = "linux")]
#[test]
fn whoever_ignores_signals_can_run_the_tests_of_signals() {
    let test = rerun("runs::signals::before_the_first_request_a_signal_ends_it_without_a_trace");
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' HUP INT QUIT TERM; exec \"$0\" \"$@\""]);
    command.arg(test.get_program()).args(test.get_args());
    let (is_good, told) = outcome(&mut command);
    assert!(is_good && told.contains("1 passed"), "{told}");
}

#[test]
fn what_is_left_out_is_said_and_fails_where_it_was_promised() {
    let empty = Folder::new();
    for (test, tool, is_promised) in [
        ("command_line::completions::in_zsh", "zsh", true),
        ("command_line::completions::in_fish", "fish", true),
        ("faults::proxies::a_real_proxy", "tinyproxy", true),
        (
            "browser::sandbox::faults_are_armed_from_it",
            "chromium",
            true,
        ),
        (
            "command_line::help::the_manual_page_is_good_roff",
            "man",
            false,
        ),
    ] {
        if test.starts_with("browser::") && !cfg!(target_os = "linux") {
            continue;
        }
        let mut without = rerun(test);
        without.env("PATH", empty.path());
        let (is_good, told) = outcome(&mut without);
        let skipped = format!("skipped: {test}: {tool} is not here\n");
        assert!(is_good && told.contains(&skipped), "{told}");
        let (is_good, told) = outcome(without.env("CI", "true"));
        assert_eq!(is_good, !is_promised, "{told}");
        let fails = format!("{tool} is not here, which .ci/run promises");
        assert_eq!(told.contains(&fails), is_promised, "{told}");
    }
}

/// The files below a folder that no `mod` of the file above them names: nothing compiles them.
fn unlisted(folder: &Path, above: &Path) -> Vec<PathBuf> {
    let listing = fs::read_to_string(above).unwrap_or_default();
    let is_listed = |name: &str| {
        let line = format!("mod {name};");
        listing.lines().any(|of| of.trim_start().ends_with(&line))
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let inside = path.join("mod.rs");
        if path.is_dir() {
            let beside = path.with_extension("rs");
            let above = if inside.exists() { &inside } else { &beside };
            found.extend(unlisted(&path, above));
        }
        // The roots of the crates are listed by nobody.
        let is_root = ["lib", "main", "mod"].contains(&name.as_str());
        let is_module = inside.exists() || path.extension().is_some_and(|end| end == "rs");
        if is_module && !is_root && !is_listed(&name) {
            found.push(path);
        }
    }
    found
}

#[test]
fn every_file_is_in_a_module() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (folder, above) in [
        ("src", "lib.rs"),
        ("tests/it", "main.rs"),
        ("tests/inside", "mod.rs"),
        ("fuzz/laws", "mod.rs"),
    ] {
        let folder = root.join(folder);
        let found = unlisted(&folder, &folder.join(above));
        assert!(found.is_empty(), "no `mod` lists {found:?}");
    }
    // Seen to fail: one in a folder of its own, one beside a file that lists another.
    let case = Folder::new()
        .with("main.rs", "mod a;\n")
        .with("a.rs", "pub mod c;\n")
        .with("b.rs", "")
        .with("notes.md", "");
    fs::create_dir(case.path().join("a")).unwrap();
    case.write("a/c.rs", "");
    case.write("a/d.rs", "mod d;");
    let mut found = unlisted(case.path(), &case.path().join("main.rs"));
    found.sort();
    assert_eq!(found, ["a/d.rs", "b.rs"].map(|name| case.path().join(name)));
}
