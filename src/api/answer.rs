//! Reading an answer: at most so much of it, and only as what it surely is.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, DATE, HeaderMap, LOCATION, RETRY_AFTER};
use serde::Deserialize;

use super::error::{CallError, RetryAfter};
use super::import::{Envelope, Import};
use crate::display;
use crate::model::ImportId;
use crate::secret::ApiKey;

/// The most bytes of an answer that are read.
pub(super) const MAX_ANSWER: usize = 1 << 20;

/// The most bytes of an import that are read: it lists the rows that were left out, and an end that
/// cannot be read would look like none. Some 100,000 rows.
pub(super) const MAX_IMPORT: usize = 32 << 20;

/// The documented answer to a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The import that will load the records.
    pub import_id: ImportId,
    /// How many records the service found in the request.
    pub objects_imported: u64,
    /// When the service answered, by its own clock and to the second; none where it does not say.
    pub served_at: Option<Timestamp>,
}

/// An answer's parts that matter, read.
pub(super) struct Answer {
    status: u16,
    body: Vec<u8>,
    retry_after: Option<RetryAfter>,
    location: Option<String>,
    served_at: Option<SystemTime>,
    /// How it is compressed, which was not asked for.
    compressed: Option<String>,
}

impl Answer {
    /// An answer that came from nowhere.
    #[cfg(any(test, fuzzing))]
    pub(super) fn made(status: u16, body: &[u8]) -> Self {
        Self {
            status,
            body: body.to_vec(),
            retry_after: None,
            location: None,
            served_at: None,
            compressed: None,
        }
    }

    /// Reads an answer to its end, or to as many bytes as are worth reading. A refusal stands once
    /// its status is known: a connection that breaks afterwards takes only words away.
    pub(super) async fn read(mut response: Response, most: usize) -> Result<Self, reqwest::Error> {
        let mut body = Vec::new();
        let is_success = response.status().is_success();
        loop {
            let piece = match response.chunk().await {
                Ok(Some(piece)) => piece,
                Err(error) if is_success => return Err(error),
                Ok(None) | Err(_) => break,
            };
            let room = most - body.len();
            body.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.len() >= room {
                break;
            }
        }
        let headers = response.headers();
        Ok(Self {
            status: response.status().as_u16(),
            retry_after: retry_after(headers, SystemTime::now()),
            location: location(headers),
            served_at: date(headers),
            compressed: compressed(headers),
            body,
        })
    }

    /// The answer to a push, if it is one. `key` is what the answer's words must not show.
    pub(super) fn accepted(self, key: &ApiKey) -> Result<Accepted, CallError> {
        #[derive(Deserialize)]
        struct Body {
            import_id: String,
            objects_imported: u64,
        }
        let served_at = self
            .served_at
            .and_then(|time| Timestamp::try_from(time).ok());
        let body = self.success(key)?;
        let bad = || CallError::BadAnswer {
            words: words(&body, Some(key)),
        };
        let answer: Body = serde_json::from_slice(&body).map_err(|_| bad())?;
        Ok(Accepted {
            import_id: ImportId::new(&answer.import_id).ok_or_else(bad)?,
            objects_imported: answer.objects_imported,
            served_at,
        })
    }

    /// The answer to a question about an import, if it is one.
    pub(super) fn import(self, key: &ApiKey) -> Result<Import, CallError> {
        let body = self.success(key)?;
        let envelope: Result<Envelope, _> = serde_json::from_slice(&body);
        let import = envelope.map(|envelope| envelope.data_import);
        import.map_err(|_| CallError::BadAnswer {
            words: words(&body, Some(key)),
        })
    }

    /// Whether this is the API's list of structures: 200 and JSON, whatever is in it.
    pub(super) fn data_structures(self, key: Option<&ApiKey>) -> Result<(), CallError> {
        if self.status != 200 {
            return Err(CallError::Status {
                status: self.status,
                words: words(&self.body, key),
                retry_after: self.retry_after,
                location: self.location,
            });
        }
        // A page that stands before a network begins otherwise. The end is not asked for: a list
        // may be longer than what is read of it.
        match self.body.trim_ascii_start().first() {
            Some(b'{' | b'[') => Ok(()),
            None => Err(CallError::BadAnswer {
                words: String::new(),
            }),
            Some(_) => Err(CallError::NotTheApi {
                words: words(&self.body, key),
            }),
        }
    }

