//! Guards that compare with what this machine left in the table.

use std::collections::BTreeMap;

use super::{OPTIONS, refused, replace};
use crate::base::complaint::Complaint;
use crate::base::model::Mode;
use crate::mapping::Freeze;
use crate::push::guard::{AllowFrozen, GuardOptions, Prospect, check};
use crate::runs::base::{BaseFacts, Comparison};
use crate::runs::changes::{Changes, Listed};

/// A base of a thousand records that the input has all of, unchanged.
fn same() -> Comparison {
    let run = || "20261123T132605Z-7f3a".parse().unwrap();
    Comparison {
        changes: Changes {
            base_run: run(),
            base_followed: true,
            new: Listed::default(),
            changed: Listed::default(),
            vanished: Listed::default(),
            unchanged: 1_000,
            kept: 0,
            fields: BTreeMap::new(),
        },
        base: BaseFacts {
            run: run(),
            records: 1_000,
            filled: vec![("id".to_owned(), 1_000)],
            freeze_field: Some("closed".to_owned()),
        },
        frozen: Listed::default(),
        records_after: 1_000,
        filled_after: vec![("id".to_owned(), 1_000)],
    }
}

fn listed(count: u64) -> Listed {
    let ids = (1..=count.min(5)).map(|n| format!("D-{n}"));
    Listed {
        count,
        ids: ids.collect(),
    }
}

fn filled(fields: &[(&str, u64)]) -> Vec<(String, u64)> {
    let fields = fields.iter();
    fields.map(|(name, n)| ((*name).to_owned(), *n)).collect()
}

/// Whatever is told of a push of these records.
fn all(options: GuardOptions, prospect: Prospect<'_>, comparison: &Comparison) -> Vec<Complaint> {
    let id = filled(&[("id", prospect.records)]);
    let filled = match prospect.filled {
        [] => &id[..],
        filled => filled,
    };
    check(options, &Prospect { filled, ..prospect }, Some(comparison))
}

/// The only thing that is told, and what to try.
fn told(options: GuardOptions, prospect: Prospect<'_>, comparison: &Comparison) -> [String; 2] {
    let [Complaint { message, hint }] = all(options, prospect, comparison).try_into().unwrap();
    [message, hint.unwrap()]
}

fn upsert(records: u64) -> Prospect<'static> {
    Prospect {
        mode: Mode::Upsert,
        ..replace(records, 0)
    }
}

#[test]
fn the_same_records_pass() {
    assert_eq!(all(OPTIONS, replace(1_000, 900), &same()), []);
    assert_eq!(all(OPTIONS, upsert(1_000), &same()), []);
}

#[test]
fn a_replace_shrinks_from_what_the_table_has() {
    let than = |records| Prospect {
        // Upserts came after it.
        last_good: Some(10),
        ..replace(records, 900)
    };
    assert_eq!(all(OPTIONS, than(500), &same()), []);
    assert_eq!(
        told(OPTIONS, than(499), &same())[0],
        "there are 499 records to send, 50.1% fewer than the 1,000 that pushes from here left in this \
         table"
    );
    assert_eq!(all(OPTIONS, upsert(1), &same()), []);
}

#[test]
fn a_field_that_lost_its_values() {
    let mut before = same();
    before.base.filled = filled(&[("id", 1_000), ("owner", 500), ("note", 499)]);
    let at = |prospect: Prospect<'_>, owner, note, options| {
        let fields = filled(&[("id", 2_000), ("owner", owner), ("note", note)]);
        // What an upsert sends says nothing: the table that it leaves does.
        let after = Comparison {
            records_after: 2_000,
            filled_after: fields.clone(),
            ..before.clone()
        };
        match prospect.mode {
            Mode::Upsert => all(options, prospect, &after),
            Mode::Replace { .. } => {
                let filled = &fields;
                all(options, Prospect { filled, ..prospect }, &before)
            }
        }
    };
    for prospect in [replace(2_000, 900), upsert(2_000), upsert(1)] {
        // From 50% to 20%, exactly 30 points; a field that half of them lacked may go.
        assert_eq!(at(prospect, 400, 0, OPTIONS), []);
        let [refused] = at(prospect, 399, 0, OPTIONS).try_into().unwrap();
        assert_eq!(
            refused.message,
            "fields have lost values, compared with what pushes from here left in this table: `owner` is \
             filled in 20.0% of the records (before: 50.0%); a loss of 30% is allowed"
        );
        assert_eq!(
            refused.hint.unwrap(),
            "did the export lose a column, or the mapping a field? If that is meant, allow it with \
             --max-hollow 100%"
        );
        let strict = GuardOptions {
            max_hollow: 0,
            ..OPTIONS
        };
        assert_eq!(at(prospect, 1_000, 0, strict), []);
        assert_eq!(at(prospect, 999, 0, strict).len(), 1);
    }
    assert_eq!(at(upsert(0), 0, 0, OPTIONS), []);
}

#[test]
fn a_field_that_is_gone() {
    let mut before = same();
    let many = ["a", "b", "c", "d", "e", "f", "g"].map(|name| (name, 10));
    before.base.filled = filled(&[&[("id", 1_000), ("never", 0)], &many[..]].concat());
    assert_eq!(
        told(OPTIONS, replace(500, 900), &before)[0],
        "fields have lost values, compared with what pushes from here left in this table: `a` is gone \
         (before: 1.0%), `b` is gone (before: 1.0%), `c` is gone (before: 1.0%), `d` is gone (before: \
         1.0%), `e` is gone (before: 1.0%), and 2 more fields; a loss of 30% is allowed"
    );
    let all_allowed = GuardOptions {
        max_hollow: 1_000_000,
        ..OPTIONS
    };
    assert_eq!(all(all_allowed, replace(500, 900), &before), []);
    // It may be one of those that are not told apart.
    let others = filled(&[("id", 500), ("", 3)]);
    let prospect = Prospect {
        filled: &others,
        ..replace(500, 900)
    };
    assert_eq!(all(OPTIONS, prospect, &before), []);
}

