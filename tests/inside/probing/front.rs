//! What stands before a modelled service and answers some requests in its own way.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::Value;

use crate::service::sandbox::{Running, Sandbox};

/// A request.
pub(super) struct Asked {
    pub(super) is_push: bool,
    pub(super) path: String,
    /// The records of a push.
    pub(super) items: Vec<Value>,
    /// When it came, by the model's time.
    pub(super) at: Duration,
}

impl Asked {
    /// Whether any record has this field.
    pub(super) fn has(&self, field: &str) -> bool {
        self.items.iter().any(|item| item.get(field).is_some())
    }

    /// Whether it has a record of that name.
    pub(super) fn names(&self, name: &str) -> bool {
        let id = Value::from(format!("qobra-push-probe-{name}"));
        self.items.iter().any(|item| item.get("id") == Some(&id))
    }
}

/// A status, and a body.
pub(super) type Answer = (u16, Value);

/// What is answered in the model's place: to a request, which the model does not get to see then, or else in
/// place of its answer.
pub(super) type Script = Box<dyn Fn(&Asked, Option<&Answer>) -> Option<Answer> + Send + Sync>;

/// Serves until the test's process ends.
pub(super) fn before(running: &Running, script: Script) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let (sandbox, model) = (running.sandbox.clone(), running.addr);
    let script = Arc::new(script);
    let answer = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
        let answer = answered(&sandbox, model, &script, (&method, &uri, &headers, &body));
        async move {
            let (status, body) = answer;
            let status = StatusCode::from_u16(status).unwrap();
            (status, body.to_string())
        }
    };
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, Router::new().fallback(answer)).await
        })
    });
    address
}

fn answered(
    sandbox: &Sandbox,
    model: SocketAddr,
    script: &Script,
    (method, uri, headers, body): (&Method, &Uri, &HeaderMap, &Bytes),
) -> Answer {
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    let asked = Asked {
        is_push: method == Method::POST,
        path: uri.to_string(),
        items: json["items"].as_array().cloned().unwrap_or_default(),
        at: sandbox.now(),
    };
    script(&asked, None).unwrap_or_else(|| {
        let key = headers
            .get("x-api-key")
            .map_or("", |key| key.to_str().unwrap());
        let said = said_by(model, &format!("{method} {uri}"), key, body);
        script(&asked, Some(&said)).unwrap_or(said)
    })
}

/// The model's answer.
fn said_by(model: SocketAddr, line: &str, key: &str, body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(model).unwrap();
    let length = body.len();
    let head = format!(
        "{line} HTTP/1.1\r\nhost: {model}\r\nx-api-key: {key}\r\ncontent-type: application/json\r\n\
         connection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    let (head, body) = said.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap())
}
