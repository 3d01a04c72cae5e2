//! What the service does with accepted pushes: windows, imports, and when each thing happens.
//!
//! Pure state. Every call is told what time it is and first catches up with everything that has
//! become due since the last one, in the order in which it became due. HTTP, keys and faults are not
//! known here.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use super::options::{SandboxOptions, TableSpec};
use super::record::{Fields, Rejected};
use super::table::Table;
use crate::service::facts::{Facts, GoodRows, ImportIds, WindowReading};

/// How long an import is `started` before it is `finished`. Its records are in the table, and its
/// delete is done, from the start on.
pub(crate) const RUNNING: Duration = Duration::from_secs(1);

/// All tables, and all imports that ever were.
#[derive(Debug)]
pub(super) struct World {
    tables: BTreeMap<String, Table>,
    any_table: bool,
    new_table: TableSpec,
    facts: Arc<Facts>,
    window: WindowReading,
    import_ids: ImportIds,
    /// How much later than its window closes an import launches.
    queue: Duration,
    /// What was accepted and has not started, oldest first.
    waiting: Vec<Batch>,
    imports: Vec<Import>,
    /// The first 18 of an id's 24 digits: two sandboxes do not share ids.
    id_stem: String,
}

/// One push, as the query and the body say.
#[derive(Debug)]
pub(super) struct Push {
    pub(super) table: String,
    pub(super) replace: bool,
    pub(super) debounce: Duration,
    pub(super) items: Vec<Fields>,
}

/// Why a push is not accepted.
#[derive(Debug)]
pub(super) enum Refusal {
    NoSuchTable,
    /// A record, counted from 0 as the body's list is, has no usable id.
    NoId {
        index: usize,
        field: String,
    },
}

/// What was sent to one table and will start together.
#[derive(Debug)]
struct Batch {
    table: String,
    replace: bool,
    closes_at: Duration,
    /// The records of each request, with the place of its import in `imports`.
    chunks: Vec<Chunk>,
}

type Chunk = (usize, Vec<(String, Fields)>);

/// One import, as following it shows.
#[derive(Debug)]
pub(super) struct Import {
    pub(super) id: String,
    pub(super) table: String,
    pub(super) created_at: Duration,
    pub(super) launched_at: Option<Duration>,
    is_debounced: bool,
    /// How many records went through the import, wanted or not: a line number for the next.
    pub(super) lines: usize,
    /// How many of them it wrote.
    pub(super) lines_written: usize,
    /// The ids that it wrote.
    pub(super) written: HashSet<String>,
    /// The ids that it left out at least once.
    pub(super) left_out: HashSet<String>,
    /// What it left out, with the line on which it stood, counted from 1 over all its requests.
    pub(super) rejected: Vec<(usize, Box<Rejected>)>,
}

/// What waits for its debounce, as it is shown.
#[derive(Debug)]
pub(super) struct Window<'a> {
    pub(super) table: &'a str,
    pub(super) replace: bool,
    pub(super) closes_at: Duration,
    pub(super) requests: usize,
    pub(super) records: usize,
}

/// How far an import has come; the service knows no other word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Scheduled,
    Started,
    Finished { at: Duration },
}

impl Import {
    pub(super) fn progress(&self, now: Duration) -> Progress {
        match self.launched_at.map(|at| at.saturating_add(RUNNING)) {
            None => Progress::Scheduled,
            Some(end) if now < end => Progress::Started,
            Some(end) => Progress::Finished { at: end },
        }
    }
}

impl World {
    pub(super) fn new(options: &SandboxOptions) -> Self {
        let made = options.clock.made_at();
        let facts = Arc::new(options.facts.clone());
        let tables = options.tables.iter().map(|spec| {
            let table = Table::new(spec.clone(), Arc::clone(&facts));
            (spec.key.clone(), table)
        });
        Self {
            tables: tables.collect(),
            any_table: options.any_table,
            new_table: options.new_table.clone(),
            window: facts.window.unwrap_or(options.window),
            import_ids: facts.import_ids.unwrap_or(options.import_ids),
            queue: options.queue,
            facts,
            waiting: Vec::new(),
            imports: Vec::new(),
            id_stem: format!("{:08x}{:010x}", made.as_second(), made.subsec_nanosecond()),
        }
    }

