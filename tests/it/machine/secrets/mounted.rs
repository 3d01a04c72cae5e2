//! Key files as Kubernetes and Docker mount them: they cannot be changed from inside.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::process::Stdio;

use super::file;
use crate::stage::{Stage, deals};
use crate::support::{KEY, NOBODY, Told, has, is_root, run, skip, unprivileged};

const WARNING: &str = "can be read by ";

fn keyless(stage: &Stage, line: &str) -> Told {
    run(stage.push(line).env_remove("QOBRA_API_KEY"))
}

/// Folders and links as the kubelet makes them: `key -> ..data/key -> ..2026/key`.
#[test]
fn a_secret_of_kubernetes_in_a_pod_of_root() {
    if !is_root() {
        skip("the right to own a file as root");
        return;
    }
    let stage = Stage::new().file("data.csv", deals(3));
    let folder = stage.folder().path().to_owned();
    fs::create_dir(folder.join("..2026")).unwrap();
    symlink("..2026", folder.join("..data")).unwrap();
    symlink("..data/key", folder.join("key")).unwrap();
    let push = "data.csv -t deals --api-key-file key";
    for (mode, warned) in [
        (0o400, None),
        (0o440, Some("`key` can be read by its group (mode 0440)")),
        (0o444, Some("`key` can be read by others (mode 0444)")),
    ] {
        file(&stage, "..2026/key", KEY, mode);
        let told = keyless(&stage, push);
        assert_eq!(told.code(), Some(0), "{told}");
        let expected = usize::from(warned.is_some());
        assert_eq!(told.stderr.matches(WARNING).count(), expected, "{told}");
        assert!(told.stderr.contains(warned.unwrap_or_default()), "{told}");
        let quiet = keyless(&stage, &format!("{push} -q"));
        assert_eq!((quiet.code(), quiet.stderr.as_str()), (Some(0), ""));
        let status = keyless(&stage, "status --api-key-file key");
        assert_eq!(status.stderr.matches(WARNING).count(), expected, "{status}");
    }
    let told = keyless(&stage, "doctor --api-key-file key");
    assert_eq!(told.code(), Some(0), "{told}");
    assert!(told.stdout.contains("can be read by others"), "{told}");
    assert!(told.stdout.contains("defaultMode: 0400"), "{told}");
    assert_eq!(stage.new_ids(), ["1", "2", "3"]);
}

/// Docker's secrets are root's, and open to everyone in the container.
#[test]
fn a_secret_of_dockers_for_another_user() {
    if !is_root() {
        skip("the right to own a file as root");
        return;
    }
    let stage = Stage::new().perhaps_unused().file("data.csv", deals(3));
    let folder = stage.folder().path();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    file(&stage, "key", KEY, 0o444);
    fs::create_dir(folder.join("state")).unwrap();
    chown(folder.join("state"), Some(NOBODY), None).unwrap();
    let Some(mut command) = unprivileged(crate::support::program().as_os_str()) else {
        return;
    };
    command
        .args("data.csv -t deals --api-key-file key".split(' '))
        .current_dir(folder)
        .env("QOBRA_PUSH_STATE_DIR", folder.join("state"))
        .env("QOBRA_BASE_URL", stage.url())
        .stdin(Stdio::null());
    let output = command.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert_eq!(stderr.matches(WARNING).count(), 1, "{stderr}");
    assert_eq!(stage.new_ids(), ["1", "2", "3"]);
}

/// What lies on a read-only mount is taken whoever owns it, if nobody may write it.
#[test]
fn a_key_on_a_read_only_mount() {
    if !has("unshare") {
        return;
    }
    let stage = Stage::new().perhaps_unused().file("data.csv", deals(3));
    fs::create_dir(stage.folder().path().join("secret")).unwrap();
    let mounted = |script: &str| {
        let mut command = stage.folder().command("unshare");
        let mount = "mount --bind secret secret && mount -o remount,bind,ro secret";
        command.args(["-rm", "sh", "-c", &format!("{mount} && {script}")]);
        command.arg(crate::support::program());
        command.env("QOBRA_BASE_URL", stage.url());
        run(&mut command)
    };
    if mounted("exit 42").code() != Some(42) {
        skip("the right to mount (unshare)");
        return;
    }
    for (mode, code) in [(0o644, 0), (0o600, 0), (0o666, 2)] {
        file(&stage, "secret/key", KEY, mode);
        let told = mounted("exec \"$0\" data.csv -t deals --api-key-file secret/key");
        assert_eq!(told.code(), Some(code), "{mode:o}: {told}");
        let is_warned = told.stderr.contains(WARNING);
        assert_eq!(is_warned, mode == 0o644, "{told}");
    }
    assert_eq!(stage.new_ids(), ["1", "2", "3"]);
}
