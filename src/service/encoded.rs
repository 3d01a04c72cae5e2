//! What a text says to those who decode it: percent-encoding, HTML's entities and JSON's escapes, also one
//! within another. A secret that is written so is still one.

use std::ops::RangeInclusive;

/// How deep one encoding may be in another, such as a URL in HTML in JSON.
const DEPTH: u32 = 3;

/// Instead of a text with a key in it that is encoded.
pub(super) const KEY_LEFT_OUT: &str = "(left out: the API key is in it, in another encoding)";

/// How many characters of a text are looked at: far more than are ever shown.
pub(super) const LOOKED_AT: usize = 16 << 10;

/// The most digits of a number in an entity: any character, and zeros before it.
const DIGITS: usize = 8;

/// The entities of HTML that stand for what a key or an address can have in it.
const ENTITIES: [(&str, char); 38] = [
    ("amp", '&'),
    ("apos", '\''),
    ("ast", '*'),
    ("bsol", '\\'),
    ("colon", ':'),
    ("comma", ','),
    ("commat", '@'),
    ("dollar", '$'),
    ("equals", '='),
    ("excl", '!'),
    ("grave", '`'),
    ("gt", '>'),
    ("hat", '^'),
    ("lbrace", '{'),
    ("lbrack", '['),
    ("lcub", '{'),
    ("lowbar", '_'),
    ("lpar", '('),
    ("lsqb", '['),
    ("lt", '<'),
    ("midast", '*'),
    ("num", '#'),
    ("percnt", '%'),
    ("period", '.'),
    ("plus", '+'),
    ("quest", '?'),
    ("quot", '"'),
    ("rbrace", '}'),
    ("rbrack", ']'),
    ("rcub", '}'),
    ("rpar", ')'),
    ("rsqb", ']'),
    ("semi", ';'),
    ("sol", '/'),
    ("underbar", '_'),
    ("verbar", '|'),
    ("vert", '|'),
    ("verticalline", '|'),
];

/// Whether a code may begin with it.
fn is_lead(c: char) -> bool {
    matches!(c, '%' | '&' | '\\')
}

/// A number, and where its digits end.
type Number = (u32, usize);

/// A text in which characters may be encoded, each in its own way.
pub(super) struct Encoded(Vec<char>);

impl Encoded {
    pub(super) fn new(text: &str) -> Self {
        Self(text.chars().take(LOOKED_AT).collect())
    }

    /// How often a word is in it, in capitals or not, whatever is encoded of it.
    pub(super) fn count(&self, word: &str) -> usize {
        let (mut from, mut count) = (0, 0);
        let first = word.chars().next().unwrap_or_default();
        while let Some(c) = self.0.get(from) {
            // Most places are none, which costs nothing to see.
            let may_begin = is_lead(*c) || c.eq_ignore_ascii_case(&first);
            let end = may_begin.then(|| self.end_of(word, from)).flatten();
            count += usize::from(end.is_some());
            from = end.unwrap_or(from + 1);
        }
        count
    }

    /// Where a word ends that begins here.
    fn end_of(&self, word: &str, from: usize) -> Option<usize> {
        let mut ends = vec![from];
        for wanted in word.chars() {
            let is_wanted = |c: char| c.eq_ignore_ascii_case(&wanted);
            // One that is as it is, without ado.
            let plain = match ends.as_slice() {
                [at] => self.0.get(*at).filter(|c| !is_lead(**c)),
                _ => None,
            };
            match plain {
                Some(c) if is_wanted(*c) => ends.iter_mut().for_each(|end| *end += 1),
                Some(_) => return None,
                None => ends = self.steps(&ends, DEPTH, is_wanted),
            }
        }
        ends.last().copied()
    }

