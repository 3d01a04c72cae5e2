//! Proxies that are spoken to over TLS themselves (`https://` in the variable): their certificates are
//! judged as the service's are, and what is wrong with them is not said of the service.

use std::fmt::Write as _;

use insta::assert_snapshot;

use super::{LOGIN, Scene, UPSERT};
use crate::service::NOBODY;
use crate::service::proxy::{Manner, Proxy};
use crate::service::tls::{Authority, Kind, Line, Secure};
use crate::stage::{OLD, Stage, ids, sorted_ids};

/// TLS before a proxy.
fn encrypted(proxy: &Proxy, authority: &Authority, kind: Kind) -> Secure {
    let greeting = (authority.greeting(kind), Line::Sound);
    Secure::new(proxy.address, vec![greeting])
}

#[test]
fn a_proxy_behind_tls_leads_to_the_service() {
    for mode in ["", "--all --debounce 900"] {
        let proxy = Proxy::new(Manner::OpensFor(LOGIN));
        let scene = Scene::new(Stage::new());
        let front = encrypted(&proxy, &scene.authority, Kind::Good);
        let url = format!("https://user:canary2@{}", front.address);
        let told = scene.pushed(&format!("{UPSERT} {mode}"), &[("HTTPS_PROXY", &url)]);
        assert_eq!(told.code(), Some(0), "{told}");
        assert!((proxy.opened)() > 0 && front.calls() > 0, "{told}");
        // Inside of the way that it opened, the key and the data are encrypted once more.
        let asked = proxy.asked.lock().unwrap().concat().to_lowercase();
        assert!(asked.starts_with("connect 127.0.0.1:"), "{asked}");
        assert!(!asked.contains("x-api-key"), "{asked}");
        let count = if mode.is_empty() { 32 } else { 30 };
        assert_eq!(sorted_ids(&scene.stage.settled()).len(), count);
        scene.keeps_no_password();
    }
}

#[test]
fn a_proxy_whose_tls_fails_is_named_and_not_asked_again() {
    let mut all = String::new();
    for (name, kind) in [
        ("unknown issuer", None),
        ("expired", Some(Kind::Expired)),
        ("another name", Some(Kind::OtherName)),
    ] {
        for mode in ["", "--all --debounce 900"] {
            let proxy = Proxy::new(Manner::Opens);
            let scene = Scene::new(Stage::unused());
            let front = match kind {
                Some(kind) => encrypted(&proxy, &scene.authority, kind),
                None => encrypted(&proxy, &Authority::new(), Kind::Good),
            };
            let url = format!("https://user:canary2@{}", front.address);
            let line = format!("data.csv -t deals --retry-for 5 {mode}");
            let told = scene.pushed(&line, &[("HTTPS_PROXY", &url)]);
            assert_eq!((told.code(), front.calls()), (Some(2), 1), "{name}: {told}");
            let named = format!("no secure connection to the proxy {}: ", front.address);
            assert!(told.stderr.contains(&named), "{name}: {told}");
            assert_eq!(proxy.asked.lock().unwrap().len(), 0);
            assert_eq!(ids(&scene.stage.settled()), OLD);
            scene.keeps_no_password();
            if mode.is_empty() {
                let hint = |line: &&str| line.starts_with("hint: ");
                let hint = told.stderr.lines().find(hint).unwrap_or_default();
                let _ = writeln!(all, "{name}: {hint}");
            }
        }
    }
    assert_snapshot!(all);
}

/// The usual mistake: most proxies are spoken to in plain HTTP, whatever they lead to.
#[test]
fn a_plain_proxy_that_is_written_with_https() {
    let proxy = Proxy::new(Manner::Plain);
    let scene = Scene::new(Stage::unused());
    let url = format!("https://user:canary2@{}", proxy.address);
    for line in ["data.csv -t deals --retry-for 5", "status 64a"] {
        let told = scene.pushed(line, &[("HTTPS_PROXY", &url)]);
        assert_eq!(told.code(), Some(2), "{told}");
        let named = format!("no secure connection to the proxy {}: ", proxy.address);
        assert!(told.stderr.contains(&named), "{told}");
        let hint = "hint: most proxies are spoken to in plain HTTP: write http:// in HTTPS_PROXY";
        assert!(told.stderr.contains(hint), "the way out: {told}");
    }
    assert_eq!(ids(&scene.stage.settled()), OLD);
}

#[test]
fn an_encrypted_proxy_that_wants_a_login_or_is_dead() {
    let proxy = Proxy::new(Manner::OpensFor(LOGIN));
    let scene = Scene::new(Stage::unused());
    let front = encrypted(&proxy, &scene.authority, Kind::Good);
    for (address, code, why) in [
        (front.address.to_string(), 2, "(407)"),
        (NOBODY.to_owned(), 5, "no connection to the proxy"),
    ] {
        let url = format!("https://user:canary3@{address}");
        let line = "data.csv -t deals --retry-for 0";
        let told = scene.pushed(line, &[("HTTPS_PROXY", &url)]);
        assert_eq!(told.code(), Some(code), "{told}");
        assert!(
            told.stderr.contains(why) && told.stderr.contains(&address),
            "{told}"
        );
    }
    assert_eq!(ids(&scene.stage.settled()), OLD);
}
