//! How records stand in a JSON input that is not NDJSON.

use crate::base::display;

/// The key under which the records may stand where nobody named another place.
pub(crate) const ITEMS: &str = "items";

pub(crate) const SHAPES: &str = "a JSON file holds an array of objects, an object with an array under `items` \
                      (--records names another place), or objects one behind the other";

/// How records stand in a JSON input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// In an array that is the whole input.
    Array,
    /// In an array inside of an object.
    Inside,
    /// One behind the other, with or without white space between them.
    Stream,
}

/// What stands around the records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Around {
    /// The keys that lead to them.
    pub keys: Vec<String>,
    /// Whether somebody said that they stand there.
    pub is_told: bool,
}

/// What to do about an object that may be a record or stand around records.
pub(crate) fn either(path: &str) -> String {
    format!(
        "--records {} reads them; if the whole object is one record all the same, put it in [ and ]",
        display::typed(path)
    )
}
