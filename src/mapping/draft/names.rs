//! What a column's name tells about its cells, in the languages that sales teams export in.
//!
//! A name never makes a type; it only keeps one from being proposed (`Postal code`), or lets in
//! what cells alone cannot tell (`Is won` with `1` and `0`).

use super::keys::slug;

/// Words that make a column one of codes, wherever they stand.
const CODES: &str = "id ids uuid guid uid identifier identifiant identificador kennung \
    code codes codice codigo phone telephone telefon telefono tel mobile handy cell fax \
    zip zipcode postal postcode postleitzahl plz cp cap siren siret vat tva iban bic ean gtin isbn \
    upc sku asin ssn ein ref reference referenz referencia matricule matricola key token serial \
    version ip kostenstelle naf ape rib";

/// Words that do so where they come last (`Order number`; but `Number of seats` is a count).
const LAST: &str = "number no nr num numero nummer konto account compte";

/// The same where they come first (`N° dossier`, `Numéro de commande`).
const FIRST: &str = "n no nr num numero nummer";

/// Whole words that say it without a space (`Kundennummer`, `Auftragsnr`).
const ENDINGS: [&str; 2] = ["nummer", "kennung"];

/// Words of columns that hold days.
const DAYS: &str = "date dates datum data fecha day tag jour dia giorno on am at le \
    created updated closed signed closing echeance cloture";

/// First words of columns that hold yes or no.
const QUESTIONS: &str = "is has was can are est ist hat flag";

/// First or last words of ids; alone they are ids of no particular thing.
const IDS: &str = "id uuid guid uid identifier identifiant identificador identificativo kennung";

/// More ids of no particular thing.
const PLAIN_IDS: &str = "record_id row_id object_id unique_id external_id";

/// Words for a name.
const NAMES: &str = "name nom nome title titre titel titolo titulo libelle label bezeichnung \
    intitule designation";

/// Whose names are not the record's.
const OTHERS: &str = "first last family middle user owner manager rep contact prenom famille vorname \
    nachname file sales created proprietaire utilisateur";

/// Whether a list of words has a word.
fn has(list: &str, word: &str) -> bool {
    list.split(' ').any(|listed| listed == word)
}

/// How surely a name says what the column is; the smaller the surer.
pub(super) type Rank = u8;

/// A name taken to words.
#[derive(Clone, Debug)]
pub(super) struct Name {
    slug: String,
    is_question: bool,
}

impl Name {
    /// Takes a column's name, or the last part of a path, to words.
    pub(super) fn new(name: &str) -> Self {
        Self {
            slug: slug(name),
            is_question: name.trim_end().ends_with('?'),
        }
    }

    fn words(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.slug.split('_')
    }

    fn begins_with(&self, list: &str) -> bool {
        self.words().next().is_some_and(|word| has(list, word))
    }

    fn ends_with(&self, list: &str) -> bool {
        self.words().next_back().is_some_and(|word| has(list, word))
    }

    /// Whether its digits are names, not numbers.
    pub(super) fn is_of_codes(&self) -> bool {
        self.words().any(|word| has(CODES, word))
            || self
                .words()
                .any(|word| ENDINGS.iter().any(|end| word.ends_with(end)))
            || self.ends_with(LAST)
            || (self.begins_with(FIRST) && self.slug != "number")
    }

    /// Whether eight digits may be a day.
    pub(super) fn is_of_days(&self) -> bool {
        self.words()
            .any(|word| has(DAYS, word) || word.ends_with("datum"))
    }

    /// Whether 1 and 0 are yes and no.
    pub(super) fn is_of_answers(&self) -> bool {
        self.is_question || self.begins_with(QUESTIONS) || self.ends_with("flag")
    }

    /// Whether it says that the column holds the records' ids. `things` are the slugs of what the
    /// records may be, the table's own first.
    pub(super) fn says_id(&self, things: &[String]) -> Option<Rank> {
        if self.slug == "id" {
            return Some(0);
        }
        let is_id = self.begins_with(IDS) || self.ends_with(IDS);
        let of_thing = |thing: &String| {
            let bare = self.without(IDS);
            is_id && (bare == *thing || bare == singular(thing))
        };
        let thing = things.iter().position(of_thing);
        match thing.and_then(|at| u8::try_from(at + 1).ok()) {
            Some(rank) => Some(rank),
            None if has(IDS, &self.slug) || has(PLAIN_IDS, &self.slug) => Some(100),
            None => is_id.then_some(101),
        }
    }

    /// Whether it says that the column holds the records' names.
    pub(super) fn says_name(&self, things: &[String]) -> Option<Rank> {
        // In French `Nombre de ...` is a count.
        if self.slug == "nombre" || has(NAMES, &self.slug) {
            return Some(u8::from(self.slug != "name"));
        }
        let is_name = self.begins_with(NAMES) || self.ends_with(NAMES);
        let of_thing = |thing: &String| {
            let bare = self.without(NAMES);
            is_name && (bare == *thing || bare == singular(thing))
        };
        let thing = things.iter().position(of_thing);
        match thing.and_then(|at| u8::try_from(at + 2).ok()) {
            Some(rank) => Some(rank),
            None if self.words().any(|word| has(OTHERS, word)) => None,
            None => is_name.then_some(100),
        }
    }

    /// The words but the first or last that is in a list.
    fn without(&self, list: &str) -> String {
        let words: Vec<&str> = self.words().collect();
        let bare = match words.split_last() {
            Some((last, rest)) if has(list, last) => rest,
            _ => words.get(1..).unwrap_or(&[]),
        };
        bare.join("_")
    }
}

/// `deals` as one of them: `deal`.
fn singular(thing: &str) -> String {
    if let Some(stem) = thing.strip_suffix("ies") {
        return format!("{stem}y");
    }
    thing.strip_suffix('s').unwrap_or(thing).to_owned()
}
