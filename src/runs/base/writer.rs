//! Fingerprints to a file, in the order of the input and in bounded memory.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::mem;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::xxh3_64;

use super::block::{
    BLOCK_BYTES, BlockAt, DIGEST_BYTES, INDEX_BYTES, Last, MAGIC, PARTITIONS, day_number,
    write_number,
};
use super::meta::Meta;
use crate::base::crash;
use crate::prove::{Collector, Fingerprint};
use crate::runs::state;

/// How many records of a file have their fields' digests in four bytes; later ones have two: then one
/// of 32,768 changed fields has the digest that it had, and is not named. Whether the record changed
/// is told by its own digest. So a million records of ten fields fit into 40 MB.
const FINE_RECORDS: u64 = 65_536;

/// The widths of a field's digest, in bytes.
pub(super) const FINE: usize = 4;
const COARSE: usize = 2;

/// The most bytes of an entry but for its id and its fields.
const ENTRY_BYTES: usize = 64;

/// How much is written at a time.
const WRITE_BYTES: usize = 256 << 10;

/// Collects fingerprints in a file. Memory: 4 KiB for each of 256 partitions.
#[derive(Debug)]
pub(crate) struct BaseWriter {
    file: BufWriter<File>,
    path: PathBuf,
    has_days: bool,
    /// Bytes of the file.
    written: u64,
    blocks: Vec<BlockAt>,
    partitions: Vec<OpenBlock>,
    records: u64,
    last_record: u64,
    /// How many records have each field filled: of all, and of those since a block was written, in so
    /// few bits that the processor counts several fields at a time.
    filled: Vec<u64>,
    recent: Vec<u32>,
}

/// A block that more entries may come to.
#[derive(Debug, Default)]
struct OpenBlock {
    bytes: Vec<u8>,
    last: Last,
    width: usize,
    fields: usize,
}

impl BaseWriter {
    /// Begins a file, in the place of one that may stand there. `has_days`: there are days to keep.
    pub(crate) fn create(path: &Path, has_days: bool) -> io::Result<Self> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        crash::fail_point("base-write")?;
        let mut file = BufWriter::with_capacity(WRITE_BYTES, state::create_private(path)?);
        file.write_all(&MAGIC)?;
        Ok(Self {
            file,
            path: path.to_owned(),
            has_days,
            written: MAGIC.len() as u64,
            blocks: Vec::new(),
            partitions: (0..PARTITIONS).map(|_| OpenBlock::default()).collect(),
            records: 0,
            last_record: 0,
            filled: Vec::new(),
            recent: Vec::new(),
        })
    }

    /// Adds a record whose fields' digests are exact in so many bytes only.
    pub(super) fn append(&mut self, of: &Fingerprint<'_>, precision: usize) -> io::Result<()> {
        let width = match self.records < FINE_RECORDS {
            true => precision.min(FINE),
            false => COARSE,
        };
        let at = (of.id_hash >> 56) as usize;
        let open = &self.partitions[at];
        let room =
            open.bytes.len() + of.id.len() + ENTRY_BYTES + open.fields.max(of.fields.len()) * width;
        let is_alike = open.width == width && open.fields >= of.fields.len();
        if !open.bytes.is_empty() && (room > BLOCK_BYTES || !is_alike) {
            self.write_out(at)?;
        }
        self.partitions[at].add(of, width, self.has_days);
        if self.recent.len() < of.fields.len() {
            self.recent.resize(of.fields.len(), 0);
            self.filled.resize(of.fields.len(), 0);
        }
        for (recent, digest) in self.recent.iter_mut().zip(of.fields) {
            *recent += u32::from(*digest > Fingerprint::EMPTY);
        }
        self.records += 1;
        self.last_record = self.last_record.max(of.record);
        Ok(())
    }

    /// Moves a partition's block to the end of the file.
    fn write_out(&mut self, at: usize) -> io::Result<()> {
        let open = &mut self.partitions[at];
        if open.bytes.is_empty() {
            return Ok(());
        }
        let length = u32::try_from(open.bytes.len()).map_err(io::Error::other)?;
        crash::fail_point("base-write")?;
        self.file.write_all(&open.bytes)?;
        self.blocks.push(BlockAt {
            partition: at as u8,
            start: self.written,
            length,
            hash: xxh3_64(&open.bytes),
        });
        self.written += u64::from(length);
        open.clear();
        for (filled, recent) in self.filled.iter_mut().zip(&mut self.recent) {
            *filled += u64::from(mem::take(recent));
        }
        Ok(())
    }

    /// Ends the file with what it says of itself: counts are filled in here. Gives where it is.
    pub(super) fn seal(mut self, mut meta: Meta) -> io::Result<PathBuf> {
        let is_named = meta.fields.len() >= self.filled.len();
        if !is_named || meta.freeze_field.is_some() != self.has_days {
            let why = "other fields were collected than are described";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        for at in 0..PARTITIONS {
            self.write_out(at)?;
        }
        self.filled.resize(meta.fields.len(), 0);
        for ((_, count), filled) in meta.fields.iter_mut().zip(&self.filled) {
            *count = *filled;
        }
        (meta.records, meta.last_record) = (self.records, self.last_record);
        let footer = footer(&meta, &self.blocks)?;
        crash::fail_point("base-write")?;
        self.file.write_all(&footer)?;
        self.file.flush()?;
        Ok(self.path)
    }
}

