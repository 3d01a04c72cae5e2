//! The made-up files of one comparison, and what should arrive of each.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::deals::Format;
use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::deals;
use crate::truth::Truth;

/// The mapping, as a push reads it.
const MAPPING: &str = include_str!("deals.toml");

/// A file of so many deals.
#[derive(Clone, Debug)]
pub struct Deals {
    pub path: PathBuf,
    pub truth: Truth,
}

/// A folder of made-up files that goes with the program.
pub struct Data {
    folder: TempDir,
    seed: u64,
    /// The mapping file.
    pub mapping: PathBuf,
}

impl Data {
    /// An empty folder within another.
    pub fn new(within: &Path, seed: u64) -> Result<Self> {
        let folder = TempDir::with_prefix_in("compare-", within)
            .with_context(|| format!("cannot use {}", within.display()))?;
        let mapping = folder.path().join("deals.toml");
        std::fs::write(&mapping, MAPPING)?;
        Ok(Self {
            folder,
            seed,
            mapping,
        })
    }

    /// The first deals of the seed.
    pub fn deals(&self, format: Format, rows: u64) -> Result<Deals> {
        let extension = match format {
            Format::Ndjson => "ndjson",
            _ => "csv",
        };
        let path = self.folder.path().join(format!("{rows}.{extension}"));
        let mut truth = Truth::default();
        deals::write(&path, format, self.seed, rows, |deal| truth.add(deal))?;
        Ok(Deals { path, truth })
    }

    /// A file compressed by a program that writes to its standard output; none without that program.
    pub fn compressed(&self, file: &Path, by: &str, extension: &str) -> Result<Option<PathBuf>> {
        let mut name = file.as_os_str().to_owned();
        name.push(extension);
        let path = PathBuf::from(name);
        let end = Command::new(by)
            .stdin(File::open(file)?)
            .stdout(File::create(&path)?)
            .stderr(Stdio::null())
            .arg("-c")
            .status();
        Ok(end.is_ok_and(|end| end.success()).then_some(path))
    }

    /// A new folder.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let path = self.folder.path().join(name);
        std::fs::create_dir(&path)?;
        Ok(path)
    }

    /// A new folder that goes when it is dropped.
    pub fn passing_folder(&self) -> Result<TempDir> {
        Ok(TempDir::new_in(self.folder.path())?)
    }
}
