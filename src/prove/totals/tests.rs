//! Totals: laws against another way to add up, and what each kind of value comes to.

use std::collections::BTreeSet;

use num_bigint::BigInt;
use proptest::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use super::{FieldTotal, MOST_DISTINCT, Totals};
use crate::prove::fingerprint::{Fingerprint, nothing};

fn note(totals: &mut Totals, field: usize, json: &str) {
    if nothing(json.as_bytes()) == Fingerprint::ABSENT {
        totals.note(field, json.as_bytes(), xxh3_64(json.as_bytes()));
    }
}

/// The totals of one field.
fn of<'a>(values: impl IntoIterator<Item = &'a str>) -> FieldTotal {
    let mut totals = Totals::default();
    values
        .into_iter()
        .for_each(|json| note(&mut totals, 0, json));
    totals.finish(&["a".to_owned()]).remove(0)
}

fn total(filled: u64, distinct: u64, values: Option<[&str; 3]>) -> FieldTotal {
    let [sum, min, max] = values.map_or([None, None, None], |values| {
        values.map(|text| (!text.is_empty()).then(|| text.to_owned()))
    });
    FieldTotal {
        filled,
        sum,
        min,
        max,
        distinct: Some(distinct),
        ..FieldTotal::unfilled("a")
    }
}

#[test]
fn each_kind_of_value_has_its_totals() {
    for (values, expected) in [
        (&[][..], total(0, 0, None)),
        (&["null", "\"\""], total(0, 0, None)),
        (
            &["1234.5", "null", "-0.25", "1234.5", "-0"],
            total(4, 3, Some(["2468.75", "-0.25", "1234.50"])),
        ),
        (&["-0", "0"], total(2, 2, Some(["0", "0", "0"]))),
        (
            &["\"2024-02-29\"", "\"\"", "\"0999-12-31\"", "\"2024-02-28\""],
            total(3, 3, Some(["", "0999-12-31", "2024-02-29"])),
        ),
        (&["true", "false", "true"], total(3, 2, None)),
        (&["{\"a\":1}", "[]"], total(2, 2, None)),
        // One that is no number, or no day, leaves none of it.
        (&["1", "\"1\""], total(2, 2, None)),
        (&["\"1\"", "1"], total(2, 2, None)),
        (&["\"2024-01-01\"", "1"], total(2, 2, None)),
        (&["1", "\"2024-01-01\"", "1"], total(3, 2, None)),
        (&["\"2023-02-29\"", "\"2024-01-01\""], total(2, 2, None)),
        (&["\"2024-01-01\"", "\"2024-1-01\""], total(2, 2, None)),
        (&["\"0000-01-01\""], total(1, 1, None)),
    ] {
        assert_eq!(of(values.iter().copied()), expected, "{values:?}");
    }
}

#[test]
fn too_many_digits_are_said_and_not_rounded() {
    for odd in ["1e300", "0.0000000000000000001", "999999999999999999999"] {
        let expected = FieldTotal {
            overflow: true,
            ..total(3, 3, None)
        };
        assert_eq!(of(["1", odd, "2.5"]), expected, "{odd}");
        assert_eq!(of([odd, "1", "2.5"]), expected, "{odd}");
        // Where not all are numbers there is no sum that could be missed.
        assert_eq!(of([odd, "\"x\""]), total(2, 2, None), "{odd}");
    }
    // Many large ones are none too large: the sum has more room than each of them.
    let most = "170141183460469231731.5";
    let expected = ["170141183460469231731500.0", most, most];
    assert_eq!(of([most; 1_000]), total(1_000, 1, Some(expected)));
}

#[test]
fn values_are_counted_up_to_a_bound() {
    let values: Vec<_> = (0..=MOST_DISTINCT).map(|n| n.to_string()).collect();
    let distinct = |of_them: &[String]| of(of_them.iter().map(String::as_str)).distinct;
    assert_eq!(distinct(&values[1..]), Some(MOST_DISTINCT as u64));
    assert_eq!(distinct(&values), None);
    // Two workers may each have seen few.
    let (mut left, mut right) = (Totals::default(), Totals::default());
    values.iter().for_each(|json| note(&mut left, 0, json));
    values[..1]
        .iter()
        .for_each(|json| note(&mut right, 0, json));
    right.merge(&left);
    assert_eq!(right.finish(&["a".to_owned()])[0].distinct, None);
}

#[test]
fn fields_are_told_by_their_names() {
    let mut totals = Totals::default();
    note(&mut totals, 1, "5");
    note(&mut totals, 2, "6");
    let names = ["a", "b", "", "c"].map(str::to_owned);
    let finished = totals.finish(&names);
    let unfilled = total(0, 0, None);
    assert_eq!(finished[0], unfilled);
    assert_eq!(
        (finished[1].field.as_str(), finished[1].sum.as_deref()),
        ("b", Some("5"))
    );
    // The keys that no list has room for have nothing in common.
    let rest = FieldTotal {
        filled: 1,
        ..FieldTotal::unfilled("")
    };
    assert_eq!(finished[2], rest);
    assert_eq!(
        finished[3],
        FieldTotal {
            field: "c".to_owned(),
            ..unfilled
        }
    );
    // Memory is bounded, whatever the number of fields.
    let names: Vec<_> = (0..4_096).map(|n| n.to_string()).collect();
    (0..names.len()).for_each(|field| note(&mut totals, field, "5"));
    let counted = |total: &FieldTotal| total.distinct.is_some();
    assert_eq!(
        totals
            .finish(&names)
            .iter()
            .filter(|total| counted(total))
            .count(),
        500
    );
}

