//! What becomes of a part that the service finds too large: its halves, and the doubt that it may
//! leave behind.

use std::cell::RefCell;

use super::part::{Part, PartResult, PartState, Stop};
use crate::base::model::{Mode, RecordRange};
use crate::service::CallError;

/// Whether a part may go in two requests: in a replace without a window the second one would
/// delete what the first one loaded.
pub(super) fn can_split(mode: Mode, part: Part) -> bool {
    part.records > 1 && (mode == Mode::Upsert || mode.window().is_some())
}

/// The records up to `middle`, and those after it.
pub(super) fn halves(part: Part, middle: u64) -> (Part, Part) {
    let (mut first, mut second) = (part, part);
    first.range.last = middle;
    first.records = part.records.div_ceil(2);
    second.range.first = middle + 1;
    second.records = part.records - first.records;
    (first, second)
}

/// Ranges of records that may have been applied by a request which was cut in two afterwards, or by
/// an earlier process of the run. What is sent of them now knows nothing of it: refused or unsent, it
/// would pass for surely not applied.
#[derive(Debug, Default)]
pub(super) struct Doubts(RefCell<Vec<RecordRange>>);

impl Doubts {
    /// The ranges of earlier processes.
    pub(super) fn new(ranges: Vec<RecordRange>) -> Self {
        Self(RefCell::new(ranges))
    }

    /// A request with these records may have been applied.
    pub(super) fn add(&self, range: RecordRange) {
        self.0.borrow_mut().push(range);
    }

    /// Puts the doubt into the results.
    pub(super) fn settle(&self, results: &mut [PartResult]) {
        for result in results {
            let range = result.part.range;
            if !self.0.borrow().iter().any(|of| of.overlaps(range)) {
                continue;
            }
            result.may_count_twice = true;
            let state = std::mem::replace(&mut result.state, PartState::NotSent);
            result.state = match state {
                PartState::NotApplied(stop) => PartState::Unknown(stop),
                PartState::NotSent => {
                    let reason =
                        "an earlier request with these records may have been applied".to_owned();
                    PartState::Unknown(Stop::Abandoned(CallError::Broken { reason }))
                }
                known => known,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::base::model::ImportId;

    fn range(first: u64, last: u64) -> RecordRange {
        RecordRange { first, last }
    }

    fn part(first: u64, last: u64, records: u64) -> Part {
        let range = range(first, last);
        Part {
            chunk: 1,
            range,
            records,
        }
    }

    #[test]
    fn halves_are_the_whole() {
        // Five records among eight, the third of them at 4.
        let (first, second) = halves(part(1, 8, 5), 4);
        assert_eq!((first, second), (part(1, 4, 3), part(5, 8, 2)));
    }

    #[test]
    fn one_request_stays_one_where_two_would_delete_one_another() {
        let at_once = Mode::Replace {
            debounce: Duration::ZERO,
        };
        let waiting = Mode::Replace {
            debounce: Duration::from_secs(1),
        };
        assert!(!can_split(at_once, part(1, 2, 2)));
        for mode in [Mode::Upsert, waiting] {
            assert!(can_split(mode, part(1, 2, 2)));
            assert!(!can_split(mode, part(1, 2, 1)));
        }
    }

    #[test]
    fn a_doubt_stays_with_the_halves() {
        let doubts = Doubts::default();
        doubts.add(range(1, 10));
        let accepted = PartState::Accepted(ImportId::new("a").unwrap());
        let refused = PartState::NotApplied(Stop::Changed(String::new()));
        let mut results = [
            (part(1, 5, 5), accepted),
            (part(6, 8, 3), refused.clone()),
            (part(9, 10, 2), PartState::NotSent),
            (part(11, 15, 5), refused),
            (part(16, 20, 5), PartState::NotSent),
        ]
        .map(|(part, state)| PartResult {
            state,
            ..PartResult::not_sent(part)
        });
        doubts.settle(&mut results);
        let is_unknown = |result: &PartResult| matches!(result.state, PartState::Unknown(_));
        let unknown = results.each_ref().map(is_unknown);
        assert_eq!(unknown, [false, true, true, false, false]);
    }
}
