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

/// Whether a cell says nothing but that its row is a total: `Total (2)`, `Summe: 30`, not `Total Energies`.
pub(crate) fn is_total(cell: &str) -> bool {
    let word = cell
        .trim_end_matches(|c: char| !c.is_alphabetic())
        .trim_start();
    WORDS.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::is_total;

    #[test]
    fn a_total_is_a_word_alone_or_with_a_number() {
        for cell in [
            "Total",
            " TOTAL: ",
            "Grand Total (2)",
            "Summe: 30",
            "Total général =",
            "Total 1,00",
        ] {
            assert!(is_total(cell), "{cell}");
        }
        for cell in [
            "Total Energies",
            "Totally",
            "Sum of us",
            "",
            "12",
            "D-Total",
            "Total (old)",
        ] {
            assert!(!is_total(cell), "{cell}");
        }
    }
}
