//! Requests whose answers are looked at as they are: for asking what is not documented.
//!
//! One call is one request, never repeated. Whatever comes back is an answer here, a refusal too.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future;
use reqwest::Body;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde_json::Value;

use super::answer::Answer;
use super::base_url::BaseUrl;
use super::body::{Patience, ReadError};
use super::client::{ApiOptions, http};
use super::error::CallError;
use super::gate::Gate;
use super::redact::Redaction;
use crate::base::complaint::Complaint;
use crate::base::model::{ImportId, Mode, TableKey};
use crate::base::secret::ApiKey;

/// How long a request may take: one that carries some 32 MiB, too.
const TIMEOUT: Duration = Duration::from_secs(120);

/// How long requests wait for each other, where a proxy keeps some of them back.
const MEETING: Duration = Duration::from_secs(10);

/// What makes sure that all that was handed over has left.
const FLUSH: Duration = Duration::from_millis(50);

/// A key that nobody has.
const WRONG_KEY: &str = "qobra-push-probe-is-no-key";

/// Speaks to one service with one key, and with a wrong one.
#[derive(Clone)]
pub(crate) struct Exchange {
    with_key: reqwest::Client,
    with_wrong_key: reqwest::Client,
    base_url: BaseUrl,
    proxy: String,
    redaction: Redaction,
}

/// Any answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    pub status: u16,
    /// The body's beginning, without keys and addresses.
    pub words: String,
    /// The body, if it is JSON.
    pub json: Option<Value>,
}

impl Reply {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Exchange {
    /// Sets the clients up; no request is made.
    pub(crate) fn new(options: &ApiOptions, key: &ApiKey) -> Result<Self, Complaint> {
        let wrong = ApiKey::new(WRONG_KEY).ok_or_else(|| Complaint::new("no wrong key", None))?;
        let (with_key, proxy) = http(options, Some(key))?;
        Ok(Self {
            with_key,
            with_wrong_key: http(options, Some(&wrong))?.0,
            redaction: Redaction::new(&[key.expose(), WRONG_KEY], &options.base_url.host()),
            base_url: options.base_url.clone(),
            proxy,
        })
    }

    /// Words without keys and addresses.
    pub(crate) fn redact(&self, words: &str) -> String {
        self.redaction.of(words)
    }

    /// Pushes records.
    pub(crate) async fn push(
        &self,
        table: &TableKey,
        mode: Mode,
        body: Bytes,
    ) -> Result<Reply, CallError> {
        self.post(&self.with_key, table, mode, body.into()).await
    }

    /// Pushes records with a key that nobody has.
    pub(crate) async fn push_with_wrong_key(
        &self,
        table: &TableKey,
        mode: Mode,
        body: Bytes,
    ) -> Result<Reply, CallError> {
        (self.post(&self.with_wrong_key, table, mode, body.into())).await
    }

    /// Pushes several bodies in requests that are all under way before the first of them has ended. Says
    /// whether they were.
    pub(crate) async fn push_together(
        &self,
        table: &TableKey,
        mode: Mode,
        bodies: Vec<Bytes>,
    ) -> (bool, Vec<Result<Reply, CallError>>) {
        let gate = Gate::new(bodies.len());
        let requests = bodies.into_iter().map(|body| {
            let body = Body::wrap(gate.body(body));
            self.post(&self.with_key, table, mode, body)
        });
        let opened = async {
            let have_met = tokio::time::timeout(MEETING, gate.full()).await.is_ok();
            tokio::time::sleep(FLUSH).await;
            gate.open();
            have_met
        };
        future::join(opened, future::join_all(requests)).await
    }

    /// Shows an import.
    pub(crate) async fn import(&self, id: &ImportId) -> Result<Reply, CallError> {
        self.exchange(self.with_key.get(self.base_url.import(id)))
            .await
    }

    /// Lists the structures of a customer's data.
    pub(crate) async fn structures(&self) -> Result<Reply, CallError> {
        self.exchange(self.with_key.get(self.base_url.data_structures()))
            .await
    }

    async fn post(
        &self,
        http: &reqwest::Client,
        table: &TableKey,
        mode: Mode,
        body: Body,
    ) -> Result<Reply, CallError> {
        let request = http
            .post(self.base_url.records(table, mode))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(body);
        self.exchange(request).await
    }

    async fn exchange(&self, request: reqwest::RequestBuilder) -> Result<Reply, CallError> {
        let start = Instant::now();
        let broken = |error| CallError::from_read(error, start.elapsed(), &self.proxy);
        let sent = request.timeout(TIMEOUT).send().await;
        let response = sent.map_err(ReadError::Http).map_err(&broken)?;
        let answer = Answer::read(response, &mut Patience::new(None)).await;
        let (status, text) = answer.map_err(broken)?.into_text();
        Ok(Reply {
            status,
            words: self.redaction.of(&text),
            json: serde_json::from_str(text.trim_start_matches('\u{feff}')).ok(),
        })
    }
}