    /// The body of a 2xx that may be the API's.
    fn success(mut self, key: &ApiKey) -> Result<Vec<u8>, CallError> {
        if self.compressed.is_some() {
            // Nothing in it can be shown.
            self.body.clear();
        }
        if !(200..300).contains(&self.status) {
            return Err(CallError::Status {
                status: self.status,
                words: words(&self.body, Some(key)),
                retry_after: self.retry_after,
                location: self.location,
            });
        }
        if let Some(how) = self.compressed {
            // It may well be the API's: whoever compressed it may stand between.
            let words = format!("it is compressed ({how}), which was not asked for");
            return Err(CallError::BadAnswer { words });
        }
        match self.body.trim_ascii_start().first() {
            None | Some(b'{') => Ok(self.body),
            Some(_) => Err(CallError::NotTheApi {
                words: words(&self.body, Some(key)),
            }),
        }
    }
}

/// The body's beginning between backquotes, white space folded; nothing where it is empty. Some
/// services repeat the key that they refuse: it is taken out before the cut, which could leave half
/// of it.
fn words(body: &[u8], key: Option<&ApiKey>) -> String {
    let mut text = String::from_utf8_lossy(body).into_owned();
    if let Some(key) = key {
        text = text.replace(key.expose(), "(the API key)");
    }
    let beginning: String = text.chars().take(4 * display::SHOWN_CHARS).collect();
    let folded = beginning.split_whitespace().collect::<Vec<_>>().join(" ");
    if folded.is_empty() {
        folded
    } else {
        display::quoted(&folded)
    }
}

/// `Retry-After` as seconds or as an HTTP date, which is held against the answer's own `Date`, so
/// that a wrong clock on this machine does no harm.
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<RetryAfter> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty() {
        // A larger number is longer than anyone waits, and no clock could have it added.
        let seconds: u32 = text.parse().unwrap_or(u32::MAX);
        return Some(RetryAfter(Duration::from_secs(seconds.into())));
    }
    let sent = date(headers).unwrap_or(now);
    let until = httpdate::parse_http_date(text).ok()?;
    Some(RetryAfter(until.duration_since(sent).unwrap_or_default()))
}

/// The answer's `Date`: a clock of the service.
pub(super) fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()
}

/// The answer's compression, if it has one.
fn compressed(headers: &HeaderMap) -> Option<String> {
    let how = String::from_utf8_lossy(headers.get(CONTENT_ENCODING)?.as_bytes());
    let how = how.trim();
    (!how.is_empty() && !how.eq_ignore_ascii_case("identity")).then(|| display::shown(how))
}