#[test]
fn totals_are_written_as_published() {
    let json = serde_json::to_string(&of(["1.50", "2"])).unwrap();
    assert_eq!(
        json,
        r#"{"field":"a","filled":2,"sum":"3.50","min":"1.50","max":"2.00","distinct":2,"overflow":false}"#
    );
    let kept: FieldTotal = serde_json::from_str(&json).unwrap();
    assert_eq!(kept, of(["1.50", "2"]));
}

/// Numbers as JSON may have them.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "-?(0|[1-9][0-9]{0,8})(\\.[0-9]{1,6})?",
        2 => "-?(0|[1-9][0-9]{0,21})(\\.[0-9]{1,20})?",
        2 => "-?(0|[1-9][0-9]{0,5})(\\.[0-9]{1,6})?[eE][+-]?[0-9]{1,2}",
    ]
}

fn day() -> impl Strategy<Value = String> {
    (1900..2100, 1..13, 1..32).prop_map(|(y, m, d)| format!("\"{y}-{m:02}-{d:02}\""))
}

/// A field, of which one has numbers, one has days and one anything, with a value.
fn value() -> impl Strategy<Value = (usize, String)> {
    let unfilled = || prop_oneof![Just("null".to_owned()), Just("\"\"".to_owned())];
    let text = "\"[ -!#-\\[\\]-~]{1,12}\"";
    let mixed = prop_oneof![number(), day(), unfilled(), Just("true".to_owned()), text];
    let of = |field: usize| move |json: String| (field, json);
    prop_oneof![
        4 => number().prop_map(of(0)),
        4 => day().prop_map(of(1)),
        2 => mixed.prop_map(of(2)),
        1 => (0..3_usize, unfilled()),
    ]
}

/// What numbers come to: their sum, least and greatest times 10^200 as integers of any size, and the most
/// places; none where one has more than 18 of them, or does not fit into 128 bits with them.
fn added_up(numbers: &[String]) -> Option<([BigInt; 3], usize)> {
    const SCALE: i64 = 200;
    let (mut all, mut most) = (Vec::new(), 0);
    for number in numbers {
        let (mantissa, exponent) = match number.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().unwrap()),
            None => (number.as_str(), 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: BigInt = format!("{whole}{fraction}").parse().unwrap();
        let power = SCALE + exponent - fraction.len() as i64;
        let scaled = digits * BigInt::from(10).pow(u32::try_from(power).unwrap());
        let unit = BigInt::from(10).pow(SCALE as u32 - 18);
        if &scaled % &unit != BigInt::ZERO || i128::try_from(&scaled / unit).is_err() {
            return None;
        }
        let takes = (0..=18)
            .find(|places| &scaled % BigInt::from(10).pow(SCALE as u32 - places) == BigInt::ZERO);
        most = most.max(match number.contains(['e', 'E']) {
            true => takes.unwrap() as usize,
            false => fraction.len().min(18),
        });
        all.push(scaled);
    }
    let sum = all.iter().sum();
    let [least, greatest] = [all.iter().min()?.clone(), all.iter().max()?.clone()];
    Some(([sum, least, greatest], most))
}

/// A sum in digits, times 10^200.
fn scaled(text: &str) -> (BigInt, usize) {
    let places = text
        .split_once('.')
        .map_or(0, |(_, fraction)| fraction.len());
    let digits: BigInt = text.replacen('.', "", 1).parse().unwrap();
    (digits * BigInt::from(10).pow(200 - places as u32), places)
}

proptest! {
    #[test]
    fn sums_are_those_of_another_program(numbers in prop::collection::vec(number(), 1..40)) {
        let total = of(numbers.iter().map(String::as_str));
        prop_assert_eq!(total.filled, numbers.len() as u64);
        let distinct: BTreeSet<_> = numbers.iter().collect();
        prop_assert_eq!(total.distinct, Some(distinct.len() as u64));
        match added_up(&numbers) {
            Some((expected, places)) => {
                prop_assert!(!total.overflow);
                for (text, expected) in [total.sum, total.min, total.max].iter().zip(expected) {
                    let text = text.as_deref().unwrap();
                    prop_assert_eq!(scaled(text), (expected, places));
                    prop_assert!(!text.starts_with("-0") || text.contains(|c| ('1'..='9').contains(&c)));
                }
            }
            None => prop_assert_eq!((total.overflow, total.sum, total.min), (true, None, None)),
        }
    }

    #[test]
    fn no_split_and_no_order_changes_them(
        values in prop::collection::vec((value(), 0..4_usize), 0..60),
        order in any::<prop::sample::Index>(),
    ) {
        let names = ["a", "b", "c"].map(str::to_owned);
        let mut whole = Totals::default();
        values.iter().for_each(|((field, json), _)| note(&mut whole, *field, json));
        let mut workers = vec![Totals::default(); 4];
        for ((field, json), worker) in values.iter().rev() {
            note(&mut workers[*worker], *field, json);
        }
        workers.rotate_left(order.index(4));
        let mut merged = Totals::default();
        workers.iter().for_each(|worker| merged.merge(worker));
        prop_assert_eq!(merged.finish(&names), whole.finish(&names));
    }
}
