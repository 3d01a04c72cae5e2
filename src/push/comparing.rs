//! What a push would change: the fingerprints of its records against the base of its table.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::base::complaint::Complaint;
use crate::base::event::Events;
use crate::prove::{Collect, Collector, FingerprintKey, Proof};
use crate::push::approved::BaseTerm;
use crate::push::outcome::{Exit, Failure};
use crate::push::plan::Plan;
use crate::runs::base::{self, About, BaseFile, BaseWriter, Comparison, Differing, FrozenFile};
use crate::runs::history::History;
use crate::runs::state::{RunDir, RunId};

/// What is collected while an input is proved, and what it will be compared with.
pub(crate) struct Comparing {
    key: FingerprintKey,
    base_url: String,
    /// None where there is no place for it.
    writer: Option<BaseWriter>,
    /// The file that is written.
    collected: PathBuf,
    /// Or why there is nothing to compare with.
    base: Result<BaseFile, String>,
    /// The runs that went into it whose end nobody saw.
    unfollowed: Vec<RunId>,
    /// Why what differs from the base must not be taken for all that does, in words.
    pub(crate) distrust: Option<String>,
    /// Where the records of a frozen period are listed.
    frozen: PathBuf,
}

/// What came of it.
pub(crate) struct Compared {
    /// Or why it cannot be told.
    pub comparison: Result<Comparison, String>,
    /// What it was compared with, as a plan names it.
    pub base: Option<BaseTerm>,
    /// Which records differ, where that was asked for.
    pub differing: Differing,
    /// Why these must not be taken for all that do, in words.
    pub distrust: Option<String>,
    /// When everything went last that is in the table.
    pub whole_at: Option<Timestamp>,
    /// Where the records of a frozen period are listed, if the push touches any.
    pub frozen: Option<PathBuf>,
    /// Whether there is a base, and what is sent could not be collected to be compared with it.
    pub is_lost: bool,
}

impl Compared {
    /// Guards that have something to compare with, and cannot, would let a replace pass in silence.
    pub(crate) fn or_lost(&self) -> Result<(), Failure> {
        match &self.comparison {
            Err(why) if self.is_lost => Err(Failure::new(
                Exit::Usage,
                format!("{CANNOT}: {why}; nothing was sent"),
                Some("make room there, or name another folder with --state-dir".to_owned()),
            )),
            _ => Ok(()),
        }
    }

    fn unknown(why: String) -> Self {
        Self {
            is_lost: false,
            comparison: Err(why),
            base: None,
            differing: Differing::default(),
            distrust: None,
            whole_at: None,
            frozen: None,
        }
    }
}

impl Comparing {
    /// Begins to collect in a folder. `key` is the state folder's; without one, what is collected can be
    /// compared with nothing.
    pub(crate) fn new(
        plan: &Plan,
        key: Result<Option<FingerprintKey>, Complaint>,
        (history, base_url): (&History, &str),
        folder: &Path,
        events: &Events,
    ) -> Result<Self, Complaint> {
        let key = key.unwrap_or_else(|complaint| {
            events.warn(complaint.message, complaint.hint);
            None
        });
        let base =
            base::current(history, Some(base_url), key.as_ref()).map_err(|none| none.to_string());
        let path = folder.join("base-new");
        let writer = BaseWriter::create(&path, plan.mapping.freeze().is_some());
        if let Err(error) = &writer {
            events.warn(format!("{CANNOT}: {error}"), None);
        }
        let key = match key {
            Some(key) => key,
            None => base::random()
                .map_err(|error| Complaint::new(format!("{CANNOT}: {error}"), None))?,
        };
        Ok(Self {
            key,
            base_url: base_url.to_owned(),
            writer: writer.ok(),
            collected: path,
            unfollowed: base.as_ref().map_or_else(
                |_| Vec::new(),
                |base| base::unfollowed(base, history).cloned().collect(),
            ),
            distrust: None,
            base,
            frozen: folder.join("frozen.csv"),
        })
    }

