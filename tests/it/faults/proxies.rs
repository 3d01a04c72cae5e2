//! Proxies: which variable counts, the way through, and the ways in which they fail.
//!
//! The same cases run against a small proxy of our own, everywhere, and against tinyproxy where it is
//! installed; `.ci/run` sees to that. The password of every proxy is a canary: `run` fails on it.

mod encrypted;

use std::fmt::Write as _;
use std::thread;

use insta::assert_snapshot;

use crate::service::NOBODY;
use crate::service::proxy::{Manner, Proxy};
use crate::service::tls::{Authority, Kind, Line, Secure, folder, push};
use crate::stage::{OLD, Stage, deals, ids, sorted_ids};
use crate::support::{Folder, Told, run};

/// `user:canary2`, as it travels.
const LOGIN: &str = "Basic dXNlcjpjYW5hcnky";

/// `user:canary@2`, as it travels.
const ODD_LOGIN: &str = "Basic dXNlcjpjYW5hcnlAMg==";

/// A service behind TLS, and a folder from which it can be pushed to.
struct Scene {
    stage: Stage,
    secure: Secure,
    /// Whom `--ca-cert` makes the program trust.
    authority: Authority,
}

impl Scene {
    fn new(stage: Stage) -> Self {
        let authority = Authority::new();
        let stage = folder(stage.file("data.csv", deals(30)), &authority);
        let greeting = (authority.greeting(Kind::Good), Line::Sound);
        let secure = Secure::new(stage.running.addr, vec![greeting]);
        Self {
            stage,
            secure,
            authority,
        }
    }

    /// A push with these variables.
    fn pushed(&self, line: &str, variables: &[(&str, &str)]) -> Told {
        let line = format!("{line} --ca-cert ca.pem");
        let mut command = push(self.stage.folder(), self.secure.address, &line);
        run(command.envs(variables.iter().copied()))
    }

    /// No file of the state holds a password.
    fn keeps_no_password(&self) {
        let mut folders = vec![self.stage.folder().path().join("state")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                match entry.path() {
                    path if path.is_dir() => folders.push(path),
                    path => {
                        let bytes = std::fs::read(&path).unwrap();
                        let text = String::from_utf8_lossy(&bytes);
                        assert!(!text.contains("canary"), "{}", path.display());
                    }
                }
            }
        }
    }
}

const UPSERT: &str = "data.csv -t deals --chunk-size 10 -v";

/// Which variables lead through the proxy, and which do not.
fn the_variables_count(proxy: &Proxy) {
    let scene = Scene::new(Stage::new());
    let with = format!("http://{}", proxy.address);
    let (with, bare) = (with.as_str(), with.trim_start_matches("http://"));
    for (variables, is_through) in [
        (vec![("HTTPS_PROXY", with)], true),
        (vec![("https_proxy", with)], true),
        (vec![("ALL_PROXY", with)], true),
        (vec![("all_proxy", with)], true),
        (vec![("HTTPS_PROXY", bare)], true),
        (
            vec![("HTTPS_PROXY", with), ("NO_PROXY", "elsewhere.example")],
            true,
        ),
        (vec![("HTTPS_PROXY", with), ("HTTP_PROXY", NOBODY)], true),
        (vec![("HTTPS_PROXY", with), ("NO_PROXY", "")], true),
        (
            vec![("HTTPS_PROXY", with), ("NO_PROXY", "127.0.0.1")],
            false,
        ),
        (
            vec![
                ("https_proxy", with),
                ("no_proxy", "x.example, 127.0.0.0/8"),
            ],
            false,
        ),
        (vec![("HTTPS_PROXY", with), ("no_proxy", "*")], false),
        (vec![("HTTP_PROXY", with)], false),
        (vec![("http_proxy", with)], false),
        (vec![("HTTPS_PROXY", "")], false),
    ] {
        let before = (proxy.opened)();
        // One way at a time: a second one may be begun and not needed, and noted when all is over.
        let told = scene.pushed(&format!("{UPSERT} --jobs 1"), &variables);
        assert_eq!(told.code(), Some(0), "{variables:?}: {told}");
        let is_opened = (proxy.opened)() > before;
        assert_eq!(is_opened, is_through, "{variables:?}: {told}");
    }
    // Not the push alone: the look at an import too.
    let line = format!("{UPSERT} --jobs 1");
    let import = scene.pushed(&line, &[("HTTPS_PROXY", with)]).stdout;
    let before = (proxy.opened)();
    let told = scene.pushed(
        &format!("status {}", import.trim()),
        &[("HTTPS_PROXY", with)],
    );
    assert_eq!(told.code(), Some(8), "{told}");
    assert!((proxy.opened)() > before, "{told}");
    // A service on this machine needs no proxy, and the key would travel to it unencrypted.
    let before = (proxy.opened)();
    let mut plain = scene.stage.push(UPSERT);
    let told = run(plain.env("HTTP_PROXY", with).env("HTTPS_PROXY", with));
    assert_eq!((told.code(), (proxy.opened)()), (Some(0), before), "{told}");
    let replaced = scene.pushed(
        "data.csv -t deals --chunk-size 10 --all --debounce 900",
        &[("HTTPS_PROXY", with)],
    );
    assert_eq!(replaced.code(), Some(0), "{replaced}");
    assert!((proxy.opened)() > before);
    assert_eq!(sorted_ids(&scene.stage.settled()).len(), 30);
}

