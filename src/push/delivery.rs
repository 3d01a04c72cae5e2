//! Which of the proved records go, and how: all of them, or with `--changed` what differs from the
//! table's base.

use std::io;
use std::time::Duration;

use jiff::Timestamp;

use crate::base::complaint::Complaint;
use crate::base::display;
use crate::base::event::Events;
use crate::base::model::Mode;
use crate::input::Source;
use crate::mapping::Binding;
use crate::prove::chunk::{BuildError, ChunkOptions};
use crate::prove::duplicates::RecordSet;
use crate::prove::{self, Proof};
use crate::push::changed::ChangedOptions;
use crate::push::changes;
use crate::push::comparing::Compared;
use crate::push::plan::{Plan, Target};
use crate::runs::base::Differing;
use crate::runs::changes::{Changes, Delivered};
use crate::runs::journal::DifferingLine;
use crate::runs::state::RunDir;
use crate::runs::wanted;

/// What goes.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// All records; and why, where that was not asked for.
    All { why: Option<String> },
    /// Some, as an upsert.
    Part(Portion),
}

/// The records that differ, of which there may be none.
#[derive(Debug)]
pub(crate) struct Portion {
    records: RecordSet,
    /// How many others there are, good ones.
    unchanged: u64,
    /// Whether the table holds the input and nothing else then.
    equal: bool,
}

impl Delivery {
    /// Decides what goes of a proved input. A replace needs the table as it was known to be: else, and
    /// where an upsert does not do, everything goes.
    pub(crate) fn decide(
        plan: &Plan,
        proof: &Proof,
        compared: &mut Compared,
        now: Timestamp,
    ) -> Self {
        let Some(options) = plan.changed else {
            return Self::All { why: None };
        };
        let is_replace = plan.send.mode.is_replace();
        match why_all(is_replace, options, compared, now) {
            Some(why) => Self::All { why: Some(why) },
            None => {
                let records = std::mem::take(&mut compared.differing).records;
                Self::Part(Portion {
                    unchanged: proof.records().saturating_sub(records.len()),
                    records,
                    equal: is_replace,
                })
            }
        }
    }

    /// How what goes meets what the table holds.
    pub(crate) fn mode(&self, asked: Mode) -> Mode {
        match self {
            Self::All { .. } => asked,
            Self::Part(_) => Mode::Upsert,
        }
    }

    /// How many records do not go because the table has them.
    pub(crate) fn unchanged(&self) -> u64 {
        match self {
            Self::All { .. } => 0,
            Self::Part(portion) => portion.unchanged,
        }
    }

    /// The part that goes; none where all of it does.
    pub(crate) fn into_portion(self) -> Option<Portion> {
        match self {
            Self::All { .. } => None,
            Self::Part(portion) => Some(portion),
        }
    }

    /// Whether all records go.
    pub(crate) fn is_all(&self) -> bool {
        matches!(self, Self::All { .. })
    }

    /// Whether there is nothing that differs.
    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self, Self::Part(portion) if portion.records.is_empty())
    }

    /// Says what of the input goes, in so many requests, and what cannot be seen.
    pub(crate) fn tell(&self, plan: &Plan, chunks: usize, events: &Events) {
        if plan.changed.is_none() {
            return;
        }
        if !plan.is_rehearsal {
            events.note(
                "--changed knows what pushes from here left in the table: what others sent to it \
                 is not seen",
            );
        }
        match self {
            Self::All { why: Some(why) } if plan.send.mode.is_replace() => {
                events.note(format!("the whole table is replaced: {why}"));
            }
            Self::All { why: Some(why) } => events.note(format!("everything is sent: {why}")),
            Self::Part(portion) if !portion.records.is_empty() => {
                let sends = match plan.target {
                    Target::DryRun => "would send",
                    _ => "sending",
                };
                events.note(format!("{sends} {}", portion.words(chunks)));
            }
            Self::Part(_) if matches!(plan.target, Target::DryRun) => {
                events.note("nothing differs from what the table has: nothing would be sent");
            }
            Self::All { why: None } | Self::Part(_) => {}
        }
    }
}

/// Why everything goes; nothing where what differs will do.
pub(crate) fn why_all(
    is_replace: bool,
    options: ChangedOptions,
    compared: &Compared,
    now: Timestamp,
) -> Option<String> {
    let Ok(comparison) = &compared.comparison else {
        return Some("there is nothing to compare it with".to_owned());
    };
    let changes = &comparison.changes;
    if let Some(why) = &compared.distrust {
        return Some(why.clone());
    }
    if let (Some(every), Some(last)) = (options.full_every, compared.whole_at)
        && let Some(ago) = overdue(every, last, now)
    {
        return Some(format!(
            "all records went {ago}, and are to go every {} (--full-every)",
            days(every)
        ));
    }
    if !is_replace {
        return None;
    }
    let (have, take) = match changes.vanished.count {
        0 => return unmendable(&compared.differing),
        1 => ("1 record of the table is", "it"),
        _ => ("are", "them"),
    };
    let have = match changes.vanished.count {
        1 => have.to_owned(),
        count => format!("{} of the table {have}", display::counted(count, "record")),
    };
    Some(format!(
        "{have} not in the input, and nothing else takes {take} away"
    ))
}

/// Why an upsert of the changed records is not sure to leave what a replace would.
fn unmendable(differing: &Differing) -> Option<String> {
    let lack = match differing.losing {
        0 => return renumbered(differing.renumbered),
        1 => "1 changed record lacks a field that the table has of it".to_owned(),
        count => format!(
            "{} lack a field that the table has of them",
            display::counted(count, "changed record")
        ),
    };
    Some(format!("{lack}, and nothing else is sure to take it away"))
}

