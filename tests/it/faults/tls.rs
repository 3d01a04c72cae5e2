//! TLS with certificates good and bad: what is said, the exit code, and what the table holds.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::service::tls::{Authority, Kind, Line, Secure, folder, push};
use crate::stage::{OLD, Stage, deals, ids, numbers, sorted_ids};
use crate::support::{FIRST_PUSH, Told, run};

const MODES: [&str; 2] = ["", "--all --debounce 900"];

/// All new records, besides the old ones where they stay.
fn all(mode: &str, count: u64) -> Vec<String> {
    let mut all = numbers(1..=count);
    if mode.is_empty() {
        all.extend(OLD.map(str::to_owned));
    }
    all
}

#[test]
fn a_good_certificate_of_a_named_authority() {
    let authority = Authority::new();
    for mode in MODES {
        for (name, trust) in [
            ("127.0.0.1", "--ca-cert ca.pem"),
            ("localhost", "--ca-cert ca.pem"),
            ("127.0.0.1", ""),
        ] {
            let stage = folder(Stage::new().file("data.csv", deals(30)), &authority);
            let greeting = (authority.greeting(Kind::Good), Line::Sound);
            let secure = Secure::new(stage.running.addr, vec![greeting]);
            let line = format!("data.csv -t deals --chunk-size 10 {trust} {mode}");
            let mut command = push(stage.folder(), secure.address, &line);
            command.env(
                "QOBRA_BASE_URL",
                format!("https://{name}:{}", secure.address.port()),
            );
            if trust.is_empty() {
                // The machine itself knows the authority.
                command.env("SSL_CERT_FILE", stage.folder().path().join("ca.pem"));
            }
            let told = run(&mut command);
            assert_eq!(told.code(), Some(0), "{name} {trust}: {told}");
            assert!(secure.calls() > 0);
            assert_eq!(sorted_ids(&stage.settled()), all(mode, 30), "{told}");
        }
    }
}

/// A certificate, and what is typed to trust its authority.
const BAD: [(Kind, &str); 4] = [
    (Kind::Good, ""),
    (Kind::Expired, "--ca-cert ca.pem"),
    (Kind::NotYetValid, "--ca-cert ca.pem"),
    (Kind::OtherName, "--ca-cert ca.pem"),
];

/// The library writes the dates of today into its words.
fn tidy(stage: &Stage, told: &Told) -> String {
    let told = stage.tidy(told);
    let seconds = regex::Regex::new(r"UnixTime\(\d+\)|\b\d{10,}\b|\d+ seconds").unwrap();
    seconds.replace_all(&told, "TIME").into_owned()
}

#[test]
fn a_bad_certificate_is_a_configuration_error() {
    let authority = Authority::new();
    let mut texts = String::new();
    for (kind, trust) in BAD {
        for mode in MODES {
            let stage = folder(Stage::unused().file("data.csv", deals(3)), &authority);
            let greeting = (authority.greeting(kind), Line::Sound);
            let secure = Secure::new(stage.running.addr, vec![greeting]);
            let line = format!("data.csv -t deals {trust} {mode}");
            let told = run(&mut push(stage.folder(), secure.address, &line));
            assert_eq!(told.code(), Some(2), "{kind:?}: {told}");
            // No second attempt: it would fail alike.
            assert_eq!(secure.calls(), 1, "{kind:?}: {told}");
            let untouched = "0 of 1 chunk accepted; table `deals` is untouched\n";
            assert!(told.stderr.ends_with(untouched), "{told}");
            assert_eq!(ids(&stage.settled()), OLD);
            if mode.is_empty() {
                let _ = writeln!(texts, "{kind:?} {trust}\n{}", tidy(&stage, &told));
            }
            let told = run(&mut push(
                stage.folder(),
                secure.address,
                &format!("status 64a {trust}"),
            ));
            assert_eq!(told.code(), Some(2), "{kind:?}: {told}");
        }
    }
    assert_snapshot!(texts);
}

/// An authority that made itself a new key is as unknown as any other.
#[test]
fn an_authority_that_only_bears_a_trusted_name() {
    let [trusted, other] = [(); 2].map(|()| Authority::named("Of the same name"));
    let stage = folder(Stage::unused().file("data.csv", deals(3)), &trusted);
    let greeting = (other.greeting(Kind::Good), Line::Sound);
    let secure = Secure::new(stage.running.addr, vec![greeting]);
    let line = "data.csv -t deals --ca-cert ca.pem";
    let told = run(&mut push(stage.folder(), secure.address, line));
    assert_eq!((told.code(), secure.calls()), (Some(2), 1), "{told}");
    let hint = "name the file of its certificate with --ca-cert";
    assert!(told.stderr.contains(hint), "{told}");
}