/// Only the host: the rest of a `Location` may hold what nobody should see.
fn location(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(LOCATION)?.to_str().ok()?;
    let url = url::Url::parse(text).ok()?;
    url.host_str().map(display::quoted)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn answer(status: u16, body: &str) -> Result<Accepted, CallError> {
        let body = body.as_bytes().to_vec();
        Answer {
            status,
            body,
            retry_after: None,
            location: None,
            served_at: Some(SystemTime::UNIX_EPOCH),
            compressed: None,
        }
        .accepted(&ApiKey::new("canary").unwrap())
    }

    #[test]
    fn the_key_is_not_repeated() {
        // Cut in its middle it would still be a part of the key.
        let long = format!("{{x{}canary", "-".repeat(display::SHOWN_CHARS - 5));
        for body in ["{no access for -canary", "{\"key\": \"-canary\"}", &long] {
            for status in [200, 401] {
                let error = answer(status, body).unwrap_err().to_string();
                assert!(error.contains("-(t"), "{error}");
                assert!(!error.contains("-can"), "{error}");
            }
        }
    }

    #[test]
    fn the_documented_answer() {
        let accepted = answer(
            200,
            r#"{"import_id":"64a","objects_imported":5000,"new":[]}"#,
        );
        assert_eq!(
            accepted,
            Ok(Accepted {
                import_id: ImportId::new("64a").unwrap(),
                objects_imported: 5_000,
                served_at: Some(Timestamp::UNIX_EPOCH),
            })
        );
    }

    #[test]
    fn a_list_of_structures_is_json() {
        let answer = |status: u16, body: &str| {
            let answer = Answer::made(status, body.as_bytes());
            answer.data_structures(ApiKey::new("canary").as_ref())
        };
        for body in ["{}", " [1]", "{\"data_structures\": [{"] {
            assert_eq!(answer(200, body), Ok(()), "{body}");
        }
        let told = |status, body| answer(status, body).unwrap_err().to_string();
        assert_eq!(
            told(200, "<html>canary"),
            "this is not the API: the answer begins with `<html>(the API key)`"
        );
        assert_eq!(told(200, ""), "the service answered 200 with an empty body");
        assert_eq!(told(204, ""), "the service answered 204 No Content");
        assert_eq!(
            told(403, "no canary"),
            "the service answered 403 Forbidden: `no (the API key)`"
        );
    }

    #[test]
    fn the_documented_import() {
        let body = r#"{"data_import": {"id": "647a", "created_at": "2024-06-25T09:58:32Z",
            "launched_at": null, "finished_at": null, "status": "scheduled", "progress": 0,
            "data_tables_details": [{"type": "api", "status": "scheduled", "data_table_key": "deals",
            "progress": 0, "number_of_records": null, "error": {"title": "ParsingError"}, "new": 1}]}}"#;
        let body = body.as_bytes().to_vec();
        let import = Answer {
            status: 200,
            body,
            retry_after: None,
            location: None,
            served_at: None,
            compressed: None,
        }
        .import(&ApiKey::new("canary").unwrap());
        let import = import.unwrap();
        assert!(!import.status.has_launched());
        assert_eq!(import.tables[0].data_table_key, "deals");
        assert!(import.tables[0].error.is_some());
    }

    #[test]
    fn what_is_not_the_api_and_what_is_ambiguous() {
        for body in ["<html>login</html>", "ok", "[]", "null", "\u{feff}{}"] {
            let error = answer(200, body).unwrap_err();
            assert!(
                matches!(error, CallError::NotTheApi { .. }),
                "{body}: {error}"
            );
            assert!(error.is_surely_not_applied());
        }
        for body in [
            "",
            " \n",
            "{",
            r#"{"import_id":"a""#,
            r#"{"import_id":"a"}"#,
            r#"{"import_id":"a\nb","objects_imported":1}"#,
            r#"{"import_id":"","objects_imported":1}"#,
            r#"{"import_id":7,"objects_imported":1}"#,
            r#"{"import_id":"a","objects_imported":-1}"#,
        ] {
            let error = answer(200, body).unwrap_err();
            assert!(
                matches!(error, CallError::BadAnswer { .. }),
                "{body}: {error}"
            );
            assert!(!error.is_surely_not_applied());
        }
    }

    #[test]
    fn retry_after_in_both_forms() {
        let seconds = |value: &str, date: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_str(value).unwrap());
            if let Some(date) = date {
                headers.insert(DATE, HeaderValue::from_str(date).unwrap());
            }
            retry_after(&headers, SystemTime::UNIX_EPOCH).map(|r| r.0.as_secs())
        };
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(seconds("120", date), Some(120));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:50:07 GMT", date), Some(30));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:07 GMT", date), Some(0));
        assert_eq!(seconds("Thu, 01 Jan 1970 00:00:09 GMT", None), Some(9));
        for many in [
            "99999999999999999999999",
            "18446744073709551615",
            "4294967296",
        ] {
            assert_eq!(seconds(many, None), Some(u32::MAX.into()), "{many}");
        }
        for nonsense in ["", "-1", "soon", "1.5"] {
            assert_eq!(seconds(nonsense, date), None, "{nonsense}");
        }
    }

    #[test]
    fn only_what_is_compressed_is_called_so() {
        let how = |value: &'static str| {
            let value = HeaderValue::from_static(value);
            compressed(&HeaderMap::from_iter([(CONTENT_ENCODING, value)]))
        };
        assert_eq!(compressed(&HeaderMap::new()), None);
        for value in ["", "identity", " Identity "] {
            assert_eq!(how(value), None, "{value}");
        }
        for value in ["gzip", "br", "gzip, identity"] {
            assert_eq!(how(value).as_deref(), Some(value));
        }
    }

    #[test]
    fn a_location_shows_its_host_only() {
        let mut headers = HeaderMap::new();
        headers.insert(
            LOCATION,
            HeaderValue::from_static("https://login.example/?token=secret"),
        );
        assert_eq!(location(&headers).unwrap(), "`login.example`");
    }
}
