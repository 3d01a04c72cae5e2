//! Words of a service that may be passed on: without keys, addresses and people.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::base::display;

/// The most characters of an answer that are repeated.
const MOST: usize = 200;

/// How names of machines end.
const ENDS: [&str; 12] = [
    "app", "co", "com", "dev", "eu", "example", "fr", "internal", "io", "local", "net", "org",
];

/// A text in which nothing is escaped as JSON does it: `\/` and `\u002d` hide what they stand for.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        plain.push_str(before);
        let code = behind.strip_prefix('u').and_then(|code| code.get(..4));
        let code = code.and_then(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?));
        rest = match (code, behind.strip_prefix('/')) {
            (Some(c), _) => {
                plain.push(c);
                behind.get(5..).unwrap_or_default()
            }
            (None, Some(behind)) => {
                plain.push('/');
                behind
            }
            (None, None) => {
                plain.push('\\');
                behind
            }
        };
    }
    plain.push_str(rest);
    plain
}

/// A text without a key, in capitals or not.
fn without(text: &str, key: &str) -> String {
    let (lower, key) = (text.to_ascii_lowercase(), key.to_ascii_lowercase());
    let mut clean = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(at) = lower[from..].find(&key) {
        clean.push_str(&text[from..from + at]);
        clean.push_str("(the API key)");
        from += at + key.len();
    }
    clean.push_str(&text[from..]);
    clean
}

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
        let mut text = unescaped(text.trim_start_matches('\u{feff}'));
        // Before the cut, which could leave half a key.
        for key in &self.keys {
            let encoded = utf8_percent_encode(key, NON_ALPHANUMERIC).to_string();
            for key in [key, &encoded] {
                text = without(&text, key);
            }
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
        let host = word.split(['/', ':']).next().unwrap_or_default();
        let end = host.rsplit('.').next().unwrap_or_default();
        let is_host = host.split('.').count() > 2 && ENDS.contains(&&*end.to_ascii_lowercase());
        let is_ipv6 = word.contains("::")
            && word
                .chars()
                .all(|c| c.is_ascii_hexdigit() || "[]:.".contains(c));
        word.contains("://") || word.contains('@') || has_ip || names_host || is_host || is_ipv6
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
            (r"https:\/\/db-7.x.example\/t", "(an address)"),
            (
                "db-7.internal.qobra.co:80, [::1]:8080",
                "(an address), (an address)",
            ),
            (
                "S3CRET s\\u0033cret items.0.amount",
                "(the API key) (the API key) items.0.amount",
            ),
            ("std::fmt \\d", "std::fmt \\d"),
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
