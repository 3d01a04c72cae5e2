//! Each input's digest, taken on the way through it.

use crate::input::{Block, InputError, Source};

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
pub(crate) struct Digests(Vec<(blake3::Hasher, u64, u64)>);

impl Digests {
    /// Digests with what stands before the first records already in them.
    pub(crate) fn new(source: &Source) -> Result<Self, InputError> {
        let heads = (0..source.input_count()).map(|input| {
            let head = source.head(input)?;
            let mut hasher = blake3::Hasher::new();
            hasher.update(&head);
            Ok((hasher, head.len() as u64, 0))
        });
        heads.collect::<Result<_, _>>().map(Self)
    }

    /// Takes in the next block of an input, which holds so many records.
    pub(crate) fn update(&mut self, block: &Block, new_records: u64) {
        if let Some((hasher, bytes, records)) = self.0.get_mut(block.extent.input) {
            hasher.update(&block.bytes);
            *bytes += block.bytes.len() as u64;
            *records += new_records;
        }
    }

    /// What the inputs were.
    pub(crate) fn finish(self) -> Vec<InputProof> {
        let proof = |(hasher, bytes, records): (blake3::Hasher, u64, u64)| InputProof {
            bytes,
            records,
            digest: format!("blake3:{}", hasher.finalize()),
        };
        self.0.into_iter().map(proof).collect()
    }
}
