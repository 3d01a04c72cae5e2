//! What refuses to start although every record is good: the last look before the first request.

use std::time::Duration;

use crate::base::complaint::Complaint;
use crate::base::display;
use crate::base::model::Mode;
use crate::service::window;

/// What the user said about the guards.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GuardOptions {
    /// Whether a replace may leave the table empty.
    pub allow_empty: bool,
    /// How many millionths fewer records than the last good replace a replace may have.
    pub max_shrink: u64,
    /// What one request is expected to take; none where the user did not say.
    pub chunk_time: Option<Duration>,
    /// The longest debounce that can be asked for.
    pub max_debounce: Duration,
}

/// What a guard looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prospect {
    pub mode: Mode,
    /// Records that would be sent.
    pub records: u64,
    /// Requests that would carry them.
    pub chunks: u64,
    /// Requests in flight.
    pub jobs: u64,
    /// Records of the last good replace of this table from here.
    pub last_good: Option<u64>,
    /// What one request took in earlier runs of this table.
    pub known_time: Option<Duration>,
    /// Whether the window's plan is of no use: a rehearsal moves the service's clock itself.
    pub is_rehearsal: bool,
}

/// What a replace of several requests needs of its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WindowPlan {
    pub debounce: Duration,
    /// What one request is expected to take.
    pub chunk_time: Duration,
    /// What all of them are expected to take.
    pub expected: Duration,
}

impl WindowPlan {
    /// The plan of a push; none where there is no window to meet.
    pub(crate) fn new(options: GuardOptions, prospect: Prospect) -> Option<Self> {
        let Prospect { chunks, jobs, .. } = prospect;
        let Mode::Replace { debounce } = prospect.mode else {
            return None;
        };
        let known = options.chunk_time.or(prospect.known_time);
        let chunk_time = known.unwrap_or(window::CHUNK_TIME);
        (chunks > 1).then(|| Self {
            debounce,
            chunk_time,
            expected: window::expected(chunks, jobs, chunk_time),
        })
    }

    /// Whether there is time enough.
    pub(crate) fn fits(self) -> bool {
        window::fits(self.expected, self.debounce)
    }
}

/// Checks a replace. An upsert has nothing to lose.
pub(crate) fn check(options: GuardOptions, prospect: Prospect) -> Result<(), Complaint> {
    if !prospect.mode.is_replace() {
        return Ok(());
    }
    check_size(options, prospect)?;
    match WindowPlan::new(options, prospect) {
        Some(plan) => check_window(options, prospect, plan),
        None => Ok(()),
    }
}

fn check_size(options: GuardOptions, prospect: Prospect) -> Result<(), Complaint> {
    if prospect.records == 0 {
        return match options.allow_empty {
            true => Ok(()),
            false => Err(Complaint {
                message: "there are no records to send: replacing the table's content (--all) \
                          would leave it empty"
                    .to_owned(),
                hint: Some(
                    "is this the right file, and did the export succeed? If the table shall be \
                     empty, add --allow-empty"
                        .to_owned(),
                ),
            }),
        };
    }
    let Some(last) = prospect.last_good.filter(|last| prospect.records < *last) else {
        return Ok(());
    };
    let missing = u128::from(last - prospect.records) * 1_000_000;
    if missing <= u128::from(last) * u128::from(options.max_shrink) {
        return Ok(());
    }
    Err(Complaint {
        message: format!(
            "there are {} to send, {:.1}% fewer than the {} of the last good replace of this table",
            display::counted(prospect.records, "record"),
            missing as f64 / last as f64 / 10_000.0,
            display::count(last)
        ),
        hint: Some(
            "is the export complete? If the table shall shrink so much, allow it with \
             --max-shrink, as in --max-shrink 100%"
                .to_owned(),
        ),
    })
}

fn check_window(
    options: GuardOptions,
    prospect: Prospect,
    plan: WindowPlan,
) -> Result<(), Complaint> {
    let WindowPlan {
        debounce,
        chunk_time,
        expected,
    } = plan;
    let jobs = prospect.jobs;
    let enough = window::debounce_for(expected);
    let enough = (enough <= options.max_debounce).then(|| spelled(enough));
    let too_long = format!(
        "no --debounce would do ({} is the most): make fewer requests with a larger --chunk-size, \
         have more of them in flight with --jobs",
        display::time(options.max_debounce)
    );
    let (records, chunks) = (
        display::counted(prospect.records, "record"),
        display::counted(prospect.chunks, "request"),
    );
    if debounce.is_zero() {
        return Err(Complaint {
            message: format!(
                "{records} go in {chunks}, and without --debounce each of them would delete what \
                 the one before it loaded"
            ),
            hint: Some(enough.map_or(too_long, |enough| format!("add --debounce {enough}"))),
        });
    }
    if prospect.is_rehearsal || plan.fits() {
        return Ok(());
    }
    let source = match (options.chunk_time, prospect.known_time) {
        (Some(_), _) => "as --chunk-seconds says",
        (None, Some(_)) => "as earlier pushes to this table took",
        (None, None) => "as is assumed where nothing is known",
    };
    Err(Complaint {
        message: format!(
            "{records} in {chunks}, {jobs} at a time and {} each {source}, take about {}: more \
             than a --debounce of {} leaves, {} of it kept free",
            display::time(chunk_time),
            display::time(expected),
            display::time(debounce),
            display::time(window::margin(debounce)),
        ),
        hint: Some(format!(
            "{}; or say with --chunk-seconds what one request takes",
            enough.map_or(too_long, |enough| format!("--debounce {enough} would do"))
        )),
    })
}

/// A debounce as it is typed: `15m`.
fn spelled(debounce: Duration) -> String {
    format!("{}m", debounce.as_secs() / 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: GuardOptions = GuardOptions {
        allow_empty: false,
        max_shrink: 500_000,
        chunk_time: None,
        max_debounce: Duration::from_secs(604_800),
    };

    fn replace(records: u64, debounce: u64) -> Prospect {
        Prospect {
            mode: Mode::Replace {
                debounce: Duration::from_secs(debounce),
            },
            records,
            chunks: records.div_ceil(5_000),
            jobs: 4,
            last_good: None,
            known_time: None,
            is_rehearsal: false,
        }
    }

    fn refused(options: GuardOptions, prospect: Prospect) -> bool {
        check(options, prospect).is_err()
    }

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
        let refusal = check(OPTIONS, replace(300_000, 60)).unwrap_err();
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
            check(OPTIONS, endless).unwrap_err().hint.unwrap(),
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
        let hint = check(OPTIONS, endless).unwrap_err().hint.unwrap();
        assert!(hint.starts_with("no --debounce would do"), "{hint}");
        let shrunken = Prospect {
            last_good: Some(1_000),
            ..replace(400, 900)
        };
        assert_eq!(
            check(OPTIONS, shrunken).unwrap_err().message,
            "there are 400 records to send, 60.0% fewer than the 1,000 of the last good replace of \
             this table"
        );
    }
}
