//! Pipes that another process made non-blocking, with a reader that is slow: all of it arrives.

use std::io::{self, PipeReader, PipeWriter, Read as _};
use std::thread;

use rustix::fs::{OFlags, fcntl_setfl};
use rustix::io::ioctl_fionread;
use rustix::pipe::fcntl_setpipe_size;

use crate::rig::{done, until};
use crate::stage::{Stage, deals};
use crate::support::receipt;

/// The smallest pipe there is.
const ROOM: usize = 4_096;

fn pipe() -> (PipeReader, PipeWriter) {
    let (reader, writer) = io::pipe().unwrap();
    fcntl_setpipe_size(&writer, ROOM).unwrap();
    fcntl_setfl(&writer, OFlags::NONBLOCK).unwrap();
    (reader, writer)
}

/// Reads only once the pipe is so full that the next line may not fit.
fn read_late(mut reader: PipeReader) -> String {
    until(|| (ioctl_fionread(&reader).unwrap() as usize > ROOM / 2).then_some(()));
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn the_whole_receipt_and_all_that_is_told_arrive() {
    let stage = Stage::new().file("deals.csv", deals(400));
    let line = "deals.csv -t deals --chunk-size 4 --jobs 1 --output json -v";
    let (out, stdout) = pipe();
    let (err, stderr) = pipe();
    let mut command = stage.process(line);
    let mut child = command.stdout(stdout).stderr(stderr).spawn().unwrap();
    // It holds the writing ends, without which the reading ones have no end.
    drop(command);
    let out = thread::spawn(|| read_late(out));
    let stderr = read_late(err);
    let stdout = out.join().unwrap();
    let status = child.wait().unwrap();
    let told = crate::support::Told {
        status,
        stdout,
        stderr,
    };
    told.check();
    let document = receipt(&told, 0);
    assert_eq!(document["chunks"].as_array().unwrap().len(), 100);
    assert_eq!(told.stderr.matches(" accepted in ").count(), 100, "{told}");
    assert!(told.stderr.contains("table `deals` will hold"), "{told}");
}

/// The result of a command that only lists is as whole.
#[test]
fn a_long_help_arrives() {
    let stage = Stage::unused();
    let whole = done(&stage, "man").stdout;
    let (out, stdout) = pipe();
    let mut command = stage.process("man");
    let mut child = command.stdout(stdout).spawn().unwrap();
    drop(command);
    assert_eq!(read_late(out), whole);
    assert!(child.wait().unwrap().success());
}
