//! What moved between a plan and a push, a line each.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use serde_json::{Map, Value};

use super::document::{Digested, Document, Input, Total};
use super::terms::{BaseTerm, Terms};
use crate::base::display;
use crate::runs::changes::{Changes, Listed};

/// The most lines of what would be sent: more are no help.
const MOST: usize = 20;

/// All that differs.
pub(super) fn lines(approved: (&Document, &Terms), now: (&Document, &Terms)) -> Vec<String> {
    let ((then, then_terms), (now, now_terms)) = (approved, now);
    let mut out = Lines(Vec::new());
    let quoted = display::quoted;
    out.both("table", quoted(&then.table), quoted(&now.table));
    out.both(
        "mode",
        display::shown(&then.mode),
        display::shown(&now.mode),
    );
    let urls = [then_terms, now_terms].map(|terms| display::shown(&terms.base_url));
    let [then_url, now_url] = urls;
    out.both("base URL", then_url, now_url);
    out.both(
        "version",
        display::shown(&then.version),
        display::shown(&now.version),
    );
    out.mapping(then.mapping.as_ref(), now.mapping.as_ref());
    out.options(&then_terms.options, &now_terms.options);
    out.options(&then_terms.guards, &now_terms.guards);
    out.base(then_terms.base.as_ref(), now_terms.base.as_ref());
    out.inputs(&then.inputs, &now.inputs);
    let mut sent = Lines(Vec::new());
    sent.counts("records read", then.counts.read, now.counts.read);
    sent.counts("records to send", then.counts.to_send, now.counts.to_send);
    sent.totals(&then.totals, &now.totals);
    sent.changes(then.changes.as_ref(), now.changes.as_ref());
    let more = sent.0.len().saturating_sub(MOST);
    out.0.extend(sent.0.into_iter().take(MOST));
    if more > 0 {
        out.0.push(format!(
            "and {}",
            display::counted(more as u64, "more difference")
        ));
    }
    out.0
}

struct Lines(Vec<String>);

impl Lines {
    fn both<T: Display + PartialEq>(&mut self, what: impl Display, then: T, now: T) {
        if then != now {
            self.0.push(format!("{what}: {then} approved, {now} now"));
        }
    }

    fn counts(&mut self, what: impl Display, then: u64, now: u64) {
        self.both(what, display::count(then), display::count(now));
    }

    fn mapping(&mut self, then: Option<&Digested>, now: Option<&Digested>) {
        let name = |file: &Digested| display::shown(&file.path);
        match (then, now) {
            (Some(then), Some(now)) if then.digest == now.digest => {}
            (None, None) => {}
            (Some(_), Some(now)) => {
                let line = format!(
                    "mapping: {} has another content than the approved one",
                    name(now)
                );
                self.0.push(line);
            }
            (Some(then), None) => self
                .0
                .push(format!("mapping: {} approved, none now", name(then))),
            (None, Some(now)) => self
                .0
                .push(format!("mapping: none approved, {} now", name(now))),
        }
    }

    /// Options, each as it is typed.
    fn options(&mut self, then: &Map<String, Value>, now: &Map<String, Value>) {
        let names: BTreeSet<_> = then.keys().chain(now.keys()).collect();
        for name in names {
            let option = format!("--{}", display::shown(name).replace('_', "-"));
            self.both(option, value(then.get(name)), value(now.get(name)));
        }
    }

    fn base(&mut self, then: Option<&BaseTerm>, now: Option<&BaseTerm>) {
        let name = |base: Option<&BaseTerm>| match base {
            Some(base) => format!("what run {} left", display::shown(&base.run)),
            None => "nothing".to_owned(),
        };
        if then == now {
            return;
        }
        let (then, now) = (name(then), name(now));
        self.0.push(match then == now {
            false => format!("the table, compared with: {then} approved, {now} now"),
            true => format!("the table, compared with: {now} is not what it was"),
        });
    }

    /// Inputs by what is in them: they may stand anywhere.
    fn inputs(&mut self, then: &[Input], now: &[Input]) {
        if then.len() != now.len() {
            let count = |inputs: &[Input]| display::counted(inputs.len() as u64, "input");
            self.both("input", count(then), count(now));
        }
        let is_approved = |input: &Input| then.iter().any(|then| then.digest == input.digest);
        let mut others = now.iter().filter(|input| !is_approved(input)).peekable();
        let is_same = |(then, now): (&Input, &Input)| then.digest == now.digest;
        if others.peek().is_none() && then.len() == now.len() && !then.iter().zip(now).all(is_same)
        {
            self.0
                .push("input: the files come in another order".to_owned());
        }
        for input in others {
            let name = match input.path.as_str() {
                "-" => "standard input".to_owned(),
                path => display::shown(path),
            };
            self.0
                .push(format!("input: {name} is not what was approved"));
        }
    }

