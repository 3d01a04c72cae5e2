//! The machine: folders that cannot be written or that others may write, links that lead elsewhere,
//! names that are no text.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::rig::{UPSERT, done, holds_new, is_over, journal, killed_at, runs};
use crate::stage::{Stage, deals};
use crate::support::{KEY, NOBODY, Told, is_root, no_space, program, run, skip, unprivileged};

const PUSH: &str = "data.csv -t deals";

fn stage() -> Stage {
    Stage::new().file("data.csv", deals(3))
}

/// A state folder that cannot be used: nothing is sent, and the folder and a way out are named.
fn is_refused(stage: &Stage, told: &Told, why: &str) {
    assert_eq!((told.code(), told.stdout.as_str()), (Some(2), ""), "{told}");
    assert!(told.stderr.contains(why), "{told}\nnot: {why}");
    assert!(told.stderr.contains("\nhint: "), "{told}");
    assert!(told.stderr.contains("--state-dir"), "{told}");
    assert_eq!(stage.requests().len(), 0, "{told}");
}

#[test]
fn a_state_folder_that_cannot_be_written_sends_nothing() {
    let stage = Stage::unused().file("data.csv", deals(3));
    let folder = stage.folder().path();
    for (place, why) in [
        (folder.join("data.csv/state"), "Not a directory"),
        (folder.join("data.csv"), "File exists"),
        (PathBuf::from("/proc/state"), "No such file or directory"),
        (PathBuf::from("/sys/state"), ""),
    ] {
        let told = run(stage.push(PUSH).arg("--state-dir").arg(&place));
        is_refused(&stage, &told, why);
        assert!(told.stderr.contains(&place.display().to_string()), "{told}");
    }
}

/// Rights bind everybody but root.
#[test]
fn a_state_folder_without_the_right_to_write_sends_nothing() {
    let stage = Stage::unused().file("data.csv", deals(3));
    let folder = stage.folder().path();
    let state = folder.join("state");
    fs::create_dir(&state).unwrap();
    let Some(mut command) = unprivileged(program().as_os_str()) else {
        return;
    };
    if is_root() {
        chown(folder, Some(NOBODY), None).unwrap();
        chown(&state, Some(NOBODY), None).unwrap();
    }
    fs::set_permissions(&state, fs::Permissions::from_mode(0o500)).unwrap();
    command
        .current_dir(folder)
        .args(PUSH.split(' '))
        .arg("--state-dir");
    command
        .arg(&state)
        .env("QOBRA_API_KEY", KEY)
        .env("QOBRA_BASE_URL", stage.url());
    let told = run(&mut assert_cmd::Command::from_std(command));
    is_refused(&stage, &told, "Permission denied");
}

/// A command that shells out to `unshare`, where containers allow that; else it is said.
fn in_own_mounts(stage: &Stage, script: &str) -> Option<Told> {
    let can = Command::new("unshare")
        .args(["-rm", "mount", "-t", "tmpfs", "none", "/mnt"])
        .output();
    if !can.is_ok_and(|output| output.status.success()) {
        skip("the right to mount (unshare)");
        return None;
    }
    fs::create_dir_all(stage.folder().path().join("state")).unwrap();
    let mut command = stage.folder().command("unshare");
    command.args(["-rm", "sh", "-c", script]).arg(program());
    Some(run(command
        .env("QOBRA_BASE_URL", stage.url())
        .env("QOBRA_API_KEY", KEY)))
}

#[test]
fn a_read_only_file_system_sends_nothing() {
    let stage = Stage::unused().file("data.csv", deals(3));
    let script = format!("mount -t tmpfs -o ro,mode=700 none state && exec \"$0\" {PUSH}");
    if let Some(told) = in_own_mounts(&stage, &script) {
        is_refused(&stage, &told, "Read-only file system");
    }
}