    /// The text with everything decoded: what the most characters stand for.
    pub(super) fn decoded(&self) -> String {
        let mut text = String::with_capacity(self.0.len());
        let mut from = 0;
        while let Some(c) = self.0.get(from) {
            let codes = match is_lead(*c) {
                true => self.at(from, DEPTH),
                false => Vec::new(),
            };
            let longest = codes.into_iter().max_by_key(|(_, end)| *end);
            let (c, end) = longest.unwrap_or((*c, from + 1));
            text.push(c);
            from = end;
        }
        text
    }

    /// What may stand at a place, the character itself and those whose code begins with it, with where each
    /// ends.
    fn at(&self, at: usize, depth: u32) -> Vec<(char, usize)> {
        let Some(&c) = self.0.get(at) else {
            return Vec::new();
        };
        if depth == 0 || !is_lead(c) {
            return vec![(c, at + 1)];
        }
        let mut all = self.at(at, depth - 1);
        let codes: Vec<Number> = all
            .iter()
            .flat_map(|(lead, next)| match lead {
                '%' => self.number((0, *next), 16, 2..=2, depth - 1),
                '&' => self.entity(*next, depth - 1),
                '\\' => self.escape(*next, depth - 1),
                _ => Vec::new(),
            })
            .collect();
        all.extend(
            codes
                .into_iter()
                .filter_map(|(code, end)| Some((char::from_u32(code)?, end))),
        );
        all.sort_unstable();
        all.dedup();
        all
    }

    /// `\u002f`, `\x2f`, `\/`.
    fn escape(&self, from: usize, depth: u32) -> Vec<Number> {
        let codes = self.at(from, depth).into_iter();
        let codes = codes.flat_map(|(c, next)| match c {
            'u' => self.number((0, next), 16, 4..=4, depth),
            'x' => self.number((0, next), 16, 2..=2, depth),
            '/' | '"' | '\'' | '\\' => vec![(c.into(), next)],
            _ => Vec::new(),
        });
        codes.collect()
    }

    /// `&#47;`, `&#x2f;`, `&sol;`; as browsers do, without the semicolon, too.
    fn entity(&self, from: usize, depth: u32) -> Vec<Number> {
        let mut codes = Vec::new();
        for number in self.steps(&[from], depth, |c| c == '#') {
            let hex = self.steps(&[number], depth, |c| matches!(c, 'x' | 'X'));
            let hex = hex.into_iter().map(|from| (from, 16));
            for (from, radix) in hex.chain([(number, 10)]) {
                codes.extend(self.number((0, from), radix, 1..=DIGITS, depth));
            }
        }
        let first = self.at(from, depth);
        let is_first = |of: char| first.iter().any(|(c, _)| c.eq_ignore_ascii_case(&of));
        let names = ENTITIES.iter();
        for (name, c) in names.filter(|(name, _)| name.chars().next().is_some_and(is_first)) {
            let mut ends = vec![from];
            for wanted in name.chars() {
                ends = self.steps(&ends, depth, |c| c.eq_ignore_ascii_case(&wanted));
            }
            codes.extend(ends.into_iter().map(|end| (u32::from(*c), end)));
        }
        let closed = |(code, end): &Number| {
            let ends = self.steps(&[*end], depth, |c| c == ';');
            ends.into_iter().map(|end| (*code, end)).collect::<Vec<_>>()
        };
        let closed: Vec<_> = codes.iter().flat_map(closed).collect();
        codes.extend(closed);
        codes
    }

    /// So many digits.
    fn number(
        &self,
        from: Number,
        radix: u32,
        digits: RangeInclusive<usize>,
        depth: u32,
    ) -> Vec<Number> {
        let (mut all, mut longest) = (Vec::new(), vec![from]);
        for length in 1..=*digits.end() {
            let longer = longest.iter().flat_map(|(number, at)| {
                let digits = self.at(*at, depth).into_iter();
                digits.filter_map(|(c, end)| {
                    let number = number.saturating_mul(radix);
                    Some((number.saturating_add(c.to_digit(radix)?), end))
                })
            });
            longest = longer.collect();
            if digits.contains(&length) {
                all.extend_from_slice(&longest);
            }
        }
        all
    }

