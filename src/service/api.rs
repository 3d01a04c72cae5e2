//! What the program asks of the service, so that tests can answer instead.

use super::answer::Accepted;
use super::client::Push;
use super::error::CallError;
use super::import::Import;
use crate::base::model::ImportId;

/// The calls of the API. Besides the real service there is a simulated one, with which a push is
/// tried at every instant without a network.
pub(crate) trait Service {
    /// The service's host, for messages.
    fn host(&self) -> String;

    /// Pushes records: `POST /v1/tables/{key}/records/bulk?all=…&debounce=…`.
    fn push(&self, push: Push<'_>) -> impl Future<Output = Result<Accepted, CallError>>;

    /// Shows an import: `GET /v1/imports/{import_id}`. Always safe to repeat.
    fn import(&self, id: &ImportId) -> impl Future<Output = Result<Import, CallError>>;
}
