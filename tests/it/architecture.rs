//! The import rule: a module imports only from modules named above it in `lib.rs`.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules of `lib.rs`, in its order.
fn modules(lib: &str) -> Vec<String> {
    lib.lines()
        .filter_map(|line| {
            line.trim_start_matches("pub ")
                .strip_prefix("mod ")?
                .strip_suffix(';')
        })
        .map(str::to_owned)
        .collect()
}

/// The library's modules that a source names: `crate::a`, `crate::{a, b::c}`, and `super::a::…`
/// where that leads to the crate's root. Comments may name what they like.
fn named(source: &str, modules: &[String]) -> Vec<String> {
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut named = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = code[at + "crate::".len()..].trim_start();
        match rest.strip_prefix('{') {
            Some(group) => named.extend(heads(group)),
            None => named.extend(head(rest)),
        }
    }
    for (at, _) in code.match_indices("super::") {
        let rest = &code[at + "super::".len()..];
        let name = head(rest);
        let is_path = name
            .as_ref()
            .is_some_and(|name| rest[name.len()..].starts_with("::"));
        named.extend(name.filter(|name| is_path && modules.contains(name)));
    }
    named
}

/// The identifier at the start of a text.
fn head(text: &str) -> Option<String> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_'))?;
    (end > 0).then(|| text[..end].to_owned())
}

/// The first identifiers of a group's members, up to its closing brace.
fn heads(group: &str) -> Vec<String> {
    let mut heads = Vec::new();
    let (mut depth, mut is_start) = (0, true);
    for (at, c) in group.char_indices() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => is_start = true,
            c if is_start && !c.is_whitespace() => {
                heads.extend(head(&group[at..]));
                is_start = false;
            }
            _ => {}
        }
    }
    heads
}

/// What a module's source imports against the order.
fn faults(module: &str, source: &str, modules: &[String]) -> Vec<String> {
    let place = |name: &str| modules.iter().position(|m| m == name);
    let own = place(module);
    named(source, modules)
        .into_iter()
        .filter_map(|name| match place(&name) {
            None => Some(format!("{module} names crate::{name}, which is no module")),
            Some(_) if module == "cli" && name != "cli" => Some(format!(
                "cli names crate::{name}: it imports nothing of ours"
            )),
            there if there > own => Some(format!(
                "{module} imports {name}, which lib.rs names below it"
            )),
            _ => None,
        })
        .collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every Rust file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The module of `lib.rs` to which a file belongs.
fn module_of(file: &Path) -> String {
    let inside = file.strip_prefix(root()).unwrap();
    let first = inside.components().next().unwrap();
    Path::new(first.as_os_str())
        .file_stem()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned()
}

#[test]
fn modules_import_only_what_stands_above_them() {
    let modules = modules(&fs::read_to_string(root().join("lib.rs")).unwrap());
    assert_eq!(modules.first().map(String::as_str), Some("model"));
    assert_eq!(modules.last().map(String::as_str), Some("fuzzing"));
    let mut all = Vec::new();
    for file in files(&root()) {
        let module = module_of(&file);
        if module == "lib" || module == "main" {
            continue;
        }
        assert!(
            modules.contains(&module),
            "{} is in no module of lib.rs",
            file.display()
        );
        all.extend(faults(
            &module,
            &fs::read_to_string(&file).unwrap(),
            &modules,
        ));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn only_the_edge_knows_how_lines_are_parsed_and_bars_drawn() {
    for (library, edge) in [
        ("clap", &["cli", "commands"][..]),
        ("indicatif", &["terminal", "progress"]),
    ] {
        for file in files(&root()) {
            let source = fs::read_to_string(&file).unwrap();
            let is_used = source.contains(&format!("{library}::"));
            let is_edge = edge.contains(&module_of(&file).as_str());
            assert!(!is_used || is_edge, "{} uses {library}", file.display());
        }
    }
}

#[test]
fn no_file_is_too_long_to_be_read() {
    for file in files(&root()) {
        let lines = fs::read_to_string(&file).unwrap().lines().count();
        assert!(
            lines <= 400,
            "{} has {lines} lines, of at most 400",
            file.display()
        );
    }
}

#[test]
fn the_checker_can_fail() {
    let modules =
        modules("//! `pub mod x;`\npub mod model;\npub mod cli;\nmod send;\npub mod plan;\n");
    assert_eq!(modules, ["model", "cli", "send", "plan"]);
    let faults = |module, source| faults(module, source, &modules).join("; ");

    assert_eq!(
        faults("send", "use crate::model::A;\nuse crate::send::b;"),
        ""
    );
    assert_eq!(
        faults(
            "send",
            "// crate::plan\n/// [`crate::plan::A`]\nuse std::fmt;"
        ),
        ""
    );
    assert_eq!(faults("send", "fn a() { other_crate::plan::b() }"), "");
    let below = "send imports plan, which lib.rs names below it";
    for source in [
        "use crate::plan::Plan;",
        "use crate::{model::A, plan};",
        "use crate::{model::{A, B}, cli::{self, C}, plan::{D}};",
        "use crate::{\n    model,\n    plan::Plan,\n};",
        "fn a() { crate::plan::b() }",
        "pub use super::plan::Plan;",
        "use super::super::plan::Plan;",
    ] {
        assert_eq!(faults("send", source), below, "{source}");
    }
    assert_eq!(
        faults("cli", "use crate::model::A;"),
        "cli names crate::model: it imports nothing of ours"
    );
    assert_eq!(
        faults("plan", "use crate::nothing::A;"),
        "plan names crate::nothing, which is no module"
    );
}
