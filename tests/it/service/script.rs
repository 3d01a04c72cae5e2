//! A service whose answers are written down by the test: what the sandbox never says.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use assert_cmd::Command;
use regex::Regex;
use serde_json::{Value, json};

use super::wire;
use crate::support::{Folder, KEY, Told, below, run, tidy};

const JSON: &str = "content-type: application/json\r\n";

/// What a GET of an import is answered with.
#[derive(Clone)]
pub enum Shown {
    /// This import.
    Import(Value),
    /// Another status.
    Status(u16),
    /// Success, at this `Date`.
    Dated(String),
    /// Success, with these header lines and this body.
    Raw(&'static str, Vec<u8>),
}

struct Script {
    /// Ids handed out, in turn; the last for all further requests.
    ids: Vec<&'static str>,
    /// The bodies of the pushes so far.
    bodies: Vec<String>,
    shown: BTreeMap<&'static str, Vec<Shown>>,
    is_over: bool,
}

/// The service, and a folder for the program.
pub struct Scripted {
    address: SocketAddr,
    script: Arc<Mutex<Script>>,
    pub folder: Folder,
}

impl Scripted {
    /// Serves until it is dropped. Each import's answers come in turn, the last one again and again.
    pub fn new<const N: usize>(
        ids: &[&'static str],
        shown: [(&'static str, Vec<Shown>); N],
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let script = Arc::new(Mutex::new(Script {
            ids: ids.to_vec(),
            bodies: Vec::new(),
            shown: shown.into(),
            is_over: false,
        }));
        let served = Arc::clone(&script);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                // The first connection after its owner is gone is the owner's last act.
                if served.lock().unwrap().is_over {
                    break;
                }
                let script = Arc::clone(&served);
                // A client that hangs up ends its connection only.
                thread::spawn(move || while answer_next(&stream, &script).is_some() {});
            }
        });
        let folder = Folder::new();
        Self {
            address,
            script,
            folder,
        }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The bodies of all pushes, in the order of their arrival.
    pub fn bodies(&self) -> Vec<String> {
        self.script.lock().unwrap().bodies.clone()
    }

    /// The program with this line's words.
    pub fn push(&self, line: &str) -> Command {
        let mut command = self.folder.push();
        command
            .env("QOBRA_BASE_URL", self.url())
            .env("QOBRA_API_KEY", KEY)
            .args(line.split_whitespace());
        command
    }

    /// Runs a line to its end.
    pub fn ends(&self, line: &str, code: i32) -> Told {
        let told = run(&mut self.push(line));
        assert_eq!(told.code(), Some(code), "{line}: {told}");
        told
    }

    /// The same, for a snapshot.
    pub fn said(&self, line: &str, code: i32) -> String {
        let told = self.ends(line, code).to_string();
        let told = below(self.folder.path(), &told);
        // The day of the answer.
        let day = Regex::new(r"accepted at \d{4}-\d\d-\d\d").unwrap();
        let told = day.replace_all(&told, "accepted at DAY").into_owned();
        let rest = Regex::new(r"nothing starts before \d+(\.\d+)? (ms|s)").unwrap();
        let told = rest
            .replace_all(&told, "nothing starts before TIME")
            .into_owned();
        format!("$ {line}\n{}\n", tidy(&told))
    }
}

impl Drop for Scripted {
    /// Gives the socket back: two builds compared over 10,000 inputs would need 20,000 of them.
    fn drop(&mut self) {
        if let Ok(mut script) = self.script.lock() {
            script.is_over = true;
        }
        drop(TcpStream::connect(self.address));
    }
}

/// Answers one request; none where there is no further one.
fn answer_next(stream: &TcpStream, script: &Mutex<Script>) -> Option<()> {
    let request = wire::request(&mut BufReader::new(stream))?;
    let answer = match request.head.strip_prefix("GET ") {
        None => accepted(&mut script.lock().unwrap(), request.body),
        Some(path) => {
            let path = path.split(' ').next().unwrap();
            let id = path.rsplit('/').next().unwrap();
            shown(&mut script.lock().unwrap(), id)
        }
    };
    wire::send(stream, &answer)
}

fn answer(status: u16, body: &Value) -> Vec<u8> {
    wire::answer(status, JSON, body.to_string())
}

/// What a push is answered with.
fn accepted(script: &mut Script, body: Vec<u8>) -> Vec<u8> {
    let body = String::from_utf8(body).unwrap();
    let read: Value = serde_json::from_str(&body).unwrap();
    let count = read["items"].as_array().unwrap().len();
    let id = script.ids[script.bodies.len().min(script.ids.len() - 1)];
    script.bodies.push(body);
    answer(200, &json!({ "import_id": id, "objects_imported": count }))
}

/// What is shown of an import.
fn shown(script: &mut Script, id: &str) -> Vec<u8> {
    let Some(shown) = script.shown.get_mut(id) else {
        return answer(404, &json!({ "detail": "no such import" }));
    };
    let next = match shown.len() {
        1 => shown[0].clone(),
        _ => shown.remove(0),
    };
    match next {
        Shown::Import(import) => answer(200, &json!({ "data_import": import })),
        Shown::Status(status) => answer(status, &json!({ "detail": "not now" })),
        Shown::Dated(at) => wire::answer(200, &format!("date: {at}\r\n{JSON}"), "{}"),
        Shown::Raw(headers, body) => wire::answer(200, &format!("{headers}{JSON}"), body),
    }
}

/// An import that is over, with these entries.
pub fn finished(entries: Value) -> Shown {
    Shown::Import(json!({
        "status": "finished", "progress": 100, "new_field": {},
        "launched_at": "2099-06-25T10:03:27Z", "data_tables_details": entries,
    }))
}

/// An import that is not over.
pub fn at(status: &str) -> Shown {
    Shown::Import(json!({ "status": status, "data_tables_details": [] }))
}

/// A table's entry without an error.
pub fn entry(table: &str, records: impl Into<Value>) -> Value {
    json!({
        "type": "api", "status": "finished", "data_table_key": table,
        "number_of_records": records.into(), "error": null,
    })
}

/// A table's entry with an error that lists these rows.
pub fn rejected(table: &str, rows: &[(&str, &str)]) -> Value {
    let row = |(id, amount): &(&str, &str)| {
        json!({
            "line_number": 1,
            "row": { "id": id, "amount": amount },
            "details": format!("ValueError: could not convert string to float: '{amount}'"),
        })
    };
    json!({
        "type": "api", "status": "finished", "data_table_key": table, "number_of_records": null,
        "error": {
            "title": "ParsingError",
            "description": "Can't parse a value as float for user attribute amount",
            "parsing_error_details": rows.iter().map(row).collect::<Vec<_>>(),
        },
    })
}
