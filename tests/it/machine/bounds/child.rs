//! The program in a process that gets no more than so much memory.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use wait4::Wait4 as _;

use crate::rig::{entries, runs};
use crate::stage::Stage;
use crate::support::{Told, program};

pub(super) const MIB: u64 = 1 << 20;

/// What everything takes that reads piece by piece: the program itself, its threads' stacks, and
/// blocks of a few records of 1 MiB each for each of at most six workers.
pub(super) const STREAMED: u64 = 256 * MIB;

/// A mapping of 1 MiB is taken apart as a whole; one with a mistake on each line takes most.
pub(super) const MAPPING: u64 = 384 * MIB;

/// zstd remembers up to 128 MiB of what was said before, where the file asks for it.
pub(super) const ZSTD_LONG: u64 = 384 * MIB;

/// A workbook's texts and formats are held, up to 1 GiB; the vector of the texts grows by doubling.
pub(super) const WORKBOOK: u64 = 2_560 * MIB;

/// Whether the sizes are those that are promised.
pub(super) fn is_full() -> bool {
    std::env::var_os("QOBRA_PUSH_TEST_BOUNDS").is_some_and(|value| value == "full")
}

/// The size that is promised, or one that a debug build has done in seconds.
pub(super) fn sized(full: u64, quick: u64) -> u64 {
    if is_full() { full } else { quick }
}

/// A producer of bytes: a beginning, then the same again and again.
pub(super) struct Fed {
    pub(super) head: Vec<u8>,
    pub(super) unit: Vec<u8>,
    pub(super) bytes: u64,
}

impl Fed {
    /// Bytes behind a beginning, up to 5 GiB of them.
    pub(super) fn new(head: &str, unit: &str) -> Self {
        let times = MIB as usize / unit.len();
        Self {
            head: head.as_bytes().to_vec(),
            unit: unit.repeat(times).into_bytes(),
            bytes: 5 << 30,
        }
    }

    /// Writes until all is written or nobody reads any more, and says how much was.
    fn feed(&self, mut into: impl io::Write) -> u64 {
        let mut written = 0;
        if into.write_all(&self.head).is_err() {
            return written;
        }
        while written < self.bytes && into.write_all(&self.unit).is_ok() {
            written += self.unit.len() as u64;
        }
        written
    }
}