impl Collector for BaseWriter {
    fn add(&mut self, fingerprint: &Fingerprint<'_>) -> io::Result<()> {
        self.append(fingerprint, FINE)
    }
}

impl OpenBlock {
    fn add(&mut self, of: &Fingerprint<'_>, width: usize, has_days: bool) {
        let to = &mut self.bytes;
        if to.is_empty() {
            (self.width, self.fields) = (width, of.fields.len());
            to.push(width as u8);
            write_number(to, self.fields as u64);
        }
        // One reservation, and no copy of a length that the compiler does not know: this is done for each
        // record, and took twice the time.
        to.reserve(ENTRY_BYTES + of.id.len() + self.fields * width);
        let shared = shared(&self.last.id, of.id);
        write_number(to, of.record.wrapping_sub(self.last.record));
        write_number(to, shared as u64);
        write_number(to, (of.id.len() - shared) as u64);
        to.extend_from_slice(&of.id[shared..]);
        to.extend_from_slice(&of.digest.to_le_bytes()[..DIGEST_BYTES]);
        if has_days {
            write_number(to, day_number(of.day, self.last.day));
            self.last.day = of.day.unwrap_or(self.last.day);
        }
        let end = to.len() + self.fields * width;
        match width {
            COARSE => put_digests(to, of.fields, |digest| (digest as u16).to_le_bytes()),
            _ => put_digests(to, of.fields, u32::to_le_bytes),
        }
        if to.len() < end {
            // Those behind the last one are absent: 0.
            to.resize(end, 0);
        }
        self.last.record = of.record;
        self.last.id.clear();
        self.last.id.extend_from_slice(of.id);
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(BLOCK_BYTES);
        self.last.clear();
    }
}

/// Appends digests, eight at a time: their places need no zeros first, and the length of a copy is known to
/// the compiler.
#[inline(always)]
fn put_digests<const WIDTH: usize>(
    to: &mut Vec<u8>,
    digests: &[u32],
    bytes: impl Fn(u32) -> [u8; WIDTH],
) {
    let (chunks, rest) = digests.as_chunks::<8>();
    for chunk in chunks {
        to.extend_from_slice(chunk.map(&bytes).as_flattened());
    }
    for digest in rest {
        to.extend_from_slice(&bytes(*digest));
    }
}

/// How many bytes two ids have in common at their beginning.
fn shared(a: &[u8], b: &[u8]) -> usize {
    let words = a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0);
    let mut shared = 0;
    for (a, b) in words {
        let differing = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if differing != 0 {
            return shared + (differing.trailing_zeros() / 8) as usize;
        }
        shared += 8;
    }
    let rest = a[shared..].iter().zip(&b[shared..]);
    shared + rest.take_while(|(a, b)| a == b).count()
}

/// What stands behind the blocks.
pub(super) fn footer(meta: &Meta, blocks: &[BlockAt]) -> io::Result<Vec<u8>> {
    let mut footer = serde_json::to_vec(meta)?;
    let json = u32::try_from(footer.len()).map_err(io::Error::other)?;
    footer.reserve(blocks.len() * INDEX_BYTES + mem::size_of::<[u64; 4]>());
    for block in blocks {
        footer.push(block.partition);
        footer.extend_from_slice(&block.length.to_le_bytes());
        footer.extend_from_slice(&block.hash.to_le_bytes());
    }
    footer.extend_from_slice(&json.to_le_bytes());
    let (hash, length) = (xxh3_64(&footer), footer.len() as u64);
    footer.extend_from_slice(&hash.to_le_bytes());
    footer.extend_from_slice(&length.to_le_bytes());
    footer.extend_from_slice(&MAGIC);
    Ok(footer)
}