    /// What a push would do before it relies on the base, which a dry run takes for what it was left as.
    fn foreword(&self, plan: &Plan) -> Option<String> {
        plan.changed?;
        let runs = match self.unfollowed.as_slice() {
            [] => return None,
            [one] => format!("run {one}"),
            [one, rest @ ..] => format!("run {one} and {} more", rest.len()),
        };
        Some(format!(
            "a push first looks at the imports of {runs}, whose end nobody saw: records that the \
             service rejected go too"
        ))
    }

    /// Where fingerprints go while the input is proved.
    pub(crate) fn collect<'a>(&'a mut self, plan: &'a Plan) -> Collect<'a> {
        Collect {
            key: self.key,
            day_field: plan.mapping.freeze().map(|freeze| freeze.field.as_str()),
            to: self
                .writer
                .as_mut()
                .map(|writer| writer as &mut dyn Collector),
        }
    }

    /// Compares what was collected with the base. What was collected stays in its file.
    pub(crate) fn compare(
        self,
        plan: &Plan,
        proof: &Proof,
        run: Option<&RunDir>,
        events: &Events,
    ) -> Compared {
        if run.is_none() && self.base.is_ok() {
            self.foreword(plan)
                .iter()
                .for_each(|note| events.note(note));
        }
        // The part that was written would be taken for what is to become a base.
        let uncollected = || {
            let _ = fs::remove_file(&self.collected);
            Compared {
                is_lost: self.base.is_ok(),
                ..Compared::unknown("what is sent could not be collected".to_owned())
            }
        };
        let Some(writer) = self.writer.filter(|_| proof.is_collected) else {
            return uncollected();
        };
        let freeze = plan.mapping.freeze();
        let about = About {
            run: run.map(|run| run.id().clone()),
            table: plan.send.table.clone(),
            base_url: self.base_url,
            names: proof.fields.clone(),
            freeze_field: freeze.map(|freeze| freeze.field.clone()),
            missing: proof.rejected,
            at: Timestamp::now(),
        };
        let collected = match base::finish(writer, about, &self.key, &proof.left_out) {
            Ok(collected) => collected,
            Err(error) => {
                events.warn(format!("{CANNOT}: {error}"), None);
                return uncollected();
            }
        };
        match self.base {
            Ok(base) => Compared {
                distrust: self.distrust,
                ..compared(
                    plan,
                    base,
                    collected,
                    &self.frozen,
                    self.unfollowed.is_empty(),
                )
            },
            Err(why) => Compared::unknown(why),
        }
    }
}

/// Compares two files for a plan.
fn compared(
    plan: &Plan,
    mut base: BaseFile,
    mut collected: BaseFile,
    frozen: &Path,
    is_base_followed: bool,
) -> Compared {
    let freeze = plan.mapping.freeze();
    let mut frozen = freeze.map(|freeze| FrozenFile::new(frozen, freeze.before));
    let mode = plan.send.mode;
    let mut differing = Differing {
        id_field: plan.mapping.id().to_owned(),
        ..Differing::default()
    };
    let which = plan.changed.is_some().then_some(&mut differing);
    match base::compare(&mut base, &mut collected, mode, frozen.as_mut(), which) {
        Ok(mut comparison) => {
            comparison.changes.base_followed = is_base_followed;
            // What must not stay is told as what vanished.
            let may_stay = plan.changed.is_none_or(|changed| changed.keep_vanished);
            if !mode.is_replace() && may_stay {
                let changes = &mut comparison.changes;
                changes.kept = std::mem::take(&mut changes.vanished).count;
            }
            Compared {
                base: Some(BaseTerm {
                    run: comparison.base.run.to_string(),
                    digest: base.digest(),
                }),
                comparison: Ok(comparison),
                differing,
                distrust: None,
                whole_at: Some(base.meta().whole_at),
                is_lost: false,
                frozen: frozen.and_then(|frozen| frozen.finish().ok().flatten()),
            }
        }
        Err(error) => Compared::unknown(error.to_string()),
    }
}

/// What is said where something fails.
const CANNOT: &str = "what this push changes cannot be told";