/// A real full disk, where one can be had: refused before the first request, or carried through.
#[test]
fn a_file_system_without_room() {
    for blocks in [1, 2, 3, 4, 6] {
        let stage = Stage::new().file("data.csv", deals(300));
        let size = blocks * 4_096;
        let script = format!(
            "mount -t tmpfs -o size={size},mode=700 none state && exec \"$0\" {PUSH} --chunk-size 10"
        );
        let Some(told) = in_own_mounts(&stage, &script) else {
            assert_eq!(run(&mut stage.push(PUSH)).code(), Some(0));
            return;
        };
        match stage.posts().len() {
            0 => {
                is_refused(&stage, &told, &no_space());
                // The stage is to be used; with room it is.
                assert_eq!(
                    run(stage.push(PUSH).env("QOBRA_PUSH_STATE_DIR", "room")).code(),
                    Some(0)
                );
            }
            _ => {
                assert_eq!(told.code(), Some(0), "{told}");
                holds_new(&stage.settled(), false, 300, &told.to_string());
            }
        }
    }
}

/// Guards that cannot compare let nothing pass: the second file has other ids, and would replace all.
#[test]
fn what_cannot_be_compared_for_want_of_room_is_not_sent() {
    let rows = |first: u64| -> String {
        let rows = (first..first + 6_000).map(|id| format!("{id},Deal {id}\n"));
        format!("id,name\n{}", rows.collect::<String>())
    };
    let mut refused = 0;
    for kib in [40, 80, 100, 120] {
        let stage = Stage::new()
            .file("old.csv", rows(1))
            .file("new.csv", rows(100_000));
        let push = "-t deals --all -q --min-overlap 50%";
        let script = format!(
            "mount -t tmpfs -o size=300k,mode=700 none state && \"$0\" old.csv {push} --chunk-size 6000 && \
             head -c {kib}k /dev/zero >state/full && exec \"$0\" new.csv {push} --chunk-size 6000"
        );
        let Some(told) = in_own_mounts(&stage, &script) else {
            return;
        };
        assert!(matches!(told.code(), Some(2 | 3)), "{kib} KiB: {told}");
        assert_eq!(stage.posts().len(), 1, "{told}");
        refused += usize::from(
            told.stderr
                .contains("what this push changes cannot be told"),
        );
    }
    assert!(refused > 0);
}

#[test]
fn a_state_folder_that_others_may_write_is_refused() {
    for mode in [0o777, 0o770, 0o1777] {
        let stage = Stage::unused().file("data.csv", deals(3));
        let state = stage.folder().path().join("state");
        fs::create_dir(&state).unwrap();
        fs::set_permissions(&state, fs::Permissions::from_mode(mode)).unwrap();
        let told = run(&mut stage.push(PUSH));
        is_refused(&stage, &told, &format!("(mode {mode:04o})"));
        assert!(told.stderr.contains("chmod go-w"), "{told}");
        assert_eq!(fs::read_dir(state).unwrap().count(), 0);
    }
}

/// Below the state folder too, where a folder was opened later.
#[test]
fn a_folder_inside_that_others_may_write_is_refused() {
    let stage = stage();
    assert_eq!(done(&stage, PUSH).code(), Some(0));
    let run_folder = runs(&stage).remove(0);
    let sent = stage.posts().len();
    for folder in run_folder.ancestors().skip(1).take(3) {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
        let told = done(&stage, PUSH);
        assert_eq!(told.code(), Some(2), "{told}");
        assert!(told.stderr.contains("(mode 0777)"), "{told}");
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
    }
    assert_eq!(stage.posts().len(), sent);
}

/// Moves what stands at a place elsewhere and leaves a link to it.
fn replace_by_link(place: &Path, elsewhere: &Path) {
    fs::rename(place, elsewhere).unwrap();
    symlink(elsewhere, place).unwrap();
}