fn renumbered(count: u64) -> Option<String> {
    let records = match count {
        0 => return None,
        1 => "the id of 1 changed record is".to_owned(),
        count => format!(
            "the ids of {} are",
            display::counted(count, "changed record")
        ),
    };
    Some(format!(
        "{records} written in another way than before (a number, a text), and might not be taken for \
         the same"
    ))
}

/// How long ago the last push of everything was, where that is too long, in words. A time that is still
/// to come is none that can be trusted.
fn overdue(every: Duration, last: Timestamp, now: Timestamp) -> Option<String> {
    match Duration::try_from(now.duration_since(last)) {
        Ok(ago) if ago < every => None,
        Ok(ago) => Some(format!("{} ago", days(ago))),
        Err(_) => Some("at a time that is still to come".to_owned()),
    }
}

/// A time in whole days, where it has some.
fn days(time: Duration) -> String {
    match time.as_secs() / (24 * 60 * 60) {
        0 | 1 => display::time(Duration::from_secs(time.as_secs())),
        days => format!("{days} days"),
    }
}

/// Why an upsert is refused: it leaves records in the table that the input does not have any more.
pub(crate) fn vanished(plan: &Plan, compared: &Compared) -> Option<Complaint> {
    plan.changed.filter(|options| !options.keep_vanished)?;
    let changes: &Changes = &compared.comparison.as_ref().ok()?.changes;
    let listed = &changes.vanished;
    if plan.send.mode.is_replace() || listed.count == 0 {
        return None;
    }
    let (are, records) = match listed.count {
        1 => ("is", "1 record".to_owned()),
        count => ("are", display::counted(count, "record")),
    };
    let ids = match plan.shows_samples {
        true => changes::ids(listed),
        false => String::new(),
    };
    Some(Complaint::new(
        format!(
            "{records} that pushes from here left in this table {are} not in the input, and an \
             upsert would leave {} there{ids}",
            if listed.count == 1 { "it" } else { "them" }
        ),
        "is the export complete? --keep-vanished leaves what is not in it, --all takes it away"
            .to_owned(),
    ))
}

impl Portion {
    /// `10,000 of 1,000,000 records in 2 requests, as an upsert; 990,000 are unchanged`.
    fn words(&self, chunks: usize) -> String {
        let unchanged = match self.unchanged {
            1 => "1 is".to_owned(),
            count => format!("{} are", display::count(count)),
        };
        format!(
            "{} of {} in {}, as an upsert; {unchanged} unchanged",
            display::count(self.records.len()),
            display::counted(self.records.len() + self.unchanged, "record"),
            display::counted(chunks as u64, "request"),
        )
    }

    /// How many records do not go.
    pub(crate) fn unchanged(&self) -> u64 {
        self.unchanged
    }

    /// Cuts the chunks of a proved input anew, for what differs.
    pub(crate) fn cut(
        &self,
        source: &Source,
        binding: &Binding,
        options: ChunkOptions,
        proof: &mut Proof,
    ) -> Result<(), BuildError> {
        proof.chunks = prove::repack(source, binding, options, &proof.chunks, &self.records)?;
        Ok(())
    }

    /// What the journal says of it; which records they are is written down beside.
    pub(crate) fn write(&self, run: &RunDir) -> io::Result<DifferingLine> {
        Ok(DifferingLine {
            unchanged: self.unchanged,
            equal: self.equal,
            digest: wanted::write(run, &self.records)?,
        })
    }

    /// What becomes of the table.
    pub(crate) fn delivered(&self) -> Delivered {
        match self.equal {
            true => Delivered::Equal,
            false => Delivered::Differing,
        }
    }

    /// All records of an input that are not sent.
    pub(crate) fn left_out(&self, read: u64) -> RecordSet {
        all_but(&self.records, read)
    }
}

/// All numbers up to that of the last record but these.
pub(crate) fn all_but(records: &RecordSet, read: u64) -> RecordSet {
    let mut left_out = RecordSet::new();
    left_out.insert_range(1..=read);
    left_out -= records;
    left_out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_goes_again_in_time() {
        let hour = Duration::from_secs(3_600);
        let now: Timestamp = "2026-11-28T10:00:00Z".parse().unwrap();
        let told = |every: u32, ago: u32| overdue(hour * every, now - hour * ago, now);
        assert_eq!(told(24, 0), None);
        assert_eq!(told(24, 23), None);
        assert_eq!(told(24, 24).unwrap(), "24 h ago");
        assert_eq!(told(24, 8_000).unwrap(), "333 days ago");
        // A clock that was set back says nothing of how long ago it was.
        let later = overdue(hour, now + hour, now);
        assert_eq!(later.unwrap(), "at a time that is still to come");
    }

    #[test]
    fn what_an_upsert_may_not_mend_is_counted() {
        let of = |losing, renumbered| {
            unmendable(&Differing {
                losing,
                renumbered,
                ..Differing::default()
            })
        };
        assert_eq!(of(0, 0), None);
        let told = [of(1, 3), of(2_000, 0), of(0, 1), of(0, 2)].map(Option::unwrap);
        let begins = [
            "1 changed record lacks a field that the table has of it, ",
            "2,000 changed records lack a field that the table has of them, ",
            "the id of 1 changed record is written in another way ",
            "the ids of 2 changed records are written in another way ",
        ];
        for (told, begins) in told.iter().zip(begins) {
            assert!(told.starts_with(begins), "{told}");
        }
    }
}
