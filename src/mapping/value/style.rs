//! How numbers are written in the input, and which of them a field takes.

/// How numbers are written in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NumberStyle {
    /// Between the whole and the fraction.
    pub(crate) decimal: char,
    /// Between groups of three digits, as [`sign_class`] gives it.
    pub(crate) thousands: Option<char>,
}

impl NumberStyle {
    /// Whether one sign has both meanings.
    pub(crate) fn clashes(self) -> bool {
        self.thousands == Some(sign_class(self.decimal))
    }
}

/// What JSON itself writes.
pub(crate) const PLAIN: NumberStyle = NumberStyle {
    decimal: '.',
    thousands: None,
};

/// One sign for all that look the same: spaces of all widths, both apostrophes.
pub(crate) fn sign_class(sign: char) -> char {
    match sign {
        '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
        '\u{2019}' => '\'',
        sign => sign,
    }
}

/// Which numbers a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberKind {
    /// Any.
    Number,
    /// Without a fraction or an exponent.
    Integer,
    /// May carry a `%` sign.
    Percent,
    /// May carry a `%` sign, and is sent as a share of one: `12.5 %` is `0.125`.
    Fraction,
}