/// With the right password, a wrong one, which ends with `wrong`, and none.
fn the_login_counts(proxy: &Proxy, wrong: i32) {
    let scene = Scene::new(Stage::behind());
    for (login, code) in [("user:canary2@", 0), ("user:canary3@", wrong), ("", 2)] {
        let url = format!("http://{login}{}", proxy.address);
        let line = format!("{UPSERT} --retry-for 1");
        let told = scene.pushed(&line, &[("HTTPS_PROXY", &url)]);
        assert_eq!(told.code(), Some(code), "{login}: {told}");
        if code != 0 {
            let untouched = "0 of 3 chunks accepted; table `deals` is untouched\n";
            assert!(told.stderr.ends_with(untouched), "{told}");
        }
        if code == 2 {
            let named = format!("the proxy {} wants a user and a password", proxy.address);
            assert!(told.stderr.contains(&named), "{told}");
            let told = scene.pushed("status 64a", &[("HTTPS_PROXY", &url)]);
            assert_eq!(told.code(), Some(2), "{told}");
        }
    }
    scene.keeps_no_password();
}

#[test]
fn variables_that_name_a_proxy() {
    the_variables_count(&Proxy::new(Manner::Opens));
}

#[test]
fn a_proxy_that_wants_a_login() {
    let proxy = Proxy::new(Manner::OpensFor(LOGIN));
    the_login_counts(&proxy, 2);
    // One question each: a refused login is not tried again.
    let asked = proxy.asked.lock().unwrap();
    let refused = asked.iter().filter(|head| !head.contains(LOGIN)).count();
    assert_eq!(refused, 2 * 2);
}

#[test]
fn a_real_proxy() {
    let folder = Folder::new();
    if let Some(proxy) = Proxy::tiny(&folder, "") {
        the_variables_count(&proxy);
    }
}

#[test]
fn a_real_proxy_that_wants_a_login() {
    let folder = Folder::new();
    if let Some(proxy) = Proxy::tiny(&folder, "BasicAuth user canary2") {
        // It answers 401 to a wrong password, where 407 would be right.
        the_login_counts(&proxy, 5);
    }
}

#[test]
fn a_password_may_have_any_characters() {
    let proxy = Proxy::new(Manner::OpensFor(ODD_LOGIN));
    let scene = Scene::new(Stage::new());
    for password in ["canary@2", "canary%402"] {
        let url = format!("http://user:{password}@{}", proxy.address);
        let told = scene.pushed(UPSERT, &[("HTTPS_PROXY", &url)]);
        assert_eq!(told.code(), Some(0), "{password}: {told}");
    }
    assert_eq!((proxy.opened)(), proxy.asked.lock().unwrap().len());
}

/// The key and the data are the service's alone.
#[test]
fn a_proxy_sees_neither_key_nor_data() {
    let proxy = Proxy::new(Manner::Opens);
    let scene = Scene::new(Stage::new());
    let url = format!("http://{}", proxy.address);
    assert_eq!(
        scene.pushed(UPSERT, &[("HTTPS_PROXY", &url)]).code(),
        Some(0)
    );
    let asked = proxy.asked.lock().unwrap().concat().to_lowercase();
    assert!(asked.starts_with("connect 127.0.0.1:"), "{asked}");
    assert!(
        !asked.contains("canary") && !asked.contains("deals"),
        "{asked}"
    );
}

#[test]
fn a_variable_that_names_no_proxy_is_told() {
    let scene = Scene::new(Stage::unused());
    let mut all = String::new();
    for url in [
        "socks5://user:canary2@127.0.0.1:1",
        "http://user:canary2",
        "http://user:canary2@",
        "http://127.0.0.1:99999",
        "one two",
    ] {
        for variable in ["HTTPS_PROXY", "all_proxy"] {
            let told = scene.pushed(UPSERT, &[(variable, url)]);
            assert_eq!(told.code(), Some(2), "{url}: {told}");
            let error = |line: &&str| line.starts_with("error: ") || line.starts_with("hint: ");
            for line in told.stderr.lines().filter(error) {
                let _ = writeln!(all, "{line}");
            }
        }
    }
    assert_eq!(scene.secure.calls(), 0);
    assert_snapshot!(all);
}

