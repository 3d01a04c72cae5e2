//! Pages of other origins in the same browser: they neither read what the sandbox holds nor change it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use serde_json::json;

use super::chromium::{Browser, EVIL};
use super::tab::Tab;
use crate::rig::ends;
use crate::stage::{Stage, deals};

/// A server of somebody else's, which gives an empty page at every path.
fn stranger() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let head = BufReader::new(&stream).lines().map_while(Result::ok);
            head.take_while(|line| !line.is_empty()).for_each(drop);
            let page = "<!doctype html><title>a stranger's page</title>";
            let length = page.len();
            // It may have left.
            let _ = write!(
                &stream,
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{page}"
            );
        }
    });
    address
}

/// Tries everything that a page can do with another one's address; what it could read.
const ATTACK: &str = "(async () => {
    const got = [];
    const tries = async (name, what) => {
        try { const text = await what(); if (text) got.push(`${name}: ${text}`); } catch {}
    };
    const paths = ['/', '/_sandbox/parts', '/sandbox', '/sandbox/tables/deals', '/sandbox/requests'];
    const form = { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'fault=503@*' };
    for (const path of paths) {
        await tries(path, async () => (await fetch(TARGET + path)).text());
        await tries('no-cors ' + path, async () => (await fetch(TARGET + path, { mode: 'no-cors' })).text());
        await tries('script ' + path, () => new Promise((done) => {
            const script = document.createElement('script');
            script.onload = () => done('ran');
            script.onerror = () => done('');
            script.src = TARGET + path;
            document.head.append(script);
        }));
    }
    for (const path of ['/_sandbox/faults', '/_sandbox/faults/disarm', '/sandbox/advance?seconds=900',
        '/v1/tables/deals/records/bulk?all=true']) {
        for (const mode of ['cors', 'no-cors'])
            await tries(mode + ' POST ' + path, async () => (await fetch(TARGET + path, { ...form, mode })).text());
        navigator.sendBeacon(TARGET + path, new URLSearchParams('fault=503@*'));
    }
    const frame = document.createElement('iframe');
    document.body.append(frame);
    await new Promise((done) => { frame.onload = done; frame.src = TARGET + '/'; });
    await tries('frame', () => frame.contentDocument.body.innerText);
    for (const sandbox of [null, 'allow-forms allow-scripts']) {
        const inner = document.createElement('iframe');
        if (sandbox) inner.sandbox = sandbox;
        inner.srcdoc = `<form method=post action='${TARGET}/_sandbox/faults'><input name=fault value='503@*'></form>
            <script>onload = () => document.forms[0].submit()</scr` + `ipt>`;
        // Once for the form, once for the answer to it.
        let loads = 0;
        await new Promise((done) => { inner.onload = () => { if (++loads === 2) done(); }; document.body.append(inner); });
    }
    return got;
})()";

#[test]
fn a_page_of_another_origin_reads_nothing_and_arms_nothing() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let stage = Stage::new().file("deals.csv", deals(3));
    let tab = Tab::open(&browser);
    let port = stage.running.addr.port();
    let foreign = stranger().port();
    let pages = [
        format!("http://127.0.0.1:{foreign}/"),
        format!("http://localhost:{foreign}/"),
        format!("http://{EVIL}:{foreign}/"),
    ];
    // The sandbox by its own names, and by one that its owner has just pointed to this machine.
    let targets = ["127.0.0.1", "localhost", EVIL].map(|name| format!("http://{name}:{port}"));
    for page in &pages {
        for target in &targets {
            tab.go(page);
            let attack = ATTACK.replace("TARGET", &format!("'{target}'"));
            assert_eq!(tab.eval(&attack), json!([]), "{page} {target}");
        }
    }
    let is_unchanged = || {
        assert_eq!(stage.running.sandbox.unused_faults(), []);
        assert!(stage.requests().is_empty(), "{:#?}", stage.requests());
    };
    is_unchanged();
    // By a name that was pointed to this machine, the sandbox's own port says nothing either.
    tab.go(&format!("http://{EVIL}:{port}/"));
    assert!(
        tab.text("body")
            .contains("The sandbox answers to 127.0.0.1 and localhost only")
    );
    let parts = "fetch('/_sandbox/parts').then(answer => answer.status)";
    assert_eq!(tab.eval(parts), 421);
    let arm = "fetch('/_sandbox/faults', { method: 'POST', body: new URLSearchParams('fault=503@*') }).then(answer => answer.status)";
    assert_eq!(tab.eval(arm), 421);

    is_unchanged();
    ends(&stage, "deals.csv -t deals", 0);
    assert_eq!(stage.posts().len(), 1);
}
