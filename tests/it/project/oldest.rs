//! The oldest Rust that Cargo.toml names, held as far as a newer compiler can. Clippy finds what it lacks of the
//! standard library; the workflow compiles with it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use syn::visit::{self, Visit};
use syn::{Expr, PatGuard};

use crate::support::{Folder, rust_files, skip};

fn numbers(version: &str) -> Vec<u32> {
    let numbers = version.split('.').map(|part| part.parse().unwrap());
    numbers.collect()
}

/// How often a file has syntax that is newer: guards that bind, stable since 1.95.
struct Newer(usize);

impl<'ast> Visit<'ast> for Newer {
    fn visit_pat_guard(&mut self, pattern: &'ast PatGuard) {
        self.0 += usize::from(binds(&pattern.guard));
        visit::visit_pat_guard(self, pattern);
    }
}

/// Whether there is a `let` among the conditions.
fn binds(condition: &Expr) -> bool {
    match condition {
        Expr::Let(_) => true,
        Expr::Binary(both) => binds(&both.left) || binds(&both.right),
        _ => false,
    }
}

/// The files below a folder that the oldest Rust cannot read.
fn newer(folder: &Path) -> Vec<String> {
    let mut files = rust_files(folder);
    files.retain(|file| {
        let source = std::fs::read_to_string(file).unwrap();
        let mut newer = Newer(0);
        newer.visit_file(&syn::parse_file(&source).unwrap());
        newer.0 > 0
    });
    let names = files.iter().map(|file| file.strip_prefix(folder).unwrap());
    names.map(|name| name.display().to_string()).collect()
}

#[test]
fn the_oldest_rust_can_read_the_source() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    assert_eq!(newer(&sources), [] as [&str; 0]);
    let case = Folder::new()
        .with(
            "a.rs",
            "fn f() { match x { A if true && let B = c => {} _ => {} } }",
        )
        .with(
            "b.rs",
            "fn f() { match x { A if b => if let B = c {} _ => {} } }",
        );
    assert_eq!(newer(case.path()), ["a.rs"]);
}

/// What cargo says of the locked dependencies; none where they have not all been fetched.
fn cargo(words: &[&str]) -> Option<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(words)
        .args(["--locked", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() {
        return Some(text(output.stdout));
    }
    let told = text(output.stderr);
    assert!(told.contains("--offline"), "{told}");
    skip("a dependency of another system");
    None
}

#[test]
fn no_dependency_needs_a_newer_rust() {
    // What only tests need may need a newer one.
    let built = ["tree", "--edges=normal,build", "--target=all"];
    let form = ["--prefix=none", "--no-dedupe", "--format={p}"];
    let Some(built) = cargo(&[built, form].concat()) else {
        return;
    };
    let name = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let built: BTreeSet<_> = built.lines().map(name).collect();
    let Some(told) = cargo(&["metadata", "--format-version=1"]) else {
        return;
    };
    let told: Value = serde_json::from_str(&told).unwrap();
    let ours = numbers(env!("CARGO_PKG_RUST_VERSION"));
    let mut seen = 0;
    for package in told["packages"].as_array().unwrap() {
        let text = |key: &str| package[key].as_str();
        let name = format!("{} v{}", text("name").unwrap(), text("version").unwrap());
        if built.contains(&name) {
            let needs = text("rust_version").map(numbers).unwrap_or_default();
            assert!(
                needs <= ours,
                "{name} needs Rust {needs:?}, Cargo.toml says {ours:?}"
            );
            seen += 1;
        }
    }
    assert_eq!(seen, built.len(), "{built:?}");
}
