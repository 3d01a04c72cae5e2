//! What a request was drawn on its arrival, and the answers that all routes share.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::fault::SandboxFault;
use super::log::KeySeen;
use crate::service::facts::{Facts, Refused};

/// A request's place in the memory, and what it was drawn.
#[derive(Clone, Debug)]
pub(super) struct Ticket {
    pub(super) place: usize,
    pub(super) key: KeySeen,
    pub(super) fault: Option<SandboxFault>,
    /// Whether more pushes were in flight when it came than are taken at once.
    pub(super) is_crowded: bool,
}

/// Marks an answer that the client never gets to see.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unsent;

pub(super) fn json_answer(status: StatusCode, body: &Value) -> Response {
    answer_of(status, "application/json", body.to_string())
}

pub(super) fn answer_of(status: StatusCode, kind: &'static str, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}

/// An error as frameworks of the service's kind write it; Qobra documents no shape.
pub(super) fn refuse(status: StatusCode, detail: &str) -> Response {
    said(&refused(None, status, detail))
}

/// A refusal as it is known, else one of the sandbox's own.
pub(super) fn refused(known: Option<&Refused>, status: StatusCode, detail: &str) -> Refused {
    known.cloned().unwrap_or_else(|| Refused {
        status: status.as_u16(),
        words: json!({ "detail": detail }).to_string(),
    })
}

/// The answer that says so. What kind of text it is, its first character tells.
pub(super) fn said(refused: &Refused) -> Response {
    let kind = match refused.words.bytes().next() {
        Some(b'{' | b'[') => "application/json",
        Some(b'<') => "text/html; charset=utf-8",
        _ => "text/plain; charset=utf-8",
    };
    answer_of(final_status(refused.status), kind, refused.words.clone())
}

/// A status that ends an exchange; one that does not is a mistake in the setting up.
pub(super) fn final_status(status: u16) -> StatusCode {
    let status = StatusCode::from_u16(status).ok();
    let status = status.filter(|status| !status.is_informational());
    status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// What to tell a request without an accepted key.
pub(super) fn locked_out(key: KeySeen, facts: &Facts) -> Option<Refused> {
    let (known, detail) = match key {
        KeySeen::Accepted => return None,
        KeySeen::Missing => (None, "The header X-API-Key is missing."),
        KeySeen::Wrong => (facts.wrong_key.as_ref(), "The API key is not valid."),
    };
    Some(refused(known, StatusCode::UNAUTHORIZED, detail))
}
