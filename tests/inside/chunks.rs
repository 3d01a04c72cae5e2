//! Laws of the two passes: what is proved, joined, is the input; what is built is what was proved.

use std::fs;
use std::path::PathBuf;

use crate::base::event::Events;
use crate::base::model::RecordRange;
use crate::input::{InputPath, Source, SourceOptions};
use crate::mapping::{Binding, Mapping};
use crate::prove::chunk::{BodyBuilder, BuildError, Built, ChunkOptions, ChunkPlan, MappedInput};
use crate::prove::duplicates::{RecordSet, Scratch};
use crate::prove::rejects::RejectsFile;
use crate::prove::{Collect, MaxErrors, OnDuplicates, Proof, ProveOptions, prove};
use proptest::prelude::*;
use serde_json::Value;

/// Files on disk, opened and bound without a mapping.
pub(super) struct Opened {
    pub(super) dir: tempfile::TempDir,
    pub(super) source: Source,
    pub(super) binding: Binding,
}

impl Opened {
    pub(super) fn new(files: &[(&str, String)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let paths: Vec<_> = files
            .iter()
            .map(|(name, text)| {
                let path: PathBuf = dir.path().join(name);
                fs::write(&path, text).unwrap();
                InputPath::File(path)
            })
            .collect();
        let source = Source::open(&paths, &SourceOptions::default()).unwrap();
        let binding = Mapping::identity().bind(source.columns()).unwrap();
        Self {
            dir,
            source,
            binding,
        }
    }

    pub(super) fn prove(&self, max_records: u64, max_body: u64) -> Proof {
        let options = ChunkOptions::new(max_records, max_body);
        let options = ProveOptions {
            chunks: options,
            duplicates: OnDuplicates::Error,
            max_errors: MaxErrors::Count(0),
        };
        let mut rejects = RejectsFile::new(self.dir.path().join("rejects.csv"), &self.source);
        let (source, binding, events) = (&self.source, &self.binding, Events::unheard());
        prove(
            source,
            binding,
            &options,
            Scratch::default(),
            &mut rejects,
            Collect::nowhere(),
            &events,
        )
        .unwrap()
    }

    fn build(&self, plan: &ChunkPlan) -> Result<Vec<u8>, BuildError> {
        self.build_part(plan, plan.range).map(|built| built.body)
    }
}

impl Opened {
    fn build_part(&self, plan: &ChunkPlan, range: RecordRange) -> Result<Built, BuildError> {
        self.build_without(plan, range, &RecordSet::default())
    }