#[test]
fn a_proxy_that_opens_no_way() {
    let bad = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n";
    let proxies = [
        ("502", Some(Manner::Says(bad)), 5),
        (
            "403",
            Some(Manner::Says("HTTP/1.1 403 Filtered\r\n\r\n")),
            5,
        ),
        ("closes", Some(Manner::Says("")), 5),
        ("no HTTP", Some(Manner::Says("SSH-2.0-x\r\n")), 5),
        ("407", Some(Manner::OpensFor("nobody")), 2),
        ("dead", None, 5),
    ];
    let mut all = String::new();
    for (name, manner, code) in proxies {
        let proxy = manner.map(Proxy::new);
        let address = proxy.as_ref().map(|proxy| proxy.address);
        let address = address.map_or(NOBODY.to_owned(), |address| address.to_string());
        let url = format!("http://user:canary2@{address}");
        for mode in ["", "--all --debounce 900"] {
            let scene = Scene::new(Stage::unused());
            let line = format!("data.csv -t deals --retry-for 0 {mode}");
            let told = scene.pushed(&line, &[("HTTPS_PROXY", &url)]);
            assert_eq!(told.code(), Some(code), "{name}: {told}");
            assert_eq!(ids(&scene.stage.settled()), OLD);
            scene.keeps_no_password();
            if mode.is_empty() {
                let _ = writeln!(all, "{name}\n{}", scene.stage.tidy(&told));
            }
            // Passing troubles are met again.
            let told = scene.pushed(&line.replace("-for 0", "-for 1"), &[("HTTPS_PROXY", &url)]);
            assert_eq!(told.code(), Some(code), "{name}: {told}");
            assert_eq!(
                told.stderr.contains("; again in"),
                code == 5,
                "{name}: {told}"
            );
        }
    }
    assert_snapshot!(all);
}

/// Ten seconds, which is what the product itself waits: the proxy is named where the way leads through
/// it, and is not where `NO_PROXY` excepts a service that hangs itself.
#[test]
fn a_proxy_that_never_answers() {
    let told = |variables: &[(&str, &str)], hangs: &Proxy| {
        let scene = Scene::new(Stage::unused());
        let line = format!(
            "data.csv -t deals --retry-for 0 --base-url https://{}",
            hangs.address
        );
        let told = scene.pushed(&line, variables);
        assert_eq!(told.code(), Some(5), "{told}");
        let untouched = "table `deals` is untouched\n";
        assert!(told.stderr.ends_with(untouched), "{told}");
        told
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            let proxy = Proxy::new(Manner::Hangs);
            let url = format!("http://{}", proxy.address);
            let told = told(&[("HTTPS_PROXY", &url)], &proxy);
            assert_eq!(proxy.asked.lock().unwrap().len(), 1);
            let named = format!("the proxy {} opened no way", proxy.address);
            assert!(told.stderr.contains(&named), "{told}");
        });
        scope.spawn(|| {
            let service = Proxy::new(Manner::Silent);
            let dead = format!("http://user:canary2@{NOBODY}");
            let variables = [("HTTPS_PROXY", dead.as_str()), ("NO_PROXY", "127.0.0.1")];
            let told = told(&variables, &service);
            assert!(told.stderr.contains(": no connection: "), "{told}");
            assert!(!told.stderr.contains("proxy"), "{told}");
        });
    });
}

#[test]
fn a_proxy_that_breaks_tls_open() {
    for mode in ["", "--all --debounce 900"] {
        let scene = Scene::new(Stage::new());
        let (service, breaker) = (scene.stage.running.addr, Authority::new());
        scene.stage.folder().write("breaker.pem", &breaker.pem);
        let greeting = (breaker.greeting(Kind::Good), Line::Sound);
        let opened = Secure::new(service, vec![greeting]);
        let proxy = Proxy::new(Manner::LeadsTo(opened.address));
        let url = format!("http://user:canary2@{}", proxy.address);
        let told = scene.pushed(&format!("{UPSERT} {mode}"), &[("HTTPS_PROXY", &url)]);
        assert_eq!((told.code(), opened.calls()), (Some(2), 1), "{told}");
        if mode.is_empty() {
            assert_snapshot!(scene.stage.tidy(&told));
        }
        assert!(scene.stage.requests().is_empty());
        // What the hint says helps.
        let line = format!("data.csv -t deals --ca-cert breaker.pem {mode}");
        let mut command = push(scene.stage.folder(), scene.secure.address, &line);
        let told = run(command.env("HTTPS_PROXY", &url));
        assert_eq!(told.code(), Some(0), "{told}");
        assert_eq!(scene.secure.calls(), 0);
        let count = if mode.is_empty() { 32 } else { 30 };
        assert_eq!(sorted_ids(&scene.stage.settled()).len(), count);
    }
}

/// The first way is good; the second one, opened while the first is busy, is not opened.
#[test]
fn a_proxy_that_closes_in_mid_push() {
    for mode in ["", "--all --debounce 900"] {
        let proxy = Proxy::new(Manner::OpensOnce);
        let scene = Scene::new(Stage::with_faults("slow:1@2"));
        let url = format!("http://user:canary2@{}", proxy.address);
        let line = format!("data.csv -t deals --chunk-size 10 --jobs 2 {mode}");
        let told = scene.pushed(&line, &[("HTTPS_PROXY", &url)]);
        assert_eq!((told.code(), (proxy.opened)()), (Some(6), 1), "{told}");
        assert!(told.stderr.contains("2 of 3 chunks accepted; "), "{told}");
        let count = if mode.is_empty() { 22 } else { 20 };
        assert_eq!(sorted_ids(&scene.stage.settled()).len(), count);
    }
}
