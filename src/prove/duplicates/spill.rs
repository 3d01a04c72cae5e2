//! Entries by the hash of their id: partitioned, in memory first, then in one file.
//!
//! Each partition has a buffer, written to the end of the file as a block when it is full; its
//! blocks and what is left in its buffer are its entries, in the order in which they came. A
//! partition too large to be handled at once is split again by further bits of the hash. That fails
//! only for one that holds few ids very often, which is no harm: visitors need memory for distinct
//! ids alone.
//!
//! An entry is the distance from the partition's last record number, the payload's length (both in
//! seven bits a byte, lowest first, as in Protocol Buffers) and the payload.

use std::fs::File;
use std::io::{self, Write};
use std::mem;
use std::path::PathBuf;
use std::vec;

use crate::input::read_exact_at;
use crate::prove::parallel::{self, Ends};

/// How many bits of the hash choose a partition.
const BITS: u32 = 6;

/// How many partitions there are.
const PARTITIONS: usize = 1 << BITS;

/// How often entries are partitioned at most: 64³ partitions of 4 MiB hold 10¹¹ ids.
const LEVELS: u32 = 3;

/// The lowest bit that chooses a partition. Those below and the seven highest place a key in a hash
/// table and so must differ within a partition.
const FIRST_BIT: u32 = 32;

/// Fewer bytes of entries are shown by one thread: some 1 ms of work.
const FEW_BYTES: u64 = 512 << 10;

/// The most bytes of a number in an entry.
const NUMBER_BYTES: usize = 10;

/// Where the ids are kept while they are compared.
#[derive(Clone, Debug)]
pub(crate) struct Scratch {
    /// The bytes held in memory before the disk is used, and the most bytes of a partition that are
    /// compared at once.
    pub memory_bytes: usize,
    /// The folder of the temporary file, which has no name and is gone with the process; none for
    /// the system's own folder. That one is often memory, so a folder on a disk is better.
    pub folder: Option<PathBuf>,
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            memory_bytes: 4 << 20,
            folder: None,
        }
    }
}

/// What looks at the entries, one partition after another.
pub(super) trait Visitor {
    /// The hash under which an entry was added.
    fn hash(&self, payload: &[u8]) -> io::Result<u64>;

    /// What follows is another partition: none of its hashes was seen before.
    fn begin(&mut self);

    /// One entry; within a partition in the order in which they were added.
    fn entry(&mut self, record: u64, payload: &[u8]) -> io::Result<()>;
}

/// The entries.
#[derive(Debug)]
pub(super) struct Spill {
    scratch: Scratch,
    level: u32,
    /// A buffer's size before it is written out.
    block_bytes: usize,
    partitions: Vec<Partition>,
    /// Made when the first block is written.
    file: Option<File>,
    file_bytes: u64,
}

/// The entries whose hashes share some bits.
#[derive(Debug, Default)]
struct Partition {
    blocks: Vec<Block>,
    buffer: Vec<u8>,
    /// The record number of the last entry.
    last: u64,
    bytes: u64,
}

/// Where a partition's entries stand in the file. No entry crosses a block's border.
#[derive(Debug)]
struct Block {
    start: u64,
    bytes: usize,
}

impl Spill {
    /// One without entries.
    pub(super) fn new(scratch: Scratch) -> Self {
        Self::at_level(scratch, 0)
    }

    fn at_level(scratch: Scratch, level: u32) -> Self {
        Self {
            block_bytes: scratch.memory_bytes / PARTITIONS,
            scratch,
            level,
            partitions: (0..PARTITIONS).map(|_| Partition::default()).collect(),
            file: None,
            file_bytes: 0,
        }
    }

    /// Adds an entry. Record numbers need not ascend, but cost a byte or two if they do.
    pub(super) fn append(&mut self, hash: u64, record: u64, payload: &[u8]) -> io::Result<()> {
        let at = (hash >> (FIRST_BIT + BITS * self.level)) as usize % PARTITIONS;
        let most = 2 * NUMBER_BYTES + payload.len();
        let held = self.partitions[at].buffer.len();
        if held > 0 && held + most > self.block_bytes {
            self.write_out(at)?;
        }
        let partition = &mut self.partitions[at];
        let before = partition.buffer.len();
        // Wrapping, so that any order of numbers comes back as it was.
        write_number(&mut partition.buffer, record.wrapping_sub(partition.last));
        write_number(&mut partition.buffer, payload.len() as u64);
        partition.buffer.extend_from_slice(payload);
        partition.bytes += (partition.buffer.len() - before) as u64;
        partition.last = record;
        Ok(())
    }

