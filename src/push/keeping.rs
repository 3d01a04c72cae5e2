//! What a replace sends, kept to go back to: written before the first request, and never in its way.

use crate::base::display;
use crate::base::event::{Event, Events};
use crate::mapping::Freeze;
use crate::prove::chunk::{ChunkPlan, MappedInput};
use crate::prove::{ReadError, read_lines};
use crate::runs::kept::{self, About, Frozen, PayloadWriter, Sidecar};
use crate::runs::state::RunDir;

/// A frozen period as it is kept with them.
pub(crate) fn frozen(freeze: &Freeze) -> Frozen {
    Frozen {
        field: freeze.field.clone(),
        before: freeze.before,
    }
}

/// Keeps the records of proved chunks in the run's folder; where that fails it is said, and nothing
/// stays of them.
pub(crate) fn keep(
    about: About,
    input: MappedInput<'_>,
    chunks: &[ChunkPlan],
    run: &RunDir,
    events: &Events,
) {
    let write = || written(about, input, chunks, run);
    match events.during("keeping the records to go back to", write) {
        Ok(sidecar) => events.emit(Event::Detail(format!(
            "kept {} to go back to: {}, {} on the disk",
            display::counted(sidecar.records, "record"),
            display::size(sidecar.bytes),
            display::size(sidecar.packed_bytes)
        ))),
        Err(error) => {
            kept::remove(run);
            events.warn(format!("nothing was kept: {error}"), None);
        }
    }
}

fn written(
    about: About,
    input: MappedInput<'_>,
    chunks: &[ChunkPlan],
    run: &RunDir,
) -> Result<Sidecar, ReadError> {
    let mut writer = PayloadWriter::create(run)?;
    read_lines(input, chunks, |lines| writer.add(lines))?;
    let records = chunks.iter().map(|chunk| chunk.records).sum();
    Ok(writer.finish(about, records)?)
}
