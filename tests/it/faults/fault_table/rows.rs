//! The faults, one a row.

use std::time::Duration;

use crate::service::front::{Ends, Fault, Reads, Says};

/// A good answer's head, with more header lines.
pub fn ok(headers: &str, length: usize) -> String {
    format!("HTTP/1.1 200 OK\r\n{headers}content-length: {length}\r\n\r\n")
}

fn nothing(_: &str) -> Vec<u8> {
    Vec::new()
}

pub const fn row(
    name: &'static str,
    applies: bool,
    says: fn(&str) -> Vec<u8>,
    ends: Ends,
) -> Fault {
    Fault {
        name,
        reads: Reads::All,
        applies,
        says: Says::Bytes(says),
        ends,
    }
}

const fn reading(fault: Fault, reads: Reads) -> Fault {
    Fault { reads, ..fault }
}

/// What may have been applied: sent again, and never called untouched.
pub const AMBIGUOUS: [Fault; 27] = [
    reading(
        row("reset at the head", false, nothing, Ends::Resets),
        Reads::Head,
    ),
    reading(
        row("reset in mid body", false, nothing, Ends::Resets),
        Reads::HalfTheBody,
    ),
    row("reset after the body", false, nothing, Ends::Resets),
    row("reset when it was applied", true, nothing, Ends::Resets),
    reading(
        row("closed at the head", false, nothing, Ends::Closes),
        Reads::Head,
    ),
    reading(
        row("closed in mid body", false, nothing, Ends::Closes),
        Reads::HalfTheBody,
    ),
    row("closed when it was applied", true, nothing, Ends::Closes),
    row(
        "cut in the answer's head",
        true,
        |_| b"HTTP/1.1 200 OK\r\ncontent-le".to_vec(),
        Ends::Closes,
    ),
    row(
        "cut before Content-Length",
        true,
        half_by_length,
        Ends::Closes,
    ),
    row(
        "reset before Content-Length",
        true,
        half_by_length,
        Ends::Resets,
    ),
    row(
        "cut in a chunked answer",
        true,
        half_in_chunks,
        Ends::Closes,
    ),
    row(
        "cut behind the last chunk",
        true,
        whole_but_the_last_chunk,
        Ends::Closes,
    ),
    row(
        "cut without any length",
        true,
        half_without_length,
        Ends::Closes,
    ),
    row(
        "garbage",
        false,
        |_| b"\x16\x03\x01 this is not HTTP \r\n\r\n".to_vec(),
        Ends::Closes,
    ),
    row(
        "garbage when it was applied",
        true,
        |_| b"SSH-2.0-x\r\n".to_vec(),
        Ends::Closes,
    ),
    row(
        "only an interim answer",
        false,
        |_| b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(),
        Ends::Closes,
    ),
    row(
        "204 without a body",
        true,
        |_| b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        Ends::Keeps,
    ),
    row(
        "JSON of another shape",
        true,
        |_| (ok("", 11) + r#"{"ok":true}"#).into_bytes(),
        Ends::Keeps,
    ),
    row(
        "text that is no JSON",
        true,
        |_| (ok("", 2) + "ok").into_bytes(),
        Ends::Keeps,
    ),
    row(
        "a list",
        true,
        |json| (ok("", json.len() + 2) + &format!("[{json}]")).into_bytes(),
        Ends::Keeps,
    ),
    row("UTF-16", true, utf_16, Ends::Keeps),
    row(
        "null",
        true,
        |_| (ok("", 4) + "null").into_bytes(),
        Ends::Keeps,
    ),
    row(
        "a page with 202",
        true,
        |_| b"HTTP/1.1 202 Accepted\r\ncontent-length: 6\r\n\r\n<html>".to_vec(),
        Ends::Keeps,
    ),
    row("an answer without an end", true, endless, Ends::Holds),
    row("a head without an end", true, huge_head, Ends::Holds),
    row("a compressed answer", true, gzip, Ends::Keeps),
    row("a compressed error", false, gzip_error, Ends::Keeps),
];

/// The same, where only the program's own time limit ends the wait.
pub const SLOW: [Fault; 4] = [
    row(
        "a head byte by byte",
        true,
        |_| b"HTTP/1.1 200 OK\r\nx-slow: ".to_vec(),
        Ends::Trickles,
    ),
    row(
        "a body byte by byte",
        true,
        |_| (ok("", 1_000) + "{").into_bytes(),
        Ends::Trickles,
    ),
    row("no answer", false, nothing, Ends::Holds),
    reading(
        row("a server that never reads", false, nothing, Ends::Holds),
        Reads::Head,
    ),
];

/// What is slow, and still good.
pub const STEADY: Fault = Fault {
    name: "a slow but steady link",
    reads: Reads::Within(Duration::from_secs(33)),
    applies: true,
    says: Says::Bytes(whole),
    ends: Ends::Keeps,
};

/// The service closes what the next request would have used; nobody need notice.
pub const IDLE: [Fault; 2] = [
    row("an idle connection is closed", true, whole, Ends::Closes),
    row("an idle connection is reset", true, whole, Ends::Resets),
];

/// A refusal that stands though its words are cut.
pub const REFUSALS: [Fault; 3] = [
    row(
        "a refusal cut in its words",
        false,
        cut_refusal,
        Ends::Closes,
    ),
    row(
        "a refusal reset in its words",
        false,
        cut_refusal,
        Ends::Resets,
    ),
    Fault {
        reads: Reads::Head,
        says: Says::Status(401, "connection: close\r\n"),
        ..row("a refusal before the body", false, nothing, Ends::Drains)
    },
];

/// Too large, said before the body was read.
pub const TOO_LARGE: [Fault; 2] = [
    Fault {
        reads: Reads::Head,
        says: Says::Status(413, "connection: close\r\n"),
        ..row("413 before the body", false, nothing, Ends::Drains)
    },
    Fault {
        reads: Reads::HalfTheBody,
        says: Says::Status(413, "connection: close\r\n"),
        ..row("413 in mid body", false, nothing, Ends::Drains)
    },
];

/// `Retry-After` as a date, a second after the answer's own.
pub const SOON: &str = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
                        retry-after: Sun, 06 Nov 1994 08:49:38 GMT\r\n";

/// The same, an hour after.
pub const LATE: &str = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
                        retry-after: Sun, 06 Nov 1994 09:49:37 GMT\r\n";

/// A status, with these header lines.
pub const fn status(status: u16, headers: &'static str) -> Fault {
    Fault {
        says: Says::Status(status, headers),
        ..row("a status", false, nothing, Ends::Keeps)
    }
}

fn whole(json: &str) -> Vec<u8> {
    (ok("", json.len()) + json).into_bytes()
}

fn half_by_length(json: &str) -> Vec<u8> {
    (ok("", json.len()) + &json[..json.len() / 2]).into_bytes()
}

fn half_in_chunks(json: &str) -> Vec<u8> {
    let half = &json[..json.len() / 2];
    let length = json.len();
    format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n{half}")
        .into_bytes()
}

fn whole_but_the_last_chunk(json: &str) -> Vec<u8> {
    let length = json.len();
    format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n{json}\r\n")
        .into_bytes()
}

fn half_without_length(json: &str) -> Vec<u8> {
    let half = &json[..json.len() / 2];
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{half}").into_bytes()
}

/// More than a MiB comes, of a TiB that was promised.
fn endless(json: &str) -> Vec<u8> {
    let rest = json.strip_prefix('{').unwrap();
    let padding = "x".repeat(2 << 20);
    (ok("", 1 << 40) + "{\"padding\":\"" + &padding + "\"," + rest).into_bytes()
}

/// The right answer, as some gateways on Windows write it.
fn utf_16(json: &str) -> Vec<u8> {
    let units = [0xfeff].into_iter().chain(json.encode_utf16());
    let body: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
    [ok("", body.len()).as_bytes(), &body].concat()
}

fn huge_head(_: &str) -> Vec<u8> {
    let padding = "x".repeat(2 << 20);
    format!("HTTP/1.1 200 OK\r\nx-padding: {padding}").into_bytes()
}

/// Bytes that begin as gzip does, and are none.
const GZIP: [u8; 12] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, b'{', 0xff];

fn gzip(_: &str) -> Vec<u8> {
    [
        ok("content-encoding: gzip\r\n", GZIP.len()).as_bytes(),
        &GZIP,
    ]
    .concat()
}

fn gzip_error(_: &str) -> Vec<u8> {
    let head = "HTTP/1.1 502 X\r\ncontent-encoding: gzip\r\ncontent-length: 12\r\n\r\n";
    [head.as_bytes(), &GZIP].concat()
}

fn cut_refusal(_: &str) -> Vec<u8> {
    b"HTTP/1.1 403 Forbidden\r\ncontent-length: 1000\r\n\r\n{\"detail\":\"no".to_vec()
}
