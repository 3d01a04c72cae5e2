//! Words of a service that may be passed on: without keys, addresses and people.

use crate::base::display;

/// The most characters of an answer that are repeated.
const MOST: usize = 200;

/// What must not be repeated.
#[derive(Clone)]
pub(super) struct Redaction {
    keys: Vec<String>,
    host: String,
}

impl Redaction {
    pub(super) fn new(keys: &[&str], host: &str) -> Self {
        let bare = host.rsplit_once(':').map_or(host, |(host, _)| host);
        Self {
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            host: bare.to_owned(),
        }
    }

    /// The beginning of a text, white space folded, harmless to print.
    pub(super) fn of(&self, text: &str) -> String {
        let mut text = text.trim_start_matches('\u{feff}').to_owned();
        // Before the cut, which could leave half a key.
        for key in &self.keys {
            text = text.replace(key, "(the API key)");
        }
        let beginning: String = text.chars().take(4 * MOST).collect();
        let folded = beginning.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut clean = String::with_capacity(folded.len());
        let mut word = String::new();
        for c in folded.chars().chain(['\0']) {
            if c.is_ascii_alphanumeric() || "._~:/?#@%+-=&!$*;,()[]".contains(c) {
                word.push(c);
                continue;
            }
            // What ends a sentence or a bracket is none of the address.
            let address = word.trim_end_matches(|c: char| ".,;:!?)]".contains(c));
            match self.is_address(address) {
                true => clean.extend(["(an address)", &word[address.len()..]]),
                false => clean.push_str(&word),
            }
            word.clear();
            if c != '\0' {
                clean.push(c);
            }
        }
        display::shown(&clean.chars().take(MOST).collect::<String>())
    }

    /// A URL, an e-mail address, a machine.
    fn is_address(&self, word: &str) -> bool {
        let is_ip = |digits: &str| {
            let mut parts = digits.split('.');
            parts.clone().count() == 4 && parts.all(|part| part.parse::<u8>().is_ok())
        };
        let has_ip = (word.split(|c: char| !c.is_ascii_digit() && c != '.')).any(is_ip);
        let names_host = !self.host.is_empty() && word.contains(&self.host);
        word.contains("://") || word.contains('@') || has_ip || names_host
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_addresses_and_people_are_left_out() {
        let redaction = Redaction::new(&["s3cret"], "api.example.co:8443");
        for (said, shown) in [
            (
                r#"{"detail":"no s3cret"}"#,
                r#"{"detail":"no (the API key)"}"#,
            ),
            ("see https://a.b/c?d=e.", "see (an address)."),
            ("(see https://a.b/c?d=e&f=[g])", "(see (an address)])"),
            ("ip=10.0.0.17", "(an address)"),
            ("ask ada@example.com, please", "ask (an address), please"),
            (
                "from 10.0.0.17:443 and 1.2.3",
                "from (an address) and 1.2.3",
            ),
            ("api.example.co:8443 says 12:30", "(an address) says 12:30"),
            ("a  \n b", "a b"),
            ("ParsingError: 1/2", "ParsingError: 1/2"),
        ] {
            assert_eq!(redaction.of(said), shown);
        }
        assert_eq!(redaction.of(&"x".repeat(900)).chars().count(), MOST);
    }
}
