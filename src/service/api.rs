//! What the program asks of the service, so that tests can answer instead.

use super::answer::Accepted;
use super::client::Push;
use super::error::CallError;
use super::import::Import;
use crate::base::model::ImportId;

/// The calls of the API. Besides the real service there is a simulated one, with which a push is
/// tried at every instant without a network.
pub trait Service {
    /// The service's host, for messages.
    fn host(&self) -> String;

    /// Pushes records: `POST /v1/tables/{key}/records/bulk?all=…&debounce=…`.
    ///
    /// # Errors
    /// When no documented answer came. What that proves is told by
    /// [`CallError::is_surely_not_applied`].
    fn push(&self, push: Push<'_>) -> impl Future<Output = Result<Accepted, CallError>>;

    /// Shows an import: `GET /v1/imports/{import_id}`. Always safe to repeat.
    ///
    /// # Errors
    /// When no documented answer came; 404 may be early, or an id that is not the service's.
    fn import(&self, id: &ImportId) -> impl Future<Output = Result<Import, CallError>>;
}
