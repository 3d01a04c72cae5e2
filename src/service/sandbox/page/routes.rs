//! The page and its parts over HTTP.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::ask::Asked;
use super::facts::{Facts, first_table};
use super::html::{Page, Parts, Records};
use super::rows;
use crate::base::display;
use crate::service::sandbox::answer::{json_answer, refuse};
use crate::service::sandbox::state::Sandbox;

/// What stands at `/`, and what its script asks for.
pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/", get(page))
        .route("/_sandbox/parts", get(parts))
        .route("/_sandbox/faults", post(arm))
        .route("/_sandbox/faults/disarm", post(disarm))
        // Browsers ask for it by themselves, and it is no request to the service.
        .route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
}

/// What the script puts in place.
#[derive(Serialize)]
struct Changed {
    revision: String,
    parts: Parts,
}

async fn page(State(sandbox): State<Sandbox>, query: AskedQuery) -> Response {
    let mut asked = asked(query);
    asked.have.clear();
    whole(&sandbox, &asked, "").await
}

async fn whole(sandbox: &Sandbox, asked: &Asked, mistake: &str) -> Response {
    let shown = async {
        let Changed { revision, parts } = changed(sandbox, asked).await?;
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce)?;
        let nonce = format!("{:032x}", u128::from_be_bytes(nonce));
        let policy = format!(
            "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; \
             img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        let page = Page {
            nonce,
            asked,
            revision,
            parts,
            mistake,
        };
        let html = askama::Template::render(&page)?;
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            // Without a referrer a form's origin would be `null`, which is not the sandbox's.
            (header::REFERRER_POLICY, "same-origin"),
        ];
        let policy = [(header::CONTENT_SECURITY_POLICY, policy)];
        anyhow::Ok((headers, policy, html).into_response())
    };
    shown.await.unwrap_or_else(failed)
}

async fn parts(State(sandbox): State<Sandbox>, query: AskedQuery) -> Response {
    match changed(&sandbox, &asked(query)).await {
        Ok(changed) => ([(header::CACHE_CONTROL, "no-store")], Json(changed)).into_response(),
        Err(error) => failed(error),
    }
}

/// A fault to be armed: as for `--fault`, or a kind for the next request.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Armed {
    fault: String,
    next: String,
}

async fn arm(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Form(armed): Form<Armed>,
) -> Response {
    let done = {
        let faults = &mut sandbox.state().faults;
        match armed.next.is_empty() {
            true => faults.arm(&armed.fault),
            false => faults.arm(&format!("{}@{}", armed.next, faults.next())),
        }
    };
    told(&sandbox, &headers, done).await
}

async fn disarm(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    Form(armed): Form<Armed>,
) -> Response {
    let done = match sandbox.state().faults.disarm(&armed.fault) {
        true => Ok(()),
        false => Err(format!(
            "fault {}: it is not armed",
            display::quoted(&armed.fault)
        )),
    };
    told(&sandbox, &headers, done).await
}

/// What came of it: JSON for whoever asks for that, else the page.
async fn told(sandbox: &Sandbox, headers: &HeaderMap, done: Result<(), String>) -> Response {
    let accept = headers.get(header::ACCEPT);
    let is_browser = accept.is_some_and(|accept| accept.as_bytes().starts_with(b"text/html"));
    match done {
        Ok(()) if is_browser => Redirect::to("/#about-faults").into_response(),
        Ok(()) => json_answer(StatusCode::OK, &json!({})),
        Err(why) if is_browser => {
            let page = whole(sandbox, &Asked::default(), &why).await;
            (StatusCode::BAD_REQUEST, page).into_response()
        }
        Err(why) => refuse(StatusCode::BAD_REQUEST, &why),
    }
}

/// A query that cannot be read asks for nothing.
type AskedQuery = Result<Query<Asked>, QueryRejection>;

fn asked(query: AskedQuery) -> Asked {
    query.map(|Query(asked)| asked).unwrap_or_default()
}

fn failed(error: anyhow::Error) -> Response {
    refuse(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
}

async fn changed(sandbox: &Sandbox, asked: &Asked) -> anyhow::Result<Changed> {
    let table = match asked.table.is_empty() {
        true => first_table(sandbox).unwrap_or_default(),
        false => asked.table.clone(),
    };
    // What a table holds is looked through only if it has changed.
    let revision = revision(sandbox, &table);
    let records = match revision == asked.have {
        true => None,
        false => Some(Records {
            asked,
            found: rows::find(sandbox, &table, asked).await,
        }),
    };
    let parts = Parts::of(&Facts::of(sandbox), records.as_ref())?;
    Ok(Changed { revision, parts })
}

/// What a table's revision is called; it differs from table to table, as the first one may become another.
fn revision(sandbox: &Sandbox, table: &str) -> String {
    let state = sandbox.caught_up();
    match state.world.table(table) {
        Some(found) => format!("{} {table}", found.revision),
        None => "none".to_owned(),
    }
}