    /// Where characters of one kind end that begin at one of these places.
    fn steps(&self, from: &[usize], depth: u32, is_wanted: impl Fn(char) -> bool) -> Vec<usize> {
        let found = from.iter().flat_map(|from| self.at(*from, depth));
        let ends = found.filter_map(|(c, end)| is_wanted(c).then_some(end));
        let mut ends: Vec<_> = ends.collect();
        ends.sort_unstable();
        ends.dedup();
        ends
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_encoded_is_found() {
        for text in [
            "sk-CANARY/9+x=Q7",
            "sk-CANARY%2F9%2Bx%3DQ7",
            "SK-canary%2f9%2bX%3dq7",
            "sk-CANARY/9%2Bx%3DQ7",
            "sk-CANARY&#x2F;9&#43;x&#061;Q7",
            "sk-CANARY&sol;9&plus;x&equals;Q7",
            "sk-CANARY&#x2f9&#43x&equalsQ7",
            "sk-CANARY%252F9%252Bx%253DQ7",
            "sk-CANARY&amp;#x2F;9&amp;#43;x&amp;#61;Q7",
            "sk-CANARY%26%23x2F%3B9+x=Q7",
            r"sk\u002dCANARY\/9\u002bx\x3dQ7",
            r"sk-CANARY\\\/9\\u002Bx=Q7",
            "%73%6b%2d%43ANARY/9+x=Q7",
        ] {
            let encoded = Encoded::new(&format!("no ({text}) is known"));
            assert_eq!(encoded.count("sk-CANARY/9+x=Q7"), 1, "{text}");
        }
        let twice = Encoded::new("a%2Fba/b a%2Gb a%2");
        assert_eq!(twice.count("a/b"), 2);
        assert_eq!(twice.decoded(), "a/ba/b a%2Gb a%2");
        let text = "100 % of R&D, C:\\dir &unknown; &# \\u12 %";
        assert_eq!(Encoded::new(text).decoded(), text);
        assert_eq!(
            Encoded::new("ada&#64;x&period;example").decoded(),
            "ada@x.example"
        );
    }

    /// A character as it is, or in one of seven ways.
    fn encoded(c: char, way: u32) -> String {
        let code = u32::from(c);
        let named = ENTITIES.iter().find(|(_, named)| *named == c);
        match (way, named) {
            (1, _) => format!("%{code:02x}"),
            (2, _) => format!("%{code:02X}"),
            (3, _) => format!("&#{code};"),
            (4, _) => format!("&#x{code:X};"),
            (5, _) => format!("\\u{code:04x}"),
            (6, Some((name, _))) => format!("&{name};"),
            (7, _) if matches!(c, '/' | '"' | '\\') => format!("\\{c}"),
            _ => c.into(),
        }
    }

    /// A word whose characters are encoded up to twice, each in its own ways.
    pub(in crate::service) fn mixed(word: &str, ways: &[(u32, Vec<u32>)]) -> String {
        let once = word.chars().zip(ways).flat_map(|(c, (way, inner))| {
            let once: Vec<char> = encoded(c, *way).chars().collect();
            once.into_iter().zip(inner.iter().cycle())
        });
        once.map(|(c, way)| encoded(c, *way)).collect()
    }

    proptest! {
        #[test]
        fn no_mix_of_encodings_hides_a_word(
            word in "[!-~]{1,20}",
            ways in prop::collection::vec((0..8_u32, prop::collection::vec(0..8_u32, 8)), 20),
        ) {
            let text = mixed(&word, &ways);
            prop_assert!(Encoded::new(&format!("<{text}>")).count(&word) > 0, "{}", text);
        }

        /// Whatever a service says takes neither long nor everything down.
        #[test]
        fn any_text_is_decoded(text in "[%&\\\\#;xu0-9a-f]{0,40}") {
            let encoded = Encoded::new(&text);
            prop_assert!(encoded.decoded().len() <= text.len());
            prop_assert_eq!(encoded.count("qqq"), 0);
        }
    }
}