    /// Takes a push and says which import it belongs to.
    pub(super) fn push(&mut self, now: Duration, mut push: Push) -> Result<String, Refusal> {
        self.catch_up(now);
        let table = self.table_or_new(&push.table).ok_or(Refusal::NoSuchTable)?;
        let records = keyed(table, std::mem::take(&mut push.items))?;
        let closes_at = now.saturating_add(push.debounce);
        // Without a debounce nothing waits, so there is nothing to join: the push runs by itself.
        let open = self
            .waiting
            .iter()
            .position(|batch| {
                batch.table == push.table && batch.replace == push.replace && now < batch.closes_at
            })
            .filter(|_| !push.debounce.is_zero());
        let import = match open.map(|place| &self.waiting[place].chunks[0]) {
            Some((first, _)) if self.import_ids == ImportIds::Stacked => *first,
            Some(_) => self.new_import(now, &push),
            None => match self.shared(now, &push) {
                Some(import) => import,
                None => self.new_import(now, &push),
            },
        };
        match open.map(|place| &mut self.waiting[place]) {
            Some(batch) => {
                batch.chunks.push((import, records));
                if self.window == WindowReading::Last {
                    batch.closes_at = closes_at;
                }
            }
            None => self.waiting.push(Batch {
                table: push.table,
                replace: push.replace,
                // What shares an import launches with it.
                closes_at: self.imports[import]
                    .created_at
                    .saturating_add(push.debounce),
                chunks: vec![(import, records)],
            }),
        }
        self.catch_up(now);
        Ok(self.imports[import].id.clone())
    }

    /// The import that a push without a debounce shares with those before it, where such ones share any.
    fn shared(&self, now: Duration, push: &Push) -> Option<usize> {
        let is_sharing = push.debounce.is_zero()
            && self.facts.import_ids_without_debounce == Some(ImportIds::Stacked);
        let is_last = |import: &Import| import.table == push.table && !import.is_debounced;
        let place = self.imports.iter().rposition(is_last)?;
        let is_over = matches!(self.imports[place].progress(now), Progress::Finished { .. });
        (is_sharing && !is_over).then_some(place)
    }

    fn new_import(&mut self, now: Duration, push: &Push) -> usize {
        self.imports.push(Import {
            id: format!("{}{:06x}", self.id_stem, self.imports.len() + 1),
            table: push.table.clone(),
            created_at: now,
            launched_at: None,
            is_debounced: !push.debounce.is_zero(),
            lines: 0,
            lines_written: 0,
            written: HashSet::new(),
            left_out: HashSet::new(),
            rejected: Vec::new(),
        });
        self.imports.len() - 1
    }

    /// Starts everything that is due, in the order in which it became due.
    pub(super) fn catch_up(&mut self, now: Duration) {
        loop {
            let due = self
                .waiting
                .iter()
                .enumerate()
                .filter(|(_, batch)| self.starts_at(batch) <= now);
            // The first of equals: what came earlier starts earlier.
            let Some((place, _)) = due.min_by_key(|(_, batch)| batch.closes_at) else {
                return;
            };
            let batch = self.waiting.remove(place);
            self.start(batch);
        }
    }

    fn starts_at(&self, batch: &Batch) -> Duration {
        batch.closes_at.saturating_add(self.queue)
    }

