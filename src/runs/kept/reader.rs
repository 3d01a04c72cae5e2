//! A payload read again: what is not what was written is told, whatever the damage.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use super::error::KeptError;
use super::measure::{Measure, Measuring};
use super::sidecar::Sidecar;

/// Bytes that are read at a time.
const STEP: usize = 1 << 20;

/// Reads the file to its end, if each of its bytes is what was written.
pub(super) fn check(mut file: File, sidecar: &Sidecar) -> Result<(), KeptError> {
    let mut measuring = Measuring::new(io::sink());
    io::copy(&mut file, &mut measuring)?;
    let expected = Measure {
        bytes: sidecar.packed_bytes,
        digest: sidecar.packed_digest.clone(),
    };
    match measuring.finish().1 == expected {
        true => Ok(()),
        false => Err(KeptError::Damaged(
            "its records are not those that were kept",
        )),
    }
}

/// Shows each record's JSON. An error where what was shown is not what was kept.
pub(super) fn each(
    file: File,
    sidecar: &Sidecar,
    mut each: impl FnMut(&[u8]),
) -> Result<(), KeptError> {
    let damaged = || KeptError::Damaged("its records are not those that were kept");
    let lines = zstd::Decoder::new(file)?;
    // What is more than was kept is damage, and not to be unpacked for nothing.
    let mut lines = BufReader::with_capacity(STEP, lines.take(sidecar.bytes + 1));
    let mut measuring = Measuring::new(io::sink());
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = lines.read_until(b'\n', &mut line);
        if read.map_err(|_| damaged())? == 0 {
            break;
        }
        io::Write::write_all(&mut measuring, &line)?;
        each(line.strip_suffix(b"\n").unwrap_or(&line));
    }
    let expected = Measure {
        bytes: sidecar.bytes,
        digest: sidecar.digest.clone(),
    };
    match measuring.finish().1 == expected {
        true => Ok(()),
        false => Err(damaged()),
    }
}