    fn totals(&mut self, then: &[Total], now: &[Total]) {
        let before: BTreeMap<_, _> = then.iter().map(|total| (&total.field, total)).collect();
        for now in now {
            let field = display::quoted(&now.field);
            match before.get(&now.field) {
                Some(then) => self.total(&field, then, now),
                None => self.0.push(format!("{field}: no such field approved")),
            }
        }
        let is_there = |field: &str| now.iter().any(|now| now.field == field);
        for then in then.iter().filter(|then| !is_there(&then.field)) {
            self.0.push(format!(
                "{}: approved, and gone now",
                display::quoted(&then.field)
            ));
        }
    }

    fn total(&mut self, field: &str, then: &Total, now: &Total) {
        self.counts(format!("{field}, filled"), then.filled, now.filled);
        let of = |text: &Option<String>| text.as_deref().map_or_else(|| "none".to_owned(), grouped);
        // A plan may be without what single records hold, and the sum of one.
        if then.sum.is_some() || then.filled > 1 {
            self.both(format!("{field}, sum"), of(&then.sum), of(&now.sum));
        }
        for (what, then, now) in [
            ("least", &then.min, &now.min),
            ("greatest", &then.max, &now.max),
        ] {
            if then.is_some() && now.is_some() {
                self.both(format!("{field}, {what}"), of(then), of(now));
            }
        }
    }

    fn changes(&mut self, then: Option<&Changes>, now: Option<&Changes>) {
        let (Some(then), Some(now)) = (then, now) else {
            return;
        };
        self.listed("new", &then.new, &now.new);
        self.listed("changed", &then.changed, &now.changed);
        self.listed("vanished", &then.vanished, &now.vanished);
        self.counts("unchanged", then.unchanged, now.unchanged);
        self.counts("kept", then.kept, now.kept);
        let fields: BTreeSet<_> = then.fields.keys().chain(now.fields.keys()).collect();
        for field in fields {
            let count = |changes: &Changes| changes.fields.get(field).copied().unwrap_or_default();
            let what = format!("changed in {}", display::quoted(field));
            self.counts(what, count(then), count(now));
        }
    }

    /// Records of one kind; those that are not of it any more, or are only now, are named where both
    /// lists hold all of them.
    fn listed(&mut self, kind: &str, then: &Listed, now: &Listed) {
        let is_whole = |listed: &Listed| listed.ids.len() as u64 == listed.count;
        let others = |one: &Listed, other: &Listed| -> Vec<String> {
            let all = one.ids.iter().filter(|id| !other.ids.contains(*id));
            all.map(|id| display::quoted(id)).collect()
        };
        let mut named = Vec::new();
        for (word, one, other) in [("besides", now, then), ("without", then, now)] {
            let ids = others(one, other);
            if is_whole(other) && !ids.is_empty() {
                named.push(format!("{word} {}", ids.join(", ")));
            }
        }
        if then.count == now.count && named.is_empty() {
            return;
        }
        let (before, after) = (display::count(then.count), display::count(now.count));
        let mut line = format!("{kind}: {before} approved, {after} now");
        if !named.is_empty() {
            line.push_str(&format!(" ({})", named.join("; ")));
        }
        self.0.push(line);
    }
}

/// An option's value, as it is typed.
fn value(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "not given".to_owned(),
        Some(Value::String(text)) => {
            let is_plain = |c: char| c.is_alphanumeric() || "%.-_".contains(c);
            match !text.is_empty() && text.chars().all(is_plain) {
                true => display::shown(text),
                false => display::quoted(text),
            }
        }
        Some(Value::Bool(true)) => "given".to_owned(),
        Some(Value::Bool(false)) => "not given".to_owned(),
        Some(other) => display::shown(&other.to_string()),
    }
}

/// A number with its digits in groups; anything else as it is.
fn grouped(text: &str) -> String {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, format!(".{fraction}")),
        None => (digits, String::new()),
    };
    if whole.is_empty() || !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return display::shown(text);
    }
    let groups: Vec<_> = whole.as_bytes().rchunks(3).rev().collect();
    let groups: Vec<_> = groups.into_iter().map(String::from_utf8_lossy).collect();
    display::shown(&format!("{sign}{}{fraction}", groups.join(",")))
}
