//! The push: what a user types, what the service gets, what both streams say.

use std::time::Duration;

use insta::assert_snapshot;
use qobra_push::{ImportIds, KeySeen, SandboxClock, SandboxOptions};

use crate::service::wire::{Request, answer, answering};
use crate::stage::{OLD, Stage, deals, deals_from, ids, numbers, options, sorted_ids, table};
use crate::support::{Folder, KEY, run, set_mode};

const LINE: &str = "data.csv --table deals --all --debounce 900";

#[test]
fn the_missions_own_line() {
    let stage = Stage::new().file("data.csv", deals(12_345));
    let told = run(&mut stage.push(LINE));
    assert_snapshot!(told.tidy());

    assert_eq!(stage.records()[0], Some(5_000), "chunk 1 comes first");
    let mut records = stage.records();
    records.sort_unstable();
    assert_eq!(records, [Some(2_345), Some(5_000), Some(5_000)]);
    for seen in stage.posts() {
        assert_eq!(
            seen.path,
            "/v1/tables/deals/records/bulk?all=true&debounce=900"
        );
        let agent = concat!("qobra-push/", env!("CARGO_PKG_VERSION"));
        assert_eq!(seen.user_agent.as_deref(), Some(agent));
        assert_eq!((seen.key, seen.status), (KeySeen::Accepted, Some(200)));
    }

    // Nothing has happened to the table until the window closes; then it is replaced at once.
    assert_eq!(ids(&stage.held()), OLD);
    let table = stage.settled();
    assert_eq!(sorted_ids(&table), numbers(1..=12_345));
    assert_eq!(table.deletes, 1);
    assert_eq!(told.stdout, format!("{}\n", table.imports.join("\n")));
}

#[test]
fn nothing_follows_chunk_1_before_it_was_accepted() {
    let stage = Stage::of(SandboxOptions {
        faults: qobra_push::parse_faults("slow:0.4@1").unwrap(),
        clock: SandboxClock::real(),
        ..options()
    })
    .file("data.csv", deals(12_345));
    assert_eq!(run(&mut stage.push(LINE)).code(), Some(0));
    // The answer to chunk 1 left this long after its arrival: what came earlier did not wait for it.
    let at: Vec<_> = stage.posts().iter().map(|seen| seen.at).collect();
    assert_eq!(at.len(), 3);
    assert!(at[1] - at[0] >= Duration::from_millis(400), "{at:?}");
}

#[test]
fn the_key_may_stand_in_a_file_and_the_url_on_the_line() {
    for by_option in [true, false] {
        let stage = Stage::new().file("data.csv", deals(3)).file("key", KEY);
        let key = stage.folder().path().join("key");
        set_mode(&key, 0o600);
        let mut command = stage.folder().push();
        command.args(LINE.split(' '));
        if by_option {
            command
                .args(["--api-key-file", "key", "--base-url", &stage.url()])
                // Neither is looked at where an option says otherwise.
                .env("QOBRA_API_KEY", "another")
                .env("QOBRA_BASE_URL", "https://elsewhere.invalid");
        } else {
            command
                .env("QOBRA_API_KEY_FILE", key)
                .env("QOBRA_BASE_URL", stage.url());
        }
        assert_eq!(run(&mut command).code(), Some(0));
        assert_eq!(sorted_ids(&stage.settled()), numbers(1..=3));
    }
}