    /// Moves a partition's buffer to the end of the file.
    fn write_out(&mut self, at: usize) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(match &self.scratch.folder {
                Some(folder) => tempfile::tempfile_in(folder)?,
                None => tempfile::tempfile()?,
            }),
        };
        let partition = &mut self.partitions[at];
        let bytes = partition.buffer.len();
        file.write_all(&partition.buffer)?;
        partition.blocks.push(Block {
            start: self.file_bytes,
            bytes,
        });
        self.file_bytes += bytes as u64;
        partition.buffer.clear();
        // One very long id must not leave a large buffer behind in every partition.
        partition.buffer.shrink_to(self.block_bytes);
        Ok(())
    }

    /// Shows all entries, partition by partition.
    pub(super) fn visit(mut self, visitor: &mut impl Visitor) -> io::Result<()> {
        let mut partitions = mem::take(&mut self.partitions).into_iter();
        partitions.try_for_each(|partition| self.show(partition, visitor))
    }

    /// The same for several visitors side by side, each of which is shown some of the partitions.
    pub(super) fn visit_by<V: Visitor + Send>(
        mut self,
        visitor: impl Fn() -> V,
    ) -> io::Result<Vec<V>> {
        let visitors = (0..self.side_by_side()).map(|_| visitor()).collect();
        let mut partitions = Partitions(mem::take(&mut self.partitions).into_iter());
        parallel::run(&mut partitions, visitors, |visitor, partition| {
            self.show(partition, visitor)
        })
    }

    /// How many partitions are shown at once: all of them have as many bytes as one that is not split again.
    fn side_by_side(&self) -> usize {
        let bytes = self.partitions.iter().map(|partition| partition.bytes);
        let largest = bytes.clone().max().unwrap_or(0);
        if bytes.sum::<u64>() < FEW_BYTES {
            return 1;
        }
        let most = self.scratch.memory_bytes as u64 / largest.max(1);
        usize::try_from(most).map_or(1, |most| most.clamp(1, parallel::worker_count()))
    }

    fn show(&self, partition: Partition, visitor: &mut impl Visitor) -> io::Result<()> {
        let is_large = partition.bytes > self.scratch.memory_bytes as u64;
        if is_large && self.level + 1 < LEVELS {
            let mut finer = Self::at_level(self.scratch.clone(), self.level + 1);
            self.read(partition, |record, payload| {
                finer.append(visitor.hash(payload)?, record, payload)
            })?;
            return finer.visit(visitor);
        }
        if partition.bytes > 0 {
            visitor.begin();
            self.read(partition, |record, payload| visitor.entry(record, payload))?;
        }
        Ok(())
    }

    /// Reads a partition, block by block.
    fn read(
        &self,
        partition: Partition,
        mut each: impl FnMut(u64, &[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut record = 0;
        let mut bytes = Vec::new();
        for block in partition.blocks {
            let file = self.file.as_ref();
            let file = file.expect("a block is noted once it is in the file");
            bytes.resize(block.bytes, 0);
            read_exact_at(file, &mut bytes, block.start)?;
            decode(&bytes, &mut record, &mut each)?;
        }
        decode(&partition.buffer, &mut record, &mut each)
    }
}

/// Partitions that are still to be shown.
struct Partitions(vec::IntoIter<Partition>);

impl Ends for Partitions {
    type Job = Partition;
    type Done = io::Result<()>;
    type Error = io::Error;

    fn next(&mut self) -> io::Result<Option<Partition>> {
        Ok(self.0.next())
    }

    fn take(&mut self, done: io::Result<()>) -> io::Result<()> {
        done
    }
}

/// Shows a block's entries; `record` is the number of the entry before.
fn decode(
    mut bytes: &[u8],
    record: &mut u64,
    each: &mut impl FnMut(u64, &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    while !bytes.is_empty() {
        *record = record.wrapping_add(read_number(&mut bytes)?);
        let length = usize::try_from(read_number(&mut bytes)?).map_err(|_| damaged())?;
        let (payload, rest) = bytes.split_at_checked(length).ok_or_else(damaged)?;
        bytes = rest;
        each(*record, payload)?;
    }
    Ok(())
}

/// Writes a number, small ones in fewer bytes.
pub(super) fn write_number(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

/// Takes a number from the front.
pub(super) fn read_number(from: &mut &[u8]) -> io::Result<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = from.split_first().ok_or_else(damaged)?;
        *from = rest;
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(damaged())
}

/// What was read is not what was written.
pub(super) fn damaged() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the temporary file of ids is damaged",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(memory_bytes: usize) -> Scratch {
        Scratch {
            memory_bytes,
            folder: None,
        }
    }

    /// Entries whose hash is their record number, spread over all partitions.
    fn fill(spill: &mut Spill, entries: u64) {
        for record in 1..=entries {
            let hash = record << FIRST_BIT;
            spill.append(hash, record, &hash.to_le_bytes()).unwrap();
        }
    }

    #[derive(Default)]
    struct Seen(Vec<(u64, usize)>, usize);

    impl Visitor for Seen {
        fn hash(&self, payload: &[u8]) -> io::Result<u64> {
            Ok(payload.len() as u64)
        }
        fn begin(&mut self) {
            self.1 += 1;
        }
        fn entry(&mut self, record: u64, payload: &[u8]) -> io::Result<()> {
            self.0.push((record, payload.len()));
            Ok(())
        }
    }

    #[test]
    fn little_stays_in_memory_and_much_goes_to_the_file() {
        let mut spill = Spill::new(scratch(64 << 10));
        fill(&mut spill, 1_000);
        assert!(spill.file.is_none());
        fill(&mut spill, 100_000);
        assert!(spill.file.is_some());
        let held: usize = spill.partitions.iter().map(|p| p.buffer.capacity()).sum();
        assert!(held <= 2 * (64 << 10), "{held} bytes held");
        let per_entry = (spill.file_bytes as f64) / 101_000.0;
        assert!(per_entry < 10.1, "{per_entry} bytes an entry");
    }

    #[test]
    fn a_long_payload_leaves_no_large_buffer_behind() {
        let mut spill = Spill::new(scratch(64 << 10));
        spill.append(0, 1, &vec![b'x'; 1 << 20]).unwrap();
        spill.append(0, 2, b"short").unwrap();
        assert!(spill.partitions[0].buffer.capacity() <= 1 << 10);
        let mut seen = Seen::default();
        spill.visit(&mut seen).unwrap();
        assert_eq!(seen.0, [(1, 1 << 20), (2, 5)]);
    }

    #[test]
    fn record_numbers_come_back_in_any_order() {
        let records = [7, 7, 3, u64::MAX, 0, 1 << 40];
        let mut spill = Spill::new(scratch(0));
        for record in records {
            spill.append(9, record, b"").unwrap();
        }
        let mut seen = Seen::default();
        spill.visit(&mut seen).unwrap();
        assert_eq!(seen.0, records.map(|record| (record, 0)));
        assert_eq!(seen.1, 1);
    }

    #[test]
    fn a_file_that_cannot_be_made_or_written_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let missing = Some(folder.path().join("missing"));
        let mut spill = Spill::new(Scratch {
            memory_bytes: 0,
            folder: missing,
        });
        spill.append(1, 1, b"a").unwrap();
        assert_eq!(
            spill.append(1, 2, b"b").unwrap_err().kind(),
            io::ErrorKind::NotFound
        );

        let path = folder.path().join("read-only");
        std::fs::write(&path, "").unwrap();
        let mut spill = Spill::new(scratch(0));
        spill.file = Some(File::open(path).unwrap());
        spill.append(1, 1, b"a").unwrap();
        spill.append(1, 2, b"b").unwrap_err();
    }

    #[test]
    fn a_file_that_lost_bytes_is_an_error() {
        let mut spill = Spill::new(scratch(0));
        fill(&mut spill, 1_000);
        spill.file.as_mut().unwrap().set_len(100).unwrap();
        let error = spill.visit(&mut Seen::default()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_file_of_other_bytes_is_an_error() {
        for bytes in [&[0xFF; 11][..], &[0x80], &[1, 9, 9], &[1]] {
            let error = decode(bytes, &mut 0, &mut |_, _| Ok(())).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
    }
}
