//! A question that changes nothing, asked with the key and without one.
//!
//! `GET /v2/data-structures` is a cheap read that tells whether a key is accepted; what it lists is
//! of no use here, and its shape is not documented. Whether an answer stops a push is left to the
//! caller.

use jiff::Timestamp;
use reqwest::header::HeaderMap;

use super::answer::Answer;
use super::body::{Patience, ReadError};
use super::client::{ApiOptions, PROBE_TIMEOUT, http};
use super::error::CallError;
use crate::base::complaint::Complaint;
use crate::base::secret::ApiKey;

/// What the service answered, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Probe {
    /// Success: the API answered, and took the key.
    pub answer: Result<(), CallError>,
    /// The service's clock and this machine's; none where there is no answer or no `Date`.
    pub clocks: Option<Clocks>,
}

/// Two clocks around one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clocks {
    /// When the question left, by the clock here.
    pub asked_at: Timestamp,
    /// When the answer's head was there, by the clock here.
    pub heard_at: Timestamp,
    /// When the service answered, by its own clock and cut to the second.
    pub served_at: Timestamp,
}

/// Asks `GET /v2/data-structures`; without a key the answer can only show that somebody is there.
pub(crate) async fn probe(options: &ApiOptions, key: Option<&ApiKey>) -> Result<Probe, Complaint> {
    let (http, proxy) = http(options, key)?;
    let request = http
        .get(options.base_url.data_structures())
        .timeout(PROBE_TIMEOUT);
    let asked_at = Timestamp::now();
    let start = std::time::Instant::now();
    let broken = |error| CallError::from_read(error, start.elapsed(), &proxy);
    let sent = request.send().await;
    let heard_at = Timestamp::now();
    let heard = sent.as_ref().ok().map(reqwest::Response::headers);
    let clocks = heard.and_then(|headers| clocks(asked_at, heard_at, headers));
    let answer = match sent {
        Ok(response) => Answer::read(response, &mut Patience::new(None)).await,
        Err(error) => Err(ReadError::Http(error)),
    };
    let answer = answer
        .map_err(broken)
        .and_then(|answer| answer.data_structures(key));
    Ok(Probe { answer, clocks })
}

fn clocks(asked_at: Timestamp, heard_at: Timestamp, headers: &HeaderMap) -> Option<Clocks> {
    let served_at = super::head::date(headers)?;
    Some(Clocks {
        asked_at,
        heard_at,
        served_at: Timestamp::try_from(served_at).ok()?,
    })
}
