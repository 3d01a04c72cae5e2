//! Made-up cells: of each type as people write them, and texts with what trips readers.

use fastrand::Rng;
use serde_json::Value;

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Id,
    Text,
    Number,
    Integer,
    Percent,
    Boolean,
    Date,
    DayFirst,
    Json,
}

/// How the numbers of a file are written.
#[derive(Clone, Copy)]
pub struct Style {
    decimal: char,
    thousands: Option<char>,
    /// Whether percents have their sign: all of a column or none.
    has_percent_sign: bool,
}

impl Style {
    pub fn of(rng: &mut Rng) -> Self {
        let (decimal, thousands) = *rng
            .choice(&[
                ('.', None),
                ('.', Some(',')),
                (',', None),
                (',', Some('.')),
                (',', Some(' ')),
                ('.', Some('\'')),
            ])
            .unwrap();
        Self {
            decimal,
            thousands,
            has_percent_sign: rng.bool(),
        }
    }

    /// The mapping's section that says so.
    pub fn input(self) -> String {
        let decimal = self.decimal;
        match self.thousands {
            None => format!("[input]\ndecimal = \"{decimal}\"\n"),
            Some(sign) => format!("[input]\ndecimal = \"{decimal}\"\nthousands = \"{sign}\"\n"),
        }
    }

    fn whole(self, rng: &mut Rng) -> String {
        let digits = match rng.u8(..12) {
            0 => rng.u64(..).to_string(),
            1 => "0".to_owned(),
            _ => rng.u32(..3_000_000).to_string(),
        };
        let grouped = self.thousands.filter(|_| rng.bool()).map(|sign| {
            let mut text = String::new();
            for (n, digit) in digits.chars().enumerate() {
                if n > 0 && (digits.len() - n).is_multiple_of(3) {
                    text.push(sign);
                }
                text.push(digit);
            }
            text
        });
        let sign = if rng.u8(..6) == 0 { "-" } else { "" };
        format!("{sign}{}", grouped.unwrap_or(digits))
    }

    fn number(self, rng: &mut Rng) -> String {
        let mut text = self.whole(rng);
        if rng.bool() {
            text.push(self.decimal);
            for _ in 0..rng.usize(1..5) {
                text.push(char::from(rng.u8(b'0'..=b'9')));
            }
        }
        text
    }
}

impl Kind {
    pub fn any(rng: &mut Rng) -> Self {
        *rng.choice(&[
            Self::Text,
            Self::Text,
            Self::Number,
            Self::Number,
            Self::Integer,
            Self::Percent,
            Self::Boolean,
            Self::Date,
            Self::DayFirst,
            Self::Json,
        ])
        .unwrap()
    }

    /// A cell of the `n`th record.
    pub fn cell(self, rng: &mut Rng, style: Style, n: usize) -> String {
        if self != Self::Id && rng.u8(..9) == 0 {
            return (*rng.choice(&["", "", " "]).unwrap()).to_owned();
        }
        let (year, month, day) = (rng.u32(1..4000), rng.u32(1..13), rng.u32(1..29));
        match self {
            Self::Id => format!("{n:03}-{}", rng.u16(..)),
            Self::Text => text(rng),
            Self::Number => style.number(rng),
            Self::Integer => style.whole(rng),
            Self::Percent if style.has_percent_sign => format!("{} %", style.number(rng)),
            Self::Percent => style.number(rng),
            Self::Boolean => (*rng.choice(&["yes", "YES", "no", "oui", "nOn"]).unwrap()).to_owned(),
            Self::Date => format!("{year:04}-{month:02}-{day:02}"),
            Self::DayFirst => format!("{day:02}/{month:02}/{year:04}"),
            Self::Json => (*rng
                .choice(&[
                    "{\"a\": [1.0, null]}",
                    "100.10",
                    "\"t\\u00e9\"",
                    "true",
                    "[]",
                ])
                .unwrap())
            .to_owned(),
        }
    }

    /// A cell as a JSON value.
    pub fn json(self, rng: &mut Rng, style: Style, cell: &str) -> String {
        let is_plain = style.decimal == '.' && cell.parse::<f64>().is_ok_and(f64::is_finite);
        let is_number = matches!(self, Self::Number | Self::Integer) && is_plain;
        match self {
            Self::Json if !cell.trim().is_empty() && cell.starts_with(['{', '[', '1']) => {
                cell.into()
            }
            _ if cell.is_empty() && rng.bool() => "null".to_owned(),
            _ if is_number && rng.bool() => cell.to_owned(),
            Self::Text if rng.u8(..20) == 0 => (*rng
                .choice(&["1e5", "-0.0", "true", "[1, {\"b\": \"\\n\"}]"])
                .unwrap())
            .to_owned(),
            _ => Value::from(cell).to_string(),
        }
    }

    /// What the mapping says of such a column behind its name.
    pub fn options(self, rng: &mut Rng) -> String {
        let empty = match rng.u8(..6) {
            0 if self != Self::Id => ", empty = \"omit\"",
            1 if self == Self::Text => ", empty = \"text\"",
            _ => "",
        };
        let options = match self {
            Self::Id => "",
            Self::Text => match rng.u8(..5) {
                0 => ", trim = true",
                1 => ", values = { a = 1, \"x y\" = \"z\" }",
                _ => "",
            },
            Self::Number => ", type = \"number\"",
            Self::Integer => ", type = \"integer\"",
            Self::Percent => match rng.bool() {
                true => ", type = \"percent\", fraction = true",
                false => ", type = \"percent\"",
            },
            Self::Boolean => {
                ", type = \"boolean\", true = [\"yes\", \"oui\"], false = [\"no\", \"non\"]"
            }
            Self::Date => ", type = \"date\"",
            Self::DayFirst => ", type = \"date\", format = [\"%Y-%m-%d\", \"%d/%m/%Y\"]",
            Self::Json => ", type = \"json\"",
        };
        format!("{options}{empty}")
    }
}

fn text(rng: &mut Rng) -> String {
    const PIECES: [&str; 20] = [
        "a",
        "x y",
        "ä",
        "東都",
        "🦀",
        "\"",
        "\"\"",
        ",",
        ";",
        "\\",
        "\t",
        "\n",
        "\r\n",
        " ",
        "'",
        "5\" pipe",
        "\u{1}",
        "=1+1",
        "null",
        "long words of a note about a deal, and more",
    ];
    let mut text = match rng.u8(..4) {
        0 => String::new(),
        _ => "note ".to_owned(),
    };
    for _ in 0..rng.usize(1..6) {
        text.push_str(PIECES[rng.usize(..PIECES.len())]);
    }
    // Beyond a single block of the scanner, now and then.
    if rng.u8(..200) == 0 {
        text = text.repeat(200);
    }
    text
}
