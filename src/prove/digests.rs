//! Each input's digest, taken on the way through it.
//!
//! On a thread of its own, where there is a core for it: BLAKE3 is a quarter of what the thread that reads does
//! with each block, one after another, and with many cores all others wait for that thread. Where that one has
//! time, a dry run takes 1.03 times as long with the block in another core's cache.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

use super::parallel;
use crate::base::threads;
use crate::input::{Block, InputError, Source};

/// With fewer workers the thread that reads hashes too.
const MANY: usize = 3;

/// How many blocks wait to be hashed, as the one at hand is.
const WAITING: usize = 2;

/// What is known of one input once it was read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InputProof {
    /// Its bytes, as proved.
    pub bytes: u64,
    /// Its records.
    pub records: u64,
    /// `blake3:…` of its bytes.
    pub digest: String,
}

/// The digests of all inputs while they are read, block by block.
pub(crate) struct Digests {
    /// Bytes and records of each.
    counts: Vec<(u64, u64)>,
    hashing: Hashing,
}

/// Where blocks are hashed.
enum Hashing {
    Here(Hashers),
    Beside(Beside),
}

/// One of each input.
type Hashers = Vec<blake3::Hasher>;

/// The thread that hashes.
struct Beside {
    blocks: SyncSender<Block>,
    /// The buffers of those that are done with.
    buffers: Receiver<Vec<u8>>,
    hashers: Receiver<Hashers>,
    thread: JoinHandle<()>,
}

impl Digests {
    /// Digests with what stands before the first records already in them.
    pub(crate) fn new(source: &Source) -> Result<Self, InputError> {
        Self::hashed(source, parallel::worker_count() >= MANY)
    }

    fn hashed(source: &Source, is_beside: bool) -> Result<Self, InputError> {
        let (mut counts, mut hashers) = (Vec::new(), Vec::new());
        for input in 0..source.input_count() {
            let head = source.head(input)?;
            let mut hasher = blake3::Hasher::new();
            hasher.update(&head);
            counts.push((head.len() as u64, 0));
            hashers.push(hasher);
        }
        let hashing = match is_beside {
            true => Beside::start(hashers).map_or_else(Hashing::Here, Hashing::Beside),
            false => Hashing::Here(hashers),
        };
        Ok(Self { counts, hashing })
    }

    /// Takes in the next block of an input, which holds so many records; gives back the buffer of one that is
    /// done with.
    pub(crate) fn update(&mut self, block: Block, new_records: u64) -> Option<Vec<u8>> {
        if let Some((bytes, records)) = self.counts.get_mut(block.extent.input) {
            *bytes += block.bytes.len() as u64;
            *records += new_records;
        }
        match &mut self.hashing {
            Hashing::Here(hashers) => Some(hash(hashers, block)),
            Hashing::Beside(beside) => {
                // Where the thread broke down, the end goes on with that.
                let _ = beside.blocks.send(block);
                beside.buffers.try_recv().ok()
            }
        }
    }

    /// What the inputs were.
    pub(crate) fn finish(self) -> Vec<InputProof> {
        let hashers = match self.hashing {
            Hashing::Here(hashers) => hashers,
            Hashing::Beside(beside) => beside.end(),
        };
        let proof = |((bytes, records), hasher): ((u64, u64), blake3::Hasher)| InputProof {
            bytes,
            records,
            digest: format!("blake3:{}", hasher.finalize()),
        };
        self.counts.into_iter().zip(hashers).map(proof).collect()
    }
}

impl Beside {
    /// Begins the thread; gives the hashers back where there is none to be had.
    fn start(hashers: Hashers) -> Result<Self, Hashers> {
        let (blocks, theirs) = sync_channel(WAITING);
        let (used, buffers) = channel();
        let (done, ended) = channel();
        let work = |(mut hashers, blocks, used, done): (
            Hashers,
            Receiver<Block>,
            Sender<Vec<u8>>,
            Sender<Hashers>,
        )| {
            for block in blocks {
                // After an error nobody takes it.
                let _ = used.send(hash(&mut hashers, block));
            }
            let _ = done.send(hashers);
        };
        match threads::spawn("digests", (hashers, theirs, used, done), work) {
            Ok(thread) => Ok(Self {
                blocks,
                buffers,
                hashers: ended,
                thread,
            }),
            Err(given_back) => Err(given_back.expect("what did not begin is given back").0),
        }
    }

    /// The hashers, once all blocks are in them.
    fn end(self) -> Hashers {
        drop(self.blocks);
        match (self.hashers.recv(), self.thread.join()) {
            (Ok(hashers), _) => hashers,
            (Err(_), Err(panic)) => resume_unwind(panic),
            (Err(error), Ok(())) => unreachable!("it ended without a word: {error}"),
        }
    }
}

/// Takes a block in, and gives back its buffer.
fn hash(hashers: &mut Hashers, block: Block) -> Vec<u8> {
    if let Some(hasher) = hashers.get_mut(block.extent.input) {
        hasher.update(&block.bytes);
    }
    block.bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{InputPath, SourceOptions};

    #[test]
    fn digests_are_those_of_the_files_wherever_they_are_made() {
        let folder = tempfile::tempdir().unwrap();
        let long: String = (0..100_000).map(|n| format!("{n},a name\n")).collect();
        let texts = [format!("id,name\n{long}"), "id,name\n1,a\n".to_owned()];
        let paths = ["long.csv", "short.csv"].map(|name| folder.path().join(name));
        for (path, text) in paths.iter().zip(&texts) {
            std::fs::write(path, text).unwrap();
        }
        let inputs = paths.map(InputPath::File);
        let source = Source::open(&inputs, &SourceOptions::default()).unwrap();
        for is_beside in [false, true] {
            let mut digests = Digests::hashed(&source, is_beside).unwrap();
            let mut blocks = source.blocks();
            while let Some(block) = blocks.next() {
                if let Some(buffer) = digests.update(block.unwrap(), 7) {
                    blocks.recycle(buffer);
                }
            }
            let proofs = digests.finish();
            assert_eq!(proofs.len(), 2);
            assert!(proofs[0].records > 7 && proofs[1].records == 7);
            for (proof, text) in proofs.iter().zip(&texts) {
                assert_eq!(proof.bytes, text.len() as u64);
                let expected = format!("blake3:{}", blake3::hash(text.as_bytes()));
                assert_eq!(proof.digest, expected);
            }
        }
    }
}
