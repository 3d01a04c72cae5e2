//! A base that was written, checked wherever it is read: a file that is not what was written is never
//! taken for one.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use super::block::{BlockAt, INDEX_BYTES, MAGIC, MOST_FOOTER, PARTITIONS, TAIL_BYTES};
use super::error::BaseError;
use super::meta::Meta;
use super::partition::Partition;
use super::writer;
use crate::base::crash;
use crate::input::read_exact_at;
use crate::prove::FingerprintKey;

/// A file of fingerprints, open. It is read from the same open file to its end, whatever takes its
/// name meanwhile.
#[derive(Debug)]
pub(crate) struct BaseFile {
    file: File,
    path: PathBuf,
    meta: Meta,
    /// By their partitions.
    blocks: Vec<BlockAt>,
    /// The xxh3 of its footer, in which each block's stands.
    digest: u64,
    /// How many records were read so far, of all partitions.
    seen: u64,
    /// The block at hand.
    bytes: Vec<u8>,
}

impl BaseFile {
    /// Opens a file and reads what it says of itself.
    pub(crate) fn open(path: &Path, key: &FingerprintKey) -> Result<Self, BaseError> {
        let mut file = File::open(path)?;
        let (footer, start) = footer(&mut file)?;
        let (json, blocks) = split(&footer, start)?;
        Ok(Self {
            meta: Meta::read(json, key)?,
            file,
            path: path.to_owned(),
            blocks,
            digest: xxh3_64(&footer),
            seen: 0,
            bytes: Vec::new(),
        })
    }

    /// What it says of itself.
    pub(crate) fn meta(&self) -> &Meta {
        &self.meta
    }

    /// What tells it from any other one.
    pub(crate) fn digest(&self) -> String {
        format!("xxh3:{:016x}", self.digest)
    }

    /// Where it was opened.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Lets the file say something else of itself; its records stay.
    pub(super) fn relabel(mut self, meta: &Meta) -> io::Result<()> {
        self.blocks.sort_by_key(|block| block.start);
        let footer = writer::footer(meta, &self.blocks)?;
        let lengths = self.blocks.iter().map(|block| u64::from(block.length));
        let start = MAGIC.len() as u64 + lengths.sum::<u64>();
        let mut file = File::options().write(true).open(&self.path)?;
        crash::fail_point("base-write")?;
        file.set_len(start)?;
        file.seek(SeekFrom::End(0))?;
        file.write_all(&footer)
    }

    /// Reads a partition. All of them are to be read, from the first to the last: the last one tells
    /// whether a record is missing.
    pub(super) fn partition(&mut self, at: usize) -> Result<Partition, BaseError> {
        let first = (self.blocks).partition_point(|block| usize::from(block.partition) < at);
        let blocks = self.blocks[first..].iter();
        let blocks = blocks.take_while(|block| usize::from(block.partition) == at);
        let mut partition = Partition::new(self.meta.freeze_field.is_some());
        for block in blocks {
            self.bytes.resize(block.length as usize, 0);
            read_exact_at(&self.file, &mut self.bytes, block.start)?;
            if xxh3_64(&self.bytes) != block.hash {
                return Err(BaseError::Damaged("a block is not what was written"));
            }
            partition.add(&self.bytes, self.meta.fields.len())?;
        }
        if at == 0 {
            self.seen = 0;
        }
        self.seen += partition.entries.len() as u64;
        if at + 1 == PARTITIONS && self.seen != self.meta.records {
            return Err(BaseError::Damaged("it has other records than it says"));
        }
        Ok(partition)
    }
}

/// The footer without its tail, and where it begins.
fn footer(file: &mut File) -> Result<(Vec<u8>, u64), BaseError> {
    let length = file.metadata()?.len();
    let body = length.checked_sub(MAGIC.len() as u64 + TAIL_BYTES);
    let body = body.ok_or(BaseError::Damaged("it is too short"))?;
    let mut magic = [0; MAGIC.len()];
    file.read_exact(&mut magic)?;
    let mut tail = [0; TAIL_BYTES as usize];
    file.seek(SeekFrom::Start(length - TAIL_BYTES))?;
    file.read_exact(&mut tail)?;
    let number = |at: usize| u64::from_le_bytes(std::array::from_fn(|n| tail[at + n]));
    if magic != MAGIC || tail[16..] != MAGIC {
        return Err(BaseError::Damaged("its beginning or its end is missing"));
    }
    let (hash, footer_length) = (number(0), number(8));
    if footer_length > body.min(MOST_FOOTER) {
        return Err(BaseError::Damaged("its end is not what was written"));
    }
    let start = length - TAIL_BYTES - footer_length;
    let mut footer = vec![0; footer_length as usize];
    file.seek(SeekFrom::Start(start))?;
    file.read_exact(&mut footer)?;
    match xxh3_64(&footer) == hash {
        true => Ok((footer, start)),
        false => Err(BaseError::Damaged("its end is not what was written")),
    }
}

/// The JSON of a footer, and the blocks, which fill the file up to it.
fn split(footer: &[u8], start: u64) -> Result<(&[u8], Vec<BlockAt>), BaseError> {
    let bad = BaseError::Damaged("its list of blocks does not fit");
    let Some((rest, json)) = footer.split_last_chunk::<4>() else {
        return Err(bad);
    };
    let Some((json, index)) = rest.split_at_checked(u32::from_le_bytes(*json) as usize) else {
        return Err(bad);
    };
    let (entries, rest) = index.as_chunks::<INDEX_BYTES>();
    let mut at = MAGIC.len() as u64;
    let blocks = entries.iter().map(|entry| {
        let length = u32::from_le_bytes(std::array::from_fn(|n| entry[1 + n]));
        let block = BlockAt {
            partition: entry[0],
            start: at,
            length,
            hash: u64::from_le_bytes(std::array::from_fn(|n| entry[5 + n])),
        };
        at += u64::from(length);
        block
    });
    let mut blocks: Vec<_> = blocks.collect();
    // Those of one partition stay in their order.
    blocks.sort_by_key(|block| block.partition);
    match rest.is_empty() && at == start {
        true => Ok((json, blocks)),
        false => Err(bad),
    }
}
