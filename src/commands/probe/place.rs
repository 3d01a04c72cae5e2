//! Where experiments are done: the service and a table of it, or a stand-in.

use crate::push::probe::Pace;
use crate::push::run::Session;
use crate::service::sandbox::Running;
use crate::service::{ApiOptions, Exchange};

/// Where the experiments are done.
pub(super) struct Place {
    pub(super) session: Session,
    pub(super) exchange: Exchange,
    pub(super) api: ApiOptions,
    pub(super) pace: Pace,
    /// Where the stand-in is, if it is one.
    pub(super) stand_in: Option<StandIn>,
}

/// The stand-in, and a state folder that goes with it.
pub(super) struct StandIn {
    #[expect(dead_code, reason = "it is served until this is dropped")]
    pub(super) running: Running,
    #[expect(dead_code, reason = "it is there until this is dropped")]
    pub(super) folder: tempfile::TempDir,
}
