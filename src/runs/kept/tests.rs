//! Payloads as files.

use std::fs;
use std::path::Path;

use super::*;
use crate::base::clock::Clock;
use crate::base::model::TableKey;
use crate::runs::state::{RunDir, StateDir};

fn run(folder: &Path) -> RunDir {
    let state = StateDir::find(Some(&folder.join("state")), &|_| None).unwrap();
    let table = state.table("https://api.qobra.co/", &TableKey::new("deals").unwrap());
    table.new_run(&Clock::system()).unwrap()
}

fn about(run: &RunDir) -> About {
    About {
        run: run.id().clone(),
        table: TableKey::new("deals").unwrap(),
        base_url: "https://api.qobra.co/".to_owned(),
        id_field: "id".to_owned(),
        name_field: "name".to_owned(),
        freeze: Some(Frozen {
            field: "closed".to_owned(),
            before: jiff::civil::date(2026, 1, 1),
        }),
    }
}

fn written(run: &RunDir) -> Sidecar {
    let mut writer = PayloadWriter::create(run).unwrap();
    for n in 0..200 {
        let line = format!("{{\"id\":\"{n}\",\"amount\":{}}}\n", n * 7);
        writer.add(line.as_bytes()).unwrap();
    }
    writer.finish(about(run), 200).unwrap()
}

#[test]
fn what_was_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(folder.path());
    let sidecar = written(&run);
    let payload = Payload::of(&run);
    assert_eq!(payload.sidecar().unwrap(), sidecar);
    payload.check(&sidecar).unwrap();
    let mut lines = Vec::new();
    payload
        .each(&sidecar, |line| lines.push(line.to_vec()))
        .unwrap();
    assert_eq!(lines.len(), 200);
    assert_eq!(lines[9], b"{\"id\":\"9\",\"amount\":63}");
    assert_eq!(bytes(&run), payload.disk_bytes());
    remove(&run);
    assert!(!payload.exists());
    assert_eq!(bytes(&run), None);
}

/// Each byte of both files, and each place at which they may be cut.
#[test]
fn no_damage_goes_unseen() {
    let folder = tempfile::tempdir().unwrap();
    let run = run(folder.path());
    let sidecar = written(&run);
    let payload = Payload::of(&run);
    let is_good = || {
        let read = payload.sidecar();
        read.is_ok_and(|sidecar| payload.check(&sidecar).is_ok())
    };
    assert!(is_good());
    for path in [payload.path(), payload.sidecar_path()] {
        let bytes = fs::read(&path).unwrap();
        // Each byte, and each bit of it in turn.
        for bit in (0..bytes.len() * 8).step_by(9) {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            fs::write(&path, &flipped).unwrap();
            assert!(!is_good(), "bit {bit} of {}", path.display());
            // Whoever shows records sees it too, or all records are what they were.
            let mut shown = Vec::new();
            if path == payload.path() && payload.each(&sidecar, |line| shown.extend(line)).is_ok() {
                assert_eq!(blake3::hash(&shown), blake3::hash(&all()), "bit {bit}");
            }
        }
        for end in (0..bytes.len()).step_by(3) {
            fs::write(&path, &bytes[..end]).unwrap();
            assert!(!is_good(), "cut at {end}");
        }
        fs::write(&path, &bytes).unwrap();
    }
    assert!(is_good());
}

fn all() -> Vec<u8> {
    let lines = (0..200).map(|n| format!("{{\"id\":\"{n}\",\"amount\":{}}}", n * 7));
    lines.collect::<String>().into_bytes()
}
