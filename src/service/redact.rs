//! Words of a service that may be passed on: without keys, addresses and people.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::encoded::{self, Encoded};
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

/// A text without a key, in capitals or not, and how often it was there.
fn without(text: &str, key: &str) -> (String, usize) {
    let (lower, key) = (text.to_ascii_lowercase(), key.to_ascii_lowercase());
    let mut clean = String::with_capacity(text.len());
    let (mut from, mut count) = (0, 0);
    while let Some(at) = lower[from..].find(&key) {
        clean.push_str(&text[from..from + at]);
        clean.push_str("(the API key)");
        from += at + key.len();
        count += 1;
    }
    clean.push_str(&text[from..]);
    (clean, count)
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
        let raw = text.trim_start_matches('\u{feff}').chars();
        let raw: String = raw.take(encoded::LOOKED_AT).collect();
        // Before the cut, which could leave half a key.
        let Some(text) = self.without_keys(&raw) else {
            return encoded::KEY_LEFT_OUT.to_owned();
        };
        let beginning: String = text.chars().take(4 * MOST).collect();
        let folded = beginning.split_whitespace().collect::<Vec<_>>().join(" ");
        let clean = self.without_addresses(&folded);
        let decoded = Encoded::new(&clean).decoded();
        if decoded != clean && self.without_addresses(&decoded) != decoded {
            return "(left out: there is an address in it, in another encoding)".to_owned();
        }
        display::shown(&clean.chars().take(MOST).collect::<String>())
    }

    /// A text in which keys are named instead; none where one is there in another encoding, which is not cut
    /// out: who can say where it ends?
    fn without_keys(&self, raw: &str) -> Option<String> {
        let mut text = unescaped(raw);
        let raw = Encoded::new(raw);
        for key in &self.keys {
            let encoded = utf8_percent_encode(key, NON_ALPHANUMERIC).to_string();
            let mut count = 0;
            for key in [key, &encoded] {
                let (rest, found) = without(&text, key);
                (text, count) = (rest, count + found);
            }
            // What was unescaped may be the key no more, to whoever reads it; but it is one that can be read.
            if raw.count(key) > count {
                return None;
            }
        }
        let clean = Encoded::new(&text);
        let mut keys = self.keys.iter();
        (!keys.any(|key| clean.count(key) > 0)).then_some(text)
    }

    /// A text in which addresses are named instead.
    fn without_addresses(&self, text: &str) -> String {
        let mut clean = String::with_capacity(text.len());
        let mut word = String::new();
        for c in text.chars().chain(['\0']) {
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
        clean
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
    use proptest::prelude::*;

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

    #[test]
    fn a_key_in_another_encoding_takes_all_words_with_it() {
        let redaction = Redaction::new(&["sk-CANARY/9+x=Q7", "other"], "api.example.co:8443");
        for said in [
            "sk-CANARY%2F9%2Bx%3DQ7",
            "sk-canary%2f9%2bx%3dq7",
            "sk-CANARY/9%2Bx%3DQ7",
            "sk-CANARY&#x2F;9&#43;x&equals;Q7",
            "sk-CANARY%252F9%252Bx%253DQ7",
            "sk-CANARY&amp;#x2F;9+x=Q7",
            r"sk-CANARY\\/9\\u002bx=Q7",
            "%6fther",
            "sk-CANARY/9+x=Q7 and sk-CANARY%2F9+x=Q7",
        ] {
            let shown = redaction.of(&format!(r#"{{"detail":"no {said} is known"}}"#));
            assert_eq!(shown, encoded::KEY_LEFT_OUT, "{said}");
        }
        // As it is, and in the encodings that are cut out, it still is.
        for said in [
            "sk-CANARY/9+x=Q7",
            "sk%2DCANARY%2F9%2Bx%3DQ7",
            r"sk-CANARY\/9+x\u003DQ7",
        ] {
            let shown = redaction.of(&format!("no {said}!"));
            assert_eq!(shown, "no (the API key)!", "{said}");
        }
    }

    #[test]
    fn an_address_in_another_encoding_takes_all_words_with_it() {
        let redaction = Redaction::new(&["s3cret"], "stand-in:8443");
        for said in [
            "ada%40example.com",
            "ada&#64;example&period;com",
            "ada%2540example.com",
            "https%3A%2F%2Fa.b%2Fc",
            "10&#46;0&#46;0&#46;17",
            "st%61nd-in",
        ] {
            let shown = redaction.of(&format!("ask {said}, please"));
            let left_out = "(left out: there is an address in it, in another encoding)";
            assert_eq!(shown, left_out, "{said}");
        }
        for said in [
            "100%25 of 5 &lt; 6 &amp; &#39;a&#39;",
            "R&D, std::fmt \\d %zz",
            "from (an address) at 12%3A30",
        ] {
            assert_eq!(redaction.of(said), said);
        }
    }

    proptest! {
        #[test]
        fn no_key_is_told_in_any_encoding(
            key in "[!-~]{8,24}",
            ways in prop::collection::vec((0..8_u32, prop::collection::vec(0..8_u32, 8)), 24),
            before in "[ -~]{0,20}",
        ) {
            let redaction = Redaction::new(&[&key], "api.example.co");
            let said = encoded::tests::mixed(&key, &ways);
            let shown = redaction.of(&format!("{before} {said} no more"));
            prop_assert_eq!(Encoded::new(&shown).count(&key), 0, "{}", shown);
            prop_assert!(shown.contains("(the API key)") || shown.starts_with("(left out: "), "{}", shown);
        }
    }
}
