//! `init`: whole drafts for inputs as people have them, each used at once in a dry run.

use std::path::Path;

use insta::assert_snapshot;

use crate::support::{Folder, below, run, told};

/// The draft, what was said beside it, and the dry run of a replace with it.
fn drafted(folder: &Folder, line: &str, options: &str) -> String {
    let words =
        |line: &str| -> Vec<String> { line.split_whitespace().map(str::to_owned).collect() };
    let init = run(folder
        .push()
        .arg("init")
        .args(words(line))
        .args(words(options)));
    folder.write("draft.toml", &init.stdout);
    let dry_run = "-m draft.toml --table deals --all --debounce 900 --dry-run";
    let dry_run = told(folder.push().args(words(line)).args(words(dry_run)));
    format!("{init}\n$ {line} -m draft.toml … --dry-run\n{dry_run}")
}

/// A case's content.
fn case(name: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::fs::read(root.join("tests/data/cases").join(name)).unwrap()
}

#[test]
fn a_french_export() {
    let folder = Folder::new().with(
        "opportunites.csv",
        "ID Opportunité;Nom de l’opportunité;Société;Montant (€);Remise;Date de clôture;Signé ?;\
         Code postal;Sièges;Commentaire\n\
         OPP-001;Licences 2025;Société Générale;12 345,60;12,5 %;14/01/2025;oui;01000;12;\n\
         OPP-002;Renouvellement;Boulangerie Pâté d’Or;450,00;0 %;03/02/2025;non;75001;3;\n\
         OPP-003;Extension;\"Durand; Fils\";8\u{202f}900,00;;17/03/2025;oui;69002;40;\n",
    );
    let line = "opportunites.csv --delimiter ;";
    assert_snapshot!(drafted(&folder, line, "--table opportunites"));
}

#[test]
fn an_american_export() {
    let folder = Folder::new().with(
        "deals.csv",
        "Deal ID,Deal Name,Amount,Close Date,Is Won,ZIP,Phone,Stage,Probability,Created At\n\
         D-1,Renewal,\"1,234.56\",1/14/2025,1,02139,6175550101,Closed,90%,2025-01-02T08:30:00Z\n\
         D-2,New,\"12,000.00\",12/31/2024,0,10001,2125550102,Open,50%,2024-12-02T18:05:09Z\n",
    );
    assert_snapshot!(drafted(&folder, "deals.csv", ""));
}

#[test]
fn cells_that_fit_two_readings() {
    let folder = Folder::new().with(
        "deals.csv",
        "id,name,amount,price,fee,close_date,signed\n\
         1,A,1.234,1.234,10%,03/04/2024,25/12/2024\n\
         2,B,5.678,\"1.234,50\",0.1,05/06/2024,12/25/2024\n",
    );
    assert_snapshot!(drafted(&folder, "deals.csv", ""));
}

#[test]
fn columns_with_signs_of_their_own() {
    let folder = Folder::new().with(
        "deals.csv",
        "id,name,eur,usd\n1,A,\"1.234,56\",\"1,234.56\"\n2,B,\"7,5\",7.5\n",
    );
    assert_snapshot!(drafted(&folder, "deals.csv", ""));
}

#[test]
fn names_that_make_no_keys() {
    let folder = Folder::new().with(
        "deals.csv",
        "Id,Name,Équipe,Equipe,2024 🎯,R&D %,!!!,\"say \"\"hi\"\"\",\u{1b}[31mred\n\
         1,A,x,y,1,2,3,\"a \"\"b\"\"\",\u{1b}[0m\n2,B,x,,1,5,,c,d\n",
    );
    assert_snapshot!(drafted(&folder, "deals.csv", ""));
}

#[test]
fn nested_ndjson() {
    let folder = Folder::new().with(
        "deals.ndjson",
        concat!(
            r#"{"id":17,"name":"A","owner":{"email":"a@x.example","team":{"id":3}},"amount":1.50,"when":"25/12/2024","tags":["a"],"note":null}"#,
            "\n",
            r#"{"id":18,"name":"B","owner":{"email":"b@x.example"},"amount":2,"when":"03/04/2024","tags":[],"extra":{},"paid":"12,50"}"#,
            "\n",
            r#"{"id":19,"name":"C","owner":null,"amount":null,"when":null}"#,
            "\n",
        ),
    );
    assert_snapshot!(drafted(&folder, "deals.ndjson", ""));
}

#[test]
fn the_examples() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let folder = Folder::new();
    for name in ["deals.csv", "deals.ndjson"] {
        folder.write(name, std::fs::read(root.join(name)).unwrap());
    }
    assert_snapshot!(drafted(&folder, "deals.csv --delimiter ;", "--table deals"));
    assert_snapshot!(drafted(&folder, "deals.ndjson", ""));
}

