//! Names that Windows gives to devices, in every folder: a file of such a name is none.

use std::path::Path;

/// Whether a name, with or without an extension, is a device's on Windows; older versions look at what
/// stands before the first dot only.
pub(crate) fn is_device(name: &str) -> bool {
    const ALONE: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];
    let stem = name.split(['.', ':']).next().unwrap_or_default();
    let stem = stem.trim_end_matches(' ').to_lowercase();
    let numbered = ["com", "lpt"]
        .into_iter()
        .find_map(|port| stem.strip_prefix(port));
    let is_port = numbered.is_some_and(|number| {
        let mut digits = number.chars();
        let is_digit = |c: char| c.is_ascii_digit() || "¹²³".contains(c);
        digits.next().is_some_and(is_digit) && digits.next().is_none()
    });
    is_port || ALONE.contains(&&*stem)
}

/// Whether this is a device where names are some, and no file: the newest versions let one be called
/// `nul.csv`.
pub(crate) fn stands_for_a_device(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    cfg!(windows) && is_device(&name.to_string_lossy()) && !path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_known_by_their_names() {
        for device in [
            "NUL", "nul", "Con", "aux.csv", "com1", "LPT9.txt", "com²", "prn ", "CONIN$", "nul:",
        ] {
            assert!(is_device(device), "{device}");
        }
        for file in [
            "",
            "null",
            "contacts.csv",
            "com",
            "com10",
            "lpt.csv",
            "a.nul",
            "deals.con",
        ] {
            assert!(!is_device(file), "{file}");
        }
    }
}
