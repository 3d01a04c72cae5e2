//! The routes: which path answers what, who may ask, and the memory of every request.
//!
//! The push of records has a file of its own, `push`.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use axum::Router;
use axum::extract::{Extension, Path, Query, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;
use tokio::net::TcpListener;

use super::answer::{
    Ticket, Unsent, answer_of, final_status, json_answer, locked_out, refuse, refused, said,
};
use super::guard;
use super::log::{KeySeen, RequestSeen};
use super::state::{ABOUT, Sandbox};
use super::wire::{Lines, Wire};
use super::{page, push, view};

pub(super) async fn serve(sandbox: Sandbox, listener: TcpListener) -> io::Result<()> {
    let service = Router::new()
        .route("/v1/tables/{key}/records/bulk", post(push::push))
        .route("/v1/imports/{id}", get(import))
        .route("/v2/data-structures", get(data_structures))
        .fallback(nothing_here)
        .layer(middleware::from_fn_with_state(sandbox.clone(), remember));
    let own = Router::new()
        .route("/sandbox", get(about))
        .route("/sandbox/tables/{key}", get(table))
        .route("/sandbox/requests", get(requests))
        .route("/sandbox/advance", post(advance))
        .merge(page::routes());
    let all = service
        .merge(own)
        .layer(middleware::from_fn(guard::guard))
        .with_state(sandbox);
    axum::serve(
        Lines(listener),
        all.into_make_service_with_connect_info::<Wire>(),
    )
    .await
}

async fn remember(State(sandbox): State<Sandbox>, mut request: Request, next: Next) -> Response {
    let ticket = sandbox.arrive(&request);
    let ended = Ended {
        sandbox,
        place: ticket.place,
        is_push: is_push(&request),
    };
    request.extensions_mut().insert(ticket);
    let response = next.run(request).await;
    if response.extensions().get::<Unsent>().is_none() {
        ended.sandbox.state().seen[ended.place].status = Some(response.status().as_u16());
    }
    response
}

/// Tells of a request when it ends, also of one whose client did not wait for the answer.
struct Ended {
    sandbox: Sandbox,
    place: usize,
    is_push: bool,
}

impl Drop for Ended {
    fn drop(&mut self) {
        let mut state = self.sandbox.state();
        state.in_flight -= u64::from(self.is_push);
        state.ended(self.place);
    }
}

impl Sandbox {
    fn arrive(&self, request: &Request) -> Ticket {
        let headers = request.headers();
        let user_agent = headers
            .get(header::USER_AGENT)
            .and_then(|agent| agent.to_str().ok());
        let key = self.key_seen(headers);
        let at = self.clock.now();
        let mut state = self.state();
        let is_push = is_push(request);
        let fault = is_push.then(|| state.faults.draw()).flatten();
        state.in_flight += u64::from(is_push);
        state.seen.push(RequestSeen {
            method: request.method().to_string(),
            path: request
                .uri()
                .path_and_query()
                .map(ToString::to_string)
                .unwrap_or_default(),
            user_agent: user_agent.map(str::to_owned),
            key,
            bytes: None,
            records: None,
            import_id: None,
            status: None,
            fault: fault.clone(),
            at,
        });
        Ticket {
            place: state.seen.len() - 1,
            key,
            fault,
            is_crowded: self
                .facts
                .at_once
                .is_some_and(|most| state.in_flight > most),
        }
    }

    fn key_seen(&self, headers: &HeaderMap) -> KeySeen {
        let mut sent = headers.get_all("x-api-key").iter();
        match (sent.next(), sent.next()) {
            (None, _) => KeySeen::Missing,
            // A key that was sent twice is a client's fault, and no server says which one it takes.
            (Some(_), Some(_)) => KeySeen::Wrong,
            (Some(sent), None) => match &self.key {
                Some(key) if sent.as_bytes() == key.as_bytes() => KeySeen::Accepted,
                None if !sent.is_empty() => KeySeen::Accepted,
                _ => KeySeen::Wrong,
            },
        }
    }
}

fn is_push(request: &Request) -> bool {
    let path = request.uri().path();
    request.method() == Method::POST
        && path.starts_with("/v1/tables/")
        && path.ends_with("/records/bulk")
}

async fn import(
    State(sandbox): State<Sandbox>,
    Extension(ticket): Extension<Ticket>,
    Path(id): Path<String>,
) -> Response {
    if let Some(refused) = locked_out(ticket.key, &sandbox.facts) {
        return said(&refused);
    }
    match sandbox.import(&id) {
        Some(import) => answer_of(StatusCode::OK, "application/json", import),
        None => {
            let known = sandbox.facts.unknown_import.as_ref();
            let detail = "There is no such import.";
            said(&refused(known, StatusCode::NOT_FOUND, detail))
        }
    }
}

/// The documented list. What it lists are the reports of an account, of which the model has none.
async fn data_structures(
    State(sandbox): State<Sandbox>,
    Extension(ticket): Extension<Ticket>,
) -> Response {
    if let Some(refused) = locked_out(ticket.key, &sandbox.facts) {
        return said(&refused);
    }
    let status = final_status(sandbox.facts.structures.unwrap_or(200));
    match status.is_success() {
        true => json_answer(status, &json!({ "data": [] })),
        false => refuse(status, "The key may not list data structures."),
    }
}

async fn nothing_here(uri: Uri) -> Response {
    refuse(
        StatusCode::NOT_FOUND,
        &format!("There is nothing at {}.", uri.path()),
    )
}

async fn about() -> &'static str {
    ABOUT
}

async fn table(
    State(sandbox): State<Sandbox>,
    Path(key): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    let as_csv = match query.get("format").map(String::as_str) {
        None => accept.is_some_and(|accept| accept.contains("text/csv")),
        Some("csv") => true,
        Some("json") => false,
        Some(_) => return refuse(StatusCode::BAD_REQUEST, "The format is csv or json."),
    };
    let state = sandbox.caught_up();
    let Some(table) = state.world.table(&key) else {
        return refuse(StatusCode::NOT_FOUND, "There is no such table.");
    };
    if !as_csv {
        let json = view::table_json(&key, &table.snapshot());
        return ([(header::CONTENT_TYPE, "application/json")], json).into_response();
    }
    match view::table_csv(table) {
        Ok(csv) => ([(header::CONTENT_TYPE, "text/csv; charset=utf-8")], csv).into_response(),
        Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

async fn requests(State(sandbox): State<Sandbox>) -> Response {
    json_answer(
        StatusCode::OK,
        &view::requests(&sandbox.requests(), &sandbox.unused_faults()),
    )
}

async fn advance(
    State(sandbox): State<Sandbox>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let seconds = query
        .get("seconds")
        .and_then(|seconds| seconds.parse().ok());
    let Some(by) = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) else {
        return refuse(StatusCode::BAD_REQUEST, "Say how far, as in ?seconds=900.");
    };
    sandbox.advance(by);
    json_answer(
        StatusCode::OK,
        &json!({ "now": sandbox.clock.now().as_secs_f64() }),
    )
}
