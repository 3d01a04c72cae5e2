//! Files that are small by their nature and are held in memory whole: a mapping, certificates.
//!
//! Their size is bounded while they are read: a pipe or a device does not tell it beforehand. What
//! stands in them is left to the callers.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use crate::base::display;

/// Reads a file to its end.
pub(crate) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    // Not every system says of a folder that it is one, and some not before it is read.
    if path.is_dir() {
        return Err(io::Error::new(
            io::ErrorKind::IsADirectory,
            "it is a folder",
        ));
    }
    let mut bytes = Vec::new();
    let mut file = File::open(path)?.take(most.saturating_add(1));
    file.read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let why = format!("it has more than {}", display::size(most));
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, why));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_bounded_where_nothing_tells_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        let error = read(&path, 4).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(error.to_string(), "it has more than 4 B");
        let error = read(folder.path(), 4).unwrap_err();
        assert_eq!(error.to_string(), "it is a folder");
        #[cfg(unix)]
        assert!(read(Path::new("/dev/zero"), 1 << 20).is_err());
    }
}
