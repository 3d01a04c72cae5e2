//! Words with which people mark a row of totals.

/// Small letters, without a colon behind them.
const WORDS: [&str; 24] = [
    "total",
    "totals",
    "grand total",
    "sub total",
    "subtotal",
    "sum",
    "total général",
    "total general",
    "somme",
    "summe",
    "gesamt",
    "gesamtsumme",
    "gesamtergebnis",
    "insgesamt",
    "totale",
    "totale generale",
    "totaal",
    "eindtotaal",
    "suma",
    "razem",
    "total geral",
    "soma",
    "summa",
    "yhteensä",
];

/// Whether a cell says nothing but that its row is a total.
pub(crate) fn is_total(cell: &str) -> bool {
    let word = cell
        .trim()
        .trim_end_matches([':', '='])
        .trim_end()
        .to_lowercase();
    WORDS.contains(&word.as_str())
}
