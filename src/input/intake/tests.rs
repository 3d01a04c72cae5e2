//! What can go wrong below the text: no room, no calm, a thread that breaks down, or one that runs
//! too far ahead.

use std::fs::File;
use std::io::{self, Cursor, Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use super::growing::{Copies, Copying, Growing};
use super::origin::Origin;
use super::reader::*;
use crate::input::{Blame, InputError};

fn file(content: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(content).unwrap();
    file
}

fn copying(file: File) -> Copying {
    Copying {
        file: Arc::new(file),
        kept: None,
        name: "deals.csv".to_owned(),
        limit: 1_000,
        ahead: AHEAD,
        copies: Copies::default(),
    }
}

/// How far copies run ahead here: a few pieces, and a bit of one.
const AHEAD: u64 = 1_000_000;

/// Bytes from a producer that can be watched.
struct Watched {
    left: u64,
    /// Before the first byte, its word is waited for.
    go_on: Option<Receiver<()>>,
    /// Told when it is gone.
    gone: Option<Sender<()>>,
}

impl io::Read for Watched {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some(go_on) = self.go_on.take() {
            let told = go_on.recv_timeout(Duration::from_secs(60));
            told.map_err(|_| io::Error::other("nobody drains the other one"))?;
        }
        let read = self.left.min(out.len() as u64);
        self.left -= read;
        out[..read as usize].fill(b'x');
        Ok(read as usize)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(gone) = &self.gone {
            let _ = gone.send(());
        }
    }
}

/// A copy without a limit of its own.
fn copy_of(watched: Watched, copies: &Copies) -> Growing {
    let copying = Copying {
        limit: u64::MAX,
        copies: copies.clone(),
        ..copying(file(b""))
    };
    Growing::start(copying, || Ok(Box::new(watched)))
}

/// What readers are told that want the first bytes.
fn fault(growing: &Growing) -> (Blame, InputError) {
    let error = growing.reach(0, 10).unwrap_err();
    (error.blame, error)
}

#[test]
fn a_copy_without_room_blames_the_machine() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("full");
    std::fs::write(&path, "").unwrap();
    // What cannot be written to fails as a full disk does.
    let full = File::open(&path).unwrap();
    let growing = Growing::start(copying(full), || {
        Ok(Box::new(Cursor::new(b"a,b\n".to_vec())))
    });
    let (blame, error) = fault(&growing);
    assert_eq!(blame, Blame::CommandLine);
    // EBADF, and what Windows says of a file that is open for reading only: access denied.
    let told = io::Error::from_raw_os_error(if cfg!(windows) { 5 } else { 9 });
    assert_eq!(
        error.message,
        format!("deals.csv cannot be copied to a temporary file: {told}")
    );
    let variable = if cfg!(windows) { "TMP" } else { "TMPDIR" };
    assert_eq!(
        error.hint.unwrap(),
        format!("make room there, or name another folder with {variable}")
    );
    assert_eq!(growing.bytes(), None);
}

#[test]
fn a_thread_that_breaks_down_is_an_error() {
    let growing = Growing::start(copying(file(b"")), || panic!("on purpose"));
    let (blame, error) = fault(&growing);
    assert_eq!(blame, Blame::Content);
    assert_eq!(
        error.message,
        "deals.csv cannot be read: its reader broke down"
    );
}

#[test]
fn a_reader_that_fails_is_an_error_where_it_fails() {
    struct Broken(bool);
    impl io::Read for Broken {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            if std::mem::replace(&mut self.0, true) {
                return Err(io::Error::other("the cable fell out"));
            }
            out[..4].copy_from_slice(b"a,b\n");
            Ok(4)
        }
    }
    let growing = Growing::start(copying(file(b"")), || Ok(Box::new(Broken(false))));
    assert_eq!(growing.reach(0, 10).unwrap(), (4, false));
    let error = growing.reach(4, 10).unwrap_err();
    assert_eq!(
        error.message,
        "deals.csv cannot be read: the cable fell out"
    );
}

#[test]
fn a_file_that_changes_while_it_is_copied_is_an_error() {
    let read = |change: fn(&mut File)| {
        let mut file = file(b"0123456789");
        let origin = Origin::Regular(file.try_clone().unwrap());
        let mut chain = origin.open("deals.csv").unwrap();
        let mut bytes = [0; 4];
        chain.read_exact(&mut bytes).unwrap();
        assert_eq!(&bytes, b"0123");
        let place = file.stream_position().unwrap();
        change(&mut file);
        file.seek(SeekFrom::Start(place)).unwrap();
        let mut rest = Vec::new();
        let read = chain.read_to_end(&mut rest);
        read.map(|_| rest).map_err(|e| fault_of(e, "?").message)
    };
    assert_eq!(read(|_| {}), Ok(b"456789".to_vec()));
    let shorter = Err("deals.csv became shorter while it was read".to_owned());
    assert_eq!(read(|file| file.set_len(5).unwrap()), shorter);
    assert_eq!(read(|file| file.set_len(0).unwrap()), shorter);
    let changed = Err("deals.csv changed while it was read".to_owned());
    assert_eq!(read(|file| file.set_len(20).unwrap()), changed);
    let touch = |file: &mut File| file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(read(touch), changed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_copy_is_ahead_of_its_readers_by_its_bound(
        places in prop::collection::vec((0..4 * AHEAD, 0..AHEAD), 0..6)
    ) {
        let endless = Watched { left: u64::MAX, go_on: None, gone: None };
        let growing = copy_of(endless, &Copies::default());
        prop_assert_eq!(growing.held(), AHEAD);
        let mut furthest = 0;
        for (offset, want) in places {
            let end = offset + want;
            let (bytes, is_all) = growing.reach(offset, end).unwrap();
            furthest = furthest.max(end);
            prop_assert!(bytes > end && bytes <= furthest + AHEAD && !is_all);
            prop_assert_eq!(growing.held(), furthest + AHEAD);
        }
    }
}

#[test]
fn a_copy_that_is_held_ends_with_its_reader() {
    let (gone, is_gone) = channel();
    let endless = Watched {
        left: u64::MAX,
        go_on: None,
        gone: Some(gone),
    };
    let growing = copy_of(endless, &Copies::default());
    growing.held();
    drop(growing);
    is_gone.recv_timeout(Duration::from_secs(60)).unwrap();
}

/// One producer that fills two pipes cannot go on with the first before the second is drained.
#[test]
fn a_copy_is_not_held_while_another_is_waited_for() {
    let (gone, is_gone) = channel();
    let copies = Copies::default();
    let second = Watched {
        left: 9 * AHEAD,
        go_on: None,
        gone: Some(gone),
    };
    let second = copy_of(second, &copies);
    assert_eq!(second.held(), AHEAD);
    let first = Watched {
        left: 3,
        go_on: Some(is_gone),
        gone: None,
    };
    let first = copy_of(first, &copies);
    assert_eq!(first.reach(0, 10).unwrap(), (3, true));
    assert_eq!(second.reach(0, 9 * AHEAD).unwrap(), (9 * AHEAD, true));
}
