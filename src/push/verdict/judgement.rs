//! From what the imports said to one word on the table.

use std::time::Duration;

use jiff::Timestamp;

use super::rejections::Rejections;
use crate::base::display;
use crate::base::model::{ImportId, Mode, TableKey};
use crate::service::{Import, Status, TableImport, window};

/// How much later than the launch an answer may seem to be: both times are whole seconds.
pub(super) const SAME_SECOND: Duration = Duration::from_secs(1);

/// What is known when the judgement is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    /// Our table; where it is not known, every entry of the imports is judged.
    pub table: Option<&'a TableKey>,
    /// How the table was written; none where it is not known.
    pub mode: Option<Mode>,
    /// Records that the service accepted, each counted once; none where it is not known.
    pub sent_records: Option<u64>,
    /// Records of requests that may have arrived although they were sent again: the service may
    /// count them twice.
    pub resent_records: u64,
    /// Whether it is known to count them once, whatever else is to be thought of.
    pub counts_once: bool,
    /// Records of requests without an answer that were not sent again: the service may count them.
    pub unanswered_records: u64,
    /// Requests that were accepted, 1 where it is not known. What a single one holds cannot be
    /// too late for itself.
    pub requests: u64,
    /// What was seen of each import; no id stands twice.
    pub imports: &'a [Observed<'a>],
}

/// What was seen of one import.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Observed<'a> {
    pub id: &'a ImportId,
    /// What the service showed last.
    pub seen: ImportSeen<'a>,
    /// When the last request was accepted that went into it: by the service's clock, where it said.
    pub last_answer: Option<Timestamp>,
}

/// What the service showed of an import.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ImportSeen<'a> {
    /// This, last.
    Import(&'a Import),
    /// The service does not know the id.
    NotFound,
    /// Nothing that could be read.
    Nothing,
}

/// What the table holds, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum VerdictState {
    /// Everything that was sent.
    Clean,
    /// What it will hold is not decided yet.
    Pending,
    /// Not all that was sent.
    Gaps,
    /// Nobody can say.
    Unknown,
    /// A chunk came too late: it may have deleted what the others loaded.
    AtRisk,
}

/// The judgement.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    /// The worst that was found.
    pub state: VerdictState,
    /// Everything that was found, in sentences that are harmless to print.
    pub notes: Vec<String>,
    /// The records that the service named as left out.
    pub rejected: Rejections,
    /// How many records were left out; none where an error does not say.
    pub rejected_count: Option<u64>,
    /// How many records the service counts; none where an import gives no count or is not over.
    pub counted: Option<u64>,
}

/// Judges what the imports mean for the table.
pub(crate) fn judge(facts: &Facts<'_>) -> Verdict {
    let mut verdict = Verdict {
        counted: Some(0),
        ..Verdict::default()
    };
    let mut are_over = true;
    for observed in facts.imports {
        are_over &= verdict.see(observed, facts.table);
    }
    if !are_over {
        verdict.counted = None;
    } else if let Some(sent) = facts.sent_records {
        verdict.compare(sent, facts);
    }
    if facts.requests > 1
        && let Some(debounce) = facts.mode.and_then(Mode::window)
    {
        verdict.check_launch(facts.imports);
        verdict.check_debounce(facts.imports, debounce);
    }
    verdict
}

/// What is said of nothing: no trouble, and no count.
impl Default for Verdict {
    fn default() -> Self {
        Self {
            state: VerdictState::Clean,
            notes: Vec::new(),
            rejected: Rejections::default(),
            rejected_count: Some(0),
            counted: None,
        }
    }
}

impl Verdict {
    /// How many of the records sent the table lacks, if each of them is named; none where nobody says
    /// which they are.
    pub(crate) fn named_gaps(&self, sent: Option<u64>) -> Option<u64> {
        let named = self.rejected_count?;
        let is_over = matches!(self.state, VerdictState::Clean | VerdictState::Gaps);
        let lacking = sent.zip(self.counted);
        let lacking = lacking.map_or(0, |(sent, counted)| sent.saturating_sub(counted));
        (is_over && lacking <= named).then_some(named)
    }

    fn find(&mut self, state: VerdictState, note: String) {
        self.state = self.state.max(state);
        self.notes.push(note);
    }

    /// Takes one import in, and says whether it is over.
    fn see(&mut self, observed: &Observed<'_>, table: Option<&TableKey>) -> bool {
        let id = observed.id;
        let import = match observed.seen {
            ImportSeen::Import(import) => import,
            ImportSeen::NotFound => {
                self.find(
                    VerdictState::Unknown,
                    format!("import {id}: the service does not know it"),
                );
                return false;
            }
            ImportSeen::Nothing => {
                self.find(
                    VerdictState::Pending,
                    format!("import {id}: nothing was seen of it"),
                );
                return false;
            }
        };
        if table.is_none() && import.tables.len() > 1 {
            let names = import.tables.iter().map(|entry| &*entry.data_table_key);
            let names: Vec<String> = names.map(display::quoted).collect();
            self.notes.push(format!(
                "import {id} writes to several tables ({}): all of them are judged, as no table \
                 was named",
                names.join(", ")
            ));
        }
        self.see_status(id, import, table);
        let mut has_entry = false;
        for entry in import.entries(table) {
            has_entry = true;
            self.see_entry(id, entry);
        }
        let is_over = import.is_over(table);
        if is_over && !has_entry {
            let whose = table.map_or_else(
                || "any table".to_owned(),
                |table| format!("the table {}", display::quoted(table.as_str())),
            );
            let note = format!("import {id} is finished, but has no entry for {whose}");
            self.find(VerdictState::Unknown, note);
            self.counted = None;
        }
        is_over
    }

