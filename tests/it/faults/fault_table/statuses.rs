//! Every status there is: which are sent again, what each leaves open, and `Retry-After` as a date.

use super::rows::{LATE, SOON, status};
use super::{Case, MODES, Times, cases, judged};
use crate::service::front::{Fault, Says};

const RETRIED: [u16; 12] = [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524];

/// Of these nobody knows whether something was done before.
fn is_ambiguous(code: u16) -> bool {
    code == 408 || (code >= 500 && code != 503)
}

/// Each status there is, in both modes; at each place in the next test.
#[test]
fn every_status_is_met_by_the_table() {
    let codes = (300..600).filter(|code| *code != 413);
    let faults: Vec<Fault> = codes.map(|code| status(code, "")).collect();
    let mut cases = cases(&faults, Times::Once);
    // A chunk for each status, another one for the next.
    let place = |case: &Case| case.chunk == usize::from(code_of(case.fault) % 3) + 1;
    let known = |case: &Case| RETRIED.contains(&code_of(case.fault)) || is_common(case.fault);
    cases.retain(|case| known(case) || (place(case) && case.mode == MODES[case.chunk % 2]));
    judged(cases, 8, |ended| {
        let code = code_of(ended.case.fault);
        ended.was_asked_once();
        match code {
            code if RETRIED.contains(&code) => ended.is_new(),
            code if is_ambiguous(code) => ended.is_in_doubt(),
            _ => ended.is_not_applied(4),
        }
    });
}

fn code_of(fault: Fault) -> u16 {
    match fault.says {
        Says::Status(code, _) => code,
        Says::Bytes(_) => 0,
    }
}

/// What is seen in practice: these are tried at each place.
fn is_common(fault: Fault) -> bool {
    const COMMON: [u16; 16] = [
        301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 409, 415, 422, 501, 505, 511,
    ];
    COMMON.contains(&code_of(fault))
}

#[test]
fn retried_statuses_that_stay_end_as_the_table_says() {
    let faults = RETRIED.map(|code| status(code, ""));
    judged(
        cases(&faults, Times::Always),
        16,
        |ended| match is_ambiguous(code_of(ended.case.fault)) {
            true => ended.is_in_doubt(),
            false => ended.is_not_applied(5),
        },
    );
}

#[test]
fn retry_after_as_a_date_is_kept() {
    let soon = [429, 503].map(|code| status(code, SOON));
    judged(cases(&soon, Times::Once), 12, |ended| {
        ended.is_new();
        ended.was_asked_once();
    });
    // An hour is more than the patience: no waiting, and an end in order.
    let late = [429, 503].map(|code| status(code, LATE));
    judged(cases(&late, Times::Once), 12, |ended| {
        ended.is_not_applied(5);
        ended.was_asked_once();
        let asked = "and asks to wait 1 h";
        assert!(ended.told.stderr.contains(asked), "{}", ended.told);
    });
}
