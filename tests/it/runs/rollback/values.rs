use std::fs;

use super::{REPLACE, nth, pushed};
use crate::rig::{done, ends};
use crate::stage::{Stage, deals};
use crate::support::receipt;

/// What a dry run shows of values, line by line.
fn values(stderr: &str) -> Vec<&str> {
    let lines = stderr.lines().map(str::trim);
    lines.filter(|line| line.contains(" → ")).collect()
}

/// Three changed records, in all ways.
fn stage() -> Stage {
    let stage = Stage::new();
    let (old, new) = (
        "id,name,amount\n1,Ann,1\n2,\"B \u{1b}[31m\nb\",2\n3,C,3\n4,D,4\n",
        "id,name,amount\n1,Ann,10\n2,,20\n3,C,3\n5,E,5\n",
    );
    pushed(&stage, old, REPLACE);
    stage.folder().write("deals.csv", new);
    stage
}

#[test]
fn a_log_has_them_only_on_demand() {
    let stage = stage();
    let told = ends(&stage, "deals.csv -t deals --all -n", 0);
    assert_eq!(values(&told.stderr), [""; 0]);
    let told = ends(&stage, "deals.csv -t deals --all -n -v", 0);
    let expected = [
        r#"values    1  amount: "1" → "10""#,
        r#"2  name: "B \u001b[31m\nb" → null"#,
        r#"2  amount: "2" → "20""#,
    ];
    assert_eq!(values(&told.stderr), expected, "{told}");
    for line in [
        "deals.csv -t deals --all -n -v --no-samples",
        "deals.csv -t deals --all -v --keep 3",
    ] {
        let told = ends(&stage, line, 0);
        assert_eq!(values(&told.stderr), [""; 0], "{told}");
    }
    stage.settled();
    // Back, from what that push left.
    let told = ends(&stage, "rollback -t deals -n -v", 0);
    let expected = [
        r#"values    1  amount: "10" → "1""#,
        r#"2  name: null → "B \u001b[31m\nb""#,
        r#"2  amount: "20" → "2""#,
    ];
    assert_eq!(values(&told.stderr), expected, "{told}");
    let told = ends(&stage, "rollback -t deals -n -v --no-samples", 0);
    assert_eq!(values(&told.stderr), [""; 0], "{told}");
}

#[test]
fn no_plan_and_no_receipt_has_them() {
    let stage = stage();
    let told = done(
        &stage,
        "deals.csv -t deals --all -n -v --output json --no-samples",
    );
    receipt(&told, 0);
    assert!(
        !told.stdout.contains("[31m") && !told.stdout.contains("Ann"),
        "{told}"
    );
    let told = done(&stage, "deals.csv -t deals --all -n -v --output json");
    receipt(&told, 0);
    assert!(!told.stdout.contains("[31m"), "{told}");
}

/// On a terminal, which Unix lets a test make, a person sees them.
#[cfg(unix)]
#[test]
fn a_person_sees_them() {
    use std::io::Read as _;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let stage = stage();
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave = fs::File::options()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap();
    let mut push = stage.process("deals.csv -t deals --all -n --no-progress");
    let mut child = push
        .stderr(slave)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    drop(push);
    let mut seen = Vec::new();
    // The end of a terminal is an error.
    let _ = fs::File::from(master).read_to_end(&mut seen);
    assert!(child.wait().unwrap().success());
    let seen = String::from_utf8(seen).unwrap();
    assert_eq!(values(&seen).len(), 3, "{seen}");
}

/// Nothing is shown that is not surely what the table holds.
#[test]
fn damaged_records_are_not_shown() {
    let stage = stage();
    let path = nth(&stage, 0).join("kept.ndjson.zst");
    let good = fs::read(&path).unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 4;
        fs::write(&path, bad).unwrap();
        if at % 16 == 0 {
            let told = ends(&stage, "deals.csv -t deals --all -n -v", 0);
            assert_eq!(values(&told.stderr), [""; 0], "{told}");
        }
    }
    fs::write(&path, good).unwrap();
    // An upsert since: what it wrote over is not known.
    pushed(&stage, &deals(1), "deals.csv -t deals");
    stage.folder().write("deals.csv", deals(4));
    let told = ends(&stage, "deals.csv -t deals --all -n -v", 0);
    assert_eq!(values(&told.stderr), [""; 0], "{told}");
}
