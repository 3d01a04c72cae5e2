//! A payload written: nothing has its name before all of it is on the disk.

use std::fs::File;
use std::io::{self, Write as _};

use super::measure::Measuring;
use super::payload::Payload;
use super::sidecar::{About, Sidecar};
use crate::base::{crash, disk};
use crate::runs::state::{self, RunDir};

/// zstd's level.
const LEVEL: i32 = 1;

/// Writes a payload.
pub(crate) struct PayloadWriter {
    payload: Payload,
    lines: Measuring<zstd::Encoder<'static, Measuring<File>>>,
}

impl PayloadWriter {
    /// Begins the payload of a run, in the place of what an earlier process may have left of it.
    pub(crate) fn create(run: &RunDir) -> io::Result<Self> {
        let payload = Payload::of(run);
        payload.remove()?;
        crash::fail_point("kept-create")?;
        let file = state::create_private(&payload.part_path())?;
        let mut encoder = zstd::Encoder::new(Measuring::new(file), LEVEL)?;
        encoder.include_checksum(true)?;
        crash::crash_point("kept-begun");
        Ok(Self {
            payload,
            lines: Measuring::new(encoder),
        })
    }

    /// Adds records, a line each.
    pub(crate) fn add(&mut self, lines: &[u8]) -> io::Result<()> {
        crash::fail_point("kept-write")?;
        self.lines.write_all(lines)
    }

    /// Brings all of it to the disk and gives it its name.
    pub(crate) fn finish(self, about: About, records: u64) -> io::Result<Sidecar> {
        let Self { payload, lines } = self;
        let (encoder, lines) = lines.finish();
        let (file, packed) = encoder.finish()?.finish();
        crash::fail_point("kept-sync")?;
        file.sync_all()?;
        crash::crash_point("kept-written");
        crash::fail_point("kept-rename")?;
        disk::rename(&payload.part_path(), &payload.path())?;
        crash::crash_point("kept-renamed");
        let sidecar = Sidecar::new(about, records, lines, packed);
        // The folder's names come to the disk with it.
        state::write_atomic(&payload.sidecar_path(), sidecar.json().as_bytes())?;
        crash::crash_point("kept-done");
        Ok(sidecar)
    }
}
