//! What the console of Windows tells a push. Only what shares a console can have it told something, so another
//! program does it.

use std::os::windows::process::CommandExt as _;
use std::process::Command;

use base64::prelude::{BASE64_STANDARD, Engine as _};

use crate::rig::{
    READINGS, REPLACE, UPSERT, Watched, done, folder_name, is_over, journal, posts, runs, service,
    until,
};
use crate::stage::deals;
use crate::support::skip;

const RECORDS: u64 = 23;

/// In a group of its own, so that it alone is told.
const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;

/// What PowerShell ends with when it has told the group. The program of this name in wine ends with 0.
const TOLD: i32 = 42;

/// Has Ctrl-Break told to a group of processes. Whether it could be: there must be PowerShell and a console.
fn tells_break(group: u32) -> bool {
    let script = format!(
        "Add-Type -Namespace Native -Name Console -MemberDefinition '[DllImport(\"kernel32.dll\")] \
         public static extern bool GenerateConsoleCtrlEvent(uint what, uint group);'\n\
         if ([Native.Console]::GenerateConsoleCtrlEvent(1, {group})) {{ exit {TOLD} }}"
    );
    let units: Vec<u8> = script.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let status = Command::new("powershell")
        .args(["-NoProfile", "-NonInteractive", "-EncodedCommand"])
        .arg(BASE64_STANDARD.encode(units))
        .status();
    status.is_ok_and(|status| status.code() == Some(TOLD))
}

/// It is heard in the middle of the second request, however long PowerShell takes to start.
#[test]
fn ctrl_break_ends_a_push_in_order() {
    for line in [UPSERT, REPLACE] {
        let stage = service(READINGS[0], "hang@2").file("deals.csv", deals(RECORDS));
        let mut command = stage.process(&line.replace("--jobs 2", "--jobs 1"));
        command.creation_flags(CREATE_NEW_PROCESS_GROUP);
        let push = Watched::start(command);
        until(|| (posts(&stage).len() >= 2).then_some(()));
        if !tells_break(push.child.id()) {
            return skip("PowerShell on a console");
        }
        let told = push.end();
        assert_eq!(told.code(), Some(143), "{told}");
        assert_eq!(posts(&stage).len(), 2, "{told}");
        assert!(told.stderr.contains("nothing new is sent"), "{told}");
        assert!(told.stderr.contains("others may have been"), "{told}");
        let run = &runs(&stage)[0];
        let hint = format!("hint: qobra-push resume {} --state-dir ", folder_name(run));
        assert!(told.stderr.contains(&hint), "{told}");
        let lines = std::fs::read_to_string(journal(run)).unwrap();
        let end = r#"{"line":"end","exit_code":143,"#;
        assert!(lines.lines().last().unwrap().starts_with(end), "{told}");
        assert_eq!(done(&stage, "resume").code(), Some(0), "{told}");
        is_over(&stage, line == REPLACE, RECORDS, &told.to_string());
    }
}
