//! What tells one record from another, and where that is collected.

/// What tells one record from another, without its values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fingerprint<'a> {
    /// From 1 over all inputs.
    pub record: u64,
    /// The id as it is compared (text of a JSON string, digits of a number).
    pub id: &'a [u8],
    /// A keyed hash of the id: the same in every run of a state folder.
    pub id_hash: u64,
    /// A keyed digest of all that is sent: of which 48 bits are kept.
    pub digest: u64,
    /// A keyed digest of each field by its number (see `names`): `ABSENT` (0) not in the record,
    /// `NULL` (1), `EMPTY` (2, the empty text), else at least 3 *in its low 16 bits* and so in all
    /// widths. May be shorter than the list of names: the rest is absent.
    pub fields: &'a [u32],
    /// Days since 1970-01-01 of the frozen periods' field; none where it has none or none is
    /// wanted.
    pub day: Option<i32>,
}

impl Fingerprint<'_> {
    /// A field that the record does not have.
    pub(crate) const ABSENT: u32 = 0;
    /// A field that is `null`.
    pub(crate) const NULL: u32 = 1;
    /// A field that is the empty text.
    pub(crate) const EMPTY: u32 = 2;
}

/// Takes the fingerprints of an input.
pub(crate) trait Collector {
    /// Takes a good record; numbers ascend, and may skip bad ones.
    fn add(&mut self, fingerprint: &Fingerprint<'_>) -> std::io::Result<()>;
}

/// The folder's key: 32 random bytes. Two equal keys make equal fingerprints.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct FingerprintKey([u8; 32]);

impl FingerprintKey {
    pub(crate) fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FingerprintKey(..)")
    }
}
