//! Answers that are right and look odd, and answers that cannot be read however often they come.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::rows::{ok, row};
use super::{Times, cases, judged};
use crate::service::front::Ends;

fn bytes(head: &str, body: &[u8]) -> Vec<u8> {
    [ok(head, body.len()).as_bytes(), body].concat()
}

fn packed(json: &str) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(json.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

fn lines(count: usize) -> String {
    (0..count).map(|n| format!("x-{n}: y\r\n")).collect()
}

/// Whatever stands before or around an answer that is right: it is read, and nothing is sent again.
#[test]
fn right_answers_that_look_odd_are_read() {
    let odd = [
        row(
            "a byte order mark",
            true,
            |json| bytes("", format!("\u{feff}{json}").as_bytes()),
            Ends::Keeps,
        ),
        row(
            "white space and a byte order mark",
            true,
            |json| bytes("", format!(" \r\n\u{feff}\n{json}\n").as_bytes()),
            Ends::Keeps,
        ),
        row(
            "gzip that is announced",
            true,
            |json| bytes("content-encoding: gzip\r\n", &packed(json)),
            Ends::Keeps,
        ),
        row(
            "gzip that is not announced",
            true,
            |json| bytes("", &packed(json)),
            Ends::Keeps,
        ),
        row(
            "a plain answer that is called gzip",
            true,
            |json| bytes("content-encoding: x-gzip\r\n", json.as_bytes()),
            Ends::Keeps,
        ),
        row(
            "900 header lines",
            true,
            |json| bytes(&lines(900), json.as_bytes()),
            Ends::Keeps,
        ),
        row(
            "202",
            true,
            |json| {
                String::from_utf8(bytes("", json.as_bytes()))
                    .unwrap()
                    .replacen("200 OK", "202 X", 1)
                    .into_bytes()
            },
            Ends::Keeps,
        ),
    ];
    judged(cases(&odd, Times::Always), 8, |ended| {
        ended.is_new();
        assert_eq!(ended.met, 4 - ended.case.chunk, "{:?}", ended.case);
        assert!(!ended.told.stderr.contains("warning: "), "{}", ended.told);
    });
}

/// The service has it, and would answer alike the next time: that is said at once.
#[test]
fn answers_that_stay_unreadable_end_the_push_at_once() {
    let unreadable = row(
        "an answer that is compressed otherwise",
        true,
        |json| bytes("content-encoding: br\r\n", json.as_bytes()),
        Ends::Keeps,
    );
    judged(cases(&[unreadable], Times::Always), 8, |ended| {
        ended.is_in_doubt();
        ended.was_asked_once();
        let said =
            "the service's answer cannot be read: it is compressed (br), which was not asked for";
        assert!(ended.told.stderr.contains(said), "{}", ended.told);
        assert!(
            ended.told.stderr.contains("hint: qobra-push resume "),
            "{}",
            ended.told
        );
    });
}

/// The HTTP library reads no more; what it was is said.
#[test]
fn too_many_header_lines_are_told() {
    let many = row(
        "2,000 header lines",
        true,
        |json| bytes(&lines(2_000), json.as_bytes()),
        Ends::Keeps,
    );
    judged(cases(&[many], Times::Always), 8, |ended| {
        ended.is_in_doubt();
        let said = "the answer has over 1,000 header lines, or over 400 KiB of them";
        assert!(ended.told.stderr.contains(said), "{}", ended.told);
    });
}
