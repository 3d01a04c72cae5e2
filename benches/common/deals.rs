//! Made-up deals as a sales team would export them: the same ones for the same seed, as CSV or NDJSON.
//!
//! They have what makes real exports tedious: thousands signs in some amounts only, dates in two
//! layouts, several words for yes and no, and notes with quotes, commas and line breaks.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use fastrand::Rng;

/// What deals are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Ndjson,
}

/// The columns, in order.
const COLUMNS: [&str; 10] = [
    "Deal ID",
    "Deal Name",
    "Owner Email",
    "Amount",
    "Currency",
    "Stage",
    "Close Date",
    "Probability",
    "Is Won",
    "Note",
];

const PEOPLE: [&str; 14] = [
    "amelie.roche",
    "bruno.keller",
    "chiara.conti",
    "dora.nagy",
    "emil.berg",
    "fatou.diallo",
    "george.hill",
    "hanna.virtanen",
    "ivan.petrov",
    "julie.lambert",
    "kofi.mensah",
    "lucia.fernandez",
    "mehdi.alaoui",
    "nora.oconnell",
];
const TEAMS: [&str; 4] = ["north", "south", "key-accounts", "partners"];
const FIRMS: [&str; 14] = [
    "Bluewater Logistics",
    "Orchard Foods",
    "Pinecone Software",
    "Harbor Insurance",
    "Granite Tools",
    "Lantern Media",
    "Meadow Health",
    "Northgate Rail",
    "Copperfield Bank",
    "Saffron Travel",
    "Éditions du Chêne",
    "Bäckerei Grün & Töchter",
    "Żubr Maszyny",
    "東都物流",
];
const SUBJECTS: [&str; 8] = [
    "renewal",
    "new seats",
    "first year",
    "data add-on",
    "support plan",
    "second site",
    "trial to paid",
    "price change",
];
const CURRENCIES: [&str; 5] = ["EUR", "USD", "GBP", "PLN", "JPY"];
const STAGES: [&str; 6] = [
    "New",
    "Discovery",
    "Proposal sent",
    "Negotiation",
    "Closed won",
    "Closed lost",
];
const WORDS: [&str; 24] = [
    "met", "the", "buyer", "again", "and", "she", "wants", "a", "shorter", "contract", "before",
    "summer", "price", "is", "fine", "waiting", "for", "their", "lawyer", "sent", "slides",
    "after", "call", "today",
];

/// One deal, as it is meant.
#[derive(Clone, Debug)]
pub struct Deal {
    /// Unlike that of any other deal.
    pub id: String,
    pub name: String,
    pub owner: String,
    /// With the thousands signs that an export may have.
    pub amount: String,
    pub currency: &'static str,
    pub stage: &'static str,
    /// Year, month, day.
    pub closes: (u32, u32, u32),
    pub probability: u32,
    /// One of the words for yes and no.
    pub won: &'static str,
    /// Often empty.
    pub note: String,
    is_day_first: bool,
}

/// An endless export.
pub struct Deals {
    random: Rng,
    made: u64,
}

impl Deals {
    /// The export of a seed, from its first deal on.
    pub fn new(seed: u64) -> Self {
        Self {
            random: Rng::with_seed(seed),
            made: 0,
        }
    }