#[test]
fn the_request_on_the_wire() {
    let words = r#"{"import_id":"one","objects_imported":2,"more":[]}"#;
    let (address, requests) = answering(vec![answer(200, "", words)]);
    let folder = Folder::new().with("data.csv", "id,name\n007,\"a \"\"b\"\"\"\n8,\n");
    let told = run(folder
        .push()
        .args(LINE.split(' '))
        .env("QOBRA_API_KEY", KEY)
        .env("QOBRA_BASE_URL", format!("http://{address}/base/")));
    assert_eq!((told.code(), told.stdout.as_str()), (Some(0), "one\n"));
    let Request { head, body } = requests.recv().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&body),
        r#"{"items":[{"id":"007","name":"a \"b\""},{"id":"8","name":null}]}"#
    );
    let mut lines: Vec<&str> = head.trim_end().lines().collect();
    let first = "POST /base/v1/tables/deals/records/bulk?all=true&debounce=900 HTTP/1.1";
    assert_eq!(lines.remove(0), first);
    lines.sort_unstable();
    let expected = [
        "accept: */*".to_owned(),
        format!("content-length: {}", body.len()),
        "content-type: application/json".to_owned(),
        format!("host: {address}"),
        format!("user-agent: qobra-push/{}", env!("CARGO_PKG_VERSION")),
        format!("x-api-key: {KEY}"),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn separate_ids_come_in_the_order_of_the_chunks() {
    // The request behind the first is answered late: the one behind it is accepted before.
    let stage = Stage::of(SandboxOptions {
        import_ids: ImportIds::Separate,
        faults: qobra_push::parse_faults("slow:0.3@2").unwrap(),
        ..options()
    })
    .file("data.csv", deals(12_345));
    let told = run(&mut stage.push(LINE));
    assert_snapshot!(told.tidy());

    // Imports are listed as their requests were accepted, and the last chunk is the only short one.
    let mut imports = stage.settled().imports;
    let posts = stage.posts();
    let short = posts.iter().find(|post| post.records == Some(2_345));
    let short = short.unwrap().import_id.clone().unwrap();
    imports.retain(|import| *import != short);
    imports.push(short);
    assert_eq!(told.stdout.lines().collect::<Vec<_>>(), imports);
}

#[test]
#[cfg_attr(windows, ignore = "it is typed into a shell of Unix")]
fn standard_output_is_import_ids_also_between_two_programs() {
    let stage = Stage::new().file("data.csv", deals(12_345));
    let script = "cat data.csv | \"$0\" - --format csv -t deals --chunk-size 2000 | sort | uniq -c";
    let mut command = stage.folder().command("sh");
    command
        .args(["-c", script])
        .arg(crate::support::program())
        .env("QOBRA_API_KEY", KEY)
        .env("QOBRA_BASE_URL", stage.url());
    let told = run(&mut command);
    let table = stage.settled();
    let mut expected = numbers(1..=12_345);
    expected.extend(OLD.map(str::to_owned));
    assert_eq!(sorted_ids(&table), expected);
    assert_eq!(table.deletes, 0);
    let lines: Vec<Vec<&str>> = told
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    let mut imports = table.imports.clone();
    imports.sort_unstable();
    let expected: Vec<Vec<&str>> = imports.iter().map(|id| vec!["1", id.as_str()]).collect();
    assert_eq!(lines, expected);
}

#[test]
fn standard_input() {
    let stage = Stage::new();
    let told = run(stage
        .push("- --format csv --table deals")
        .write_stdin(deals(2)));
    assert_snapshot!(told.tidy());
    assert_eq!(ids(&stage.settled()), ["old-1", "old-2", "1", "2"]);
}

const MAPPING: &str = r#"
table = "deals"
id = "key"
name = "title"
[fields]
key = "deal.id"
title = "name"
amount = { column = "amount", type = "number" }
currency = { value = "EUR" }
"#;

#[test]
fn ndjson_with_a_mapping() {
    let lines = r#"{"deal": {"id": "007"}, "name": "Zoë", "amount": "100.10"}

{"name": "B", "amount": 2e3, "deal.id": 8, "stage": "x"}
"#;
    let stage = Stage::of(SandboxOptions {
        tables: vec![table("deals", "key")],
        ..options()
    })
    .file("deals.ndjson", lines)
    .file("deals.toml", MAPPING);
    let told = run(&mut stage.push("deals.ndjson --mapping deals.toml"));
    assert_snapshot!(told.tidy());
    assert_eq!(stage.requests().len(), 1);
    let path = "/v1/tables/deals/records/bulk?all=false&debounce=0";
    assert_eq!(stage.requests()[0].path, path);
    let table = stage.settled();
    let records: Vec<_> = table.records[2..].iter().map(|(_, json)| json).collect();
    assert_eq!(
        records,
        [
            r#"{"amount":100.10,"currency":"EUR","key":"007","title":"Zoë"}"#,
            r#"{"amount":2e3,"currency":"EUR","key":8,"title":"B"}"#,
        ]
    );
}

#[test]
fn several_files_are_one_input() {
    let other = "amount,id,name\r\n8.50,8,Deal 8\r\n9.50,9,\"Deal 9\"\r\n";
    let stage = Stage::new()
        .file("a.csv", deals(7))
        .file("b.csv", other)
        .file("c.csv", deals_from(10, 12));
    let told = run(&mut stage
        .push("a.csv b.csv c.csv --table deals --all --debounce 15m --chunk-size 5 --jobs 1"));
    assert_snapshot!(told.tidy());
    assert_eq!(stage.records(), [Some(5), Some(5), Some(2)]);
    let expected: Vec<_> = (1..=12)
        .map(|id| {
            let json = format!(r#"{{"amount":"{id}.50","id":"{id}","name":"Deal {id}"}}"#);
            (id.to_string(), json)
        })
        .collect();
    assert_eq!(stage.settled().records, expected);
}

#[test]
fn a_dry_run_needs_nothing_and_sends_nothing() {
    let stage = Stage::unused()
        .file("data.csv", deals(12_345))
        .file("key", "x");
    let bare = |line: &str| {
        let mut command = stage.folder().push();
        command
            .args(line.split(' '))
            .env("QOBRA_BASE_URL", stage.url());
        run(&mut command)
    };
    assert_snapshot!(bare(&format!("{LINE} --dry-run")).tidy());
    let records = bare("data.csv -t deals -n -q");
    assert_eq!(records.stderr, "");
    assert_eq!(
        records.stdout.lines().next(),
        Some(r#"{"id":"1","name":"Deal 1","amount":"1.50"}"#)
    );
    // With a key at hand it sends nothing either.
    let told = run(&mut stage.push(&format!("{LINE} --dry-run")));
    assert_eq!(told.code(), Some(0));
}

#[test]
fn a_rehearsal_needs_neither_key_nor_network() {
    let folder = Folder::new().with("data.csv", deals(12_345));
    let told = run(folder.push().args(LINE.split(' ')).arg("--sandbox"));
    assert_snapshot!(told.tidy());
    // A proxy must not see what stays inside the process, a key is not looked for.
    let told = run(folder
        .push()
        .args(["data.csv", "-t", "deals", "--sandbox", "-q"])
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .env("http_proxy", "http://127.0.0.1:1")
        .env("ALL_PROXY", "http://127.0.0.1:1")
        .env("QOBRA_API_KEY_FILE", "/nowhere"));
    assert_eq!((told.code(), told.stderr.as_str()), (Some(0), ""));
}

#[test]
fn quiet_says_nothing_but_the_ids() {
    let stage = Stage::with_faults("503@2").file("data.csv", deals(12_345));
    let told = run(&mut stage.push(&format!("{LINE} -q")));
    assert_eq!(told.tidy(), "exit code 0\n--- stdout\nIMPORT\n");
}

#[test]
fn verbose_says_every_request() {
    let stage = Stage::with_faults("500@2").file("data.csv", deals(12_345));
    let told = run(&mut stage.push(&format!("{LINE} -v --jobs 1")));
    assert_snapshot!(told.tidy());
}