    pub(super) fn build_without(
        &self,
        plan: &ChunkPlan,
        range: RecordRange,
        left_out: &RecordSet,
    ) -> Result<Built, BuildError> {
        let mapped = MappedInput {
            source: &self.source,
            binding: &self.binding,
            left_out,
        };
        BodyBuilder::default().build(mapped, plan, range, Vec::new())
    }
}

pub(super) fn csv(ids: impl Iterator<Item = u64>) -> String {
    let rows: String = ids
        .map(|id| format!("{id},\"{}\"\n", "x".repeat(id as usize % 90)))
        .collect();
    format!("id,note\n{rows}")
}

pub(super) fn ids(body: &[u8]) -> Vec<u64> {
    let body: Value = serde_json::from_slice(body).unwrap();
    let items = body["items"].as_array().unwrap();
    items
        .iter()
        .map(|item| item["id"].as_str().unwrap().parse().unwrap())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn all_chunks_joined_are_all_records_once_in_order(
        counts in proptest::collection::vec(0u64..120, 1..4),
        max_records in 1u64..60,
        max_body in 150u64..2_000,
    ) {
        let total: u64 = counts.iter().sum();
        let mut next = 1;
        let files: Vec<_> = counts
            .iter()
            .enumerate()
            .map(|(n, count)| {
                let ids = next..next + count;
                next += count;
                (["a.csv", "b.csv", "c.csv"][n], csv(ids))
            })
            .collect();
        let opened = Opened::new(&files);
        let proof = opened.prove(max_records, max_body);

        prop_assert_eq!(proof.read, total);
        prop_assert_eq!(proof.records(), total);
        let mut joined = Vec::new();
        let mut first = 1;
        for (plan, number) in proof.chunks.iter().zip(1..) {
            let body = opened.build(plan).unwrap();
            let ids = ids(&body);
            prop_assert_eq!(plan.number, number);
            prop_assert_eq!(plan.range.first, first);
            prop_assert_eq!(plan.range.span(), plan.records);
            prop_assert_eq!(plan.records, ids.len() as u64);
            prop_assert_eq!(plan.body_bytes, body.len() as u64);
            prop_assert!(plan.records <= max_records);
            prop_assert!(plan.body_bytes <= max_body);
            first = plan.range.last + 1;
            joined.extend(ids);
        }
        prop_assert_eq!(joined, (1..=total).collect::<Vec<_>>());
    }
}

#[test]
fn a_chunk_ends_only_where_the_next_record_does_not_fit() {
    let opened = Opened::new(&[("a.csv", csv(1..500))]);
    let (max_records, max_body) = (20, 900);
    let proof = opened.prove(max_records, max_body);
    for pair in proof.chunks.windows(2) {
        let next = opened.build(&pair[1]).unwrap();
        let next: Value = serde_json::from_slice(&next).unwrap();
        let first = next["items"][0].to_string().len() as u64;
        assert!(pair[0].records == max_records || pair[0].body_bytes + 1 + first > max_body);
    }
}

#[test]
fn halves_joined_are_the_whole() {
    let opened = Opened::new(&[("a.csv", csv(1..38))]);
    let proof = opened.prove(37, 1 << 20);
    let plan = &proof.chunks[0];
    let whole = opened.build_part(plan, plan.range).unwrap();
    let first = RecordRange {
        last: whole.middle,
        ..plan.range
    };
    let second = RecordRange {
        first: whole.middle + 1,
        ..plan.range
    };
    let halves = [first, second].map(|range| opened.build_part(plan, range).unwrap());
    assert_eq!(halves.each_ref().map(|half| half.records), [19, 18]);
    let joined: Vec<_> = halves.iter().flat_map(|half| ids(&half.body)).collect();
    assert_eq!(joined, ids(&whole.body));
}

#[test]
fn borders() {
    for (records, expected) in [
        (0, vec![]),
        (1, vec![1]),
        (4_999, vec![4_999]),
        (5_000, vec![5_000]),
        (5_001, vec![5_000, 1]),
        (10_000, vec![5_000, 5_000]),
        (12_345, vec![5_000, 5_000, 2_345]),
    ] {
        let opened = Opened::new(&[("a.csv", csv(1..records + 1))]);
        let proof = opened.prove(5_000, 16 << 20);
        let sizes: Vec<_> = proof.chunks.iter().map(|chunk| chunk.records).collect();
        assert_eq!(sizes, expected, "{records}");
    }
}

#[test]
fn one_huge_record_goes_alone() {
    let text = format!("id,note\n1,a\n2,{}\n3,b\n", "é".repeat(400_000));
    let opened = Opened::new(&[("a.csv", text)]);
    let proof = opened.prove(5_000, 800_040);
    let sizes: Vec<_> = proof.chunks.iter().map(|chunk| chunk.records).collect();
    assert_eq!(sizes, [1, 1, 1]);
    assert_eq!(ids(&opened.build(&proof.chunks[1]).unwrap()), [2]);
}

#[test]
fn what_changed_since_it_was_proved_is_not_built() {
    let opened = Opened::new(&[("a.csv", csv(1..100))]);
    let proof = opened.prove(30, 1 << 20);
    let path = opened.dir.path().join("a.csv");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\n95,", "\n96,")).unwrap();

    assert_eq!(ids(&opened.build(&proof.chunks[0]).unwrap()).len(), 30);
    let error = opened.build(&proof.chunks[3]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the input has changed since it was proved (records 91 to 99)"
    );
    fs::write(&path, "id,note\n").unwrap();
    assert!(matches!(
        opened.build(&proof.chunks[0]),
        Err(BuildError::Input(_))
    ));
}