    fn pick(&mut self, from: &[&'static str]) -> &'static str {
        from[self.random.usize(..from.len())]
    }

    /// Whether something is so that is so in so many of a hundred deals.
    fn is_one_of(&mut self, percent: u8) -> bool {
        self.random.u8(..100) < percent
    }

    fn name(&mut self) -> String {
        let (firm, subject) = (self.pick(&FIRMS), self.pick(&SUBJECTS));
        let number = self.random.u32(1..10_000);
        match self.random.u8(..100) {
            ..7 => format!("{firm}, {subject}"),
            7..10 => format!("{firm} \"{subject}\" {number}"),
            _ => format!("{firm} - {subject} {number}"),
        }
    }

    fn amount(&mut self) -> String {
        let digits = self.random.u32(100..900_000).to_string();
        let is_grouped = self.is_one_of(40);
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if is_grouped && at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        if self.is_one_of(80) {
            let cents = self.random.u32(..100);
            let _ = write!(text, ".{cents:02}");
        }
        text
    }

    fn note(&mut self) -> String {
        if self.is_one_of(40) {
            return String::new();
        }
        let words: Vec<_> = (0..self.random.u8(3..13))
            .map(|_| self.pick(&WORDS))
            .collect();
        let note = words.join(" ");
        match self.random.u8(..100) {
            ..14 => format!("{note}, réponse à venir"),
            14..19 => format!("{note}\nThen: \"not yet\", he said"),
            _ => note,
        }
    }
}

impl Iterator for Deals {
    type Item = Deal;

    fn next(&mut self) -> Option<Deal> {
        self.made += 1;
        Some(Deal {
            id: format!("D-{:010}", self.made),
            name: self.name(),
            owner: format!("{}@{}.example", self.pick(&PEOPLE), self.pick(&TEAMS)),
            amount: self.amount(),
            currency: self.pick(&CURRENCIES),
            stage: self.pick(&STAGES),
            closes: (
                self.random.u32(2019..2026),
                self.random.u32(1..13),
                self.random.u32(1..29),
            ),
            probability: self.random.u32(..21) * 5,
            won: self.pick(&["true", "TRUE", "yes", "false", "FALSE", "no"]),
            note: self.note(),
            is_day_first: self.is_one_of(60),
        })
    }
}

impl Deal {
    fn closes_text(&self) -> String {
        let (year, month, day) = self.closes;
        match self.is_day_first {
            true => format!("{day:02}/{month:02}/{year}"),
            false => format!("{year}-{month:02}-{day:02}"),
        }
    }

    /// Appends the deal as a record with its line end.
    fn write_csv(&self, line: &mut String) {
        let (closes, probability) = (self.closes_text(), self.probability.to_string());
        let cells = [
            &self.id,
            &self.name,
            &self.owner,
            &self.amount,
            self.currency,
            self.stage,
            &closes,
            &probability,
            self.won,
            &self.note,
        ];
        for (at, cell) in cells.into_iter().enumerate() {
            if at > 0 {
                line.push(',');
            }
            match cell.contains(['"', ',', '\n']) {
                true => {
                    let _ = write!(line, "\"{}\"", cell.replace('"', "\"\""));
                }
                false => line.push_str(cell),
            }
        }
        line.push('\n');
    }

    /// Appends the deal as a line of JSON. What need not be text is none, as far as an export of
    /// mixed origin goes: an amount with signs in it stays text, and so does a `yes`.
    fn write_ndjson(&self, line: &mut String) {
        let text = |text: &str| serde_json::Value::from(text).to_string();
        let amount = match self.amount.contains(',') {
            true => text(&self.amount),
            false => self.amount.clone(),
        };
        let won = match self.won {
            "yes" | "no" => text(self.won),
            word => word.to_ascii_lowercase(),
        };
        let values = [
            text(&self.id),
            text(&self.name),
            text(&self.owner),
            amount,
            text(self.currency),
            text(self.stage),
            text(&self.closes_text()),
            self.probability.to_string(),
            won,
            text(&self.note),
        ];
        for (at, (column, value)) in COLUMNS.iter().zip(values).enumerate() {
            let before = if at == 0 { '{' } else { ',' };
            let _ = write!(line, "{before}\"{column}\":{value}");
        }
        line.push_str("}\n");
    }
}

/// Writes so many deals of a seed to a file, and shows each to `seen`.
pub fn write(
    path: &Path,
    format: Format,
    seed: u64,
    rows: u64,
    mut seen: impl FnMut(&Deal),
) -> io::Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    if format == Format::Csv {
        writeln!(file, "{}", COLUMNS.join(","))?;
    }
    let mut line = String::new();
    for (_, deal) in (0..rows).zip(Deals::new(seed)) {
        line.clear();
        match format {
            Format::Csv => deal.write_csv(&mut line),
            Format::Ndjson => deal.write_ndjson(&mut line),
        }
        file.write_all(line.as_bytes())?;
        seen(&deal);
    }
    file.flush()
}
