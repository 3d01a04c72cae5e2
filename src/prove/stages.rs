//! The stages of a push, each by itself: what the benches measure.
//!
//! A stage includes what it cannot do without: mapping needs rows, so it parses too.

use std::hint::black_box;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::budget::MaxErrors;
use super::chunk::{BodyBuilder, ChunkOptions, MappedInput};
use super::duplicates::Scratch;
use super::fingerprint::Collect;
use super::pass::{Proof, ProveOptions, prove};
use super::rejects::RejectsFile;
use super::repeated::OnDuplicates;
use crate::base::event::Events;
use crate::input::{InputPath, Source, SourceOptions};
use crate::mapping::{Binding, Mapping, Tally};

/// An input that is ready to be read.
pub struct Stages {
    path: PathBuf,
    source: Source,
    binding: Binding,
}

impl Stages {
    /// Opens a file and binds a mapping's text to its columns.
    ///
    /// # Errors
    /// When either does not work.
    pub fn open(path: &Path, mapping: &str) -> Result<Self> {
        let source = Source::open(&[InputPath::File(path.into())], &SourceOptions::default())?;
        let mapping = Mapping::parse(mapping).ok().context("a bad mapping")?;
        let binding = mapping.bind(source.columns()).ok();
        Ok(Self {
            path: path.into(),
            source,
            binding: binding.context("the mapping does not fit the input")?,
        })
    }

    /// Finds the ends of all records.
    ///
    /// # Errors
    /// When the input is not a good one.
    pub fn split(&self) -> Result<u64> {
        let (mut blocks, mut bytes) = (self.source.blocks(), 0);
        while let Some(block) = blocks.next() {
            let block = block?;
            bytes += block.bytes.len() as u64;
            blocks.recycle(block.bytes);
        }
        Ok(bytes)
    }

    /// Splits and parses.
    ///
    /// # Errors
    /// When the input is not a good one.
    pub fn parse(&self) -> Result<u64> {
        let (mut blocks, mut parser) = (self.source.blocks(), self.source.parser());
        let mut good = 0;
        while let Some(block) = blocks.next() {
            let block = block?;
            let mut rows = parser.rows(&self.source, &block)?;
            while let Some(row) = rows.next() {
                good += u64::from(black_box(&row).cells.is_ok());
            }
            blocks.recycle(block.bytes);
        }
        Ok(good)
    }

    /// Splits, parses and maps; the JSON is written over.
    ///
    /// # Errors
    /// When the input is not a good one.
    pub fn map(&self) -> Result<u64> {
        let (mut blocks, mut parser) = (self.source.blocks(), self.source.parser());
        let (mut json, mut tally) = (Vec::new(), Tally::default());
        let mut good = 0;
        while let Some(block) = blocks.next() {
            let block = block?;
            let mut rows = parser.rows(&self.source, &block)?;
            while let Some(row) = rows.next() {
                json.clear();
                let cells = row.cells?;
                good += u64::from(self.binding.write(&cells, &mut json, &mut tally).is_ok());
                black_box(&json);
            }
            blocks.recycle(block.bytes);
        }
        Ok(good)
    }

    /// The whole first pass.
    ///
    /// # Errors
    /// When the input is not a good one.
    pub fn prove(&self) -> Result<Proved> {
        let options = ProveOptions {
            chunks: ChunkOptions::new(5_000, 16 << 20),
            duplicates: OnDuplicates::Error,
            max_errors: MaxErrors::Count(0),
        };
        // Never created: no record is bad.
        let mut rejects = RejectsFile::new(self.path.with_extension("rejects"), &self.source);
        let proof = prove(
            &self.source,
            &self.binding,
            &options,
            Scratch::default(),
            &mut rejects,
            Collect::nowhere(),
            &Events::unheard(),
        )
        .map_err(|unproved| unproved.error)?;
        Ok(Proved(proof))
    }

    /// The second pass but for the network: the bodies of all proved chunks.
    ///
    /// # Errors
    /// When the input is not a good one.
    pub fn build(&self, Proved(proof): &Proved) -> Result<u64> {
        let mapped = MappedInput {
            source: &self.source,
            binding: &self.binding,
            left_out: &proof.left_out,
        };
        let (mut builder, mut body) = (BodyBuilder::default(), Vec::new());
        let mut records = 0;
        for plan in &proof.chunks {
            let built = builder.build(mapped, plan, plan.range, body)?;
            records += built.records;
            body = black_box(built.body);
        }
        Ok(records)
    }
}

/// An input's chunks.
pub struct Proved(Proof);

impl Proved {
    /// How many records they hold.
    pub fn records(&self) -> u64 {
        self.0.records()
    }
}
