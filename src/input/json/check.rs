//! What serde_json lets pass in a value: keys that stand twice (it keeps the last), and escapes of half
//! a character.

use std::borrow::Cow;

use super::pairs::{doubled, key, pairs};
use super::text::string_end;
use crate::base::display;

/// How deep values may be nested; serde_json's own bound.
const MAX_DEPTH: usize = 127;

/// An object or an array that has begun.
struct Level<'v> {
    start: usize,
    is_object: bool,
    awaits_key: bool,
    keys: Vec<Cow<'v, str>>,
}

/// Looks into a value that serde_json has read.
pub(super) fn check(value: &str, has_escapes: bool) -> Result<(), String> {
    match value.as_bytes().first() {
        Some(b'{' | b'[') => check_tree(value, has_escapes),
        Some(b'"') if has_escapes => check_escapes(value),
        _ => Ok(()),
    }
}

/// Tells the outermost fault first, and of faults beside each other the one that begins first. What is
/// too deep is told before any other: readers may refuse it as a whole.
fn check_tree(tree: &str, has_escapes: bool) -> Result<(), String> {
    let bytes = tree.as_bytes();
    let mut levels: Vec<Level<'_>> = Vec::new();
    let mut first: Option<(usize, String)> = None;
    let mut note = |at: usize, message: String| {
        if first.as_ref().is_none_or(|(before, _)| at < *before) {
            first = Some((at, message));
        }
    };
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        at += 1;
        match byte {
            b'{' | b'[' if levels.len() + 1 == MAX_DEPTH => {
                return Err(format!("is nested deeper than {MAX_DEPTH} levels"));
            }
            b'{' | b'[' => levels.push(Level {
                start,
                is_object: byte == b'{',
                awaits_key: byte == b'{',
                keys: Vec::new(),
            }),
            b'}' | b']' => {
                if let Some(level) = levels.pop()
                    && let Some(key) = doubled(&level.keys, |key| key)
                {
                    let key = display::quoted(key);
                    let message = format!("holds an object in which the key {key} stands twice");
                    note(level.start, message);
                }
            }
            b',' => {
                if let Some(level) = levels.last_mut() {
                    level.awaits_key = level.is_object;
                }
            }
            b'"' => {
                at = string_end(bytes, start).unwrap_or(bytes.len());
                let string = &tree[start..at];
                match levels.last_mut().filter(|level| level.awaits_key) {
                    Some(level) => {
                        level.awaits_key = false;
                        match key(string) {
                            Ok(key) => level.keys.push(key),
                            Err(_) => note(level.start, unreadable(&tree[level.start..])),
                        }
                    }
                    None if has_escapes => {
                        let _ = check_escapes(string).map_err(|message| note(start, message));
                    }
                    None => {}
                }
            }
            _ => {}
        }
    }
    first.map_or(Ok(()), |(_, message)| Err(message))
}

/// What is wrong with the object that begins here, of which a key is no text.
fn unreadable(object: &str) -> String {
    let error = pairs(object, &mut Vec::new()).map_err(|error| error.to_string());
    format!(
        "cannot be read: {}",
        display::shown(&error.err().unwrap_or_default())
    )
}

/// Only reading a string shows half a surrogate pair, which is no character.
fn check_escapes(string: &str) -> Result<(), String> {
    match string.contains("\\u") && serde_json::from_str::<String>(string).is_err() {
        true => Err("holds a \\u escape that is no character".to_owned()),
        false => Ok(()),
    }
}
