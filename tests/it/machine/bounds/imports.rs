//! An import whose answer is larger than any memory, because its rows were left out.

use std::io::{self, BufRead as _, BufReader, BufWriter, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use super::child::{MIB, STREAMED, is_full, measured, sized};
use super::thousands;
use crate::rig::runs;
use crate::service::wire;
use crate::stage::Stage;

/// A service that takes everything and loads nothing.
fn served(count: u64, padding: usize) -> SocketAddr {
    wire::serve(move |stream| while answer(stream, count, padding).is_some() {})
}

fn answer(stream: &TcpStream, count: u64, padding: usize) -> Option<()> {
    let request = wire::request(&mut BufReader::new(stream))?;
    if request.head.starts_with("POST") {
        let records = memchr::memmem::find_iter(&request.body, b"{\"id\":").count();
        let json = format!(r#"{{"import_id":"64a","objects_imported":{records}}}"#);
        return wire::send(stream, &wire::answer(200, "", json));
    }
    wire::send(stream, b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")?;
    let mut out = BufWriter::new(stream);
    import(&mut out, count, padding).ok()?;
    out.flush().ok()?;
    stream.shutdown(Shutdown::Both).ok()
}

/// The import: each list of rows before what it belongs to, and the word that it is over last.
fn import(out: &mut impl Write, count: u64, padding: usize) -> io::Result<()> {
    let name = "é".repeat(padding);
    out.write_all(br#"{"data_import": {"data_tables_details": ["#)?;
    for (prefix, table, count) in [("other-", "people", count / 10), ("", "deals", count)] {
        out.write_all(br#"{"error": {"parsing_error_details": ["#)?;
        for n in 1..=count {
            let comma = if n == 1 { "" } else { ",\n" };
            write!(
                out,
                "{comma}{{\"line_number\": {n}, \"row\": {{\"name\": \"{name}\", \"amount\": \"x{n}\", \
                 \"id\": \"{prefix}{n}\"}}, \"details\": \"ValueError: could not convert string to \
                 float: 'x{n}'\"}}"
            )?;
        }
        write!(
            out,
            r#"], "title": "ParsingError"}}, "number_of_records": null, "status": "finished",
               "data_table_key": "{table}"}}{}"#,
            if table == "deals" { "" } else { "," }
        )?;
    }
    out.write_all(br#"], "progress": 100, "status": "finished"}}"#)
}

/// Every record was left out: the end is seen, each record is kept, and the table's word is true.
#[test]
fn an_import_that_left_everything_out() {
    let count = sized(1_000_000, 20_000);
    let padding = if is_full() { 20 } else { 900 };
    let stage = Stage::behind();
    let path = stage.folder().path().join("deals.csv");
    let mut file = BufWriter::new(std::fs::File::create(path).unwrap());
    file.write_all(b"id,name,amount\n").unwrap();
    for n in 1..=count {
        writeln!(file, "{n},Deal {n},x{n}").unwrap();
    }
    file.into_inner().unwrap();
    let address = served(count, padding);
    let line = format!("deals.csv -t deals --wait --wait-timeout 10m --base-url http://{address}");
    let (told, memory) = measured(&stage, STREAMED, &line);
    assert_eq!(told.code(), Some(7), "{told}");
    let all = thousands(count);
    for said in [
        format!("  {all} × could not convert string to float, column amount, first at line 2\n"),
        format!("table `deals` has gaps: the service rejected {all} records; "),
    ] {
        assert!(told.stderr.contains(&said), "{told}");
    }
    assert!(memory < 64 * MIB || !is_full(), "{} MiB", memory / MIB);

    let run = runs(&stage).remove(0);
    let rejects = BufReader::new(std::fs::File::open(run.join("rejects.csv")).unwrap());
    let mut lines = rejects.lines().map(Result::unwrap);
    let header = lines.next().unwrap();
    assert!(header.ends_with("id,name,amount,reject_file,reject_line,reject_column,reject_reason"));
    let mut found = 0;
    for (n, line) in (1..).zip(lines) {
        let (record, reject) = line.split_once(",deals.csv,").unwrap();
        assert_eq!(record, format!("{n},Deal {n},x{n}"));
        let reason = format!(
            "{},amount,ValueError: could not convert string to float: 'x{n}'",
            n + 1
        );
        assert_eq!(reject, reason);
        found = n;
    }
    assert_eq!(found, count);
    let receipt = std::fs::read(run.join("receipt.json")).unwrap();
    let receipt: serde_json::Value = serde_json::from_slice(&receipt).unwrap();
    assert_eq!(receipt["counts"]["rejected_by_service"], count);
    assert_eq!(receipt["table_state"], "gaps");
    let error = format!("ParsingError: {all} × could not convert string to float, column amount");
    assert_eq!(receipt["imports"][0]["error"], error);
}
