//! A service that is gone in the middle of a push: what connects to it is refused.

use std::io::BufReader;
use std::net::{SocketAddr, TcpListener};
use std::thread;

use super::{MODES, mode_words};
use crate::faults::expected::{at_risk, expected, verdict};
use crate::service::wire::{ask, request, send};
use crate::stage::{Stage, deals, sorted_ids};
use crate::support::run;

/// Passes so many requests on, and closes its door with the last one's connection.
fn leaves_after(behind: SocketAddr, requests: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        drop(listener);
        let mut reader = BufReader::new(&stream);
        for _ in 0..requests {
            let (answer_head, answer) = ask(behind, &request(&mut reader)?)?;
            // The client is told not to use the connection again: nothing is lost on it.
            let answer_head = answer_head.replacen("\r\n", "\r\nconnection: close\r\n", 1);
            send(&stream, &[answer_head.into_bytes(), answer].concat())?;
        }
        Some(())
    });
    address
}

/// Refused connections prove that nothing was sent: what arrived before is known exactly.
#[test]
fn a_service_that_goes_in_mid_push_leaves_no_doubt() {
    thread::scope(|scope| {
        for mode in MODES {
            scope.spawn(move || {
                let stage = Stage::new().file("data.csv", deals(30));
                let address = leaves_after(stage.running.addr, 1);
                let words = mode_words(mode);
                // It has answered, so that what counts is not how long a new address is tried.
                let times = "--retry-for 1 --connect-for 0";
                let line = format!("data.csv -t deals --chunk-size 10 --jobs 1 {times} {words}");
                let mut command = stage.push(&line);
                let told = run(command.env("QOBRA_BASE_URL", format!("http://{address}")));
                assert_eq!(told.code(), Some(6), "{told}");
                assert!(told.stderr.contains("; again in "), "{told}");
                let named = format!("was not taken by {address}: no connection: ");
                assert!(told.stderr.contains(&named), "{told}");
                assert_eq!(verdict(&told), at_risk(1, mode), "{told}");
                let written = sorted_ids(&stage.settled());
                assert_eq!(written, expected(mode, 10), "{told}");
                // Nor is that forgotten by who takes the run up again.
                let told = run(&mut stage.push("resume --connect-for 0"));
                assert_eq!(told.code(), Some(6), "{told}");
                assert!(told.stderr.contains("; again in "), "{told}");
            });
        }
    });
}
