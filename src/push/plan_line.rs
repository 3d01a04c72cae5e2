//! A proved push as the journal's first line, and back.

use std::path::PathBuf;
use std::time::Duration;

use crate::base::clock::Clock;
use crate::base::host;
use crate::base::model::RecordRange;
use crate::input::{
    Encoding, Extent, Format, InputPath, Margins, ProvedInput, Quoting, RecordsAt, Source,
    SourceOptions,
};
use crate::prove::chunk::ChunkPlan;
use crate::prove::duplicates::RecordSet;
use crate::prove::rejects::RejectsFile;
use crate::prove::{InputProof, Proof};
use crate::push::plan::{Plan, Target};
use crate::push::send::SendOptions;
use crate::runs::journal::{
    ChunkLine, ExtentLine, InputLine, Journal, MappingLine, PlanLine, PlanOptions, RangeSet, SCHEMA,
};
use crate::runs::state::RunDir;
use crate::service::window;

/// All that a resume must know.
pub(crate) fn plan_line(
    plan: &Plan,
    source: &Source,
    proof: &Proof,
    run: &RunDir,
    clock: &Clock,
    known_time: Option<Duration>,
) -> PlanLine {
    let base_url = match &plan.target {
        Target::Service(api, ..) => api.base_url.to_string(),
        Target::Sandbox | Target::DryRun => String::new(),
    };
    PlanLine {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        run: run.id().clone(),
        started: clock.now(),
        host: host::name(),
        base_url,
        table: plan.send.table.clone(),
        mode: plan.send.mode,
        rollback_of: (plan.rollback.as_ref()).map(|back| back.run().clone()),
        sync: plan.sync.clone(),
        options: options(plan, source, known_time),
        inputs: inputs(plan, source, proof),
        mapping: plan.mapping_file.as_ref().map(|file| MappingLine {
            path: file.path.clone(),
            digest: file.digest.clone(),
        }),
        records_read: proof.read,
        rejected: proof.rejected,
        duplicates_dropped: proof.duplicates_dropped,
        dropped: ranges(&proof.left_out),
        keys: proof.keys.clone(),
        totals: proof.totals.clone(),
        facts: None,
        changes: None,
        differing: None,
        chunks: proof.chunks.iter().map(chunk_line).collect(),
    }
}

fn options(plan: &Plan, source: &Source, known_time: Option<Duration>) -> PlanOptions {
    let (api_key_file, ca_cert) = match &plan.target {
        Target::Service(api, places, _) => (places.file.clone(), api.ca_cert.clone()),
        Target::Sandbox | Target::DryRun => (None, None),
    };
    PlanOptions {
        jobs: plan.send.jobs as u64,
        retry_for: plan.send.retry_for,
        connect_for: plan.send.connect_for,
        chunk_time: plan
            .guard
            .chunk_time
            .or(known_time)
            .unwrap_or(window::CHUNK_TIME),
        chunk_size: plan.prove.chunks.max_records,
        max_body: plan.prove.chunks.max_alone,
        format: source.format().word().to_owned(),
        // What a name's extension told is not told again by the copy of a pipe.
        // A sheet's text has commas, whatever was said of other inputs.
        delimiter: source
            .common_delimiter()
            .or(plan.source.delimiter)
            .map(char::from),
        escape: source.quoting().escape.map(char::from),
        quotes_are_text: !source.quoting().has_quotes,
        encoding: plan
            .source
            .encoding
            .map(|encoding| encoding.name().to_owned()),
        records: plan.source.records.path().map(str::to_owned),
        header_line: plan.source.margins.header_line,
        skip_last: Some(plan.source.margins.skip_last).filter(|count| *count > 0),
        id_field: plan.mapping.id().to_owned(),
        name_field: plan.mapping.name().to_owned(),
        duplicates: plan.prove.duplicates.word().to_owned(),
        keep: plan.keep,
        rejects: plan.rejects.clone().map(absolute),
        api_key_file: api_key_file.map(absolute),
        ca_cert: ca_cert.map(absolute),
    }
}

fn inputs(plan: &Plan, source: &Source, proof: &Proof) -> Vec<InputLine> {
    let line = |(n, (path, input)): (usize, (&InputPath, &InputProof))| InputLine {
        path: match path {
            InputPath::Stdin => None,
            InputPath::File(path) => Some(absolute(path.clone())),
        },
        kept: source.kept(n).map(|path| absolute(path.to_owned())),
        delimiter: source.delimiter_of(n).map(char::from),
        sheet: source.sheet(n).map(str::to_owned),
        encoding: (source.encoding_of(n)).map(|encoding| encoding.name().to_owned()),
        member: source.member(n),
        positions: source.positions(n),
        bytes: input.bytes,
        records: Some(input.records),
        digest: input.digest.clone(),
    };
    plan.inputs
        .iter()
        .zip(&proof.inputs)
        .enumerate()
        .map(line)
        .collect()
}

