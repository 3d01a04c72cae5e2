//! The state folder's key.

use std::path::Path;

use super::*;
use crate::runs::state::StateDir;

fn state(path: &Path) -> StateDir {
    StateDir::find(Some(path), &|_| None).unwrap()
}

#[test]
fn a_key_is_made_once() {
    let folder = folder();
    let state = state(folder.path());
    assert!(read(&state).unwrap().is_none());
    let made = read_or_make(&state).unwrap();
    assert_eq!(read(&state).unwrap().as_ref(), Some(&made));
    assert_eq!(read_or_make(&state).unwrap(), made);
    assert_ne!(random().unwrap(), made);
    assert_eq!(format!("{made:?}"), "FingerprintKey(..)");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let found = std::fs::metadata(folder.path().join("base.key")).unwrap();
        assert_eq!(
            (found.permissions().mode() & 0o7777, found.len()),
            (0o600, 32)
        );
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(state.tables().unwrap().is_empty());
}

#[test]
fn many_at_once_end_with_one_key() {
    let folder = folder();
    let state = state(folder.path());
    let keys: Vec<_> = std::thread::scope(|scope| {
        let made = (0..16).map(|_| scope.spawn(|| read_or_make(&state).unwrap()));
        let made: Vec<_> = made.collect();
        made.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(keys.iter().all(|key| *key == keys[0]));
}

#[test]
fn a_key_of_another_length_is_told_and_stays() {
    let folder = folder();
    let (path, state) = (folder.path().join("base.key"), state(folder.path()));
    for length in [0, 31, 33, 4096] {
        std::fs::write(&path, vec![1; length]).unwrap();
        let error = read(&state).unwrap_err();
        assert!(error.message.contains("base.key"), "{error}");
        assert!(error.message.contains("is damaged"), "{error}");
        assert!(error.hint.as_ref().unwrap().starts_with("remove it"));
        assert_eq!(read_or_make(&state).unwrap_err(), error);
        assert_eq!(std::fs::metadata(&path).unwrap().len(), length as u64);
    }
}
