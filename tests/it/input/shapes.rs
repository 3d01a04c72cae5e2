//! Made-up files in the shapes that people have. What `init` drafts for one, and a push with that
//! draft sends, is what the file says, or one of both refuses it aloud and the table stays as it was.
//!
//! `QOBRA_PUSH_TEST_SHAPES=3000` asks for more files, `-- --nocapture` says what became of each.

mod table;
mod write;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;

use fastrand::Rng;
use qobra_push::SandboxOptions;
use serde_json::value::RawValue;

use self::table::Table;
use crate::stage::{OLD, Stage, ids, options, table};
use crate::support::{Folder, Told, run};

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Sent,
    RefusedByInit,
    RefusedByPush,
}

/// The columns of the fields that a draft maps, and its id field.
fn drafted(draft: &str) -> (BTreeMap<String, String>, String) {
    let draft: toml::Table = draft.parse().unwrap();
    let fields = draft["fields"].as_table().unwrap();
    let column = |field: &toml::Value| {
        let column = field.as_str().or_else(|| field.get("column")?.as_str());
        column.map(str::to_owned)
    };
    let columns = fields
        .iter()
        .filter_map(|(key, field)| Some((key.clone(), column(field)?)));
    let id = draft.get("id").and_then(toml::Value::as_str);
    (columns.collect(), id.unwrap_or("id").to_owned())
}

fn is_told(told: &Told, of: &str) {
    let is_refusal = matches!(told.code(), Some(2 | 3)) && told.stderr.contains("error: ");
    assert!(is_refusal, "{of}\n{told}");
}

fn fate(seed: u64) -> (Fate, String) {
    let mut rng = Rng::with_seed(seed);
    let mut truth = Table::of(&mut rng);
    let file = write::written(&mut rng, &mut truth);
    let of = format!("seed {seed}: {}", file.shape);
    let folder = Folder::new().with(file.name, &file.bytes);
    let init = run(folder.push().args(["init", file.name]));
    if init.code() != Some(0) {
        is_told(&init, &of);
        return (Fate::RefusedByInit, of);
    }
    let (columns, id_field) = drafted(&init.stdout);
    let stage = Stage::of(SandboxOptions {
        tables: vec![table("deals", &id_field)],
        ..options()
    });
    let stage = stage
        .perhaps_unused()
        .file(file.name, &file.bytes)
        .file("draft.toml", &init.stdout);
    let told = run(&mut stage.push(&format!("{} -m draft.toml -t deals --all", file.name)));
    let held = stage.settled();
    if told.code() != Some(0) {
        is_told(&told, &format!("{of}\n{init}"));
        assert_eq!(ids(&held), OLD, "{of}");
        return (Fate::RefusedByPush, of);
    }
    let whole = format!("{of}\n{init}\n{told}");
    assert_eq!(held.records.len(), truth.records.len(), "{whole}");
    for ((_, json), record) in held.records.iter().zip(&truth.records) {
        let sent: BTreeMap<&str, &RawValue> = serde_json::from_str(json).unwrap();
        for (key, column) in &columns {
            let at = truth
                .names
                .iter()
                .position(|name| name.trim() == column.trim());
            let Some(at) = at else { continue };
            let sent = sent[key.as_str()].get();
            let cell = &record[at];
            assert!(cell.allows(sent), "{key}: {sent} for {cell:?}\n{whole}");
        }
    }
    (Fate::Sent, of)
}

#[test]
#[expect(
    clippy::print_stdout,
    reason = "what became of each file, where it is asked for"
)]
fn what_is_drafted_and_sent_is_what_the_file_says() {
    let asked = std::env::var("QOBRA_PUSH_TEST_SHAPES");
    let count = asked.map_or(300, |count| count.parse().unwrap());
    let (seeds, fates) = (
        Mutex::new(0..count),
        Mutex::new(BTreeMap::<Fate, u64>::new()),
    );
    let next = || seeds.lock().unwrap().next();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(seed) = next() {
                    let (fate, of) = fate(seed);
                    println!("{fate:?}: {of}");
                    *fates.lock().unwrap().entry(fate).or_default() += 1;
                }
            });
        }
    });
    let fates = fates.into_inner().unwrap();
    println!("{fates:?}");
    let sent = fates.get(&Fate::Sent).copied().unwrap_or_default();
    assert!(2 * sent > count, "most files can be sent: {fates:?}");
}