#[test]
fn links_in_the_state_folder_are_not_followed() {
    let line = UPSERT.replace("--jobs 2", "--jobs 1");
    for name in ["lock", "runs", "journal.jsonl"] {
        let stage = Stage::new().file("deals.csv", deals(23));
        assert!(killed_at(&stage, &line, "journal-answer-after:2"));
        let run_folder = runs(&stage).remove(0);
        let of_table = run_folder.parent().unwrap().parent().unwrap();
        let (place, command) = match name {
            "lock" => (of_table.join("lock"), "resume"),
            "runs" => (of_table.join("runs"), line.as_str()),
            _ => (journal(&run_folder), "resume"),
        };
        let elsewhere = stage.folder().path().join("elsewhere");
        replace_by_link(&place, &elsewhere);
        let content = |path: &Path| fs::read(path).unwrap_or_default();
        let names = || fs::read_dir(&elsewhere).map_or(0, Iterator::count);
        let (before, count) = (content(&elsewhere), names());
        let sent = stage.posts().len();
        let told = done(&stage, command);
        assert_eq!(told.code(), Some(2), "{name}: {told}");
        assert!(told.stderr.starts_with("error: "), "{name}: {told}");
        assert_eq!((content(&elsewhere), names()), (before, count), "{name}");
        assert_eq!(stage.posts().len(), sent, "{name}: nothing is sent");

        fs::remove_file(&place).unwrap();
        fs::rename(&elsewhere, &place).unwrap();
        assert_eq!(done(&stage, "resume").code(), Some(0), "{name}");
        is_over(&stage, false, 23, name);
    }
}

/// A receipt is put in a link's place, rejects are added to no link's target.
#[test]
fn links_in_a_runs_folder_are_not_followed() {
    let stage = Stage::new().file("deals.csv", deals(23));
    let line = UPSERT.replace("--jobs 2", "--jobs 1");
    assert!(killed_at(&stage, &line, "journal-answer-after:2"));
    let receipt = runs(&stage)[0].join("receipt.json");
    stage.folder().write("victim", "mine");
    let victim = stage.folder().path().join("victim");
    symlink(&victim, &receipt).unwrap();
    assert_eq!(done(&stage, "resume").code(), Some(0));
    assert_eq!(fs::read_to_string(victim).unwrap(), "mine");
    assert!(receipt.symlink_metadata().unwrap().is_file());
}

#[test]
fn names_that_are_no_text_work() {
    let odd = |name: &str| OsString::from_vec([b"\xff\xfe".as_slice(), name.as_bytes()].concat());
    let stage = Stage::new();
    let folder = stage.folder().path().to_owned();
    let csv = format!("{}x\n", deals(23));
    fs::write(folder.join(odd("data.csv")), csv).unwrap();
    let mapping = "[fields]\nid = \"id\"\nname = \"name\"\namount = \"amount\"\n";
    fs::write(folder.join(odd("map.toml")), mapping).unwrap();
    let state = folder.join(odd("state"));
    let mut command = stage.process("-t deals --chunk-size 5 --jobs 1 --max-errors 1");
    command
        .env("QOBRA_PUSH_STATE_DIR", &state)
        .arg(odd("data.csv"));
    command.arg("--mapping").arg(odd("map.toml"));
    command.env("QOBRA_PUSH_TEST_CRASH", "journal-answer-after:2");
    assert_eq!(command.output().unwrap().status.code(), None);
    // Everything is found again by what the journal says.
    let told = run(stage
        .push("resume --state-dir")
        .arg(&state)
        .current_dir("/"));
    assert_eq!(told.code(), Some(7), "{told}");
    holds_new(&stage.settled(), false, 23, &told.to_string());

    let rejects = odd("rejects.csv");
    let mut command = stage.push("-t deals --max-errors 1 --rejects");
    let told = run(command
        .arg(&rejects)
        .arg("--state-dir")
        .arg(&state)
        .arg(odd("data.csv")));
    assert_eq!(told.code(), Some(7), "{told}");
    let rejects = fs::read_to_string(folder.join(rejects)).unwrap();
    assert_eq!(rejects.lines().count(), 2, "{rejects}");
}
