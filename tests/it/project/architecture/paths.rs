//! The paths that a file of the library names, as they lead from the crate's root.

use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree};

/// A module's name: the names on the way to it from the crate's root.
pub(super) type Name = Vec<String>;

/// Collects the paths of one file.
pub(super) struct Paths<'a> {
    /// The module, with those written inside of the file.
    pub(super) within: Name,
    /// How many of these are written inside of the file.
    pub(super) depth: usize,
    pub(super) found: &'a mut Vec<Name>,
}

impl Paths<'_> {
    /// Notes a path that leads into the crate.
    fn note(&mut self, segments: &[String]) {
        let supers = segments.iter().take_while(|name| *name == "super").count();
        let path = match segments.first().map(String::as_str) {
            Some("crate") => segments[1..].to_vec(),
            Some("self") => [&self.within[..], &segments[1..]].concat(),
            Some("super") if supers > self.depth => [
                &self.within[..self.within.len() - supers],
                &segments[supers..],
            ]
            .concat(),
            _ => return,
        };
        self.found.push(path);
    }

    fn note_tree(&mut self, tree: &UseTree, before: &[String]) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.note_tree(&path.tree, &with(&path.ident)),
            UseTree::Name(name) => self.note(&with(&name.ident)),
            UseTree::Rename(name) => self.note(&with(&name.ident)),
            UseTree::Glob(_) => self.note(before),
            UseTree::Group(group) => {
                group
                    .items
                    .iter()
                    .for_each(|tree| self.note_tree(tree, before));
            }
        }
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.content.is_some() {
            self.within.push(module.ident.to_string());
            self.depth += 1;
            visit::visit_item_mod(self, module);
            self.depth -= 1;
            self.within.pop();
        }
    }

    /// Who may see an item is no import.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.note_tree(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string());
        self.note(&segments.collect::<Vec<_>>());
        visit::visit_path(self, path);
    }
}

pub(super) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether an item is compiled for tests only, where it may name what it likes.
pub(super) fn is_for_tests(attributes: &[Attribute]) -> bool {
    let text = |attribute: &Attribute| match &attribute.meta {
        syn::Meta::List(list) if attribute.path().is_ident("cfg") => list.tokens.to_string(),
        _ => String::new(),
    };
    attributes.iter().map(text).any(|cfg| {
        let words: Vec<_> = cfg.split(|c: char| !c.is_alphanumeric()).collect();
        words.contains(&"test") && !words.contains(&"not") || words == ["doc"]
    })
}
