//! What refuses to start although every record is good: the last look before the first request.

use std::time::Duration;

use crate::display;
use crate::model::Mode;
use crate::prove::Proof;
use crate::window;

/// Why a proved push must not start (exit code 3).
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// What would go wrong, with its numbers.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
}

/// Checks a replace. An upsert has nothing to lose.
///
/// # Errors
/// When the replace would leave the table empty or incomplete.
pub fn check(proof: &Proof, mode: Mode, jobs: usize) -> Result<(), Refusal> {
    let Mode::Replace { debounce } = mode else {
        return Ok(());
    };
    let chunks = proof.chunks.len() as u64;
    if proof.records == 0 {
        return Err(Refusal {
            message: "the input has no records: replacing the table's content (--all) with them \
                      would leave it empty"
                .to_owned(),
            hint: Some("is this the right file, and did the export succeed?".to_owned()),
        });
    }
    if chunks > 1 && debounce.is_zero() {
        let enough =
            window::debounce_for(window::expected(chunks, jobs as u64, window::CHUNK_TIME));
        return Err(Refusal {
            message: format!(
                "{} go in {}, and without --debounce each of them would delete what the one \
                 before it loaded",
                display::counted(proof.records, "record"),
                display::counted(chunks, "request"),
            ),
            hint: Some(format!("add --debounce {}", spelled(enough))),
        });
    }
    Ok(())
}

/// A debounce as it is typed: `15m`.
fn spelled(debounce: Duration) -> String {
    format!("{}m", debounce.as_secs() / 60)
}
