//! `--dry-run`: what would be sent.

use crate::display;
use crate::mapping::{Binding, Origin};
use crate::model::Mode;
use crate::plan::Plan;
use crate::prove::Proof;
use crate::terminal::Terminal;

/// How many records are shown as JSON.
pub(super) const SAMPLES: usize = 3;

/// Shows the plan on standard error and the first records, a line each, on standard output.
pub(super) fn show(terminal: &Terminal, plan: &Plan, binding: &Binding, proof: &Proof) {
    let bytes = proof.chunks.iter().map(|chunk| chunk.body_bytes).sum();
    let mode = match plan.send.mode {
        Mode::Upsert => "added to it, or written over those with the same id".to_owned(),
        Mode::Replace { debounce } if debounce.is_zero() => {
            "replacing its whole content".to_owned()
        }
        Mode::Replace { debounce } => format!(
            "replacing its whole content {} after the first request",
            display::time(debounce)
        ),
    };
    terminal.tell(&format!(
        "dry run: {} in {} ({}) would be sent to table {}, {mode}; nothing was sent",
        display::counted(proof.records, "record"),
        display::counted(proof.chunks.len() as u64, "chunk"),
        display::size(bytes),
        display::quoted(plan.send.table.as_str()),
    ));
    let width = binding
        .fields()
        .map(|f| f.key.chars().count())
        .max()
        .unwrap_or(0)
        .min(40);
    for field in binding.fields() {
        let origin = match field.origin {
            Origin::Column(name) => display::quoted(name),
            Origin::Constant(json) => format!("always {}", display::shown(json)),
        };
        let key = display::shown(field.key);
        terminal.tell(&format!("  {key:width$}  {:9}  {origin}", field.word()));
    }
    for sample in &proof.samples {
        terminal.result(sample);
    }
}
