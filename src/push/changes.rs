//! What a push changes, in words.

use crate::base::display;
use crate::runs::changes::{Changes, Listed};

/// How many fields are named of those that differ.
const MOST_FIELDS: usize = 8;

/// The whole of it on one line: what is about to happen.
pub(crate) fn line(changes: &Changes) -> String {
    let mut parts = vec![
        format!("{} new", display::count(changes.new.count)),
        format!(
            "{} changed{}",
            display::count(changes.changed.count),
            bracketed(&fields(changes))
        ),
    ];
    if changes.kept == 0 || changes.vanished.count > 0 {
        parts.push(format!(
            "{} vanished",
            display::count(changes.vanished.count)
        ));
    }
    parts.push(format!("{} unchanged", display::count(changes.unchanged)));
    if changes.kept > 0 {
        parts.push(format!("{} not in it stay", display::count(changes.kept)));
    }
    parts.join(", ")
}

/// A line for each kind, with the first ids.
pub(crate) fn lines(changes: &Changes) -> Vec<String> {
    let kind = |listed: &Listed, word: &str| {
        format!("{} {word}{}", display::count(listed.count), ids(listed))
    };
    let mut lines = vec![
        format!("{}:", since(changes)),
        kind(&changes.new, "new"),
        kind(&changes.changed, "changed"),
    ];
    if changes.changed.count > 0 {
        let fields = fields(changes);
        lines.extend((!fields.is_empty()).then(|| format!("  by field: {fields}")));
    }
    lines.push(match changes.kept {
        0 => kind(&changes.vanished, "vanished"),
        kept => format!("{} not in the input, which stay", display::count(kept)),
    });
    lines.push(format!("{} unchanged", display::count(changes.unchanged)));
    lines
}

/// What is compared with, and whether it was seen to its end.
fn since(changes: &Changes) -> String {
    let unseen = match changes.base_followed {
        true => "",
        false => ", not followed to its end",
    };
    format!("since run {}{unseen}", changes.base_run)
}

/// In how many records each field differs, the most first.
fn fields(changes: &Changes) -> String {
    let mut fields: Vec<_> = changes.fields.iter().collect();
    fields.sort_by(|(a, in_a), (b, in_b)| in_b.cmp(in_a).then(a.cmp(b)));
    let more = fields.len().saturating_sub(MOST_FIELDS);
    let named = fields.iter().take(MOST_FIELDS).map(|(name, count)| {
        let name = match name.as_str() {
            "" => "other keys".to_owned(),
            name => display::shown(name),
        };
        format!("{name} {}", display::count(**count))
    });
    let mut named: Vec<_> = named.collect();
    if more > 0 {
        named.push(display::counted(more as u64, "more field"));
    }
    named.join(", ")
}

fn bracketed(text: &str) -> String {
    match text {
        "" => String::new(),
        text => format!(" ({text})"),
    }
}

/// The first ids, and how many more there are.
pub(crate) fn ids(listed: &Listed) -> String {
    if listed.ids.is_empty() {
        return String::new();
    }
    let ids: Vec<_> = listed.ids.iter().map(|id| display::shown(id)).collect();
    let more = listed.count.saturating_sub(ids.len() as u64);
    let more = match more {
        0 => String::new(),
        more => format!(" and {} more", display::count(more)),
    };
    format!(": {}{more}", ids.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(count: u64, ids: &[&str]) -> Listed {
        let ids = ids.iter().map(ToString::to_string).collect();
        Listed { count, ids }
    }

    fn changes() -> Changes {
        Changes {
            base_run: "20261123T132605Z-7f3a".parse().unwrap(),
            base_followed: true,
            new: listed(1, &["D-9"]),
            changed: listed(7, &["D-1", "D-2", "D-3", "D-4", "D\n5"]),
            vanished: listed(2, &["D-7", "D-8"]),
            unchanged: 12_345,
            kept: 0,
            fields: [("stage", 2), ("amount", 7), ("", 1)]
                .map(|(name, count)| (name.to_owned(), count))
                .into(),
        }
    }

    #[test]
    fn all_kinds_are_told_with_their_ids_and_fields() {
        assert_eq!(
            line(&changes()),
            "1 new, 7 changed (amount 7, stage 2, other keys 1), 2 vanished, 12,345 unchanged"
        );
        assert_eq!(
            lines(&changes()),
            [
                "since run 20261123T132605Z-7f3a:",
                "1 new: D-9",
                "7 changed: D-1, D-2, D-3, D-4, D\\n5 and 2 more",
                "  by field: amount 7, stage 2, other keys 1",
                "2 vanished: D-7, D-8",
                "12,345 unchanged",
            ]
        );
    }

    #[test]
    fn a_run_that_nobody_followed_is_said_to_be_one() {
        let unseen = Changes {
            base_followed: false,
            ..changes()
        };
        assert_eq!(
            lines(&unseen)[0],
            "since run 20261123T132605Z-7f3a, not followed to its end:"
        );
    }

    #[test]
    fn an_upsert_takes_nothing_away() {
        let upsert = Changes {
            vanished: Listed::default(),
            changed: Listed::default(),
            fields: Default::default(),
            kept: 2,
            ..changes()
        };
        assert_eq!(
            line(&upsert),
            "1 new, 0 changed, 12,345 unchanged, 2 not in it stay"
        );
        assert_eq!(lines(&upsert)[3], "2 not in the input, which stay");
    }
}