/// How the inputs are read again.
pub(crate) fn source_options(line: &PlanLine) -> SourceOptions {
    SourceOptions {
        format: Some(Format::of_word(&line.options.format)),
        delimiter: byte(line.options.delimiter),
        records: RecordsAt::of(None, line.options.records.clone()),
        margins: Margins {
            header_line: line.options.header_line,
            skip_last: line.options.skip_last.unwrap_or(0),
            is_typed: false,
        },
        quoting: Quoting {
            escape: byte(line.options.escape),
            has_quotes: !line.options.quotes_are_text,
        },
        // Copies are inflated and decoded already, and what is none was read where it stood.
        proved: Some(line.inputs.iter().map(proved).collect()),
        ..SourceOptions::default()
    }
}

fn proved(input: &InputLine) -> ProvedInput {
    ProvedInput {
        delimiter: byte(input.delimiter),
        sheet: input.sheet.clone(),
        member: input.member.clone(),
        encoding: (input.encoding.as_deref()).and_then(|name| Encoding::named(name).ok()),
        positions: input.positions.filter(|_| !is_copy_gone(input)),
    }
}

/// Whether the copy of a JSON document is gone, which can be made again where the document is there.
pub(crate) fn is_copy_gone(input: &InputLine) -> bool {
    let is_gone = input.kept.as_ref().is_some_and(|copy| !copy.exists());
    is_gone && input.positions.is_some() && input.path.is_some()
}

fn byte(character: Option<char>) -> Option<u8> {
    character.and_then(|c| u8::try_from(c).ok())
}

/// How the rest of the chunks is sent.
pub(crate) fn send_options(line: &PlanLine) -> SendOptions {
    SendOptions {
        table: line.table.clone(),
        mode: line.mode,
        jobs: usize::try_from(line.options.jobs).unwrap_or(1),
        retry_for: line.options.retry_for,
        connect_for: line.options.connect_for,
        reading: None,
    }
}

/// Where a run's rejected records go: the file that was named, unless that is another run's by now.
pub(crate) fn rejects_path(journal: &Journal, dir: &RunDir, source: &Source) -> PathBuf {
    let line = journal.plan();
    let has_some = || {
        let ended = journal.end().and_then(|end| end.rejects);
        let by_service = journal.imports().iter().any(|import| import.has_error);
        line.rejected > 0 || by_service || ended.is_some_and(|count| count > 0)
    };
    let named = line.options.rejects.clone();
    let named = named.filter(|path| !path.exists() || has_some());
    named.unwrap_or_else(|| dir.rejects_path(RejectsFile::extension(source)))
}

/// Where they are, if any were written.
pub(crate) fn written_rejects(line: &PlanLine, dir: &RunDir) -> Option<PathBuf> {
    let named = || line.options.rejects.clone();
    dir.written_rejects()
        .or_else(|| named().filter(|path| path.exists()))
}

/// A resume may run in another folder.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// The chunks as they were proved.
pub(crate) fn chunks(line: &PlanLine) -> Vec<ChunkPlan> {
    let plan = |chunk: &ChunkLine| ChunkPlan {
        number: chunk.number,
        range: chunk.range,
        records: chunk.records,
        body_bytes: chunk.body_bytes,
        extents: chunk.extents.iter().map(extent).collect(),
        firsts: chunk.firsts.clone(),
        digest: chunk.digest,
    };
    line.chunks.iter().map(plan).collect()
}

/// The records that the chunks span but do not carry.
pub(crate) fn left_out(line: &PlanLine) -> RecordSet {
    let mut left_out = RecordSet::default();
    for range in &line.dropped {
        left_out.insert_range(range.first..=range.last);
    }
    left_out
}

fn ranges(records: &RecordSet) -> Vec<RecordRange> {
    let single = |record| RecordRange {
        first: record,
        last: record,
    };
    let ranges: RangeSet = records.iter().map(single).collect();
    ranges.ranges().to_vec()
}

fn chunk_line(chunk: &ChunkPlan) -> ChunkLine {
    let extent = |e: &Extent| ExtentLine([e.input as u64, e.start, e.end, e.first_line]);
    ChunkLine {
        number: chunk.number,
        range: chunk.range,
        records: chunk.records,
        body_bytes: chunk.body_bytes,
        digest: chunk.digest,
        extents: chunk.extents.iter().map(extent).collect(),
        firsts: chunk.firsts.clone(),
    }
}

fn extent(&ExtentLine([input, start, end, first_line]): &ExtentLine) -> Extent {
    Extent {
        input: usize::try_from(input).unwrap_or(usize::MAX),
        start,
        end,
        first_line,
    }
}