    fn start(&mut self, batch: Batch) {
        let starts_at = self.starts_at(&batch);
        let Some(table) = self.tables.get_mut(&batch.table) else {
            return;
        };
        if batch.replace {
            table.delete_all();
        }
        let is_spoilt = |(place, records): &&Chunk| {
            let mut records = records.iter();
            !self.imports[*place].rejected.is_empty()
                || records.any(|(id, fields)| table.is_rejected(id, fields))
        };
        let spoilt: HashSet<usize> = match self.facts.good_rows {
            Some(GoodRows::LeftOut) => {
                let spoilt = batch.chunks.iter().filter(is_spoilt);
                spoilt.map(|(place, _)| *place).collect()
            }
            Some(GoodRows::Written) | None => HashSet::new(),
        };
        for (place, records) in batch.chunks {
            let import = &mut self.imports[place];
            if import.launched_at.is_none() {
                import.launched_at = Some(starts_at);
                table.imports.push(import.id.clone());
            }
            let is_spoilt = spoilt.contains(&place);
            for (id, fields) in records {
                import.lines += 1;
                match table.checked(&id, fields) {
                    Ok(_) if is_spoilt => drop(import.left_out.insert(id)),
                    Ok(fields) => {
                        table.upsert(&id, fields);
                        import.lines_written += 1;
                        import.written.insert(id);
                    }
                    Err(rejected) => {
                        import.left_out.insert(id);
                        import.rejected.push((import.lines, rejected));
                    }
                }
            }
        }
    }

    /// The first moment at which nothing is left to happen.
    pub(super) fn settled_at(&self) -> Duration {
        let starts = self.waiting.iter().map(|batch| self.starts_at(batch));
        let launched = self.imports.iter().filter_map(|import| import.launched_at);
        starts
            .chain(launched)
            .max()
            .map_or(Duration::ZERO, |last| last.saturating_add(RUNNING))
    }

    /// Puts records into a table as if they had always been there.
    pub(super) fn seed(&mut self, key: &str, items: Vec<Fields>) -> Result<(), Refusal> {
        let table = self.table_or_new(key).ok_or(Refusal::NoSuchTable)?;
        for (id, fields) in keyed(table, items)? {
            table.upsert(&id, fields);
        }
        Ok(())
    }

    fn table_or_new(&mut self, key: &str) -> Option<&mut Table> {
        if self.any_table && !self.tables.contains_key(key) {
            let spec = TableSpec {
                key: key.to_owned(),
                ..self.new_table.clone()
            };
            let table = Table::new(spec, Arc::clone(&self.facts));
            self.tables.insert(key.to_owned(), table);
        }
        self.tables.get_mut(key)
    }

    pub(super) fn table(&self, key: &str) -> Option<&Table> {
        self.tables.get(key)
    }

    /// All tables, by key.
    pub(super) fn tables(&self) -> impl Iterator<Item = &Table> {
        self.tables.values()
    }

    /// All imports, oldest first.
    pub(super) fn imports(&self) -> &[Import] {
        &self.imports
    }

    /// All that waits, oldest first.
    pub(super) fn windows(&self) -> impl Iterator<Item = Window<'_>> {
        self.waiting.iter().map(|batch| Window {
            table: &batch.table,
            replace: batch.replace,
            closes_at: batch.closes_at,
            requests: batch.chunks.len(),
            records: batch.chunks.iter().map(|(_, records)| records.len()).sum(),
        })
    }

    pub(super) fn import(&self, id: &str) -> Option<&Import> {
        self.imports.iter().find(|import| import.id == id)
    }
}

/// Finds each record's id, or the first record that has none. One is enough to refuse them all.
fn keyed(table: &Table, items: Vec<Fields>) -> Result<Vec<(String, Fields)>, Refusal> {
    let keyed = items
        .into_iter()
        .enumerate()
        .map(|(index, fields)| match table.id_of(&fields) {
            Some(id) => Ok((id, fields)),
            None => Err(Refusal::NoId {
                index,
                field: table.spec.id_field.clone(),
            }),
        });
    keyed.collect()
}