#[test]
fn ids_that_the_table_does_not_have() {
    let mut before = same();
    before.changes.vanished = listed(800);
    assert_eq!(all(OPTIONS, replace(1_000, 900), &before), []);
    before.changes.vanished = listed(801);
    assert_eq!(
        told(OPTIONS, replace(1_000, 900), &before),
        [
            "199 of 1,000 ids in the input are among the 1,000 that pushes from here left in this table \
             (19.9% of the smaller number), and 20% must be; it lacks `D-1`, `D-2`, `D-3`, `D-4`, `D-5`",
            "is this the right file, and the right column for the id? If the table shall hold other \
             records, allow it with --min-overlap 0%"
        ]
    );
    let silent = Prospect {
        shows_ids: false,
        ..replace(1_000, 900)
    };
    assert!(!told(OPTIONS, silent, &before)[0].contains("D-1"));
    before.changes.vanished = listed(1_000);
    assert_eq!(all(OPTIONS, upsert(1_000), &before), []);
    // Whether a table may shrink is asked by another guard: all that is sent is known.
    before.changes.vanished = listed(400);
    assert_eq!(all(OPTIONS, replace(600, 900), &before), []);
    before.changes.vanished = listed(1_000);
    let any = GuardOptions {
        min_overlap: 0,
        ..OPTIONS
    };
    assert_eq!(all(any, replace(1_000, 900), &before), []);
    // An empty table is never refused.
    before.base.records = 0;
    before.changes.vanished = listed(0);
    assert_eq!(all(OPTIONS, replace(1_000, 900), &before), []);
}

#[test]
fn more_changes_than_there_ever_are() {
    let most = GuardOptions {
        max_changed: Some(500_000),
        ..OPTIONS
    };
    let mut before = same();
    before.changes.changed = listed(2);
    before.changes.unchanged = 2;
    for prospect in [replace(1_000, 900), upsert(1_000)] {
        assert_eq!(all(most, prospect, &before), []);
    }
    before.changes.unchanged = 1;
    assert_eq!(all(OPTIONS, upsert(1_000), &before), []);
    assert_eq!(
        told(most, upsert(1_000), &before),
        [
            "2 of the 3 records that the table has already would change (66.7%), and 50% may: `D-1`, \
             `D-2`",
            "is this the right file? If so many are meant to change, allow it with --max-changed 100%"
        ]
    );
    let none = GuardOptions {
        max_changed: Some(0),
        ..OPTIONS
    };
    before.changes.changed = listed(0);
    assert_eq!(all(none, upsert(1_000), &before), []);
}

#[test]
fn a_period_that_is_closed() {
    let freeze = Freeze {
        field: "closed".to_owned(),
        before: "2026-01-01".parse().unwrap(),
    };
    let frozen = |prospect| Prospect {
        freeze: Some(&freeze),
        ..prospect
    };
    let allow = |allow_frozen| GuardOptions {
        allow_frozen,
        ..OPTIONS
    };
    let mut before = same();
    for prospect in [replace(1_000, 900), upsert(1_000)].map(frozen) {
        before.frozen = listed(0);
        assert_eq!(all(OPTIONS, prospect, &before), []);
        before.frozen = listed(2);
        assert_eq!(all(allow(AllowFrozen::Count(2)), prospect, &before), []);
        assert_eq!(all(allow(AllowFrozen::All), prospect, &before), []);
        assert_eq!(
            told(allow(AllowFrozen::Count(1)), prospect, &before),
            [
                "2 records of the frozen period (`closed` before 2026-01-01) are new, changed or \
                 vanished, and 1 may be: `D-1`, `D-2`",
                "if that is meant, allow exactly so many with --allow-frozen 2"
            ]
        );
    }
    // Without a base that knows these days nobody can say.
    before.base.freeze_field = Some("opened".to_owned());
    before.frozen = listed(0);
    for allowed in [AllowFrozen::Count(0), AllowFrozen::Count(u64::MAX)] {
        let options = allow(allowed);
        assert_eq!(all(options, frozen(upsert(9)), &before).len(), 1);
        assert!(refused(options, frozen(upsert(9))));
        assert!(!refused(options, frozen(upsert(0))));
        assert!(refused(options, frozen(replace(9, 900))));
    }
    assert!(!refused(allow(AllowFrozen::All), frozen(upsert(9))));
    let rehearsal = Prospect {
        is_rehearsal: true,
        ..frozen(upsert(9))
    };
    assert!(!refused(OPTIONS, rehearsal));
    let [complaint] = check(OPTIONS, &frozen(upsert(9)), None).try_into().unwrap();
    assert_eq!(
        complaint.message,
        "records with a `closed` before 2026-01-01 are frozen, and whether this push changes any \
         cannot be told: nothing that it can be compared with is known here"
    );
    assert_eq!(
        complaint.hint.unwrap(),
        "if it is right, let it through with --allow-frozen all: the next one is compared with it"
    );
}
