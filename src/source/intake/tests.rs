//! What can go wrong below the text: no room, no calm, a thread that breaks down.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::time::SystemTime;

use super::*;

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
    }
}

/// What readers are told that want the first bytes.
fn fault(growing: &Growing) -> (Blame, InputError) {
    let error = growing.reach(0, 10).unwrap_err();
    (growing.blame().unwrap(), error)
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
    })
    .unwrap();
    let (blame, error) = fault(&growing);
    assert_eq!(blame, Blame::CommandLine);
    assert_eq!(
        error.message,
        "deals.csv cannot be copied to a temporary file: Bad file descriptor (os error 9)"
    );
    assert_eq!(
        error.hint.unwrap(),
        "make room there, or name another folder with TMPDIR"
    );
    assert_eq!(growing.bytes(), None);
}

#[test]
fn a_thread_that_breaks_down_is_an_error() {
    let growing = Growing::start(copying(file(b"")), || panic!("on purpose")).unwrap();
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
    let growing = Growing::start(copying(file(b"")), || Ok(Box::new(Broken(false)))).unwrap();
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
