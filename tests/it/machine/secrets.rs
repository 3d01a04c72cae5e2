//! Secrets: where the key may come from, who may read its file, and where it may never go.
//!
//! What every run of every test told and wrote is searched for the key, in `support`.

mod mounted;
mod values;

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::PathBuf;
use std::process::Stdio;

use assert_cmd::Command;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::rig::{Watched, done, is_over, until};
use crate::stage::{Stage, deals};
use crate::support::{Folder, KEY, NOBODY, Told, is_root, program, push, run, skip, unprivileged};

/// A file with these rights.
fn file(stage: &Stage, name: &str, content: impl AsRef<[u8]>, mode: u32) -> PathBuf {
    stage.folder().write(name, content);
    let path = stage.folder().path().join(name);
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

/// A push without the key in its environment.
fn keyless(stage: &Stage, line: &str) -> Command {
    stage.folder().write("data.csv", deals(3));
    let mut command = stage.push(&format!("data.csv -t deals {line}"));
    command.env_remove("QOBRA_API_KEY");
    command
}

/// Everything that a key file may be but should not.
fn bad_key_files(stage: &Stage) {
    let folder = stage.folder().path().to_owned();
    file(stage, "good", KEY, 0o600);
    file(stage, "group", KEY, 0o640);
    file(stage, "others", KEY, 0o604);
    file(stage, "written", KEY, 0o602);
    file(stage, "long", vec![b'x'; 4_097], 0o600);
    file(stage, "empty", " \n", 0o600);
    file(stage, "two", "one two", 0o600);
    file(stage, "accent", "cl\u{e9}", 0o600);
    file(stage, "escape", "a\u{1b}[31m", 0o600);
    file(stage, "binary", [0xff, 0xfe, b'a'], 0o600);
    fs::create_dir(folder.join("folder")).unwrap();
    symlink(folder.join("group"), folder.join("link")).unwrap();
    symlink(folder.join("nowhere"), folder.join("dangling")).unwrap();
    mknodat(
        CWD,
        folder.join("fifo"),
        FileType::Fifo,
        Mode::RUSR | Mode::WUSR,
        0,
    )
    .unwrap();
}

#[test]
fn a_key_file_that_is_none_is_refused() {
    let stage = Stage::unused();
    bad_key_files(&stage);
    let others = |name, mode| {
        format!(
            "`{name}` can be used by others (mode {mode})\nhint: chmod 600 {name}   (of a secret in \
             Kubernetes: defaultMode: 0400)\n"
        )
    };
    let malformed = |name| {
        format!(
            "`{name}` holds no API key: it is empty, or has white space, control or non-ASCII \
             characters inside\n"
        )
    };
    let irregular = |name| format!("`{name}` is not a regular file\n");
    let missing = |name| format!("`{name}`: No such file or directory (os error 2)\n");
    let mut all = vec![
        ("group", others("group", "0640")),
        ("others", others("others", "0604")),
        ("written", others("written", "0602")),
        ("link", others("link", "0640")),
        (
            "long",
            "`long` has more than 4 KiB: it is no key\n".to_owned(),
        ),
        ("empty", malformed("empty")),
        ("two", malformed("two")),
        ("accent", malformed("accent")),
        ("escape", malformed("escape")),
        ("binary", malformed("binary")),
        ("folder", irregular("folder")),
        ("fifo", irregular("fifo")),
        ("/dev/stdin", irregular("/dev/stdin")),
        ("/dev/null", irregular("/dev/null")),
        ("nowhere", missing("nowhere")),
        ("dangling", missing("dangling")),
    ];
    if is_root() {
        // Only root may give files away.
        let path = file(&stage, "foreign", KEY, 0o600);
        chown(path, Some(NOBODY), None).unwrap();
        all.push(("foreign", "`foreign` belongs to another user".to_owned()));
    } else {
        skip("the right to give files away");
    }
    for (name, why) in all {
        // The key in the environment is no way out of a file that does not work.
        let mut command = keyless(&stage, "--api-key-file");
        command.arg(name).env("QOBRA_API_KEY", KEY).write_stdin(KEY);
        let told = run(&mut command);
        assert_eq!((told.code(), told.stdout.as_str()), (Some(2), ""), "{told}");
        assert!(told.stderr.starts_with("error: "), "{name}: {told}");
        assert!(told.stderr.contains(&why), "{name}: {told}\nnot: {why}");
    }
}

#[test]
fn good_key_files_work() {
    let stage = Stage::new();
    let good = file(&stage, "good", format!("\n {KEY}\r\n"), 0o400);
    symlink(&good, stage.folder().path().join("link")).unwrap();
    for name in ["good", "link"] {
        let told = run(keyless(&stage, "--api-key-file").arg(name));
        assert_eq!(told.code(), Some(0), "{name}: {told}");
    }
    // A regular file is one by any name.
    let mut process = stage.process("data.csv -t deals --api-key-file /dev/stdin");
    process.env_remove("QOBRA_API_KEY");
    let from = fs::File::open(good).unwrap();
    let output = process.stdin(from).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn the_first_place_that_is_set_counts() {
    let stage = Stage::new();
    let wrong = |n: usize| format!("wrong-{n}");
    for right in 0..4 {
        let key = |n: usize| if n == right { KEY.to_owned() } else { wrong(n) };
        let mut command = keyless(&stage, "");
        let set = |n: usize| n >= right;
        if set(0) {
            file(&stage, "option", key(0), 0o600);
            command.args(["--api-key-file", "option"]);
        }
        if set(1) {
            command.env(
                "QOBRA_API_KEY_FILE",
                file(&stage, "variable", key(1), 0o600),
            );
        }
        if set(2) {
            command.env("CREDENTIALS_DIRECTORY", stage.folder().path());
            file(&stage, "qobra-api-key", key(2), 0o440);
        } else {
            // A unit with other credentials.
            command.env("CREDENTIALS_DIRECTORY", "/nowhere");
        }
        command.env("QOBRA_API_KEY", key(3));
        let told = run(&mut command);
        assert_eq!(told.code(), Some(0), "place {right}: {told}");
    }
}

#[test]
fn a_credential_that_does_not_work_is_not_passed_over() {
    let stage = Stage::unused();
    let folder = stage.folder().path().to_owned();
    let place = folder.join("qobra-api-key");
    let told = || {
        let mut command = keyless(&stage, "");
        command.env("CREDENTIALS_DIRECTORY", &folder);
        run(command.env("QOBRA_API_KEY", KEY))
    };
    symlink("nowhere", &place).unwrap();
    assert_eq!(told().code(), Some(2));
    fs::remove_file(&place).unwrap();
    fs::create_dir(&place).unwrap();
    assert_eq!(told().code(), Some(2));
    let mut command = keyless(&stage, "");
    command.env("CREDENTIALS_DIRECTORY", folder.join("data.csv"));
    let told = run(command.env("QOBRA_API_KEY", KEY));
    assert_eq!(told.code(), Some(2), "{told}");
    assert!(told.stderr.contains("Not a directory"), "{told}");
}

#[test]
fn no_help_shows_it() {
    for line in [
        "-h",
        "--help",
        "status --help",
        "resume -h",
        "man",
        "completions bash",
        "--wrong",
    ] {
        let mut command = push();
        command
            .env("QOBRA_API_KEY", KEY)
            .env("QOBRA_API_KEY_FILE", KEY);
        let told = run(command.args(line.split(' ')));
        assert_eq!(
            told.code(),
            Some(if line == "--wrong" { 2 } else { 0 }),
            "{told}"
        );
    }
}

#[test]
fn more_talk_does_not_show_it() {
    let stage = Stage::with_faults("500@1,401@2").file("data.csv", deals(30));
    let told = run(stage
        .push("data.csv -t deals --chunk-size 10 -vvvv --wait")
        .env("RUST_LOG", "trace"));
    assert_eq!(told.code(), Some(6), "{told}");
}

#[test]
fn a_base_url_with_a_secret_is_refused_and_not_repeated() {
    let folder = Folder::new().with("data.csv", deals(3));
    for url in [
        format!("https://user:{KEY}@service.invalid"),
        format!("https://{KEY}@service.invalid"),
        format!("https://service.invalid/?token={KEY}"),
        format!("https://service.invalid/#{KEY}"),
        format!("https://[{KEY}"),
    ] {
        for by_option in [true, false] {
            let mut command = folder.push();
            command
                .args(["data.csv", "-t", "deals"])
                .env("QOBRA_API_KEY", "x");
            match by_option {
                true => command.args(["--base-url", &url]),
                false => command.env("QOBRA_BASE_URL", &url),
            };
            let told = run(&mut command);
            assert_eq!(told.code(), Some(2), "{told}");
            assert!(told.stderr.starts_with("error: the base URL "), "{told}");
        }
    }
}

/// A bug in mid-push: one harmless line with the documented code, and `resume` finishes.
#[test]
fn a_bug_shows_neither_key_nor_escapes() {
    let line = "deals.csv --table deals --chunk-size 5 --jobs 1";
    let stage = Stage::new().file("deals.csv", deals(23));
    let mut process = stage.process(line);
    process.env("QOBRA_PUSH_TEST_PANIC", "journal-attempt-before:3");
    let output = process.env("RUST_BACKTRACE", "0").output().unwrap();
    let told = Told {
        status: output.status,
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    assert_eq!(told.code(), Some(1), "{told}");
    assert!(!told.to_string().contains("canary"), "{told}");
    let bug = told
        .stderr
        .lines()
        .find(|line| line.starts_with("error: "))
        .unwrap();
    assert!(
        bug.starts_with("error: this is a bug in qobra-push "),
        "{told}"
    );
    assert!(
        bug.ends_with(r"a test asked for it,\nwith a sequence that paints: \u{1b}[31m"),
        "{told}"
    );
    assert!(told.stderr.contains("\nhint: "), "{told}");
    let resumed = done(&stage, "resume");
    assert_eq!(resumed.code(), Some(0), "{resumed}");
    is_over(&stage, false, 23, &resumed.to_string());
}

/// A line of a process's table of limits.
#[cfg(target_os = "linux")]
fn core_limit(pid: u32) -> Option<String> {
    let limits = fs::read_to_string(format!("/proc/{pid}/limits")).ok()?;
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))?;
    Some(
        line.split_whitespace()
            .skip(4)
            .collect::<Vec<_>>()
            .join(" "),
    )
}

#[cfg(target_os = "linux")]
#[test]
fn a_crash_leaves_no_core() {
    let stage = Stage::with_faults("hang@2").file("data.csv", deals(30));
    // Some machines allow none from the start; this one does, for the program to forbid it.
    let mut command = std::process::Command::new("sh");
    let script = "ulimit -c 4096; exec \"$0\" data.csv -t deals --chunk-size 10 --jobs 1 -v";
    command.args(["-c", script]).arg(program()).env_clear();
    command.current_dir(stage.folder().path());
    command.env("QOBRA_PUSH_STATE_DIR", stage.folder().path().join("state"));
    command
        .env("QOBRA_BASE_URL", stage.url())
        .env("QOBRA_API_KEY", KEY);
    let mut push = Watched::start(command);
    push.says("chunk 2 of 3: attempt 1");
    until(|| (stage.posts().len() == 2).then_some(()));
    assert_eq!(core_limit(push.child.id()).unwrap(), "0 0 bytes");
    push.signal("KILL");
    assert_eq!(push.end().code(), None);
}

/// What no other process of the user may look into belongs to root in `/proc`. It reads a pipe
/// under that rule all the same, by any of its names.
#[cfg(target_os = "linux")]
#[test]
fn no_other_process_may_look_into_it() {
    // As root everything is root's; another user must be played, which containers may forbid.
    let Some(mut command) = unprivileged(program().as_os_str()) else {
        return;
    };
    command.args("- --format csv -t deals --dry-run".split(' '));
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let environ = PathBuf::from(format!("/proc/{}/environ", child.id()));
    let is_ours = || core_limit(child.id()).is_some_and(|limit| limit == "0 0 bytes");
    until(|| (is_ours() && environ.metadata().ok()?.uid() == 0).then_some(()));
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(deals(3).as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");

    let Some(mut shell) = unprivileged("sh".as_ref()) else {
        return;
    };
    let script = "printf 'id,name\\n1,a\\n' | \"$0\" /dev/stdin --format csv -t deals --dry-run";
    let output = shell.args(["-c", script]).arg(program()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(output.stdout, b"{\"id\":\"1\",\"name\":\"a\"}\n");
}

/// Whatever the umask: folders and files are for their owner only.
#[test]
fn what_is_written_is_private() {
    let stage = Stage::with_faults("500@1").file("data.csv", format!("{}4,\"\n", deals(3)));
    let mut command = stage.folder().command("sh");
    command
        .args([
            "-c",
            "umask 0; cat good.csv | \"$0\" - --format csv -t deals",
        ])
        .arg(program())
        .env("QOBRA_BASE_URL", stage.url())
        .env("QOBRA_API_KEY", KEY);
    stage.folder().write("good.csv", deals(3));
    let told = run(&mut command);
    assert_eq!(told.code(), Some(0), "{told}");
    let mut folders = vec![stage.folder().path().join("state")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        assert_eq!(
            folder.metadata().unwrap().mode() & 0o7777,
            0o700,
            "{folder:?}"
        );
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            assert_eq!(path.metadata().unwrap().mode() & 0o7777, 0o600, "{path:?}");
            seen += 1;
        }
    }
    assert!(seen >= 3, "lock, journal and receipt");
}
