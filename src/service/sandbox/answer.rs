//! What a request was drawn on its arrival, and the answers that all routes share.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::fault::SandboxFault;
use super::log::KeySeen;

/// A request's place in the memory, and what it was drawn.
#[derive(Clone, Debug)]
pub(super) struct Ticket {
    pub(super) place: usize,
    pub(super) key: KeySeen,
    pub(super) fault: Option<SandboxFault>,
}

/// Marks an answer that the client never gets to see.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unsent;

pub(super) fn json_answer(status: StatusCode, body: &Value) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "application/json")],
        body.to_string(),
    )
        .into_response()
}

/// An error as frameworks of the service's kind write it; Qobra documents no shape.
pub(super) fn refuse(status: StatusCode, detail: &str) -> Response {
    json_answer(status, &json!({ "detail": detail }))
}

/// What to tell a request without an accepted key.
pub(super) fn locked_out(key: KeySeen) -> Option<&'static str> {
    match key {
        KeySeen::Accepted => None,
        KeySeen::Missing => Some("The header X-API-Key is missing."),
        KeySeen::Wrong => Some("The API key is not valid."),
    }
}
