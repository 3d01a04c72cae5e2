//! Outputs that are named and go into a device or a pipe: it is there afterwards, and its reader has all of it.

use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use crate::rig::{ends, entries};
use crate::stage::{Stage, deals};
use crate::support::{is_root, skip};

/// What a pipe's reader gets of a command that ends well.
fn read(stage: &Stage, line: &str) -> String {
    let pipe = stage.folder().path().join("pipe");
    if !pipe.exists() {
        let made = Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
    }
    let before = names(stage);
    // Both ends, so that nobody waits for one that does not come.
    let held = File::options().read(true).write(true).open(&pipe).unwrap();
    let mut reader = File::open(&pipe).unwrap();
    let reader = thread::spawn(move || {
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        text
    });
    let told = ends(stage, line, 0);
    drop(held);
    let text = reader.join().unwrap();
    assert!(!told.stderr.contains("not written"), "{told}");
    assert!(
        fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo(),
        "{line}"
    );
    // No temporary file is left beside it.
    assert_eq!(names(stage), before, "{line}");
    text
}

/// What lies in the folder beside the state.
fn names(stage: &Stage) -> Vec<PathBuf> {
    let mut paths = entries(stage.folder().path());
    paths.retain(|path| !path.ends_with("state"));
    paths
}

#[test]
fn a_pipe_with_a_name_gets_all_of_it() {
    let stage = Stage::new().file("deals.csv", deals(30));
    std::os::unix::fs::symlink("pipe", stage.folder().path().join("link")).unwrap();
    for line in [
        "deals.csv -t deals --dry-run --report pipe",
        "deals.csv -t deals --report pipe",
        "deals.csv -t deals --report link",
        "report -o pipe",
        "report -o ./link",
    ] {
        let page = read(&stage, line);
        assert!(page.starts_with("<!doctype html>"), "{line}: {page}");
        assert!(page.trim_end().ends_with("</html>"), "{line}: {page}");
        assert_eq!(page.matches("</html>").count(), 1, "{line}: {page}");
    }
    let link = stage.folder().path().join("link");
    assert_eq!(fs::read_link(link).unwrap(), Path::new("pipe"));
    let draft = read(&stage, "init deals.csv -t deals -o pipe");
    let printed = ends(&stage, "init deals.csv -t deals", 0).stdout;
    assert_eq!(draft, printed);
    let report = read(&stage, "probe -t s --wipe s --sandbox -o pipe");
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["version"], 1, "{report}");
}

/// One that swallows everything, made here: the system's own is not for tests.
#[test]
fn a_device_stays_one() {
    let stage = Stage::new().file("deals.csv", deals(3));
    let device = stage.folder().path().join("device");
    if !is_root() || !made_device(&device) {
        return skip("the right to make a device");
    }
    for line in [
        "deals.csv -t deals --report device",
        "report -o device",
        "init deals.csv -t deals -o device",
        "probe -t s --wipe s --sandbox -o device",
    ] {
        let told = ends(&stage, line, 0);
        assert!(!told.stderr.contains("written"), "{told}");
        let found = fs::symlink_metadata(&device).unwrap().file_type();
        assert!(found.is_char_device(), "{line}");
    }
}

/// Makes what `/dev/null` is; not where devices may be neither made nor used.
fn made_device(path: &Path) -> bool {
    let made = Command::new("mknod")
        .arg(path)
        .args(["c", "1", "3"])
        .stderr(Stdio::null())
        .status();
    made.is_ok_and(|status| status.success()) && fs::write(path, "").is_ok()
}

/// Standard output that is a file has the page behind the import ids, not in their place.
#[cfg(target_os = "linux")]
#[test]
fn a_stream_that_is_a_file_has_both() {
    let stage = Stage::new().file("deals.csv", deals(3));
    let path = stage.folder().path().join("out");
    let mut process = stage.process("deals.csv -t deals --report /proc/self/fd/1");
    let ended = process
        .stdin(Stdio::null())
        .stdout(File::create(&path).unwrap())
        .stderr(Stdio::null())
        .status();
    assert!(ended.unwrap().success());
    let text = fs::read_to_string(path).unwrap();
    let (ids, page) = text.split_once("<!doctype html>").unwrap();
    assert_eq!(ids.lines().count(), 1, "{ids}");
    assert!(page.trim_end().ends_with("</html>"), "{page}");
}
