//! The way to the service: its answers, its clock, proxies and certificates.

use std::time::{Duration, SystemTime};

use insta::assert_snapshot;
use serde_json::json;

use super::{check, document, shown, troubles};
use crate::rig::done;
use crate::service::NOBODY;
use crate::service::script::{Scripted, Shown};
use crate::service::wire::{answer, answering};
use crate::stage::Stage;
use crate::support::{Folder, KEY, Told, run};

/// A certificate authority that signed nothing.
const AUTHORITY: &str = "\
-----BEGIN CERTIFICATE-----
MIIBkDCCATegAwIBAgIUZWWWjGH4Mnr9R3rXWm7OJwgyS5QwCgYIKoZIzj0EAwIw
HTEbMBkGA1UEAwwSQSB0ZXN0J3MgYXV0aG9yaXR5MCAXDTI2MTEyMzE3MjkxN1oY
DzIxMjYxMDMwMTcyOTE3WjAdMRswGQYDVQQDDBJBIHRlc3QncyBhdXRob3JpdHkw
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQGEhm3v6Z1y+3EvOVg6/sMUiYest4y
+Vk80LsTPswrMFo9C+UiT8xCltrnhSqYK/Rh+uDzq0z6vFS91xlu18DXo1MwUTAd
BgNVHQ4EFgQUYuIHSlWm9kNOjhDVxzQnEEbeSSkwHwYDVR0jBBgwFoAUYuIHSlWm
9kNOjhDVxzQnEEbeSSkwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBE
AiBn/UwtGGf7FbA6bvOlHUuY40PiReoijdxrOsTLVvOsIQIgCtfJK5YTXS0Z8qs1
hPR2Ro1LP8RhaHiegQJ1t5oq10I=
-----END CERTIFICATE-----
";

#[test]
fn nobody_at_the_address() {
    let stage = Stage::unused();
    let line = format!("doctor --base-url http://{NOBODY}");
    let told = done(&stage, &line);
    assert_eq!(told.code(), Some(5));
    assert_snapshot!(shown(&told, stage.folder()));
    let document = document(&done(&stage, &format!("{line} --output json")));
    let expected = [("service", "failed"), ("clock", "warning")];
    assert_eq!(troubles(&document), expected);
}

#[test]
fn what_is_no_address_is_not_repeated() {
    let stage = Stage::unused();
    let line = "doctor --base-url https://me:canary@x.example --output json";
    let document = document(&done(&stage, line));
    assert_eq!(document["exit_code"], 2);
    assert_eq!(troubles(&document), [("base_url", "failed")]);
}

#[test]
fn other_answers_are_told_as_they_are() {
    for (status, code) in [(404, 4), (500, 5), (503, 5)] {
        let scripted = Scripted::new(&[], [("data-structures", vec![Shown::Status(status)])]);
        let told = scripted.ends("doctor", code);
        let said = format!(": the service answered {status} ");
        assert!(told.stdout.contains(&said), "{told}");
        assert!(told.stdout.contains("`{\"detail\":\"not now\"}`"), "{told}");
        document(&scripted.ends("doctor --output json", code));
    }
}

#[test]
fn a_clock_that_is_wrong() {
    for (ago, side) in [(true, "ahead of"), (false, "behind")] {
        let hour = Duration::from_secs(3_605);
        let now = SystemTime::now();
        let date = httpdate::fmt_http_date(if ago { now - hour } else { now + hour });
        let dated = || vec![Shown::Dated(date.clone())];
        let scripted = Scripted::new(&[], [("data-structures", dated())]);
        let told = scripted.ends("doctor", 0);
        let line = format!("\nwarning clock         1 h {side} the service's\n        hint: ");
        assert!(told.stdout.contains(&line), "{told}");
        let document = document(&scripted.ends("doctor --output json", 0));
        assert_eq!(troubles(&document), [("clock", "warning")]);
        let ahead = check(&document, "clock")["facts"]["ahead_seconds"]
            .as_i64()
            .unwrap();
        assert_eq!(ahead.is_positive(), ago, "{ahead}");
    }
}

/// A folder with an authority to trust, and the program that asks a host which is not there.
fn elsewhere() -> (Folder, impl Fn(&Folder) -> assert_cmd::Command) {
    let folder = Folder::new().with("ca.pem", AUTHORITY);
    let command = |folder: &Folder| {
        let mut command = folder.push();
        command
            .args(["doctor", "--base-url", "https://qobra.invalid"])
            .env("SSL_CERT_FILE", folder.path().join("ca.pem"))
            .env("QOBRA_API_KEY", KEY);
        command
    };
    (folder, command)
}

