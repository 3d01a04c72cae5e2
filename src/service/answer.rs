//! Reading an answer: at most so much of it, and only as what it surely is.

use std::ops::ControlFlow;

use jiff::Timestamp;
use reqwest::Response;
use serde::Deserialize;

use super::body::{self, Patience, ReadError};
use super::encoded::{self, Encoded};
use super::error::CallError;
use super::head::Head;
use super::import::{Envelope, Import};
use super::split::{Split, Unread};
use crate::base::display;
use crate::base::model::ImportId;
use crate::base::secret::ApiKey;

/// The most bytes of an answer that are read.
pub(super) const MAX_ANSWER: usize = 1 << 20;

/// What stands before a text to say that it is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The documented answer to a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// The import that will load the records.
    pub import_id: ImportId,
    /// How many records the service found in the request.
    pub objects_imported: u64,
    /// When the service answered, by its own clock and to the second; none where it does not say.
    pub served_at: Option<Timestamp>,
}

/// An answer's parts that matter, read.
pub(crate) struct Answer {
    head: Head,
    body: Vec<u8>,
}

impl Answer {
    /// An answer that came from nowhere.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn made(status: u16, body: &[u8]) -> Self {
        Self {
            head: Head::made(status),
            body: body.to_vec(),
        }
    }

    /// Reads an answer to its end, or to as many bytes as are worth reading. A refusal stands once
    /// its status is known: a connection that breaks afterwards takes only words away.
    pub(super) async fn read(
        mut response: Response,
        patience: &mut Patience,
    ) -> Result<Self, ReadError> {
        let head = Head::of(&response);
        let mut body = Vec::new();
        let take = |piece: &[u8]| {
            let room = MAX_ANSWER - body.len();
            body.extend_from_slice(&piece[..piece.len().min(room)]);
            match piece.len() < room {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        };
        match body::read(&mut response, patience, take).await {
            Err(error) if head.is_success() => Err(error),
            Ok(()) | Err(_) => Ok(Self { head, body }),
        }
    }

    /// The answer to a push, if it is one. `key` is what the answer's words must not show.
    pub(crate) fn accepted(self, key: &ApiKey) -> Result<Accepted, CallError> {
        #[derive(Deserialize)]
        struct Body {
            import_id: String,
            objects_imported: u64,
        }
        let served_at = (self.head.served_at).and_then(|time| Timestamp::try_from(time).ok());
        let status = self.head.status;
        let body = self.success(key)?;
        let bad = || CallError::BadAnswer {
            status,
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
    #[cfg(any(test, fuzzing))]
    pub(crate) fn import(self, key: &ApiKey) -> Result<Import, CallError> {
        if !self.head.is_success() {
            return Err(self.refused(Some(key)));
        }
        let mut split = Split::new(None);
        // What it does not want is told by its end.
        let _ = split.push(&self.body);
        import(&self.head, split, key)
    }

    /// Whether this is the API's list of structures: 200 and JSON, whatever is in it.
    pub(super) fn data_structures(self, key: Option<&ApiKey>) -> Result<(), CallError> {
        if self.head.status != 200 {
            return Err(self.refused(key));
        }
        self.head.is_readable()?;
        // A page that stands before a network begins otherwise. The end is not asked for: a list
        // may be longer than what is read of it.
        match unmarked(&self.body).trim_ascii_start().first() {
            Some(b'{' | b'[') => Ok(()),
            None => Err(CallError::BadAnswer {
                status: self.head.status,
                words: String::new(),
            }),
            Some(_) => Err(CallError::NotTheApi {
                words: words(&self.body, key),
            }),
        }
    }

    /// Any answer: its status, and its body as far as it was read and can be shown.
    pub(super) fn into_text(self) -> (u16, String) {
        let is_readable = self.head.is_readable().is_ok();
        let text = is_readable.then(|| String::from_utf8_lossy(&self.body).into_owned());
        (self.head.status, text.unwrap_or_default())
    }

    /// What an answer says that is no success.
    pub(super) fn refused(mut self, key: Option<&ApiKey>) -> CallError {
        if self.head.is_readable().is_err() {
            // Nothing in it can be shown.
            self.body.clear();
        }
        CallError::Status {
            status: self.head.status,
            words: words(&self.body, key),
            retry_after: self.head.retry_after,
            location: self.head.location,
        }
    }

    /// The body of a 2xx that may be the API's.
    fn success(self, key: &ApiKey) -> Result<Vec<u8>, CallError> {
        if !self.head.is_success() {
            return Err(self.refused(Some(key)));
        }
        self.head.is_readable()?;
        let body = unmarked(&self.body);
        not_a_page(&self.head, body, key)?;
        Ok(body.to_vec())
    }
}

/// An import of a 2xx that was read, if it is one.
pub(super) fn import(head: &Head, split: Split, key: &ApiKey) -> Result<Import, CallError> {
    let bad = |words| CallError::BadAnswer {
        status: head.status,
        words,
    };
    let (bare, rows) = match split.finish() {
        Ok(found) => found,
        Err(Unread::TooLarge(what)) => {
            return Err(CallError::Unreadable {
                reason: format!("it is too large ({what})"),
            });
        }
        Err(Unread::NoJson(beginning)) => return Err(bad(words(&beginning, Some(key)))),
    };
    let json = unmarked(&bare);
    not_a_page(head, json, key)?;
    let envelope: Result<Envelope, _> = serde_json::from_slice(json);
    let mut import = envelope
        .map(|envelope| envelope.data_import)
        .map_err(|_| bad(words(json, Some(key))))?;
    import.attach(&rows);
    Ok(import)
}

/// A page in the API's place, as a login to a network shows one, has never reached the service. Of
/// all else that is no answer of the API's nobody knows: it may come from behind the service.
fn not_a_page(head: &Head, body: &[u8], key: &ApiKey) -> Result<(), CallError> {
    let is_page = head.status == 200 && body.trim_ascii_start().first() == Some(&b'<');
    match is_page {
        false => Ok(()),
        true => Err(CallError::NotTheApi {
            words: words(body, Some(key)),
        }),
    }
}

/// A body without its byte order mark.
fn unmarked(body: &[u8]) -> &[u8] {
    let text = body.trim_ascii_start();
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

/// The body's beginning between backquotes, white space folded; nothing where it is empty. Some
/// services repeat the key that they refuse: it is taken out before the cut, which could leave half
/// of it, and takes all words with it where it is encoded.
fn words(body: &[u8], key: Option<&ApiKey>) -> String {
    let mut text = String::from_utf8_lossy(body).into_owned();
    if let Some(key) = key {
        text = text.replace(key.expose(), "(the API key)");
        if Encoded::new(&text).count(key.expose()) > 0 {
            return display::quoted(encoded::KEY_LEFT_OUT);
        }
    }
    let beginning: String = text.chars().take(4 * display::SHOWN_CHARS).collect();
    let folded = beginning.split_whitespace().collect::<Vec<_>>().join(" ");
    if folded.is_empty() {
        folded
    } else {
        display::quoted(&folded)
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn answer(status: u16, body: impl AsRef<[u8]>) -> Result<Accepted, CallError> {
        let mut answer = Answer::made(status, body.as_ref());
        answer.head.served_at = Some(SystemTime::UNIX_EPOCH);
        answer.accepted(&ApiKey::new("canary").unwrap())
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
    fn a_byte_order_mark_is_read_over() {
        let body = "\u{feff} {\"import_id\": \"64a\", \"objects_imported\": 1}\r\n";
        for body in [body.to_owned(), format!(" \n{body}")] {
            for status in [200, 201, 202] {
                let accepted = answer(status, &body).unwrap();
                assert_eq!(accepted.import_id.as_str(), "64a", "{status} {body:?}");
            }
        }
        let import = "\u{feff}{\"data_import\": {\"status\": \"finished\"}}".as_bytes();
        let import = Answer::made(200, import).import(&ApiKey::new("canary").unwrap());
        assert!(import.unwrap().status.has_launched());
        let structures = Answer::made(200, "\u{feff}[]".as_bytes());
        assert_eq!(structures.data_structures(None), Ok(()));
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
        for said in [
            "no CANARY",
            "no %63anary",
            "can&#97;ry",
            "ca%256Eary",
            r"can\u0061ry",
        ] {
            assert_eq!(
                told(403, said),
                "the service answered 403 Forbidden: `(left out: the API key is in it, in another encoding)`"
            );
        }
    }

    #[test]
    fn the_documented_import() {
        let body = r#"{"data_import": {"id": "647a", "created_at": "2024-06-25T09:58:32Z",
            "launched_at": null, "finished_at": null, "status": "scheduled", "progress": 0,
            "data_tables_details": [{"type": "api", "status": "scheduled", "data_table_key": "deals",
            "progress": 0, "number_of_records": null, "error": {"title": "ParsingError"}, "new": 1}]}}"#;
        let import = Answer::made(200, body.as_bytes()).import(&ApiKey::new("canary").unwrap());
        let import = import.unwrap();
        assert!(!import.status.has_launched());
        assert_eq!(import.tables[0].data_table_key, "deals");
        assert!(import.tables[0].error.is_some());
    }

    #[test]
    fn a_page_with_200_is_not_the_api() {
        for body in ["<html>login</html>", " \n<!DOCTYPE html>", "\u{feff}<?xml"] {
            let error = answer(200, body).unwrap_err();
            let is_page = matches!(error, CallError::NotTheApi { .. });
            assert!(is_page && error.is_surely_not_applied(), "{body}: {error}");
        }
        // What made the service say that it took something may have put a page in its place.
        for status in [201, 202, 203, 204, 299] {
            let error = answer(status, "<html>").unwrap_err();
            assert!(!error.is_surely_not_applied(), "{status}: {error}");
        }
    }

    #[test]
    fn whatever_else_follows_a_success_may_have_been_applied() {
        let documented = r#"{"import_id":"a","objects_imported":1}"#;
        let utf_16 = |mark: u16, to: fn(u16) -> [u8; 2]| {
            let units = [mark].into_iter().chain(documented.encode_utf16());
            units.flat_map(to).collect::<Vec<u8>>()
        };
        let mut bodies: Vec<Vec<u8>> = vec![
            utf_16(0xfeff, u16::to_le_bytes),
            utf_16(0xfeff, u16::to_be_bytes),
            b"\xff{}".to_vec(),
        ];
        let texts = [
            "",
            " \n",
            "\u{feff}",
            "{",
            "ok",
            "OK <html>",
            "[]",
            "null",
            "\"done\"",
            "\u{feff}{}",
            "\u{feff}\u{feff}{}",
            r#"{"import_id":"a""#,
            r#"{"import_id":"a"}"#,
            r#"[{"import_id":"a","objects_imported":1}]"#,
            r#"{"import_id":"a","objects_imported":1} and more"#,
            r#"{"import_id":"a\nb","objects_imported":1}"#,
            r#"{"import_id":"","objects_imported":1}"#,
            r#"{"import_id":7,"objects_imported":1}"#,
            r#"{"import_id":"a","objects_imported":-1}"#,
        ];
        bodies.extend(texts.map(|text| text.as_bytes().to_vec()));
        for body in bodies {
            for status in [200, 201, 204] {
                let error = answer(status, &body).unwrap_err();
                let is_doubtful = matches!(error, CallError::BadAnswer { .. });
                assert!(is_doubtful, "{}: {error}", String::from_utf8_lossy(&body));
                assert!(!error.is_surely_not_applied());
            }
        }
        let empty = answer(204, "").unwrap_err().to_string();
        assert_eq!(empty, "the service answered 204 with an empty body");
    }
}
