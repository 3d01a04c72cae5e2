//! A stand-in of the service that takes everything as fast as it can, and counts it.
//!
//! It says of each import that it is still scheduled, so that a replace's window stays open.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{io, thread};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use futures_util::StreamExt;
use memchr::memmem::Finder;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// What marks a record in a body whose records have one id each.
const MARK: &[u8] = b"\"id\":";

/// Reads a body's records: how many there are, and the sum of their digests; none if it is no body.
pub type Reader = fn(&[u8]) -> Option<(u64, u64)>;

/// What is done with the bodies.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How long each answer takes.
    pub delay: Duration,
    /// Reads each body to its end; without it the records are counted by their ids.
    pub reader: Option<Reader>,
    /// The folder in which bodies are kept, a file each.
    pub save: Option<PathBuf>,
}

/// What was counted so far.
#[derive(Debug, Default)]
pub struct Counters {
    pub requests: AtomicU64,
    pub records: AtomicU64,
    /// The sum of the records' digests, where they are read.
    pub digest: AtomicU64,
}

#[derive(Clone)]
struct Sink {
    options: Arc<Options>,
    counters: Arc<Counters>,
}

/// Serves on a free port of this machine, on a thread of its own that ends with the process.
pub fn spawn(options: Options) -> io::Result<(SocketAddr, Arc<Counters>)> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let counters = Arc::new(Counters::default());
    let sink = Sink {
        options: Arc::new(options),
        counters: Arc::clone(&counters),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    thread::spawn(move || {
        let routes = Router::new()
            .route("/v1/tables/{table}/records/bulk", post(take))
            .route("/v1/imports/{id}", get(import))
            .layer(DefaultBodyLimit::disable())
            .with_state(sink);
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener)?;
            let listener = listener.tap_io(|stream| {
                // Only a little slower where it cannot be set.
                let _ = stream.set_nodelay(true);
            });
            axum::serve(listener, routes).await
        })
    });
    Ok((address, counters))
}

type Answer = ([(HeaderName, &'static str); 1], String);

fn answer(document: &Value) -> Answer {
    let kind = (header::CONTENT_TYPE, "application/json");
    ([kind], document.to_string())
}

async fn take(State(sink): State<Sink>, body: Body) -> Result<Answer, StatusCode> {
    let Sink { options, counters } = sink;
    let number = counters.requests.fetch_add(1, Ordering::Relaxed);
    let is_kept = options.reader.is_some() || options.save.is_some();
    let (mut kept, mut marks) = (Vec::new(), Marks::new());
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| StatusCode::BAD_REQUEST)?;
        marks.look_at(&piece);
        if is_kept {
            kept.extend_from_slice(&piece);
        }
    }
    let mut records = marks.seen;
    if let Some(read) = options.reader {
        let (count, digest) = read(&kept).ok_or(StatusCode::BAD_REQUEST)?;
        records = count;
        counters.digest.fetch_add(digest, Ordering::Relaxed);
    }
    if let Some(folder) = &options.save {
        let path = folder.join(format!("{number:08}.json"));
        std::fs::write(path, &kept).map_err(|_| StatusCode::INSUFFICIENT_STORAGE)?;
    }
    tokio::time::sleep(options.delay).await;
    counters.records.fetch_add(records, Ordering::Relaxed);
    Ok(answer(&json!({
        "import_id": format!("import-{number}"),
        "objects_imported": records,
    })))
}

async fn import(Path(id): Path<String>) -> Answer {
    answer(&json!({ "data_import": {
        "id": id,
        "created_at": "2026-01-01T00:00:00Z",
        "launched_at": null,
        "finished_at": null,
        "status": "scheduled",
        "progress": 0,
        "data_tables_details": [],
    }}))
}

/// Counts marks in a body that comes in pieces.
struct Marks {
    finder: Finder<'static>,
    /// The last bytes seen, fewer than a mark has.
    tail: Vec<u8>,
    seen: u64,
}

impl Marks {
    fn new() -> Self {
        Self {
            finder: Finder::new(MARK),
            tail: Vec::new(),
            seen: 0,
        }
    }

    fn look_at(&mut self, piece: &[u8]) {
        // A mark that stands across the border needs no more than this of the new piece.
        let most = MARK.len() - 1;
        self.tail.extend_from_slice(&piece[..piece.len().min(most)]);
        self.seen += self.finder.find_iter(&self.tail).count() as u64;
        if piece.len() >= most {
            self.seen += self.finder.find_iter(piece).count() as u64;
            self.tail.clear();
            self.tail.extend_from_slice(&piece[piece.len() - most..]);
        } else {
            let surplus = self.tail.len().saturating_sub(most);
            self.tail.drain(..surplus);
        }
    }
}
