//! `POST /v1/tables/{key}/records/bulk`: from a request to a push, and what a fault makes of the answer.

use std::collections::HashMap;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Extension, Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::json;

use super::answer::{Ticket, Unsent, final_status, json_answer, locked_out, refuse, refused, said};
use super::fault::FaultKind;
use super::import::{Push, Refusal};
use super::record::Fields;
use super::state::Sandbox;
use super::wire::{Cue, Wire};
use crate::service::facts::{Facts, Most, Refused};

/// Another host, for redirects. The domain `.invalid` never resolves (RFC 2606): a client that follows
/// sends its key nowhere.
const ELSEWHERE: &str = "https://elsewhere.invalid/";

/// How long a push is in flight at least where only so many are taken at once: without it none would
/// ever meet another, as the model takes no time.
const IN_FLIGHT: Duration = Duration::from_millis(200);

#[derive(Deserialize)]
struct Records {
    items: Vec<Fields>,
}

/// What the service answers to a push that it takes.
struct Accepted {
    status: u16,
    import_id: String,
    objects_imported: i64,
}

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        json_answer(final_status(self.status), &self.json())
    }
}

impl Accepted {
    fn json(&self) -> serde_json::Value {
        json!({ "import_id": self.import_id, "objects_imported": self.objects_imported })
    }
}

pub(super) async fn push(
    State(sandbox): State<Sandbox>,
    Extension(ticket): Extension<Ticket>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    Path(table): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    body: Body,
) -> Response {
    let fault = ticket.fault.as_ref().map(|fault| fault.kind.clone());
    if fault == Some(FaultKind::Reset) {
        return in_place_of_answer(&wire, Cue::Reset);
    }
    // Read to its end even when the answer is no: a client that is still sending would see a broken
    // connection in place of the answer.
    let (size, body) = read(body, sandbox.max_body, &sandbox.facts).await;
    sandbox.state().seen[ticket.place].bytes = Some(size);
    if let Some(answer) = without_applying(fault.as_ref(), &wire).await {
        return answer;
    }
    if let Some(most) = sandbox.facts.at_once {
        if ticket.is_crowded {
            let detail = format!("More than {most} requests at once.");
            return refuse(StatusCode::TOO_MANY_REQUESTS, &detail);
        }
        tokio::time::sleep(IN_FLIGHT).await;
    }
    let applied = body.and_then(|body| sandbox.apply(&ticket, table, &query, &body));
    after_applying(fault, applied, &wire).await
}

/// Collects the body, and says how long it is; too many bytes are read, forgotten and refused.
async fn read(body: Body, most: u64, facts: &Facts) -> (u64, Result<Vec<u8>, Refused>) {
    let most = most.min(taken(facts.bytes));
    let mut bytes = Vec::new();
    let mut size = 0_u64;
    let mut parts = body.into_data_stream();
    while let Some(part) = parts.next().await {
        let Ok(part) = part else {
            // The client left, so nobody will read this.
            let detail = "The body ended early.";
            return (size, Err(refused(None, StatusCode::BAD_REQUEST, detail)));
        };
        size += part.len() as u64;
        if size <= most {
            bytes.extend_from_slice(&part);
        }
    }
    match size > most {
        true => (size, Err(too_large(facts, size, "bytes", most))),
        false => (size, Ok(bytes)),
    }
}

/// The most that is taken where so much is refused.
fn taken(most: Option<Most>) -> u64 {
    let refused = most.and_then(|most| most.refused);
    refused.map_or(u64::MAX, |refused| refused.saturating_sub(1))
}

fn too_large(facts: &Facts, size: u64, of: &str, most: u64) -> Refused {
    let detail = format!("The body has {size} {of}; at most {most} are accepted.");
    refused(
        facts.too_large.as_ref(),
        StatusCode::PAYLOAD_TOO_LARGE,
        &detail,
    )
}

/// The answer of a fault that keeps the push from being applied.
async fn without_applying(fault: Option<&FaultKind>, wire: &Wire) -> Option<Response> {
    match fault? {
        FaultKind::Status { code, retry_after } => Some(status(*code, *retry_after)),
        FaultKind::Garbage => {
            let noise = b"\x16\x03\x01 this is not HTTP \r\n\r\n".to_vec();
            Some(in_place_of_answer(wire, Cue::Send(noise)))
        }
        FaultKind::Html => {
            let page =
                "<!DOCTYPE html>\n<html><body>Please sign in to this network.</body></html>\n";
            Some(Html(page).into_response())
        }
        FaultKind::Hang => std::future::pending().await,
        _ => None,
    }
}

