//! What is wrong with a JSON text as a whole, and what to try.

use std::borrow::Cow;

use crate::base::display;

/// The key under which the records may stand where nobody named another place.
pub(crate) const ITEMS: &str = "items";

pub(crate) const SHAPES: &str = "a JSON file holds an array of objects, an object with an array under `items` \
                      (--records names another place), or objects one behind the other";

/// What to try where commas and brackets are wrong.
pub(crate) const STRUCTURE: &str = "look at this place in the file, or write the file again";

/// What is wrong with the text as a whole, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JsonFault {
    /// The byte to blame.
    pub at: usize,
    /// What is wrong with it.
    pub message: String,
    /// What to try.
    pub hint: Cow<'static, str>,
    /// Where the record begins that does not end.
    pub inside: Option<usize>,
}

impl JsonFault {
    pub(crate) fn new(
        at: usize,
        message: impl Into<String>,
        hint: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            at,
            message: message.into(),
            hint: hint.into(),
            inside: None,
        }
    }
}

/// What to do about an object that may be a record or stand around records.
pub(crate) fn either(path: &str) -> String {
    format!("{}; {WHOLE}", reads(path, false))
}

/// The option that reads the records at a path; those of edges stand below their `node`.
pub(crate) fn reads(path: &str, has_nodes: bool) -> String {
    let columns = match has_nodes {
        true => ", whose columns a mapping calls node.KEY, as `qobra-push init` drafts it",
        false => "",
    };
    format!("--records {} reads them{columns}", display::typed(path))
}

/// What else may be meant by an object.
pub(crate) const WHOLE: &str = "if the whole object is one record all the same, put it in [ and ]";
