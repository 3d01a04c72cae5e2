//! `qobra-push sandbox`: its address alone on standard output, pushed to by another process.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::rig::Watched;
use crate::stage::{Stage, deals};
use crate::support::run;

#[test]
fn it_serves_until_it_is_stopped() {
    let stage = Stage::behind().file("deals.csv", deals(3));
    let mut process = stage.process("sandbox --table deals");
    process.env_remove("QOBRA_BASE_URL").stdin(Stdio::null());
    let mut sandbox = Watched::start(process);
    sandbox.says("Push to `deals` with --base-url http://127.0.0.1:");
    let mut url = String::new();
    let stdout = sandbox.child.stdout.as_mut().unwrap();
    BufReader::new(stdout).read_line(&mut url).unwrap();
    let (url, port) = (url.trim(), url.trim().rsplit(':').next().unwrap());

    let pushed = run(&mut stage.push(&format!("deals.csv -t deals --base-url {url}")));
    assert_eq!(pushed.code(), Some(0), "{pushed}");
    let other = run(&mut stage.push(&format!("deals.csv -t other --base-url {url}")));
    assert_eq!(other.code(), Some(4), "{other}");
    let second = run(stage
        .push(&format!("sandbox --port {port}"))
        .env_remove("QOBRA_BASE_URL"));
    assert_eq!(second.code(), Some(2), "{second}");
    assert!(
        second
            .stderr
            .ends_with("\nhint: take another --port; 0 takes a free one\n"),
        "{second}"
    );
    sandbox.signal("TERM");
    assert_eq!(sandbox.end().stdout, "");
}
