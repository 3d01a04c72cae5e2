//! A raw socket in front of the stand-in: it passes requests on, and breaks the ones it is told to.
//!
//! What went live is judged by the stand-in's table; what the program was shown is written here,
//! byte by byte.

use std::io::{BufReader, ErrorKind, Read};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::wire::{Request, answer, ask, body, head, length, send, serve_on};

/// Something that goes wrong with one push of records.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub name: &'static str,
    /// How much of the request is read first.
    pub reads: Reads,
    /// Whether the request reaches the stand-in, which applies it.
    pub applies: bool,
    /// What is answered; the stand-in's own words are given where it was asked.
    pub says: Says,
    /// What becomes of the connection.
    pub ends: Ends,
}

#[derive(Clone, Copy, Debug)]
pub enum Reads {
    Head,
    HalfTheBody,
    All,
    /// All of it, on a link so slow that it takes this long.
    Within(Duration),
}

#[derive(Clone, Copy, Debug)]
pub enum Says {
    Bytes(fn(&str) -> Vec<u8>),
    /// This status, with these header lines.
    Status(u16, &'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// It stays open for the next request.
    Keeps,
    Closes,
    Resets,
    /// Nothing more is said, and what the client still sends is read and forgotten.
    Drains,
    /// One more byte now and then, until the client has enough.
    Trickles,
    /// Nothing happens any more, until the client has enough.
    Holds,
}

/// The socket. It serves until the test's process ends.
pub struct Front {
    pub address: SocketAddr,
    met: Arc<AtomicUsize>,
}

/// What a connection's thread needs to know.
#[derive(Clone)]
struct Plan {
    behind: SocketAddr,
    fault: Fault,
    hit: RangeInclusive<usize>,
    pushes: Arc<AtomicUsize>,
    met: Arc<AtomicUsize>,
}

impl Front {
    /// Breaks the pushes with these numbers, counted from 1.
    pub fn new(behind: SocketAddr, fault: Fault, hit: RangeInclusive<usize>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        // A server that does not read has no room for what it does not read.
        if matches!(fault.reads, Reads::Head) && fault.ends == Ends::Holds {
            rustix::net::sockopt::set_socket_recv_buffer_size(&listener, 4_096).unwrap();
        }
        let met = Arc::new(AtomicUsize::new(0));
        let plan = Plan {
            behind,
            fault,
            hit,
            pushes: Arc::default(),
            met: Arc::clone(&met),
        };
        let address = serve_on(listener, move |stream| {
            // A client that hangs up ends its connection only.
            let _ = serve(stream, &plan);
        });
        Self { address, met }
    }

    /// How often the fault was met.
    pub fn met(&self) -> usize {
        self.met.load(Ordering::SeqCst)
    }
}

fn serve(stream: &TcpStream, plan: &Plan) -> Option<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let head = head(&mut reader)?;
        let is_push = head.starts_with("POST ");
        let number = match is_push {
            true => plan.pushes.fetch_add(1, Ordering::SeqCst) + 1,
            false => 0,
        };
        if !plan.hit.contains(&number) {
            let body = body(&mut reader, length(&head))?;
            let (answer_head, answer) = ask(plan.behind, &Request { head, body })?;
            send(stream, &[answer_head.into_bytes(), answer].concat())?;
            continue;
        }
        plan.met.fetch_add(1, Ordering::SeqCst);
        break_one(stream, &mut reader, head, plan)?;
    }
}

/// Meets one request with the fault; none where the connection is over.
fn break_one(
    stream: &TcpStream,
    reader: &mut BufReader<&TcpStream>,
    head: String,
    plan: &Plan,
) -> Option<()> {
    let fault = &plan.fault;
    let length = length(&head);
    let body = match fault.reads {
        Reads::Head => Vec::new(),
        Reads::HalfTheBody => body(reader, length / 2)?,
        Reads::All => body(reader, length)?,
        Reads::Within(time) => crawl(reader, length, time)?,
    };
    let words = match fault.applies {
        true => String::from_utf8(ask(plan.behind, &Request { head, body })?.1).unwrap(),
        false => String::new(),
    };
    let answer = match fault.says {
        Says::Bytes(make) => make(&words),
        Says::Status(status, headers) => answer(status, headers, r#"{"detail":"told to"}"#),
    };
    send(stream, &answer);
    match fault.ends {
        Ends::Keeps => return Some(()),
        Ends::Closes => {}
        // Closing with linger 0 is what makes the kernel send a reset.
        Ends::Resets => {
            rustix::net::sockopt::set_socket_linger(stream, Some(Duration::ZERO)).unwrap();
        }
        Ends::Drains => {
            stream.shutdown(Shutdown::Write).ok()?;
            std::io::copy(reader, &mut std::io::sink()).ok()?;
        }
        Ends::Trickles => {
            while send(stream, b"x").is_some() {
                thread::sleep(Duration::from_millis(500));
            }
        }
        // Where the body was not read it stays in the queue, and the client's leaving is not seen.
        Ends::Holds => hold(stream),
    }
    None
}

/// Waits until the client leaves, without reading what it sends.
fn hold(stream: &TcpStream) {
    let mut byte = [0];
    stream
        .set_read_timeout(Some(Duration::from_secs(1)))
        .unwrap();
    loop {
        match stream.peek(&mut byte) {
            Ok(0) => return,
            // Unread bytes: only an error on the socket tells that the client is gone.
            Ok(_) => match stream.take_error() {
                Ok(None) => thread::sleep(Duration::from_millis(100)),
                _ => return,
            },
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => return,
        }
    }
}

/// Reads a body in a hundred pieces.
fn crawl(reader: &mut impl Read, length: usize, time: Duration) -> Option<Vec<u8>> {
    let mut body = vec![0; length];
    for piece in body.chunks_mut(length.div_ceil(100)) {
        reader.read_exact(piece).ok()?;
        thread::sleep(time / 100);
    }
    Some(body)
}