    fn see_status(&mut self, id: &ImportId, import: &Import, table: Option<&TableKey>) {
        let entries = import.entries(table).map(|entry| &entry.status);
        let words = [&import.status].into_iter().chain(entries);
        let Some(status) = words.clone().find(|word| **word != Status::Finished) else {
            return;
        };
        let unknown = words
            .clone()
            .find(|word| matches!(word, Status::Unknown(_)));
        let word = display::quoted(unknown.unwrap_or(status).word());
        let comment = match unknown {
            Some(_) => ", which is no word that Qobra documents",
            None => "",
        };
        self.find(
            VerdictState::Pending,
            format!("import {id} is not over: its status is {word}{comment}"),
        );
    }

    fn see_entry(&mut self, id: &ImportId, entry: &TableImport) {
        self.counted = match (self.counted, entry.number_of_records) {
            (Some(sum), Some(count)) => Some(sum.saturating_add(count)),
            _ => None,
        };
        let Some(error) = &entry.error else { return };
        self.find(
            VerdictState::Gaps,
            format!("import {id}: {}", error.words()),
        );
        self.rejected_count = match (self.rejected_count, error.rows.count()) {
            (Some(sum), count @ 1..) => Some(sum + count),
            _ => None,
        };
        self.rejected.add(id, error);
    }

    /// Compares the service's count with what was sent.
    fn compare(&mut self, sent: u64, facts: &Facts<'_>) {
        let Some(counted) = self.counted else {
            // An error without a count is documented, and said already.
            if self.state == VerdictState::Clean {
                self.notes.push(format!(
                    "the service gives no count of the records it loaded: not compared with the \
                     {} sent",
                    display::count(sent)
                ));
            }
            return;
        };
        let (counted_words, sent_words) = (display::count(counted), display::count(sent));
        if counted < sent {
            let note = format!("the service counts {counted_words} of {sent_words} records sent");
            self.find(VerdictState::Gaps, note);
            return;
        }
        let resent = match facts.counts_once {
            true => 0,
            false => facts.resent_records,
        };
        if counted > sent + resent + facts.unanswered_records {
            let unless = match facts.counts_once && facts.resent_records > 0 {
                true => {
                    ", unless those that were sent again count twice by now: a probe found that they do not"
                }
                false => "",
            };
            let note = format!(
                "the service counts {} where {sent_words} were sent: another sender took part in \
                 this window{unless}",
                display::counted(counted, "record")
            );
            self.find(VerdictState::Unknown, note);
        } else if counted > sent {
            let why = match facts.unanswered_records {
                0 => "sent: some were sent again after an attempt without an answer",
                _ => "accepted: others came in a request without an answer",
            };
            self.notes.push(format!(
                "the service counts {} where {sent_words} were {why}",
                display::counted(counted, "record")
            ));
        }
    }

    /// A replace's requests share one window, whatever their imports: it ends with the first launch.
    fn check_launch(&mut self, imports: &[Observed<'_>]) {
        let launches = imports.iter().filter_map(|observed| match observed.seen {
            ImportSeen::Import(import) => import.launched_at.map(|at| (at, observed.id)),
            ImportSeen::NotFound | ImportSeen::Nothing => None,
        });
        let answers = imports.iter().filter_map(|observed| observed.last_answer);
        let (Some((launched, id)), Some(answered)) = (launches.min(), answers.max()) else {
            return;
        };
        if answered.duration_since(launched).unsigned_abs() > SAME_SECOND && answered > launched {
            let note = format!(
                "a chunk was accepted at {}, after import {id} had been launched at {}: it may \
                 have deleted what the others loaded",
                shown_time(answered),
                shown_time(launched)
            );
            self.find(VerdictState::AtRisk, note);
        }
    }

    /// A service that launches an import before its debounce is over does not hold the requests together: where
    /// there are several imports, one of them may have deleted what another one loaded. What is in a single one
    /// is told by its count. All times are the service's own, so that no clock here is in it.
    fn check_debounce(&mut self, imports: &[Observed<'_>], debounce: Duration) {
        let is_told_by_count = imports.len() == 1 && self.counted.is_some();
        let shown = imports.iter().filter_map(|observed| match observed.seen {
            ImportSeen::Import(import) => Some((import, observed.id)),
            ImportSeen::NotFound | ImportSeen::Nothing => None,
        });
        let launches = (shown.clone()).filter_map(|(import, id)| Some((import.launched_at?, id)));
        let created = shown.filter_map(|(import, _)| import.created_at).min();
        let (Some((launched, id)), Some(created)) = (launches.min(), created) else {
            return;
        };
        let least = debounce.saturating_sub(window::margin(debounce).max(window::EARLY));
        let is_early = launched < created.saturating_add(least).unwrap_or(Timestamp::MAX);
        if is_early && !is_told_by_count && self.state < VerdictState::AtRisk {
            let note = format!(
                "import {id} was launched at {}, where the first one was created at {} and the service was told \
                 to wait {} (--debounce): one may have deleted what another loaded",
                shown_time(launched),
                shown_time(created),
                display::time(debounce)
            );
            self.find(VerdictState::AtRisk, note);
        }
    }
}

pub(super) fn shown_time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}
