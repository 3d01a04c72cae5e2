//! The page and its parts over HTTP.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use super::ask::Asked;
use super::facts::{Facts, first_table};
use super::html::{Page, Parts, Records};
use super::rows;
use crate::service::sandbox::answer::refuse;
use crate::service::sandbox::state::Sandbox;

/// What stands at `/`, and what its script asks for.
pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/", get(page))
        .route("/_sandbox/parts", get(parts))
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
    let shown = async {
        let Changed { revision, parts } = changed(&sandbox, &asked).await?;
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce)?;
        let nonce = format!("{:032x}", u128::from_be_bytes(nonce));
        let policy = format!(
            "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; \
             img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        let page = Page {
            nonce,
            asked: &asked,
            revision,
            parts,
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
