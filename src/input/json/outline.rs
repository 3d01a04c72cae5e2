//! A first look at a JSON object, without checking it: where it ends, and where in it arrays stand
//! that may hold the records.

use std::borrow::Cow;
use std::ops::Range;

use super::text::string_end;

/// The most levels of objects that are looked into.
const MOST_LEVELS: usize = 16;

/// The most arrays that are remembered.
const MOST_PLACES: usize = 20;

/// What is known of an object at its first look.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outline {
    /// The array at the wanted path.
    pub records: Option<Records>,
    /// The arrays of objects that stand in objects only.
    pub places: Vec<ArrayPlace>,
    /// Whether the object has an `id` of its own.
    pub has_id: bool,
    /// One past its end.
    pub end: Option<usize>,
}

/// The array that holds the records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Records {
    /// Behind its bracket.
    pub start: usize,
    /// The keys that lead to it.
    pub keys: Vec<String>,
}

/// An array that holds objects and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ArrayPlace {
    /// Its bracket.
    pub start: usize,
    /// The keys that lead to it, with dots between them.
    pub path: String,
    /// How many objects it holds, as far as it was seen.
    pub objects: u64,
    /// Whether its end was seen.
    pub is_whole: bool,
    /// Whether its objects have a key `node`: the edges of a connection in GraphQL, whose records stand
    /// below it.
    pub has_nodes: bool,
}

/// An object or an array that has begun.
struct Level {
    start: usize,
    is_array: bool,
    /// Of an object: the key at hand, and whether its value is awaited.
    key: Option<Range<usize>>,
    is_awaited: bool,
    /// Of an array: how many objects it holds, and whether it holds something else.
    objects: u64,
    is_mixed: bool,
    has_nodes: bool,
}

/// Looks through the object at `start`. `wanted` is the path at which the records may stand.
pub(crate) fn outline(bytes: &[u8], start: usize, wanted: &str) -> Outline {
    let mut look = Look {
        bytes,
        wanted,
        levels: Vec::new(),
        deeper: 0,
        found: Outline::default(),
    };
    let mut at = start;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'"' {
            let Some(end) = string_end(bytes, at) else {
                break;
            };
            look.string(at..end);
            at = end;
            continue;
        }
        look.byte(byte, at);
        if look.found.end.is_some() {
            break;
        }
        at += 1;
    }
    look.finish()
}

struct Look<'b> {
    bytes: &'b [u8],
    wanted: &'b str,
    levels: Vec<Level>,
    /// How many levels are open beyond those that are looked into.
    deeper: usize,
    found: Outline,
}

impl Look<'_> {
    fn string(&mut self, range: Range<usize>) {
        let is_outermost = self.levels.len() == 1;
        let is_node = &self.bytes[range.clone()] == b"\"node\"";
        let Some((level, outer)) = self.levels.split_last_mut() else {
            return;
        };
        if self.deeper > 0 {
            return;
        }
        if level.is_array {
            level.is_mixed = true;
        } else if !level.is_awaited {
            self.found.has_id |= is_outermost && is_key(&self.bytes[range.clone()], "id");
            level.key = Some(range);
            if let Some(array) = outer.last_mut().filter(|_| is_node) {
                array.has_nodes |= array.is_array;
            }
        }
    }

    fn byte(&mut self, byte: u8, at: usize) {
        match byte {
            b'{' | b'[' => self.open(byte == b'[', at),
            b'}' | b']' => self.close(at),
            _ if self.deeper > 0 => {}
            _ => {
                let Some(level) = self.levels.last_mut() else {
                    return;
                };
                match byte {
                    b':' => level.is_awaited = true,
                    b',' => level.is_awaited = false,
                    b' ' | b'\t' | b'\r' | b'\n' => {}
                    _ => level.is_mixed = true,
                }
            }
        }
    }

    fn open(&mut self, is_array: bool, at: usize) {
        if self.levels.len() == MOST_LEVELS || self.deeper > 0 {
            self.deeper += 1;
            return;
        }
        if let Some(outer) = self.levels.last_mut() {
            outer.objects += u64::from(!is_array);
            outer.is_mixed |= is_array;
        }
        if is_array && self.is_reachable() {
            let keys = self.keys();
            // A key that has the dot in its own name wins.
            let most = self
                .found
                .records
                .as_ref()
                .map(|records| records.keys.len());
            if keys.join(".") == self.wanted && most.is_none_or(|most| keys.len() < most) {
                let start = at + 1;
                self.found.records = Some(Records { start, keys });
            }
        }
        self.levels.push(Level {
            start: at,
            is_array,
            key: None,
            is_awaited: false,
            objects: 0,
            is_mixed: false,
            has_nodes: false,
        });
    }

    fn close(&mut self, at: usize) {
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        if let Some(level) = self.levels.pop() {
            self.note(&level, true);
        }
        if self.levels.is_empty() {
            self.found.end = Some(at + 1);
        }
    }

    /// Remembers an array of objects whose own level is closed.
    fn note(&mut self, level: &Level, is_whole: bool) {
        let is_of_objects = level.is_array && level.objects > 0 && !level.is_mixed;
        if is_of_objects && self.is_reachable() && self.found.places.len() < MOST_PLACES {
            self.found.places.push(ArrayPlace {
                start: level.start,
                path: self.keys().join("."),
                objects: level.objects,
                is_whole,
                has_nodes: level.has_nodes,
            });
        }
    }

    /// Whether nothing but objects is open.
    fn is_reachable(&self) -> bool {
        self.levels.iter().all(|level| !level.is_array)
    }

    /// The keys that lead to where the look is.
    fn keys(&self) -> Vec<String> {
        let key = |level: &Level| {
            let range = level.key.clone()?;
            serde_json::from_slice::<String>(&self.bytes[range]).ok()
        };
        let keys = self
            .levels
            .iter()
            .map(|level| key(level).unwrap_or_default());
        keys.collect()
    }

    /// What has not ended counts as far as it was seen.
    fn finish(mut self) -> Outline {
        while let Some(level) = self.levels.pop() {
            self.note(&level, false);
        }
        self.found
    }
}

/// Whether a key as it is written is this one.
fn is_key(key: &[u8], wanted: &str) -> bool {
    serde_json::from_slice::<Cow<'_, str>>(key).is_ok_and(|key| key == wanted)
}
