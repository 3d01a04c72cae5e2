//! What stands around the digits of amounts: currencies, and the signs of negative ones. The mapping's
//! own reader of such marks tells what is left of a cell.

use std::borrow::Cow;

use crate::base::display;
use crate::mapping::value::marks::{Marks, Negative};

/// What people write for currencies. Other words around digits may be units, which change the number.
const CURRENCIES: &str = "$ € £ ¥ ₹ ₽ ₩ ₺ ₪ ₫ ₱ ₴ ฿ US$ CA$ C$ AU$ A$ NZ$ HK$ S$ R$ MX$ zł Kč Ft kr kr. \
    lei Fr Fr. Rs Rs. euro euros eur usd gbp chf \
    USD EUR GBP CHF JPY CAD AUD NZD SEK NOK DKK ISK PLN CZK HUF RON BGN RSD TRY UAH RUB ILS AED SAR \
    QAR EGP MAD TND XOF XAF NGN KES ZAR INR PKR BDT LKR CNY RMB HKD TWD SGD MYR THB IDR PHP VND KRW \
    BRL MXN ARS CLP COP PEN";

/// No amount is longer.
const MOST_BYTES: usize = 40;

/// The most symbols of one column.
const MOST_SYMBOLS: usize = 4;

/// The marks that one column's cells have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Amounts {
    /// In the order in which they were first seen.
    pub(super) symbols: Vec<String>,
    pub(super) negative: Option<Negative>,
    /// How many cells have that mark, and the first of them.
    negatives: u64,
    example: Option<String>,
}

/// A cell without its marks.
pub(super) struct Amount<'c> {
    pub(super) number: Cow<'c, str>,
    pub(super) is_percent: bool,
}

impl Amounts {
    /// Takes the marks of one more cell away; none where it has none, or others than those before.
    pub(super) fn strip<'c>(&mut self, cell: &'c str) -> Option<Amount<'c>> {
        let has_digit = cell.bytes().any(|byte| byte.is_ascii_digit());
        if cell.len() > MOST_BYTES || !has_digit {
            return None;
        }
        let symbol = symbol(cell);
        if symbol.is_none() && !cell.starts_with('(') && !cell.ends_with('-') {
            return None;
        }
        let is_percent = cell.contains('%');
        let signs = [None, Some(Negative::Trailing), Some(Negative::Parentheses)];
        let (sign, is_negative, number) = signs.into_iter().find_map(|sign| {
            let marks = Marks::new(symbol.map(str::to_owned).into_iter().collect(), sign)?;
            let (is_negative, rest) = marks.strip(cell, is_percent).ok()?;
            let is_number = rest
                .starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','))
                && rest.ends_with(|c: char| c.is_ascii_digit());
            is_number.then_some((sign, is_negative, rest))
        })?;
        if sign.is_some() && self.negative.is_some_and(|negative| Some(negative) != sign) {
            return None;
        }
        if let Some(symbol) = symbol.filter(|symbol| self.symbols.iter().all(|s| s != symbol)) {
            if self.symbols.len() == MOST_SYMBOLS {
                return None;
            }
            self.symbols.push(symbol.to_owned());
        }
        if sign.is_some() {
            self.negative = sign;
            self.negatives += 1;
            self.example.get_or_insert_with(|| cell.to_owned());
        }
        let number = match is_negative {
            true => Cow::Owned(format!("-{number}")),
            false => Cow::Borrowed(number),
        };
        Some(Amount { number, is_percent })
    }

    /// Whether nothing but the negative mark is in all cells: those may be something else.
    pub(super) fn are_doubtful(&self, cells: u64) -> bool {
        self.symbols.is_empty() && self.negatives == cells
    }

    /// What to say of them.
    pub(super) fn remark(&self) -> Option<String> {
        let symbols: Vec<String> = self.symbols.iter().map(|s| format!("\"{s}\"")).collect();
        let negative = self.example.as_deref().map(|cell| {
            let cell = display::shown(cell);
            format!("\"{cell}\" is negative")
        });
        let what = match symbols.split_last() {
            None => return negative.map(|negative| format!("Numbers: {negative}.")),
            Some((only, [])) => format!("Amounts, sent without {only}"),
            Some((last, others)) => format!(
                "Several currencies, sent without {} and {last}",
                others.join(", ")
            ),
        };
        let negative = negative.map(|negative| format!("; {negative}"));
        Some(format!("{what}{}.", negative.unwrap_or_default()))
    }
}

/// The currency of a cell.
fn symbol(cell: &str) -> Option<&'static str> {
    let is_of_number = |c: char| c.is_ascii_digit() || c.is_whitespace() || "-()%.,'’".contains(c);
    let bare = cell.trim_matches(is_of_number);
    let is_it = |word: &&str| word.trim_end_matches('.') == bare && cell.contains(*word);
    let words = CURRENCIES.split_whitespace().filter(is_it);
    words
        .filter(|_| !bare.is_empty())
        .max_by_key(|word| word.len())
}
