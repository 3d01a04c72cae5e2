//! What is pushed: proved once, used by thousands of simulated pushes.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::Clock;
use crate::base::event::Events;
use crate::base::model::RecordRange;
use crate::input::{InputPath, Source, SourceOptions};
use crate::mapping::Mapping;
use crate::prove::chunk::{ChunkOptions, ChunkPlan};
use crate::prove::duplicates::Scratch;
use crate::prove::rejects::RejectsFile;
use crate::prove::{Collect, MaxErrors, OnDuplicates, ProveOptions, prove};
use crate::push::send::SendInput;
use crate::runs::journal::{ChunkLine, ExtentLine, InputLine, PlanLine, PlanOptions, SCHEMA};
use crate::runs::state::RunDir;

use super::stage::{BASE, Job, key};

/// Ids and records of a table.
pub(crate) type Content = BTreeMap<String, String>;

/// Records of a chunk.
pub(crate) const CHUNK: u64 = 3;

/// A proved input, and what a table holds that has exactly this.
pub(crate) struct Proved {
    pub input: Arc<SendInput>,
    pub content: Content,
    _folder: tempfile::TempDir,
}

thread_local! {
    static PROVED: RefCell<HashMap<(u32, u64), Rc<Proved>>> = RefCell::default();
}

/// An input of so many records. Versions have ids in common, and no record.
pub(crate) fn proved(version: u32, records: u64) -> Rc<Proved> {
    let known = PROVED.with_borrow(|proved| proved.get(&(version, records)).cloned());
    known.unwrap_or_else(|| {
        let new = Rc::new(prove_input(version, records));
        PROVED.with_borrow_mut(|proved| proved.insert((version, records), Rc::clone(&new)));
        new
    })
}

fn prove_input(version: u32, records: u64) -> Proved {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.csv");
    let first = u64::from(version);
    let ids = first..first + records;
    let rows: String = ids.clone().map(|id| format!("{id},v{version}\n")).collect();
    std::fs::write(&path, format!("id,note\n{rows}")).unwrap();
    let source = Source::open(&[InputPath::File(path)], &SourceOptions::default()).unwrap();
    let binding = Mapping::identity().bind(source.columns()).unwrap();
    let options = ProveOptions {
        chunks: ChunkOptions::new(CHUNK, 1 << 20),
        duplicates: OnDuplicates::Error,
        max_errors: MaxErrors::Count(0),
    };
    let mut rejects = RejectsFile::new(folder.path().join("rejects.csv"), &source);
    let (scratch, events) = (Scratch::default(), Events::unheard());
    let proof = prove(
        &source,
        &binding,
        &options,
        scratch,
        &mut rejects,
        Collect::nowhere(),
        &events,
    )
    .unwrap();
    let record = |id: u64| {
        (
            id.to_string(),
            format!("{{\"id\":\"{id}\",\"note\":\"v{version}\"}}"),
        )
    };
    let chunks = match proof.chunks {
        none if none.is_empty() => vec![ChunkPlan::empty(RecordRange { first: 1, last: 1 })],
        chunks => chunks,
    };
    Proved {
        input: Arc::new(SendInput {
            source,
            binding,
            chunks,
            left_out: proof.left_out,
        }),
        content: ids.map(record).collect(),
        _folder: folder,
    }
}

/// The journal's first line for a push of it.
pub(crate) fn plan_line(job: &Job, dir: &RunDir, clock: &Clock) -> PlanLine {
    let proved = proved(job.version, job.records);
    let chunk = |chunk: &ChunkPlan| ChunkLine {
        number: chunk.number,
        range: chunk.range,
        records: chunk.records,
        body_bytes: chunk.body_bytes,
        digest: chunk.digest,
        extents: vec![ExtentLine([0, 0, 1, 1])],
        firsts: Vec::new(),
    };
    let is_empty = job.records == 0;
    let chunks = proved.input.chunks.iter().filter(|_| !is_empty);
    PlanLine {
        schema: SCHEMA,
        version: "0".to_owned(),
        run: dir.id().clone(),
        started: clock.now(),
        base_url: BASE.to_owned(),
        table: key(),
        mode: job.mode,
        host: None,
        rollback_of: None,
        sync: None,
        options: PlanOptions {
            jobs: job.jobs as u64,
            retry_for: job.retry_for,
            chunk_time: Duration::from_secs(1),
            chunk_size: CHUNK,
            max_body: 1 << 20,
            format: "csv".to_owned(),
            id_field: "id".to_owned(),
            name_field: "name".to_owned(),
            duplicates: "error".to_owned(),
            ..PlanOptions::default()
        },
        inputs: vec![InputLine {
            sheet: None,
            encoding: None,
            member: None,
            positions: None,
            path: Some("/data.csv".into()),
            kept: None,
            delimiter: None,
            bytes: 1,
            records: None,
            digest: String::new(),
        }],
        mapping: None,
        records_read: job.records,
        rejected: 0,
        duplicates_dropped: 0,
        dropped: Vec::new(),
        keys: Vec::new(),
        totals: Vec::new(),
        changes: None,
        facts: None,
        differing: None,
        chunks: chunks.map(chunk).collect(),
    }
}