#[test]
fn a_proxys_password_is_never_shown() {
    let (folder, command) = elsewhere();
    let (address, requests) = answering(vec![answer(502, "", "")]);
    let told = run(command(&folder).env("HTTPS_PROXY", format!("http://me:canary@{address}")));
    assert_eq!(told.code(), Some(5));
    let head = requests.recv().unwrap().head;
    assert!(head.starts_with("CONNECT qobra.invalid:443 "), "{head}");
    // What the proxy was told is not told to anybody else, in no form.
    let secret = head.split("Basic ").nth(1).or(head.split("basic ").nth(1));
    let secret = secret.unwrap().lines().next().unwrap();
    assert!(!told.stdout.contains(secret), "{told}");
    assert_snapshot!(shown(&told, &folder));

    let (address, _requests) = answering(vec![answer(502, "", "")]);
    let told = run(command(&folder)
        .args(["--output", "json"])
        .env("HTTPS_PROXY", format!("http://me:canary@{address}")));
    let document = document(&told);
    let facts = &check(&document, "proxy")["facts"];
    assert_eq!(facts["proxy"], format!("http://{address}"));
    assert_eq!(facts["has_credentials"], true);
    assert_eq!(facts["variable"], "HTTPS_PROXY");
}

/// Without a word about the service it is Qobra's own, asked here through a proxy that refuses.
#[test]
fn the_usual_service_by_a_proxy_without_a_password() {
    let folder = Folder::new().with("ca.pem", AUTHORITY);
    let (address, requests) = answering(vec![answer(502, "", "")]);
    let mut command = folder.push();
    command
        .arg("doctor")
        .env("SSL_CERT_FILE", folder.path().join("ca.pem"))
        .env("QOBRA_API_KEY", KEY)
        .env("HTTPS_PROXY", format!("http://{address}"));
    let told = run(&mut command);
    assert_eq!(told.code(), Some(5), "{told}");
    let head = requests.recv().unwrap().head;
    assert!(head.starts_with("CONNECT api.qobra.co:443 "), "{head}");
    assert_snapshot!(shown(&told, &folder));
}

/// A service that answers without having seen a key says nothing about one.
#[test]
fn a_service_that_asks_for_no_key() {
    let scripted = Scripted::new(&[], [("data-structures", vec![Shown::Status(200)])]);
    let asked = |line: &str| run(scripted.push(line).env_remove("QOBRA_API_KEY"));
    let told = asked("doctor");
    assert_eq!(told.code(), Some(2), "{told}");
    let line = "ok      service       127.0.0.1:PORT answers; there was no key to show it\n";
    assert!(shown(&told, &scripted.folder).contains(line), "{told}");
    let document = document(&asked("doctor --output json"));
    let facts = &check(&document, "service")["facts"];
    assert_eq!(facts, &json!({ "status": 200, "key_accepted": null }));
}

#[test]
fn a_proxy_that_is_not_used() {
    let (folder, command) = elsewhere();
    let line = |text: &str| format!("proxy         none{text}\n");
    for (proxy, exception, said, code) in [
        ("", "", line(""), 5),
        (
            "http://me:canary@127.0.0.1:9",
            "localhost,.invalid",
            line(": NO_PROXY keeps this host away from it"),
            5,
        ),
        (
            "me:canary@",
            "",
            "FAILED  proxy         the proxy in HTTPS_PROXY cannot be understood: empty host\n"
                .to_owned(),
            2,
        ),
    ] {
        let told = run(command(&folder)
            .env("HTTPS_PROXY", proxy)
            .env("NO_PROXY", exception));
        assert!(shown(&told, &folder).contains(&said), "{told}");
        assert_eq!(told.code(), Some(code), "{told}");
    }
    // Plain http to this machine.
    let stage = Stage::new();
    let told = run(stage
        .push("doctor")
        .env("HTTP_PROXY", "http://me:canary@127.0.0.1:9"));
    let said = line(": plain http to this machine never goes through one");
    assert!(shown(&told, stage.folder()).contains(&said), "{told}");
    assert_eq!(told.code(), Some(0));
}

#[test]
#[cfg_attr(windows, ignore = "there they are not counted")]
fn certificates_are_counted() {
    let (folder, command) = elsewhere();
    let has = |told: &Told, code: i32, said: &str| {
        assert_eq!(told.code(), Some(code), "{told}");
        assert!(
            told.stdout.contains(&format!("certificates  {said}\n")),
            "{told}"
        );
    };
    has(&run(&mut command(&folder)), 5, "1 of the system");
    let told = run(command(&folder).args(["--ca-cert", "ca.pem"]));
    has(&told, 5, "1 of the system, 1 of --ca-cert");
    let none = |command: &mut assert_cmd::Command| run(command.env("SSL_CERT_FILE", "none.pem"));
    has(&none(&mut command(&folder)), 2, "this machine has none");
    let told = none(command(&folder).args(["--ca-cert", "ca.pem"]));
    has(&told, 5, "none of the system, 1 of --ca-cert");
    let told = run(command(&folder).args(["--ca-cert", "none.pem", "--output", "json"]));
    let document = document(&told);
    assert_eq!(document["exit_code"], 2);
    assert_eq!(check(&document, "certificates")["verdict"], "failed");
}
