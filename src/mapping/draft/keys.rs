//! API keys from column names: `Société (n° 2)` becomes `societe_n_2`.

use std::collections::HashSet;

use deunicode::deunicode_char;

/// The most characters of a key that is made from a name.
const MOST_CHARS: usize = 60;

/// Signs that are words in a name.
const WORDS: [(char, &str); 3] = [('&', "and"), ('%', "percent"), ('#', "number")];

/// A name in lower-case ASCII letters and digits, with one underscore between words; empty where
/// nothing of it can be written so.
pub(super) fn slug(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    let mut after_lower = false;
    for c in name.chars() {
        // `closeDate` has two words, `CRM` and `IDs` have one.
        if after_lower && c.is_uppercase() {
            part(&mut slug);
        }
        after_lower = c.is_lowercase();
        if let Some((_, word)) = WORDS.iter().find(|(sign, _)| *sign == c) {
            part(&mut slug);
            slug.push_str(word);
            part(&mut slug);
            continue;
        }
        // The small circles of `n°` and `1º` are letters to a transliteration only.
        let ascii = match c {
            '°' | 'º' | 'ª' | '\'' | '’' => None,
            c => deunicode_char(c),
        };
        // An emoji is a word by itself.
        let is_symbol = !c.is_ascii() && !c.is_alphanumeric();
        if is_symbol {
            part(&mut slug);
        }
        push(&mut slug, ascii.unwrap_or(" "));
        if is_symbol {
            part(&mut slug);
        }
    }
    slug.truncate(slug.trim_end_matches('_').len());
    slug
}

fn push(slug: &mut String, ascii: &str) {
    for c in ascii.chars() {
        match c.is_ascii_alphanumeric() {
            true => slug.push(c.to_ascii_lowercase()),
            false => part(slug),
        }
    }
}

/// Ends a word.
fn part(slug: &mut String) {
    if !slug.is_empty() && !slug.ends_with('_') {
        slug.push('_');
    }
}

/// Keys that are given out once each.
#[derive(Debug, Default)]
pub(super) struct Keys {
    taken: HashSet<String>,
    columns: usize,
}

impl Keys {
    /// The key of the next column.
    pub(super) fn key(&mut self, name: &str) -> String {
        self.columns += 1;
        let mut key = slug(name);
        if key.is_empty() {
            key = format!("column_{}", self.columns);
        }
        if key.starts_with(|c: char| c.is_ascii_digit()) {
            key.insert_str(0, "f_");
        }
        shorten(&mut key, MOST_CHARS);
        let mut unique = key.clone();
        let mut number = 2_u64;
        while !self.taken.insert(unique.clone()) {
            let end = format!("_{number}");
            unique.clone_from(&key);
            shorten(&mut unique, MOST_CHARS - end.len());
            unique.push_str(&end);
            number += 1;
        }
        unique
    }
}

/// Cuts a key, between words if there are some.
fn shorten(key: &mut String, most: usize) {
    if key.len() <= most {
        return;
    }
    let cut = key[..=most].rfind('_').filter(|&at| at > most / 2);
    key.truncate(cut.unwrap_or(most));
    key.truncate(key.trim_end_matches('_').len());
}
