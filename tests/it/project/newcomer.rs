//! A newcomer with the README alone: the four commands are taken from there and typed, in their order, over
//! exports as they come from French and German offices.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;

use super::pages::{blocks, page};
use crate::support::{Folder, Told, program, run};

/// How many records each export has.
const RECORDS: u32 = 30;

/// An export, and what is to be done with its draft.
struct Export {
    bytes: Vec<u8>,
    /// The edit that the README asks for, as a script for `sed`.
    edit: &'static str,
    /// The first record, as it is to be sent.
    first: &'static str,
}

/// A header and the records, of which the first is given, and others are made by their number.
fn table(header: &str, first: &str, other: impl Fn(u32) -> String) -> String {
    let mut text = format!("{header}\r\n{first}\r\n");
    for n in 2..=RECORDS {
        let _ = write!(text, "{}\r\n", other(n));
    }
    text
}

/// In the encoding of an office that has not heard of UTF-8.
fn windows_1252(text: &str) -> Vec<u8> {
    let byte = |c: char| match c {
        '€' => 0x80,
        '–' => 0x96,
        c => u8::try_from(u32::from(c)).unwrap(),
    };
    text.chars().map(byte).collect()
}

/// Behind a byte order mark, as Excel writes it.
fn marked(text: &str) -> Vec<u8> {
    [b"\xef\xbb\xbf", text.as_bytes()].concat()
}

fn exports() -> [Export; 6] {
    let french = table(
        "Réf. affaire;Intitulé;Montant HT;Date de signature;Gagnée",
        "AF-0001;Société Générale – dépôt;12 345,60;14/01/2026;Oui",
        |n| {
            format!(
                "AF-{n:04};Client {n};{n} 000,50;{:02}/02/2026;Non",
                n % 28 + 1
            )
        },
    );
    let german = table(
        "Auftragsnummer;Kunde;Betrag (€);Abschlussdatum;Provision",
        "100001;Müller & Söhne;1.250,00;31.01.2026;7,5 %",
        |n| {
            format!(
                "{};Firma {n};{n}.000,50;{:02}.02.2026;5 %",
                100_000 + n,
                n % 28 + 1
            )
        },
    );
    // All of its days are months too.
    let ambiguous = table(
        "ID;Opportunité;Montant;Date de clôture",
        "1;Boulangerie Pâté;450,5;03/04/2026",
        |n| format!("{n};Client {n};{n},25;0{}/0{}/2026", n % 9 + 1, n % 8 + 1),
    );
    let titled = format!(
        "Export du 01/03/2026;;\r\n\r\n{}",
        table(
            "Opportunity-ID;Opportunity-Name;Umsatz",
            "0065g01;Käserei Grünwald AG;23.750,50",
            |n| format!("0065g{n:02};Firma {n};{n}.500,00"),
        )
    );
    // A decimal comma in each record, and none in the header.
    let commas = table(
        "N° contrat;Client;Montant;Signé le",
        "C1;Société d'été;1,5;13/02/2026",
        |n| format!("C{n};Client {n};{n},5;{:02}/02/2026", n % 28 + 1),
    );
    let commas = format!("Export du 01/03/2026\r\n\r\n{commas}");
    let totalled = table(
        "Auftrag-ID;Bezeichnung;Umsatz;Datum",
        "7001;Bäckerei Schön;1.234,00 €;31.01.2026",
        |n| {
            format!(
                "{};Firma {n};{n}.500,00 €;{:02}.02.2026",
                7000 + n,
                n % 28 + 1
            )
        },
    );
    let totalled = format!("{totalled};;Summe;\r\n");
    [
        Export {
            bytes: marked(&totalled),
            edit: "s/^# skip_last = /skip_last = /",
            first: r#"{"auftrag_id":"7001","bezeichnung":"Bäckerei Schön","umsatz":1234.00,"datum":"2026-01-31"}"#,
        },
        Export {
            bytes: windows_1252(&french),
            edit: r"s/^# id = /id = /",
            first: r#"{"ref_affaire":"AF-0001","intitule":"Société Générale – dépôt","montant_ht":12345.60,"date_de_signature":"2026-01-14","gagnee":true}"#,
        },
        Export {
            bytes: marked(&german),
            edit: r#"s/^# id = /id = /; s/^# name = .*/name = "kunde"/"#,
            first: r#"{"auftragsnummer":"100001","kunde":"Müller & Söhne","betrag_eur":1250.00,"abschlussdatum":"2026-01-31","provision":7.5}"#,
        },
        Export {
            bytes: marked(&ambiguous),
            edit: r#"s/^# name = .*/name = "opportunite"/; s|^date_de_cloture *=.*|date_de_cloture = { column = "Date de clôture", type = "date", format = "%d/%m/%Y" }|"#,
            first: r#"{"id":"1","opportunite":"Boulangerie Pâté","montant":450.5,"date_de_cloture":"2026-04-03"}"#,
        },
        Export {
            bytes: windows_1252(&titled),
            edit: "",
            first: r#"{"opportunity_id":"0065g01","opportunity_name":"Käserei Grünwald AG","umsatz":23750.50}"#,
        },
        Export {
            bytes: commas.into_bytes(),
            edit: r#"s/^# id = /id = /; s/^# name = .*/name = "client"/"#,
            first: r#"{"n_contrat":"C1","client":"Société d'été","montant":1.5,"signe_le":"2026-02-13"}"#,
        },
    ]
}

/// Types a line of the README.
fn typed(folder: &Folder, line: &str) -> Told {
    let mut command = folder.command("bash");
    let path = std::env::var("PATH").unwrap();
    let bin = folder.path().join("bin");
    command
        .args(["-c", line])
        .env("PATH", format!("{}:{path}", bin.display()))
        .env("EDITOR", folder.path().join("bin/editor"));
    run(&mut command)
}

#[test]
fn an_own_export_is_in_the_stand_in_after_four_commands() {
    let [block] = blocks(&page("README.md"), &["sh yours"])
        .try_into()
        .unwrap();
    let lines: [&str; 4] = block.lines().collect::<Vec<_>>().try_into().unwrap();
    for export in exports() {
        let folder = Folder::new().with("export.csv", &export.bytes);
        let bin = folder.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        std::os::unix::fs::symlink(program(), bin.join("qobra-push")).unwrap();
        let editor = format!("#!/bin/sh\nsed -i '{}' \"$1\"\n", export.edit);
        folder.write("bin/editor", editor);
        let rights = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(bin.join("editor"), rights).unwrap();

        let [drafted, _, dry, pushed] = lines.map(|line| {
            let told = typed(&folder, line);
            assert_eq!(told.code(), Some(0), "{line}: {told}");
            assert!(!told.stderr.contains("error:"), "{line}: {told}");
            told
        });
        let draft = std::fs::read_to_string(folder.path().join("deals.toml")).unwrap();
        let all = format!("{drafted}\n{draft}\n{dry}\n{pushed}");
        assert!(dry.stdout.contains(export.first), "{}\n{all}", export.first);
        let held = format!("its table `deals` now holds {RECORDS} records\n");
        assert!(pushed.stderr.ends_with(&held), "{all}");
    }
}