#[test]
fn records_that_cannot_be_read_are_left_out() {
    let folder = Folder::new().with("deals.csv", "id,name,amount\n1,A,1.5\n2,B\n3,C,2.5\n");
    assert_snapshot!(told(folder.push().args(["init", "deals.csv"])));
}

#[test]
fn the_first_records_or_all() {
    let mut csv = String::from("id,name,amount\n");
    for id in 1..=10_000 {
        csv.push_str(&format!("{id},Deal,1.5\n"));
    }
    csv.push_str("10001,Deal,n/a\n");
    let folder = Folder::new().with("deals.csv", csv);
    let amount = |options: &[&str]| {
        let init = run(folder.push().args(["init", "deals.csv"]).args(options));
        let line = init.stdout.lines().last().unwrap().to_owned();
        (line, init.stderr)
    };
    let (line, said) = amount(&[]);
    assert_eq!(
        line,
        "amount = { column = \"amount\", type = \"number\", required = true }  # always \"1.5\""
    );
    assert_eq!(
        said,
        "drafted from the first 10,000 records of deals.csv; check the id, the keys and the types\n"
    );
    let (line, said) = amount(&["--all-rows"]);
    assert_eq!(
        line,
        "amount = { column = \"amount\", required = true }  # e.g. \"1.5\""
    );
    assert_eq!(
        said,
        "drafted from 10,001 records of deals.csv, which is all of it; check the id, the keys and \
         the types\n"
    );
}

#[test]
fn standard_input() {
    let folder = Folder::new();
    let mut push = folder.push();
    push.args([
        "init", "-", "--format", "ndjson", "--table", "deals", "--quiet",
    ]);
    assert_snapshot!(told(push.write_stdin("{\"id\": 1, \"name\": \"A\"}\n")));
}

#[test]
fn what_cannot_be_drafted() {
    let folder = Folder::new()
        .with("none.ndjson", "")
        .with("bare.ndjson", "{}\n")
        .with("bad.ndjson", "{\"id\": 1\n")
        .with("latin.csv", b"id,name\n1,\xe9\n");
    let mut said = String::new();
    for line in [
        "none.ndjson",
        "bare.ndjson",
        "bad.ndjson",
        "latin.csv",
        "deals.csv",
        "none.ndjson --table ..",
        "",
    ] {
        let told = told(folder.push().arg("init").args(line.split_whitespace()));
        let told = below(folder.path(), &told);
        said.push_str(&format!("$ init {line}\n{told}\n"));
    }
    assert_snapshot!(said);
}

#[test]
fn columns_that_are_all_empty_or_hard_to_tell_apart() {
    let folder = Folder::new()
        .with("empty.csv", "id,name\n,\n , \n")
        .with("names.csv", "id,Name,Nom\n1,a,b\n2,c,d\n")
        .with("ids.csv", "Town,Size\nLyon,3\nLyon,4\n");
    let mut said = String::new();
    for line in ["empty.csv", "names.csv", "ids.csv"] {
        said.push_str(&drafted(&folder, line, ""));
    }
    assert_snapshot!(said);
}

#[test]
fn how_the_input_is_written_goes_into_the_draft() {
    let folder = Folder::new()
        .with("tabs.tsv", "id\tname\n1\tA\n2\tB\n")
        .with("latin.csv", b"id;name\n1;\xe9\n2;\xe8\n")
        .with(
            "days.csv",
            "id,name,Closed on\n1,A,2024-01-31\n2,B,31/01/2024\n",
        )
        .with(
            "hidden.csv",
            "id,\"na\tm\ne\",\"t\u{e0041}ag\",\"li\u{200e}ne\"\n1,A,B,C\n",
        )
        .with("export", "[{\"id\": 1, \"name\": \"A\"}]");
    let mut said = String::new();
    for (line, options) in [
        ("tabs.tsv", ""),
        ("latin.csv", "--encoding windows-1252"),
        ("days.csv", ""),
        ("hidden.csv", ""),
        ("days.csv --format csv", ""),
        ("export --format json", ""),
    ] {
        said.push_str(&drafted(&folder, line, options));
    }
    assert_snapshot!(said);
}

