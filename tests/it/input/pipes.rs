//! Pipes, standard input and named ones.

use crate::rig::ends;
use crate::stage::{Stage, deals};
use crate::support::run;

#[test]
fn a_pipe_that_ends_within_a_line_is_named() {
    for (text, is_cut) in [
        ("id,name\n1,x\n", false),
        ("id,name\r1,x\r", false),
        ("id,name\n1,x", true),
        ("id,name", true),
    ] {
        let stage = Stage::new().file("data.csv", text);
        ends(&stage, "data.csv -t deals", 0);
        let mut command = stage.push("- --format csv -t deals");
        let told = run(command.write_stdin(text));
        // The same file, where it stands, is whole as far as anyone can tell.
        ends(&stage, "data.csv -t deals --all --allow-empty", 0);
        assert_eq!(told.code(), Some(0), "{text:?}: {told}");
        let warning = "warning: standard input: the last line does not end; was it cut?\n";
        assert_eq!(told.stderr.contains(warning), is_cut, "{text:?}: {told}");
    }
}

/// A named pipe's extension tells the delimiter, and its copy has another name.
#[test]
#[cfg_attr(windows, ignore = "pipes have no place in a folder there")]
fn a_pipe_of_tabs_is_resumed() {
    let stage = Stage::with_faults("401@2");
    let pipe = stage.folder().path().join("data.tsv");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let text = deals(30).replace(',', "\t");
    let told = std::thread::scope(|scope| {
        scope.spawn(|| std::fs::write(&pipe, text).unwrap());
        ends(&stage, "data.tsv -t deals --chunk-size 10 --jobs 1", 6)
    });
    assert!(told.stderr.contains("1 of 3 chunks accepted"), "{told}");
    ends(&stage, "resume", 0);
    let written = crate::stage::sorted_ids(&stage.settled());
    assert_eq!(written[..30], crate::stage::numbers(1..=30));
}
