//! HTTP/1.1 on plain sockets: what arrives is read whole, what is answered is written byte by byte.

use std::io::{BufRead, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// A request, as it arrived.
pub struct Request {
    /// The request line and the header lines, with the empty line behind them.
    pub head: String,
    pub body: Vec<u8>,
}

/// Serves every connection on a thread of its own, until the test's process ends.
#[cfg(unix)]
pub fn serve(connection: impl Fn(&TcpStream) + Clone + Send + 'static) -> SocketAddr {
    serve_on(TcpListener::bind("127.0.0.1:0").unwrap(), connection)
}

/// [`serve`] on a listener that was made before.
pub fn serve_on(
    listener: TcpListener,
    connection: impl Fn(&TcpStream) + Clone + Send + 'static,
) -> SocketAddr {
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let connection = connection.clone();
            thread::spawn(move || connection(&stream));
        }
    });
    address
}

/// Answers each request with the next of these answers, the last one again and again, and hands out
/// the requests. An answer is all bytes of it; the connection is closed behind each.
pub fn answering(answers: Vec<Vec<u8>>) -> (SocketAddr, Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (teller, requests) = channel();
    thread::spawn(move || {
        for (n, stream) in listener.incoming().map_while(Result::ok).enumerate() {
            let Some(request) = request(&mut BufReader::new(&stream)) else {
                continue;
            };
            // Whoever does not ask for the requests, or has hung up, needs none.
            let _ = teller.send(request);
            send(&stream, &answers[n.min(answers.len() - 1)]);
        }
    });
    (address, requests)
}

/// An answer with a body; each of `headers` ends with CRLF.
pub fn answer(status: u16, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let length = body.len();
    let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// The next request of a connection; none where there is no further one.
pub fn request(reader: &mut impl BufRead) -> Option<Request> {
    let head = head(reader)?;
    let body = body(reader, length(&head))?;
    Some(Request { head, body })
}

pub fn head(reader: &mut impl BufRead) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        reader.read_line(&mut head).ok().filter(|read| *read > 0)?;
    }
    Some(head)
}

pub fn length(head: &str) -> usize {
    let value = |line: &str| {
        let line = line.to_lowercase();
        line.strip_prefix("content-length:")?.trim().parse().ok()
    };
    head.lines().find_map(value).unwrap_or(0)
}

pub fn body(reader: &mut impl Read, length: usize) -> Option<Vec<u8>> {
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(body)
}

/// Lets the service itself answer; its head and its body.
pub fn ask(behind: SocketAddr, request: &Request) -> Option<(String, Vec<u8>)> {
    let mut stream = TcpStream::connect(behind).ok()?;
    stream.write_all(request.head.as_bytes()).ok()?;
    stream.write_all(&request.body).ok()?;
    let mut reader = BufReader::new(&stream);
    let head = head(&mut reader)?;
    let body = body(&mut reader, length(&head))?;
    Some((head, body))
}

/// Writes an answer; none where the client has hung up.
pub fn send(mut stream: &TcpStream, bytes: &[u8]) -> Option<()> {
    stream.write_all(bytes).ok()
}