#[test]
fn an_escape_is_drafted_where_nothing_else_reads_the_file() {
    let folder = Folder::new()
        .with("backslash.csv", case("backslash.csv"))
        .with("header.csv", "id,\"the \\\"name\\\"\"\n1,A\n")
        .with("path.csv", "id,name\n1,\"C:\\\"\n")
        .with("stray-quote.csv", case("stray-quote.csv"));
    let mut said = String::new();
    for line in ["backslash.csv", "header.csv", "path.csv"] {
        said.push_str(&drafted(&folder, line, ""));
    }
    said.push_str(&told(folder.push().args(["init", "stray-quote.csv"])));
    let mut piped = folder.push();
    piped.args(["init", "-", "--format", "csv"]);
    said.push_str(&told(piped.write_stdin(case("backslash.csv"))));
    assert_snapshot!(said);
}

#[test]
fn the_schema_of_mappings_is_printed() {
    let schema = run(Folder::new().push().args(["init", "--schema"]));
    let published = include_str!("../../../schemas/mapping.schema.json");
    assert_eq!(
        (schema.code(), schema.stdout.as_str()),
        (Some(0), published)
    );
    assert_eq!(schema.stderr, "");
}

#[test]
fn its_help() {
    let help = run(Folder::new().push().args(["init", "--help"])).stdout;
    assert!(
        help.lines().all(|line| line.chars().count() <= 80),
        "{help}"
    );
    assert_snapshot!(help);
}

#[test]
fn one_cell_that_is_no_number_or_date_is_told() {
    let mut csv = String::from("id,name,rate,won,stage\n");
    for n in 1..=20 {
        let (rate, won) = match n {
            5 => ("tbd", "maybe"),
            _ => ("12.5%", ["yes", "no"][n % 2]),
        };
        let stage = ["3", "x", "5"][n % 3];
        csv.push_str(&format!("{n},Deal,{rate},{won},{stage}\n"));
    }
    let folder = Folder::new()
        .with("near-miss.csv", case("near-miss.csv"))
        .with("more.csv", csv);
    let said = ["near-miss.csv", "more.csv"].map(|line| drafted(&folder, line, ""));
    assert_snapshot!(said.concat());
}

#[test]
fn amounts_with_currencies_and_other_signs() {
    let folder = Folder::new()
        .with("amounts-us.csv", case("amounts-us.csv"))
        .with("amounts-eu.csv", case("amounts-eu.csv"));
    let said = ["amounts-us.csv", "amounts-eu.csv"].map(|line| drafted(&folder, line, ""));
    assert_snapshot!(said.concat());
}

#[test]
fn a_column_of_unknown_name_is_no_id_by_itself() {
    let folder = Folder::new()
        .with("bars.csv", "what¦who\nx¦a\ny¦b\n")
        .with("deals.csv", "what,stage\nx,open\ny,open\n");
    let said = ["bars.csv", "deals.csv"].map(|line| told(folder.push().args(["init", line])));
    assert_snapshot!(said.concat());
}

#[test]
fn columns_that_only_nearly_empty_lines_lack_are_required() {
    let mut csv = String::from("id,name,owner,note\n");
    for n in 1..=40 {
        let (owner, note) = match n {
            7 => ("", "x"),
            8 | 9 => ("o", ""),
            _ => ("o", "x"),
        };
        csv.push_str(&format!("{n},Deal,{owner},{note}\n"));
    }
    let json: String = (1..=20)
        .map(|n| match n {
            3 => format!("{{\"id\":{n},\"name\":\"Deal\",\"stage\":\"won\",\"note\":null}}\n"),
            _ => format!("{{\"id\":{n},\"name\":\"Deal\",\"stage\":\"won\",\"note\":\"x\"}}\n"),
        })
        .collect();
    let folder = Folder::new()
        .with("totals-row.csv", case("totals-row.csv"))
        .with("gaps.csv", csv)
        .with("deals.ndjson", json);
    let said =
        ["totals-row.csv", "gaps.csv", "deals.ndjson"].map(|line| drafted(&folder, line, ""));
    assert_snapshot!(said.concat());
}

/// Moments are days only where one is: the draft asks where.
#[test]
fn a_draft_of_moments_asks_for_the_time_zone() {
    let case = include_str!("../../data/cases/zones.csv");
    let folder = Folder::new().with("zones.csv", case);
    let draft = run(folder.push().args(["init", "zones.csv"])).stdout;
    assert!(
        draft.contains("timezone = \"Europe/Paris\" takes the day"),
        "{draft}"
    );
    let plain = Folder::new().with("days.csv", "id,name,day\n1,A,2026-02-01 10:00:00\n");
    let draft = run(plain.push().args(["init", "days.csv"])).stdout;
    let asks = draft.contains("timezone");
    assert!(
        draft.contains("without its time of day") && !asks,
        "{draft}"
    );
}
