use std::collections::BTreeSet;
use std::time::Duration;

use fastrand::Rng;
use tempfile::TempDir;

use super::Tally;
use super::table::{self, Content, Input};
use super::truth::{Goal, Truth};
use crate::base::clock::Clock;
use crate::base::model::{Mode, TableKey};
use crate::prove::FingerprintKey;
use crate::runs::base::{self, About, BaseFile, BaseWriter, CompareError, Comparison, Differing};
use crate::runs::history::History;
use crate::runs::state::{RunDir, RunId, StateDir, TableDir};

pub(super) const URL: &str = "https://api.qobra.co/";

/// A machine, and what it left in the table.
pub(super) struct Machine {
    pub(super) folder: TempDir,
    pub(super) state: StateDir,
    pub(super) table: TableDir,
    pub(super) clock: Clock,
    /// The runs that may have touched the table, in their order.
    pub(super) pushed: Vec<Pushed>,
    /// What the table holds.
    pub(super) truth: Truth,
    /// Bases that were there once: of which run, and their bytes.
    pub(super) old_bases: Vec<(RunId, Vec<u8>)>,
}

/// A run that may have touched the table.
pub(super) struct Pushed {
    pub(super) run: RunDir,
    pub(super) mode: Mode,
    pub(super) input: Input,
    /// What of it is sent.
    pub(super) sent: Content,
    pub(super) goal: Goal,
    /// The ids that the service rejects.
    pub(super) rejected: BTreeSet<String>,
    /// Whether the service names each of them.
    pub(super) are_named: bool,
    /// Whether the machine could know of them.
    pub(super) is_learned: bool,
    /// Whether all was accepted; else nobody knows what was.
    pub(super) is_accepted: bool,
}

impl Machine {
    pub(super) fn new() -> Self {
        // In memory where that can be had: nothing here is about what a disk does.
        let memory = std::path::Path::new("/dev/shm");
        let place = match memory.is_dir() {
            true => memory.to_owned(),
            false => std::env::temp_dir(),
        };
        let folder = tempfile::tempdir_in(place).unwrap();
        let state = StateDir::find(Some(folder.path()), &|_| None).unwrap();
        let table = state.table(URL, &TableKey::new("deals").unwrap());
        Self {
            folder,
            state,
            table,
            clock: Clock::manual(),
            pushed: Vec::new(),
            truth: Truth::default(),
            old_bases: Vec::new(),
        }
    }

    pub(super) fn history(&self) -> History {
        History::read(&self.table).unwrap()
    }

    /// The key; none where it is damaged or gone.
    pub(super) fn key(&self) -> Option<FingerprintKey> {
        base::read(&self.state).ok().flatten()
    }

    /// What this machine left in the table, as far as it can know; none where it cannot.
    pub(super) fn left(&self) -> Option<Content> {
        let mut left = None;
        for push in &self.pushed {
            let mut loaded = push.sent.clone();
            if push.is_learned {
                loaded.retain(|id, _| !push.rejected.contains(id));
            }
            left = match (push.is_accepted, push.mode) {
                (false, _) => None,
                (true, Mode::Replace { .. }) => Some(loaded),
                (true, Mode::Upsert) => left.map(|mut left: Content| {
                    left.extend(loaded);
                    left
                }),
            };
        }
        left
    }

    /// Something like what is in the table.
    pub(super) fn input(&self, random: &mut Rng) -> Input {
        let sent = self.pushed.last().map(|push| push.input.content());
        let like = self.left().or(sent).unwrap_or_default();
        Input::like(&like, random)
    }

    /// Collects an input's fingerprints.
    pub(super) fn collect(
        &self,
        input: &Input,
        run: Option<&RunId>,
        path: &std::path::Path,
        key: &FingerprintKey,
    ) -> BaseFile {
        let mut writer = BaseWriter::create(path, false).unwrap();
        input.collect(&mut writer, key);
        let about = About {
            run: run.cloned(),
            table: TableKey::new("deals").unwrap(),
            base_url: URL.to_owned(),
            names: input.names(),
            freeze_field: None,
            missing: input.bad,
            at: self.clock.now().wall,
        };
        let left_out = input.dropped.iter().copied().collect();
        base::finish(writer, about, key, &left_out).unwrap()
    }

    /// What a dry run would claim must be so.
    pub(super) fn check(&self, random: &mut Rng, tally: &Tally) {
        let Some(key) = self.key() else { return };
        let input = self.input(random);
        let path = self.folder.path().join("scratch");
        let mut collected = self.collect(&input, None, &path, &key);
        self.claim(&self.history(), &mut collected, &input, &key, tally);
        std::fs::remove_file(path).unwrap();
    }

    /// Compares what is claimed of an input with what it changes.
    pub(super) fn claim(
        &self,
        history: &History,
        collected: &mut BaseFile,
        input: &Input,
        key: &FingerprintKey,
        tally: &Tally,
    ) -> Option<(Comparison, Differing)> {
        use std::sync::atomic::Ordering::Relaxed;
        // In which a field that is gone counts too.
        const REPLACE: Mode = Mode::Replace {
            debounce: Duration::ZERO,
        };
        let mut differing = Differing::default();
        let which = Some(&mut differing);
        let claim = match base::current(history, Some(URL), Some(key)) {
            Ok(mut base) => match base::compare(&mut base, collected, REPLACE, None, which) {
                Ok(claim) => Some(claim),
                Err(CompareError::Base(_)) => None,
                Err(error) => panic!("{error}"),
            },
            Err(_) => None,
        };
        let Some(claim) = claim else {
            tally.unknown.fetch_add(1, Relaxed);
            return None;
        };
        tally.told.fetch_add(1, Relaxed);
        let left = self.left().expect("a claim about what nobody knows");
        table::check(&claim, &left, input);
        table::check_differing(&differing, &left, input);
        Some((claim, differing))
    }
}