/// The program with this line's words, in a process that gets no more than this memory.
pub(super) fn limited(stage: &Stage, most: u64, line: &str) -> Command {
    let mut command = Command::new("sh");
    let script = "ulimit -v \"$0\" && exec \"$@\"";
    command
        .args(["-c", script, &(most / 1024).to_string()])
        .arg(program())
        .args(line.split(' '))
        .env_clear()
        .current_dir(stage.folder().path())
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("QOBRA_PUSH_STATE_DIR", stage.folder().path().join("state"))
        .env("QOBRA_BASE_URL", stage.url())
        .env("QOBRA_API_KEY", crate::support::KEY)
        .env("TMPDIR", temporary(stage))
        // An arena of glibc's reserves 64 MiB for each thread, which says nothing of its use.
        .env("MALLOC_ARENA_MAX", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The only place for files that have no name.
pub(super) fn temporary(stage: &Stage) -> PathBuf {
    let folder = stage.folder().path().join("tmp");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs a line in a process with a limit of memory, and says how many bytes it was fed.
pub(super) fn fed(stage: &Stage, most: u64, line: &str, feed: Option<Fed>) -> (Told, u64) {
    let (told, written, _) = watched(stage, most, line, feed);
    (told, written)
}

/// Runs a line in a process with a limit of memory, and says how much it had in use at most, of which
/// only [full](is_full) sizes are certain.
pub(super) fn measured(stage: &Stage, most: u64, line: &str) -> (Told, u64) {
    let (told, _, memory) = watched(stage, most, line, None);
    (told, memory)
}

fn watched(stage: &Stage, most: u64, line: &str, feed: Option<Fed>) -> (Told, u64, u64) {
    let mut command = limited(stage, most, line);
    command.stdin(match feed {
        Some(_) => Stdio::piped(),
        None => Stdio::null(),
    });
    let start = std::time::Instant::now();
    let mut child = command.spawn().unwrap();
    let feeder = feed.zip(child.stdin.take());
    let feeder = feeder.map(|(feed, stdin)| thread::spawn(move || feed.feed(stdin)));
    let [out, err]: [Box<dyn io::Read + Send>; 2] = [
        Box::new(child.stdout.take().unwrap()),
        Box::new(child.stderr.take().unwrap()),
    ];
    let readers = [out, err].map(|from| thread::spawn(move || io::read_to_string(from).unwrap()));
    let (ending, is_ended) = channel();
    let watcher = child.id();
    let watcher = thread::spawn(move || most_memory(watcher, &is_ended));
    let ended = child.wait4().unwrap();
    drop(ending);
    let memory = watcher.join().unwrap().unwrap_or(ended.rusage.maxrss);
    let written = feeder.map_or(0, |feeder| feeder.join().unwrap());
    let [stdout, stderr] = readers.map(|reader| reader.join().unwrap());
    let code = ended.status.code();
    note(line, memory, start.elapsed(), written, code, &stderr);
    let told = Told {
        status: ended.status,
        stdout,
        stderr,
    };
    assert!(!told.to_string().contains("canary"), "the key: {told}");
    assert!(!told.stderr.contains("panicked"), "{told}");
    assert_eq!(entries(&temporary(stage)), Vec::<PathBuf>::new(), "{told}");
    (told, written, memory)
}

/// The most memory that a process had in use when it was last looked at, in bytes; none where the
/// system does not tell. What `wait4` tells may be what this process had when it started the other.
fn most_memory(process: u32, is_ended: &Receiver<()>) -> Option<u64> {
    let mut most = None;
    while is_full() && is_ended.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let words = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        most = words.map(|kib| kib * 1024).or(most);
    }
    most
}

/// How often the memory is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// Keeps what full sizes took, for those who state it.
fn note(line: &str, memory: u64, time: Duration, written: u64, code: Option<i32>, stderr: &str) {
    if is_full() {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bounds.txt");
        let mut file = std::fs::File::options()
            .append(true)
            .create(true)
            .open(path)
            .unwrap();
        let (memory, written) = (memory / MIB, written / MIB);
        let cut = |text: &str| text.chars().take(200).collect::<String>();
        let said = stderr.lines().find(|line| line.starts_with("error: "));
        let (line, said) = (cut(line), cut(said.unwrap_or("")));
        writeln!(
            file,
            "{memory} MiB, {time:.1?}, {written} MiB fed, code {code:?}: {line}\n    {said}"
        )
        .unwrap();
    }
}

/// What a line that is refused says, against a service that nobody may call. No copy of an input
/// stays, and no run but one that has rejects to show.
pub(super) fn refused(stage: &Stage, most: u64, line: &str) -> String {
    refused_feed(stage, most, line, None).0
}

/// The same of a line that is fed, and how many bytes it was fed.
pub(super) fn refused_feed(
    stage: &Stage,
    most: u64,
    line: &str,
    feed: Option<Fed>,
) -> (String, u64) {
    let (told, written) = fed(stage, most, line, feed);
    assert!([Some(2), Some(3)].contains(&told.code()), "{line}: {told}");
    for run in runs(stage) {
        let names: Vec<_> = entries(&run)
            .iter()
            .map(|path| crate::rig::folder_name(path))
            .collect();
        assert!(
            names.iter().any(|name| name.starts_with("rejects."))
                && names.iter().all(|name| !name.starts_with("input")),
            "{line}: {names:?}"
        );
    }
    (format!("$ {line}\n{}\n", stage.tidy(&told)), written)
}