fn status(code: u16, retry_after: Option<u64>) -> Response {
    let code = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = refuse(code, "The sandbox was told to answer this.");
    if let Some(seconds) = retry_after {
        answer
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    if code.is_redirection() {
        answer
            .headers_mut()
            .insert(header::LOCATION, HeaderValue::from_static(ELSEWHERE));
    }
    answer
}

/// The answer to a push that was applied, or refused for a reason of its own.
async fn after_applying(
    fault: Option<FaultKind>,
    applied: Result<Accepted, Refused>,
    wire: &Wire,
) -> Response {
    match (fault, applied) {
        (Some(FaultKind::ResetAfter), _) => in_place_of_answer(wire, Cue::Send(Vec::new())),
        (Some(FaultKind::Cut), Ok(accepted)) => {
            in_place_of_answer(wire, Cue::Send(cut(&accepted.json().to_string())))
        }
        (Some(FaultKind::Empty), Ok(_)) => StatusCode::OK.into_response(),
        (Some(FaultKind::Count(off)), Ok(mut accepted)) => {
            accepted.objects_imported = accepted.objects_imported.saturating_add(off);
            accepted.into_response()
        }
        (Some(FaultKind::Slow(time)), applied) => {
            tokio::time::sleep(time).await;
            answer(applied)
        }
        (_, applied) => answer(applied),
    }
}

fn answer(applied: Result<Accepted, Refused>) -> Response {
    applied.map_or_else(|refused| said(&refused), IntoResponse::into_response)
}

/// An answer that announces more than it brings, written out because no HTTP library would.
fn cut(json: &str) -> Vec<u8> {
    let (half, _) = json.as_bytes().split_at(json.len() / 2);
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        json.len()
    );
    [head.as_bytes(), half].concat()
}

fn in_place_of_answer(wire: &Wire, cue: Cue) -> Response {
    wire.cue(cue);
    let mut unsent = Response::default();
    unsent.extensions_mut().insert(Unsent);
    unsent
}

impl Sandbox {
    /// Takes a push without HTTP, key and faults: for simulations that bring their own. Returns the
    /// import's id and the number of records.
    #[cfg(test)]
    pub(crate) fn take(
        &self,
        table: &str,
        replace: bool,
        debounce: Duration,
        body: &[u8],
    ) -> Result<(String, u64), String> {
        let Records { items } = parse(body)?;
        let count = items.len() as u64;
        let push = Push {
            table: table.to_owned(),
            replace,
            debounce,
            items,
        };
        let mut state = self.state();
        let import_id = state.world.push(self.clock.now(), push);
        let import_id = import_id.map_err(|refusal| format!("{refusal:?}"))?;
        Ok((import_id, count))
    }

    fn apply(
        &self,
        ticket: &Ticket,
        table: String,
        query: &HashMap<String, String>,
        body: &[u8],
    ) -> Result<Accepted, Refused> {
        let facts = &*self.facts;
        if let Some(refused) = locked_out(ticket.key, facts) {
            return Err(refused);
        }
        let bad = |detail: &str| refused(None, StatusCode::BAD_REQUEST, detail);
        let replace = flag(query.get("all")).ok_or_else(|| bad("`all` must be true or false."))?;
        let debounce = seconds(query.get("debounce"))
            .ok_or_else(|| bad("`debounce` must be an integer, 0 or more."))?;
        let Records { items } = parse(body).map_err(|detail| bad(&detail))?;
        let count = items.len() as u64;
        let mut state = self.state();
        state.seen[ticket.place].records = Some(count);
        let most = taken(facts.records);
        if count > most {
            return Err(too_large(facts, count, "records", most));
        }
        let push = Push {
            table,
            replace,
            debounce,
            items,
        };
        let import_id = state.world.push(self.clock.now(), push).map_err(|refusal| match refusal {
            Refusal::NoSuchTable => {
                let detail = "There is no such data table.";
                refused(facts.wrong_table.as_ref(), StatusCode::NOT_FOUND, detail)
            }
            Refusal::NoId { index, field } => bad(&format!(
                "items[{index}] has no usable id: `{field}` must be a text that is not empty, or a number."
            )),
        })?;
        state.seen[ticket.place].import_id = Some(import_id.to_string());
        Ok(Accepted {
            status: self.push_status,
            import_id,
            objects_imported: i64::try_from(count).unwrap_or(i64::MAX),
        })
    }
}

fn flag(text: Option<&String>) -> Option<bool> {
    match text.map(|text| text.to_ascii_lowercase()).as_deref() {
        None | Some("false" | "0") => Some(false),
        Some("true" | "1") => Some(true),
        Some(_) => None,
    }
}

fn seconds(text: Option<&String>) -> Option<Duration> {
    let Some(text) = text else {
        return Some(Duration::ZERO);
    };
    text.parse().ok().map(Duration::from_secs)
}

fn parse(body: &[u8]) -> Result<Records, String> {
    // Serde would also take a list for a struct: `[[…]]` is not what the service documents.
    let is_object = body.trim_ascii_start().starts_with(b"{");
    if !is_object {
        return Err("The body must be a JSON object with the list `items`.".to_owned());
    }
    serde_json::from_slice(body).map_err(|error| {
        format!("The body must be {{\"items\": [{{\"<field>\": <value>}}]}}: {error}.")
    })
}
