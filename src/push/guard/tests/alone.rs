//! Guards that need nothing to compare with but the number of records of the last good replace.

use std::time::Duration;

use super::{OPTIONS, complaint, refused, replace};
use crate::base::model::Mode;
use crate::push::guard::{GuardOptions, Prospect};

#[test]
fn an_upsert_passes() {
    let upsert = Prospect {
        mode: Mode::Upsert,
        last_good: Some(9),
        ..replace(0, 0)
    };
    assert!(!refused(OPTIONS, upsert));
}

#[test]
fn an_empty_replace_must_be_meant() {
    assert!(refused(OPTIONS, replace(0, 900)));
    assert!(!refused(
        GuardOptions {
            allow_empty: true,
            ..OPTIONS
        },
        replace(0, 900)
    ));
}

#[test]
fn a_table_shrinks_by_half_at_most() {
    let than = |records| Prospect {
        last_good: Some(1_000),
        ..replace(records, 900)
    };
    assert!(!refused(OPTIONS, than(500)));
    assert!(refused(OPTIONS, than(499)));
    assert!(!refused(
        GuardOptions {
            max_shrink: 1_000_000,
            ..OPTIONS
        },
        than(1)
    ));
    assert!(refused(
        GuardOptions {
            max_shrink: 0,
            ..OPTIONS
        },
        than(999)
    ));
    assert!(!refused(
        GuardOptions {
            max_shrink: 0,
            ..OPTIONS
        },
        than(1_001)
    ));
}

#[test]
fn the_window_must_have_room() {
    // 60 chunks: 1 + 15 rounds of 5 s are 80 s, a tenth of the debounce is kept free.
    assert!(!refused(OPTIONS, replace(300_000, 900)));
    assert!(!refused(OPTIONS, replace(300_000, 89)));
    assert!(refused(OPTIONS, replace(300_000, 88)));
    assert!(refused(OPTIONS, replace(5_001, 0)));
    assert!(!refused(OPTIONS, replace(5_000, 0)));
    let slow = Prospect {
        known_time: Some(Duration::from_secs(60)),
        ..replace(300_000, 900)
    };
    assert!(refused(OPTIONS, slow));
    let told = GuardOptions {
        chunk_time: Some(Duration::from_secs(1)),
        ..OPTIONS
    };
    assert!(!refused(told, slow));
    let rehearsal = Prospect {
        is_rehearsal: true,
        ..replace(300_000, 2)
    };
    assert!(!refused(OPTIONS, rehearsal));
    assert!(refused(
        OPTIONS,
        Prospect {
            is_rehearsal: true,
            ..replace(300_000, 0)
        }
    ));
}

#[test]
fn messages_name_numbers_and_the_way_out() {
    let refusal = complaint(OPTIONS, replace(300_000, 60));
    assert_eq!(
        refusal.message,
        "300,000 records in 60 requests, 4 at a time and 5.0 s each as is assumed where nothing \
         is known, take about 1 min 20 s: more than a --debounce of 1 min leaves, 6.0 s of it \
         kept free"
    );
    assert_eq!(
        refusal.hint.unwrap(),
        "--debounce 2m would do; or say with --chunk-seconds what one request takes"
    );
    // A request a minute: the longest window has 10,080 of them.
    let endless = Prospect {
        known_time: Some(Duration::from_secs(60)),
        jobs: 1,
        ..replace(20_000 * 5_000, 900)
    };
    assert_eq!(
        complaint(OPTIONS, endless).hint.unwrap(),
        "no --debounce would do (168 h is the most): make fewer requests with a larger \
         --chunk-size, have more of them in flight with --jobs; or say with --chunk-seconds \
         what one request takes"
    );
    let endless = Prospect {
        mode: Mode::Replace {
            debounce: Duration::ZERO,
        },
        ..endless
    };
    let hint = complaint(OPTIONS, endless).hint.unwrap();
    assert!(hint.starts_with("no --debounce would do"), "{hint}");
    let shrunken = Prospect {
        last_good: Some(1_000),
        ..replace(400, 900)
    };
    assert_eq!(
        complaint(OPTIONS, shrunken).message,
        "there are 400 records to send, 60.0% fewer than the 1,000 of the last good replace of \
         this table"
    );
}

#[test]
fn so_few_records_must_be_meant() {
    let most = |least| GuardOptions {
        min_records: Some(least),
        ..OPTIONS
    };
    let upsert = |records| Prospect {
        mode: Mode::Upsert,
        ..replace(records, 0)
    };
    for mode in [|records| replace(records, 900), upsert] {
        assert!(!refused(most(1_000), mode(1_000)));
        assert!(refused(most(1_000), mode(999)));
    }
    assert!(!refused(most(0), upsert(0)));
    let told = complaint(most(1_000), upsert(1));
    assert_eq!(
        told.message,
        "there is 1 record to send, fewer than the 1,000 of --min-records"
    );
    assert_eq!(
        told.hint.unwrap(),
        "is the export complete? If so few are right, allow it with --min-records 1"
    );
}

#[test]
fn all_that_fails_is_told() {
    let options = GuardOptions {
        min_records: Some(500_000),
        ..OPTIONS
    };
    let shrunken = Prospect {
        last_good: Some(1_000_000),
        ..replace(300_000, 60)
    };
    let told = crate::push::guard::check(options, &shrunken, None);
    let told: Vec<_> = told.iter().map(|one| one.message.as_str()).collect();
    assert!(told[0].ends_with("of --min-records"), "{told:?}");
    assert!(told[1].contains("70.0% fewer"), "{told:?}");
    assert!(told[2].contains("--debounce"), "{told:?}");
    assert_eq!(told.len(), 3);
}
