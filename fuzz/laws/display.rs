//! Foreign text that is shown.

use super::check_harmless;
use crate::base::display::{SHOWN_CHARS, quoted, shown, typed};

/// Any text comes out harmless and cut, and once it is harmless it stays as it is.
pub fn display(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let out = shown(&text);
    check_harmless(&out);
    check_harmless(&quoted(&text));
    check_harmless(&typed(&text));
    assert_eq!(quoted(&text), format!("`{out}`"));
    let is_cut = text.chars().count() > SHOWN_CHARS;
    assert_eq!(
        is_cut,
        text.chars().nth(SHOWN_CHARS).is_some() && out.ends_with('…')
    );
    let beginning: String = text.chars().take(SHOWN_CHARS).collect();
    assert_eq!(
        out.strip_suffix('…').filter(|_| is_cut).unwrap_or(&out),
        shown(&beginning)
    );
    // The longest escape of one character: \u{e0001}.
    assert!(out.chars().count() <= 9 * SHOWN_CHARS + 1);
    if out.chars().count() <= SHOWN_CHARS {
        assert_eq!(shown(&out), out);
    }
    check_typed(&text);
}

/// One argument of a shell: nothing in it ends the quotes or stands outside of them.
fn check_typed(text: &str) {
    let typed = typed(text);
    if cfg!(windows) {
        check_typed_on_windows(&typed);
        return;
    }
    let Some(inner) = typed
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''))
    else {
        let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@%".contains(c);
        assert!(!typed.is_empty() && typed.chars().all(is_plain), "{typed}");
        return;
    };
    assert!(!inner.replace(r"'\''", "").contains('\''), "{typed}");
    if !text.contains(crate::base::display::is_hidden) {
        assert_eq!(inner.replace(r"'\''", "'"), text);
    }
}

/// The same for PowerShell, to which several characters are a quote.
fn check_typed_on_windows(typed: &str) {
    let between = |quote| {
        let rest = typed.strip_prefix(quote);
        rest.and_then(|rest: &str| rest.strip_suffix(quote))
    };
    if let Some(inner) = between('\'') {
        let mut chars = inner.chars();
        while let Some(c) = chars.next() {
            let is_quote = "'‘’‚‛".contains(c);
            assert!(!is_quote || chars.next() == Some(c), "{typed}");
        }
    } else if let Some(inner) = between('"') {
        assert!(!inner.contains(['"', '“', '”', '„', '$', '`']), "{typed}");
        // Behind an odd one the closing quote is a part of the argument.
        let ending = inner.len() - inner.trim_end_matches('\\').len();
        assert_eq!(ending % 2, 0, "{typed}");
    } else {
        let is_plain = |c: char| c.is_alphanumeric() || r"\/._-+:%".contains(c);
        assert!(!typed.is_empty() && typed.chars().all(is_plain), "{typed}");
    }
}