/// The first connection is good, the second one, opened while the first is busy, is not.
#[test]
fn a_certificate_that_goes_bad_in_mid_push() {
    let authority = Authority::new();
    for (kind, trust) in BAD {
        // Another authority's is met by a machine that trusts this one's.
        let second = match trust {
            "" => Authority::new().greeting(kind),
            _ => authority.greeting(kind),
        };
        for mode in MODES {
            let stage = folder(
                Stage::with_faults("slow:1@2").file("data.csv", deals(30)),
                &authority,
            );
            let greetings = vec![
                (authority.greeting(Kind::Good), Line::Sound),
                (second.clone(), Line::Sound),
            ];
            let secure = Secure::new(stage.running.addr, greetings);
            let line =
                format!("data.csv -t deals --chunk-size 10 --jobs 2 --ca-cert ca.pem {mode}");
            let told = run(&mut push(stage.folder(), secure.address, &line));
            assert_eq!(
                (told.code(), secure.calls()),
                (Some(6), 2),
                "{kind:?}: {told}"
            );
            assert!(told.stderr.contains("no secure connection: "), "{told}");
            assert!(told.stderr.contains("2 of 3 chunks accepted; "), "{told}");
            // Whichever of the last two was not the first to take the good connection.
            let lost = match told
                .stderr
                .contains("error: chunk 2 of 3 (records 11 to 20) ")
            {
                true => 11..=20,
                false => 21..=30,
            };
            let error = format!("(records {} to {}) was not taken", lost.start(), lost.end());
            assert!(told.stderr.contains(&error), "{told}");
            let is_lost = |id: &String| id.parse().is_ok_and(|id| lost.contains(&id));
            let mut kept = all(mode, 30);
            kept.retain(|id| !is_lost(id));
            assert_eq!(sorted_ids(&stage.settled()), kept, "{kind:?}: {told}");
        }
    }
}

/// The request arrived and its answer is no TLS: that proves nothing about the request.
#[test]
fn tls_that_breaks_at_the_answer_leaves_a_doubt() {
    let authority = Authority::new();
    for mode in MODES {
        for (broken, code) in [(1, 0), (100, 6)] {
            let stage = folder(Stage::new().file("data.csv", deals(30)), &authority);
            let greeting = authority.greeting(Kind::Good);
            let mut greetings = vec![(greeting.clone(), Line::BreaksAtTheAnswer); broken];
            greetings.push((greeting, Line::Sound));
            let secure = Secure::new(stage.running.addr, greetings);
            let line = format!("data.csv -t deals --ca-cert ca.pem --retry-for 1 {mode}");
            let told = run(&mut push(stage.folder(), secure.address, &line));
            assert_eq!(told.code(), Some(code), "{told}");
            assert!(!told.stderr.contains("untouched"), "{told}");
            assert_eq!(sorted_ids(&stage.settled()), all(mode, 30), "{told}");
        }
    }
}

#[test]
fn a_file_of_certificates_that_cannot_be_used() {
    let authority = Authority::new();
    let stage = folder(Stage::unused().file("data.csv", deals(3)), &authority)
        .file("empty.pem", "")
        .file("words.pem", "no certificate\n")
        .file(
            "key.pem",
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        )
        .file("torn.pem", &authority.pem[..authority.pem.len() / 2])
        .file(
            "junk.pem",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        )
        .file("noise.pem", [0xff, 0xfe, 0, 1]);
    let secure = Secure::new(
        stage.running.addr,
        vec![(authority.greeting(Kind::Good), Line::Sound)],
    );
    let mut texts = String::new();
    for file in [
        "missing", ".", "empty", "words", "key", "torn", "junk", "noise",
    ] {
        let file = if file == "." {
            "."
        } else {
            &format!("{file}.pem")
        };
        let line = format!("data.csv -t deals --ca-cert {file}");
        let told = run(&mut push(stage.folder(), secure.address, &line));
        assert_eq!(told.code(), Some(2), "{file}: {told}");
        let _ = writeln!(texts, "--ca-cert {file}\n{}", stage.tidy(&told));
    }
    assert_eq!(secure.calls(), 0);
    assert_snapshot!(texts);
}

#[test]
fn a_machine_without_any_certificates() {
    let authority = Authority::new();
    for mode in MODES {
        let stage =
            folder(Stage::new().file("data.csv", deals(3)), &authority).file("none.pem", "");
        let nothing = stage.folder().path().join("nothing");
        std::fs::create_dir(&nothing).unwrap();
        let secure = Secure::new(
            stage.running.addr,
            vec![(authority.greeting(Kind::Good), Line::Sound)],
        );
        let bare = |line: &str| {
            let mut command = push(stage.folder(), secure.address, line);
            command
                .env("SSL_CERT_FILE", stage.folder().path().join("none.pem"))
                .env("SSL_CERT_DIR", &nothing);
            command
        };
        let line = format!("data.csv -t deals {mode}");
        let told = run(&mut bare(&line));
        assert_eq!(told.code(), Some(2), "{told}");
        let alike = stage.tidy(&told).replace(FIRST_PUSH, "");
        assert_snapshot!("without_any_certificates", alike);
        assert_eq!(secure.calls(), 0);
        // A rehearsal and a service on this machine need none; a named authority is enough.
        let told = run(bare(&format!("{line} --sandbox")).env_remove("QOBRA_BASE_URL"));
        assert_eq!(told.code(), Some(0), "{told}");
        assert!(stage.requests().is_empty());
        let told = run(&mut bare(&format!("{line} --ca-cert ca.pem")));
        assert_eq!((told.code(), secure.calls()), (Some(0), 1), "{told}");
        assert_eq!(sorted_ids(&stage.settled()), all(mode, 3));
        let told = run(bare(&line).env("QOBRA_BASE_URL", stage.url()));
        assert_eq!((told.code(), secure.calls()), (Some(0), 1), "{told}");
    }
}
