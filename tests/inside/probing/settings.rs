//! Services of all kinds: every answer to what is not documented, in any combination.

use std::time::Duration;

use proptest::option::{of, weighted};
use proptest::prelude::*;
use proptest::sample::select;

use crate::service::facts::{
    BadRow, Counted, Effect, Facts, Given, GoodRows, ImportIds, Most, Refused, Repeated, Row,
    Strange, WindowReading,
};
use crate::service::sandbox::SandboxOptions;

const IDS: [ImportIds; 2] = [ImportIds::Stacked, ImportIds::Separate];
const EFFECTS: [Effect; 3] = [Effect::Emptied, Effect::Kept, Effect::Rejected];

fn one<T: Clone + std::fmt::Debug + 'static, const N: usize>(
    of_these: [T; N],
) -> impl Strategy<Value = Option<T>> {
    of(select(of_these.to_vec()))
}

fn refused(status: &'static [u16]) -> impl Strategy<Value = Option<Refused>> {
    const WORDS: [&str; 4] = [
        "",
        "no",
        "{\"error\": {\"code\": 7}}",
        "<html><body>Sorry</body></html>",
    ];
    of(
        (select(status), select(&WORDS[..])).prop_map(|(status, words)| Refused {
            status,
            words: words.to_owned(),
        }),
    )
}

fn most(refused: [u64; 3]) -> impl Strategy<Value = Option<Most>> {
    one(refused).prop_map(|refused| {
        refused.map(|refused| Most {
            taken: None,
            refused: Some(refused),
        })
    })
}

fn bad_row() -> impl Strategy<Value = Option<BadRow>> {
    let titles = ["ParsingError", "Invalid value"].map(str::to_owned);
    let counts = [Counted::Missing, Counted::Good, Counted::All];
    let rows = [Row::Missing, Row::Texts, Row::AsSent];
    let parts = (one(titles), one(counts), one([0u64, 1, 2]), one(rows));
    of(parts.prop_map(|(title, count, first_line, row)| BadRow {
        title,
        count,
        first_line,
        row,
    }))
}

prop_compose! {
    fn imports()(
        window in one([WindowReading::First, WindowReading::Last]),
        import_ids in one(IDS),
        import_ids_without_debounce in one(IDS),
        repeated in one([Repeated::Once, Repeated::Twice]),
        count in one([Given::Given, Given::Missing]),
        import_seen_after in one([1u64, 3]),
        bad_row in bad_row(),
        good_rows in one([GoodRows::Written, GoodRows::LeftOut]),
    ) -> Facts {
        Facts {
            window, import_ids, import_ids_without_debounce, repeated, count, import_seen_after, bad_row,
            good_rows, ..Facts::default()
        }
    }
}

prop_compose! {
    fn requests()(
        records in most([50, 100, 300]),
        bytes in most([3_000, 9_000, 40_000]),
        // Rarely, as the model takes time then.
        at_once in weighted(0.1, select(&[1u64, 2, 3][..])),
        wrong_key in refused(&[401, 403, 400, 404]),
        wrong_table in refused(&[404, 400, 422]),
        unknown_import in refused(&[404, 400, 410]),
        too_large in refused(&[413, 400, 422]),
        structures in one([200u16, 403, 404]),
    ) -> Facts {
        Facts {
            records, bytes, at_once, wrong_key, wrong_table, unknown_import, too_large, structures,
            ..Facts::default()
        }
    }
}

prop_compose! {
    fn values()(
        null in one(EFFECTS),
        empty_text in one(EFFECTS),
        missing in one(EFFECTS),
        unknown_field in one([Strange::Taken, Strange::Dropped, Strange::Rejected]),
    ) -> Facts {
        Facts { null, empty_text, missing, unknown_field, ..Facts::default() }
    }
}

/// A service of some kind.
pub(super) fn service() -> impl Strategy<Value = SandboxOptions> {
    let besides = (
        select(&[0u64, 5, 20, 100][..]),
        select(&[0i64, 2, -5][..]),
        select(&[200u16, 201, 202][..]),
    );
    (imports(), requests(), values(), besides).prop_map(|(imports, requests, values, besides)| {
        let (queue, hours, push_status) = besides;
        SandboxOptions {
            facts: Facts {
                null: values.null,
                empty_text: values.empty_text,
                missing: values.missing,
                unknown_field: values.unknown_field,
                records: requests.records,
                bytes: requests.bytes,
                at_once: requests.at_once,
                wrong_key: requests.wrong_key,
                wrong_table: requests.wrong_table,
                unknown_import: requests.unknown_import,
                too_large: requests.too_large,
                structures: requests.structures,
                ..imports
            },
            queue: Duration::from_secs(queue),
            hours,
            push_status,
            ..SandboxOptions::default()
        }
    })
}
