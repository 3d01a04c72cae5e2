//! The order of the rooms, held: a room imports only from rooms above it in `lib.rs`, no two files of
//! a room import each other in a circle, and a `mod.rs` only names what is in its folder.

mod paths;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::Item;
use syn::visit::Visit;

use paths::{Name, Paths, attributes, is_for_tests};

/// The library's files by the names of their modules; `lib.rs` has the empty one.
struct Library(BTreeMap<Name, Module>);

struct Module {
    file: PathBuf,
    /// What it names of the crate: paths from the root, as far as they are modules.
    names: BTreeSet<Name>,
    /// Items in it that are more than names of others.
    has_logic: bool,
}

impl Library {
    /// Reads files of the library; each has its path below the root.
    fn new(files: impl IntoIterator<Item = (PathBuf, String)>) -> Self {
        let parsed = files.into_iter().map(|(file, source)| {
            let parsed = syn::parse_file(&source);
            let parsed = parsed.unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            (module_name(&file), file, parsed)
        });
        let parsed: Vec<_> = parsed.collect();
        let all: BTreeSet<Name> = parsed.iter().map(|(name, ..)| name.clone()).collect();
        let modules = parsed.into_iter().map(|(name, file, parsed)| {
            let mut found = Vec::new();
            let within = name.clone();
            let (depth, paths) = (0, &mut found);
            Paths {
                within,
                depth,
                found: paths,
            }
            .visit_file(&parsed);
            let is_only_name = |item: &Item| {
                matches!(item, Item::Mod(_) | Item::Use(_)) || is_for_tests(attributes(item))
            };
            let names = found.into_iter().map(|path| longest(&path, &all));
            let names = names.filter(|to| *to != name).collect();
            let has_logic = !parsed.items.iter().all(is_only_name);
            (
                name,
                Module {
                    file,
                    names,
                    has_logic,
                },
            )
        });
        Self(modules.collect())
    }

    /// The rooms, in the order of `lib.rs`.
    fn rooms(lib: &str) -> Vec<String> {
        let parsed = syn::parse_file(lib).unwrap();
        let rooms = parsed.items.iter().filter_map(|item| match item {
            Item::Mod(room) if !is_for_tests(&room.attrs) => Some(room.ident.to_string()),
            _ => None,
        });
        rooms.collect()
    }

    /// Imports of a room that `lib.rs` names below.
    fn imports_from_below(&self, rooms: &[String]) -> Vec<String> {
        let place = |name: &Name| rooms.iter().position(|room| Some(room) == name.first());
        let modules = self.0.iter().flat_map(|(from, module)| {
            let names = module.names.iter().map(move |to| (from, module, to));
            names.filter(|(from, _, to)| !from.is_empty() && place(to) > place(from))
        });
        let told = modules.map(|(_, module, to)| {
            format!(
                "{} imports {}, which is below it",
                module.file.display(),
                to.join("::")
            )
        });
        told.collect()
    }

    /// Circles of imports inside of a room: each as the files on it.
    fn circles(&self) -> Vec<String> {
        let mut circles = BTreeSet::new();
        for start in self.0.keys() {
            if let Some(way) = self.way_back(start) {
                let first = way
                    .iter()
                    .enumerate()
                    .min_by_key(|(_, name)| **name)
                    .unwrap()
                    .0;
                let way: Vec<_> = (0..way.len())
                    .map(|n| way[(first + n) % way.len()])
                    .collect();
                let files = way
                    .iter()
                    .map(|name| self.0[*name].file.display().to_string());
                circles.insert(files.collect::<Vec<_>>().join(" -> "));
            }
        }
        circles.into_iter().collect()
    }

    /// The shortest way by imports from a module back to itself, within its room.
    fn way_back<'a>(&'a self, start: &'a Name) -> Option<Vec<&'a Name>> {
        let room = start.first()?;
        let mut ways = std::collections::VecDeque::from([vec![start]]);
        let mut seen = BTreeSet::new();
        while let Some(way) = ways.pop_front() {
            for to in self.imports(way[way.len() - 1]) {
                if to == start {
                    return Some(way);
                }
                if to.first() == Some(room) && seen.insert(to) {
                    ways.push_back([&way[..], &[to]].concat());
                }
            }
        }
        None
    }

    /// The modules that one imports. One that has a folder imports what is in it.
    fn imports(&self, name: &Name) -> impl Iterator<Item = &Name> {
        let children = self
            .0
            .keys()
            .filter(|child| child.len() == name.len() + 1 && child.starts_with(name));
        let named = self
            .0
            .get(name)
            .into_iter()
            .flat_map(|module| &module.names);
        named.chain(children)
    }

    /// The `mod.rs` files that hold more than names.
    fn rooms_with_logic(&self) -> Vec<String> {
        let modules = self
            .0
            .values()
            .filter(|module| module.file.ends_with("mod.rs"));
        let with_logic = modules.filter(|module| module.has_logic);
        with_logic
            .map(|module| module.file.display().to_string())
            .collect()
    }
}

