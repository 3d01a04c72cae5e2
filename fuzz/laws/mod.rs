//! Laws that hold for any bytes at all, one function for each place where foreign bytes come in.
//!
//! Each takes bytes and panics where a law is broken. cargo-fuzz searches for such bytes (see
//! `fuzz/README.md`); the tests here feed each law a few hundred inputs, so that none is broken
//! unseen. What is right is found out again by other means, not by the code at test. The module is
//! compiled into the library for both of these only, so that it can look into its rooms.

mod csv;
mod delimiter;
mod display;
mod import_answers;
mod journal;
mod json;
mod mapping_file;
pub(crate) mod naive;
mod ndjson;
mod read;
mod retry_after;
pub(crate) mod seams;
mod tree;
mod values;

#[cfg(test)]
mod tests;

pub use self::csv::csv;
pub use self::delimiter::delimiter;
pub use self::display::display;
pub use self::import_answers::import_answers;
pub use self::journal::journal;
pub use self::json::json;
pub use self::mapping_file::mapping_file;
pub use self::ndjson::ndjson;
pub use self::retry_after::retry_after;
pub use self::values::values;

/// More bytes than these tell nothing new, and take longer.
const MOST_BYTES: usize = 1 << 14;

/// Characters that move a cursor or turn the direction of text: control characters and the bidi
/// controls of UAX #9.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What is said to people can be printed.
#[track_caller]
fn check_harmless(text: &str) {
    assert!(!text.contains(is_harmful), "{text:?}");
}

/// A message and its hint can be printed, and say something.
#[track_caller]
fn check_message(message: &str, hint: Option<&str>) {
    assert!(!message.trim().is_empty());
    check_harmless(message);
    hint.into_iter().for_each(check_harmless);
}
