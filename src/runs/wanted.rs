//! Which records of its input a run sends, where those are not all: `base-wanted` of the run's folder.
//!
//! Text, a range of record numbers a line (`17`, `19-25`), ascending. The journal has its digest.

use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::ops::RangeInclusive;

use crate::base::crash;
use crate::prove::duplicates::RecordSet;
use crate::runs::state::{self, RunDir};

/// Writes the numbers down, on the disk; gives the file's digest.
pub(crate) fn write(run: &RunDir, records: &RecordSet) -> io::Result<String> {
    crash::fail_point("wanted-write")?;
    let mut file = BufWriter::new(state::create_private(&run.wanted_path())?);
    let mut digest = blake3::Hasher::new();
    let mut records = records.iter().peekable();
    while let Some(first) = records.next() {
        let mut last = first;
        while records.next_if_eq(&(last + 1)).is_some() {
            last += 1;
        }
        let line = match first == last {
            true => format!("{first}\n"),
            false => format!("{first}-{last}\n"),
        };
        digest.update(line.as_bytes());
        file.write_all(line.as_bytes())?;
    }
    file.flush()?;
    file.get_ref().sync_all()?;
    Ok(named(&digest))
}

/// Reads them again, if they are what was written.
pub(crate) fn read(run: &RunDir, digest: &str) -> io::Result<RecordSet> {
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "it is not what was written");
    let bytes = fs::read(run.wanted_path())?;
    let mut hasher = blake3::Hasher::new();
    if named(hasher.update(&bytes)) != digest {
        return Err(damaged());
    }
    let text = str::from_utf8(&bytes).map_err(|_| damaged())?;
    let mut records = RecordSet::new();
    for line in text.lines() {
        records.insert_range(range(line).ok_or_else(damaged)?);
    }
    Ok(records)
}

fn range(line: &str) -> Option<RangeInclusive<u64>> {
    let (first, last) = line.split_once('-').unwrap_or((line, line));
    Some(first.parse().ok()?..=last.parse().ok()?)
}

fn named(digest: &blake3::Hasher) -> String {
    format!("blake3:{}", digest.finalize())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::clock::Clock;
    use crate::base::model::TableKey;
    use crate::runs::state::StateDir;

    proptest! {
        #[test]
        fn what_is_written_is_read_and_nothing_else(
            numbers in prop::collection::btree_set(1..200_u64, 0..80),
            flipped in any::<prop::sample::Index>(),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let state = StateDir::find(Some(&folder.path().join("state")), &|_| None).unwrap();
            let table = state.table("http://localhost", &TableKey::new("deals").unwrap());
            let _lock = table.lock(&Clock::system()).unwrap();
            let run = table.new_run(&Clock::system()).unwrap();
            let records: RecordSet = numbers.into_iter().collect();
            let digest = write(&run, &records).unwrap();
            prop_assert_eq!(read(&run, &digest).unwrap(), records.clone());

            let mut bytes = fs::read(run.wanted_path()).unwrap();
            if !bytes.is_empty() {
                let at = flipped.index(bytes.len());
                bytes[at] ^= 1;
                fs::write(run.wanted_path(), bytes).unwrap();
                prop_assert!(read(&run, &digest).is_err());
            }
            run.remove_means().unwrap();
            prop_assert!(read(&run, &digest).is_err());
        }
    }
}
