//! A service that is gone in the middle of a push: what connects to it is refused.

use std::io::BufReader;
use std::net::SocketAddr;
use std::thread;

use tokio::net::TcpSocket;
use tokio::runtime::Builder;

use super::{MODES, mode_words};
use crate::faults::expected::{at_risk, expected, verdict};
use crate::service::wire::{ask, request, send};
use crate::stage::{Stage, deals, sorted_ids};
use crate::support::run;

/// A port that several sockets of ours may have at once.
fn bound(address: SocketAddr) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    #[cfg(unix)]
    socket.set_reuseport(true).unwrap();
    #[cfg(windows)]
    socket.set_reuseaddr(true).unwrap();
    socket.bind(address).unwrap();
    socket
}

/// Passes so many requests on, and closes its door with the last one's connection. The second socket keeps
/// the port when nobody listens there any more: another test's server would get it.
fn leaves_after(behind: SocketAddr, requests: usize) -> (SocketAddr, TcpSocket) {
    let kept = bound(SocketAddr::from(([127, 0, 0, 1], 0)));
    let address = kept.local_addr().unwrap();
    let runtime = Builder::new_current_thread().enable_io().build().unwrap();
    let entered = runtime.enter();
    let listener = bound(address).listen(1).unwrap().into_std().unwrap();
    listener.set_nonblocking(false).unwrap();
    drop(entered);
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
    (address, kept)
}

/// Refused connections prove that nothing was sent: what arrived before is known exactly.
#[test]
fn a_service_that_goes_in_mid_push_leaves_no_doubt() {
    thread::scope(|scope| {
        for mode in MODES {
            scope.spawn(move || {
                let stage = Stage::new().file("data.csv", deals(30));
                let (address, _kept) = leaves_after(stage.running.addr, 1);
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
