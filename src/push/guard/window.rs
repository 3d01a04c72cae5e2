//! Whether a replace of several requests fits into its window.

use std::time::Duration;

use super::options::GuardOptions;
use super::prospect::{Prospect, WindowPlan};
use crate::base::complaint::Complaint;
use crate::base::display;
use crate::service::window;

/// A window that the requests do not fit into.
pub(super) fn too_short(options: GuardOptions, prospect: &Prospect<'_>) -> Option<Complaint> {
    let plan = WindowPlan::new(options, prospect)?;
    let WindowPlan {
        debounce,
        chunk_time,
        expected,
    } = plan;
    let jobs = prospect.jobs;
    let enough = window::debounce_for(expected);
    let enough = (enough <= options.max_debounce).then(|| spelled(enough));
    let too_long = format!(
        "no --debounce would do ({} is the most): make fewer requests with a larger --chunk-size, \
         have more of them in flight with --jobs",
        display::time(options.max_debounce)
    );
    let (records, chunks) = (
        display::counted(prospect.records, "record"),
        display::counted(prospect.chunks, "request"),
    );
    if debounce.is_zero() {
        return Some(Complaint {
            message: format!(
                "{records} go in {chunks}, and without --debounce each of them would delete what \
                 the one before it loaded"
            ),
            hint: Some(enough.map_or(too_long, |enough| format!("add --debounce {enough}"))),
        });
    }
    if prospect.is_rehearsal || plan.fits() {
        return None;
    }
    let source = match (options.chunk_time, prospect.known_time) {
        (Some(_), _) => "as --chunk-seconds says",
        (None, Some(_)) => "as earlier pushes to this table took",
        (None, None) => "as is assumed where nothing is known",
    };
    let each = display::time(chunk_time);
    Some(Complaint {
        message: format!(
            "{records} in {chunks}, {jobs} at a time and {each} each {source}, take about {}: more than a \
             --debounce of {} leaves, {} of it kept free",
            display::time(expected),
            display::time(debounce),
            display::time(window::margin(debounce)),
        ),
        hint: Some(format!(
            "{}; or say with --chunk-seconds what one request takes",
            enough.map_or(too_long, |enough| format!("--debounce {enough} would do"))
        )),
    })
}

/// A debounce as it is typed: `15m`.
fn spelled(debounce: Duration) -> String {
    format!("{}m", debounce.as_secs() / 60)
}
