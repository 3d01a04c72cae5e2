//! What an earlier version left in its state folder is listed, shown and resumed: `tests/data/runs`.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::rig::done;
use crate::stage::Stage;
use crate::support::{blotted_times, set_mode};

/// The scenarios, by the names of their folders.
fn scenarios() -> Vec<PathBuf> {
    let runs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/runs");
    let entries = fs::read_dir(runs)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// Copies a folder, with this service and folder in its journals, as private as the program makes it.
fn copy(from: &Path, to: &Path, stage: &Stage) -> io::Result<()> {
    let address = stage.running.addr.to_string();
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name().into_string().unwrap();
        let path = to.join(name.replace("SERVICE", &address.replace(':', "%3A")));
        let mode = if entry.file_type()?.is_dir() {
            fs::create_dir(&path)?;
            copy(&entry.path(), &path, stage)?;
            0o700
        } else {
            let mut content = fs::read(entry.path())?;
            if let Ok(text) = String::from_utf8(content.clone()) {
                // As it stands between the quotes of JSON.
                let folder = stage.folder().path().display().to_string();
                let folder = folder.replace('\\', r"\\");
                content = (text.replace("ADDRESS", &address))
                    .replace("FOLDER", &folder)
                    .into_bytes();
            }
            fs::write(&path, content)?;
            0o600
        };
        set_mode(&path, mode);
    }
    Ok(())
}

#[test]
fn runs_of_an_earlier_version_are_listed_shown_and_resumed() {
    let scenarios = scenarios();
    assert!(scenarios.len() >= 25, "{scenarios:?}");
    for scenario in scenarios {
        let stage = Stage::behind();
        copy(&scenario, stage.folder().path(), &stage).unwrap();
        let mut text = String::new();
        for line in ["runs", "runs --output json", "status", "resume", "runs"] {
            let told = done(&stage, line);
            text.push_str(&format!(
                "$ {line}\n{}\n",
                blotted_times(&stage.tidy(&told))
            ));
        }
        let held = stage.settled();
        text.push_str(&format!("deleted {} times, holds\n", held.deletes));
        for (_, record) in held.records {
            text.push_str(&format!("{record}\n"));
        }
        let name = scenario.file_name().unwrap().to_str().unwrap();
        insta::assert_snapshot!(name, text);
    }
}
