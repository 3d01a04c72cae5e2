//! The HTTP client and its calls.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Body, redirect, retry};

use super::answer::{self, Accepted, Answer};
use super::api::{Push, Service};
use super::base_url::BaseUrl;
use super::body::{self, Patience, ReadError};
use super::certificates::{read_certificates, unusable, where_none};
use super::client_error::cause;
use super::error::CallError;
use super::head::Head;
use super::import::Import;
use super::proxy::ChosenProxy;
use super::resolve::OnThisThread;
use super::split::Split;
use crate::base::complaint::Complaint;
use crate::base::model::ImportId;
use crate::base::secret::ApiKey;
use crate::base::threads;

/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a question about an import may take; longer, where its answer is long.
const IMPORT_TIMEOUT: Duration = Duration::from_secs(30);

/// How long the question about the key may take.
pub(super) const PROBE_TIMEOUT: Duration = Duration::from_secs(15);

/// The most header lines of an answer, more than any service and what stands before it add.
const MAX_HEADERS: usize = 1_000;

/// What a client needs to know.
#[derive(Clone, Debug)]
pub(crate) struct ApiOptions {
    /// Where the API is.
    pub base_url: BaseUrl,
    /// A file of certificates in PEM to trust besides the system's.
    pub ca_cert: Option<PathBuf>,
}

/// Speaks to one service with one key.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    base_url: BaseUrl,
    key: ApiKey,
    /// The proxy's host and port; empty where there is none.
    proxy: String,
    /// Where rows that an import left out are kept; none for the system's folder for such files.
    scratch: Option<PathBuf>,
}

impl Client {
    /// Builds a client; no request is made.
    pub(crate) fn new(options: &ApiOptions, key: &ApiKey) -> Result<Self, Complaint> {
        let (http, proxy) = http(options, Some(key))?;
        Ok(Self {
            http,
            base_url: options.base_url.clone(),
            key: key.clone(),
            proxy,
            scratch: None,
        })
    }

    /// Keeps the rows that imports left out in files without a name in this folder. The system's own
    /// folder for such files is often memory.
    pub(crate) fn with_scratch(mut self, folder: &Path) -> Self {
        self.scratch = Some(folder.to_owned());
        self
    }

    /// Why no answer could be read of a call that began then.
    fn broken(&self, start: Instant) -> impl Fn(ReadError) -> CallError {
        move |error| CallError::from_read(error, start.elapsed(), &self.proxy)
    }
}

impl Service for Client {
    fn host(&self) -> String {
        self.base_url.host()
    }

    async fn push(&self, push: Push<'_>) -> Result<Accepted, CallError> {
        let request = self
            .http
            .post(self.base_url.records(push.table, push.mode))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .timeout(push.timeout)
            .body(Body::from(push.body));
        let (broken, mut patience) = (self.broken(Instant::now()), Patience::new(None));
        let response = patience.wait(request.send()).await.map_err(&broken)?;
        let answer = Answer::read(response, &mut patience).await;
        answer.map_err(broken)?.accepted(&self.key)
    }

    async fn import(&self, id: &ImportId) -> Result<Import, CallError> {
        let broken = self.broken(Instant::now());
        let mut patience = Patience::new(Some(IMPORT_TIMEOUT));
        let request = self.http.get(self.base_url.import(id));
        let mut response = patience.wait(request.send()).await.map_err(&broken)?;
        let head = Head::of(&response);
        if !head.is_success() {
            let answer = Answer::read(response, &mut patience).await;
            return Err(answer.map_err(broken)?.refused(Some(&self.key)));
        }
        head.is_readable()?;
        let mut split = Split::new(self.scratch.clone());
        let take = |piece: &[u8]| split.push(piece);
        body::read(&mut response, &mut patience, take)
            .await
            .map_err(broken)?;
        let import = answer::import(&head, split, &self.key)?;
        match import.id.as_ref().is_none_or(|said| said == id.as_str()) {
            true => Ok(import),
            false => Err(CallError::BadAnswer {
                status: head.status,
                words: "it is about another import".to_owned(),
            }),
        }
    }
}

/// The HTTP library, set up, and the host and port of the proxy that it uses (empty where it uses
/// none). With a key, every request carries it.
pub(super) fn http(
    options: &ApiOptions,
    key: Option<&ApiKey>,
) -> Result<(reqwest::Client, String), Complaint> {
    // Only the first call counts.
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("qobra-push/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .tcp_nodelay(true)
        .http1_max_headers(MAX_HEADERS)
        // The environment's is read here, where a mistake in it is told and not passed over.
        .no_proxy();
    if let Some(key) = key {
        builder = builder.default_headers(headers(key)?);
    }
    if !threads::can_be_had() {
        builder = builder.dns_resolver(Arc::new(OnThisThread));
    }
    let mut proxy = String::new();
    if options.base_url.is_plain() {
        // Nothing to decrypt, so no certificates are loaded: a container without any must work.
        // And no proxy: the key would reach it unencrypted.
        builder = builder.tls_certs_only([]);
    } else {
        let chosen = ChosenProxy::from_env()?;
        if let Some(chosen) = chosen.filter(|chosen| !chosen.is_kept_from(&options.base_url)) {
            proxy = chosen.host;
            builder = builder.proxy(chosen.proxy);
        }
        if let Some(path) = &options.ca_cert {
            builder = builder.tls_certs_merge(read_certificates(path)?);
        }
    }
    let http = builder.build().map_err(|error| match &options.ca_cert {
        // With certificates of its own it needs none of the machine's: those are at fault.
        Some(path) if !options.base_url.is_plain() => unusable(path, &cause(error)),
        _ => Complaint::new(
            format!("cannot prepare secure connections: {}", cause(error)),
            format!("does this machine have certificates? {}", where_none()),
        ),
    })?;
    Ok((http, proxy))
}

fn headers(key: &ApiKey) -> Result<HeaderMap, Complaint> {
    let mut header = HeaderValue::from_str(key.expose())
        .map_err(|_| Complaint::new("the API key cannot stand in a header", None))?;
    header.set_sensitive(true);
    Ok(HeaderMap::from_iter([(
        HeaderName::from_static("x-api-key"),
        header,
    )]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_debug_output_shows_the_key() {
        let key = ApiKey::new("canary-key").unwrap();
        let sent = headers(&key).unwrap();
        assert_eq!(sent["x-api-key"], "canary-key");
        assert!(sent["x-api-key"].is_sensitive());
        let options = ApiOptions {
            base_url: BaseUrl::new("http://127.0.0.1:1").unwrap(),
            ca_cert: None,
        };
        let client = Client::new(&options, &key).unwrap();
        let request = client.http.get("http://127.0.0.1:1/").headers(sent);
        for shown in [format!("{client:?}"), format!("{request:#?}")] {
            assert!(!shown.contains("canary"), "{shown}");
        }
    }
}
