//! A made-up table: what each cell shows, and what may be sent for it.

use fastrand::Rng;
use serde_json::Value;

/// One cell.
#[derive(Clone, Debug)]
pub struct Cell {
    /// What a text file shows.
    pub shown: String,
    /// The JSON of what it means, besides the text itself.
    pub meant: Option<String>,
    /// What a sheet holds there.
    pub typed: Typed,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Typed {
    Text,
    Number(f64),
    Percent(f64),
    Boolean(bool),
    /// Year, month, day.
    Date(u16, u8, u8),
}

impl Cell {
    pub fn text(shown: impl Into<String>) -> Self {
        Self {
            shown: shown.into(),
            meant: None,
            typed: Typed::Text,
        }
    }

    /// Whether this JSON may be sent: what the cell means, the text that it shows, or null where it
    /// shows nothing.
    pub fn allows(&self, json: &str) -> bool {
        if self.shown.trim().is_empty() {
            return json == "null";
        }
        self.meant.as_deref() == Some(json) || json == quoted(&self.shown)
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

pub struct Table {
    pub names: Vec<String>,
    pub records: Vec<Vec<Cell>>,
}

impl Table {
    pub fn of(rng: &mut Rng) -> Self {
        let style = Style::of(rng);
        let mut names: Vec<&str> = Vec::new();
        let columns = [
            (["Deal ID", "id", "ID"], Kind::Id),
            (["Deal Name", "name", "Name"], Kind::Name),
            (["Amount", "Montant", "Betrag"], Kind::Amount),
            (["Close Date", "Date de clôture", "Datum"], Kind::Day),
            (["Won?", "Gagné", "Signed"], Kind::Won),
            (["Discount", "Remise", "Rabatt"], Kind::Share),
            (["Owner Email", "Owner", "Vendeur"], Kind::Owner),
            (["Comment", "Note", "Zip"], Kind::Note),
        ];
        let kept: Vec<_> = (columns.iter())
            .filter(|(_, kind)| matches!(kind, Kind::Id | Kind::Name) || rng.u8(..4) > 0)
            .collect();
        let word = rng.usize(..3);
        names.extend(kept.iter().map(|(names, _)| names[word]));
        let count = rng.usize(2..40);
        let records = (0..count)
            .map(|n| {
                let cells = kept.iter().map(|(_, kind)| style.cell(rng, *kind, n));
                cells.collect()
            })
            .collect();
        Self {
            names: names.into_iter().map(str::to_owned).collect(),
            records,
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Id,
    Name,
    Amount,
    Day,
    Won,
    Share,
    Owner,
    Note,
}

/// How a table's values are written.
struct Style {
    id: usize,
    amount: usize,
    symbol: &'static str,
    day: usize,
    won: [&'static str; 2],
    share: &'static str,
}

impl Style {
    fn of(rng: &mut Rng) -> Self {
        Self {
            id: rng.usize(..4),
            amount: rng.usize(..6),
            symbol: ["", "", "", "€", "$"][rng.usize(..5)],
            day: rng.usize(..5),
            won: [
                ["yes", "no"],
                ["oui", "non"],
                ["true", "false"],
                ["WAHR", "FALSCH"],
            ][rng.usize(..4)],
            share: ["%", " %"][rng.usize(..2)],
        }
    }

    fn cell(&self, rng: &mut Rng, kind: Kind, n: usize) -> Cell {
        match kind {
            Kind::Id => self.id(n),
            Kind::Name => Cell::text(name(rng, n)),
            Kind::Owner => Cell::text(format!("owner{}@example.com", rng.u8(..5))),
            Kind::Note if rng.u8(..3) > 0 => Cell::text(""),
            Kind::Note => Cell::text(["call again", "n/a", "see 7", "=1+1"][rng.usize(..4)]),
            // Somebody did not fill it in.
            _ if rng.u8(..12) == 0 => Cell::text(""),
            Kind::Amount => self.amount(rng),
            Kind::Day => self.day(rng),
            Kind::Won => {
                let won = rng.bool();
                Cell {
                    shown: self.won[usize::from(!won)].to_owned(),
                    meant: Some(won.to_string()),
                    typed: Typed::Boolean(won),
                }
            }
            Kind::Share => {
                let halves = rng.u16(1..200);
                let comma = if self.amount.is_multiple_of(2) {
                    "."
                } else {
                    ","
                };
                let (whole, half) = (halves / 2, 5 * (halves % 2));
                Cell {
                    shown: format!("{whole}{comma}{half}{}", self.share),
                    meant: Some(format!("{whole}.{half}")),
                    typed: Typed::Percent(f64::from(halves) / 200.0),
                }
            }
        }
    }

    fn id(&self, n: usize) -> Cell {
        Cell::text(match self.id {
            0 => format!("D{n}"),
            1 => format!("{n:07}"),
            2 => format!("{}", 4_200 + n),
            _ => format!("0062{n:04}-aa{n:03}"),
        })
    }

    /// `1,234.50` in one of six ways.
    fn amount(&self, rng: &mut Rng) -> Cell {
        let (whole, cents) = (rng.u32(..3_000_000), rng.u32(..100));
        let is_negative = rng.u8(..6) == 0;
        let (thousands, decimal) = [
            ("", "."),
            ("", ","),
            (",", "."),
            (".", ","),
            ("'", "."),
            ("\u{202f}", ","),
        ][self.amount];
        let digits = grouped(whole, thousands);
        let number = format!("{digits}{decimal}{cents:02}");
        let number = match self.symbol {
            "€" => format!("{number} €"),
            symbol => format!("{symbol}{number}"),
        };
        let sign = if is_negative { "-" } else { "" };
        let value = f64::from(whole) + f64::from(cents) / 100.0;
        Cell {
            shown: format!("{sign}{number}"),
            meant: Some(format!("{sign}{whole}.{cents:02}")),
            typed: Typed::Number(if is_negative { -value } else { value }),
        }
    }

    fn day(&self, rng: &mut Rng) -> Cell {
        let (year, month, day) = (rng.u16(2019..2031), rng.u8(1..13), rng.u8(1..29));
        let shown = match self.day {
            0 => format!("{year}-{month:02}-{day:02}"),
            1 => format!("{day:02}/{month:02}/{year}"),
            2 => format!("{day:02}.{month:02}.{year}"),
            3 => format!("{month}/{day}/{year}"),
            _ => format!("{year}/{month:02}/{day:02}"),
        };
        Cell {
            shown,
            meant: Some(format!("\"{year}-{month:02}-{day:02}\"")),
            typed: Typed::Date(year, month, day),
        }
    }
}

fn name(rng: &mut Rng, n: usize) -> String {
    let names = [
        "Müller & Söhne",
        "5\" pipe",
        "Said \"yes\", left",
        "a, b; c|d",
        "two\nlines",
        "O'Neil",
        "Ünïcödé 株式会社",
        "plain",
    ];
    format!("{} {n}", names[rng.usize(..names.len())])
}

fn grouped(number: u32, sign: &str) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push_str(sign);
        }
        grouped.push(digit);
    }
    grouped
}