/// The longest beginning of a path that is a module.
fn longest(path: &[String], modules: &BTreeSet<Name>) -> Name {
    let mut lengths = (0..=path.len()).rev();
    let module = lengths.find_map(|len| modules.get(&path[..len]));
    module.cloned().unwrap_or_default()
}

/// The name of the module in a file, whose path is below the root.
fn module_name(file: &Path) -> Name {
    let path = file.with_extension("");
    let mut name: Name = path
        .iter()
        .map(|part| part.to_str().unwrap().to_owned())
        .collect();
    if ["mod", "lib", "main"].contains(&name[name.len() - 1].as_str()) {
        name.pop();
    }
    name
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every source below a folder, tests left out.
fn sources() -> Vec<(PathBuf, String)> {
    let is_test = |path: &Path| {
        path.iter()
            .any(|part| part == "tests" || part == "tests.rs" || part == "fuzzing")
    };
    let sources = crate::support::rust_files(&root()).into_iter().map(|file| {
        let source = fs::read_to_string(&file).unwrap();
        (file.strip_prefix(root()).unwrap().to_owned(), source)
    });
    sources
        .filter(|(file, _)| {
            !is_test(file) && !file.ends_with("main.rs") && !file.ends_with("fuzzing.rs")
        })
        .collect()
}

#[test]
fn rooms_import_only_from_rooms_above_them() {
    let rooms = Library::rooms(&fs::read_to_string(root().join("lib.rs")).unwrap());
    assert_eq!(
        rooms,
        [
            "base", "cli", "input", "mapping", "prove", "service", "runs", "push", "screen",
            "commands"
        ]
    );
    let faults = Library::new(sources()).imports_from_below(&rooms);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn no_two_files_of_a_room_import_each_other_in_a_circle() {
    let circles = Library::new(sources()).circles();
    assert!(
        circles.is_empty(),
        "{} circles:\n{}",
        circles.len(),
        circles.join("\n")
    );
}

#[test]
fn a_mod_file_only_names_what_is_in_its_folder() {
    let with_logic = Library::new(sources()).rooms_with_logic();
    assert!(with_logic.is_empty(), "{}", with_logic.join("\n"));
}

#[test]
fn only_the_edge_knows_how_lines_are_parsed() {
    for (file, source) in sources() {
        let room = file.iter().next();
        let is_edge = room.is_some_and(|room| room == "cli" || room == "commands");
        assert!(
            !source.contains("clap::") || is_edge,
            "{} uses clap",
            file.display()
        );
    }
}

#[test]
fn no_file_is_too_long_to_be_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["src", "tests", "benches", "fuzz/laws"].map(|folder| root.join(folder));
    for file in folders
        .iter()
        .flat_map(|folder| crate::support::rust_files(folder))
    {
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
    let library = |files: &[(&str, &str)]| {
        Library::new(
            files
                .iter()
                .map(|(file, source)| (file.into(), (*source).to_owned())),
        )
    };
    let rooms = ["base".to_owned(), "cli".to_owned()];
    let below = |source| {
        let files = [("base/a.rs", source), ("cli/b.rs", ""), ("base/c.rs", "")];
        library(&files).imports_from_below(&rooms).join("; ")
    };
    for source in [
        "use crate::cli::b::B;",
        "use crate::{base::c, cli::{b::{B, C}}};",
        "use super::super::cli::b;",
        "fn a() { crate::cli::b::call() }",
        "impl crate::cli::b::Trait for A {}",
        "mod inner { use super::super::super::cli::b; }",
    ] {
        assert_eq!(
            below(source),
            "base/a.rs imports cli::b, which is below it",
            "{source}"
        );
    }
    for source in [
        "//! [`crate::cli::b`]\nuse super::c::C;",
        "#[cfg(test)]\nmod tests { use crate::cli::b::B; }",
        "fn a() { other::cli::b() }",
    ] {
        assert_eq!(below(source), "", "{source}");
    }
    let circles = |a, c, room| {
        library(&[("base/a.rs", a), ("base/c.rs", c), ("base/mod.rs", room)])
            .circles()
            .join("; ")
    };
    assert_eq!(circles("use super::c::C;", "", "pub use self::a::A;"), "");
    assert_eq!(
        circles("use super::c::C;", "use crate::base::a::A;", ""),
        "base/a.rs -> base/c.rs"
    );
    assert_eq!(
        circles("use super::A;", "", "struct A;"),
        "base/mod.rs -> base/a.rs"
    );
    let with_logic = library(&[
        ("base/mod.rs", "mod a;\nfn b() {}"),
        ("cli/mod.rs", "mod a;"),
    ]);
    assert_eq!(with_logic.rooms_with_logic(), ["base/mod.rs"]);
}
