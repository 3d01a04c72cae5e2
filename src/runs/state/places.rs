//! Where the state is kept, and how its folders are called.

use std::ffi::OsString;
use std::path::{Path, PathBuf, absolute};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use xxhash_rust::xxh3::xxh3_64;

use crate::base::complaint::Complaint;
use crate::base::model::TableKey;
use crate::base::{device, display};

/// Looks up an environment variable.
pub(crate) type Env<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// What led to the state folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StateOrigin {
    /// The user named it.
    Named,
    /// A variable that is not this program's own named it.
    Variable(&'static str),
    /// Nothing was said: the platform's place in the home folder.
    Home,
}

/// What may stand unescaped in a folder's name.
const NAME: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The file beside the tables that holds what is known of their service.
pub(super) const FACTS: &str = "facts.json";

/// The longest folder name made here; file systems take 255 bytes.
const MAX_NAME: usize = 200;

/// The folder that the user named, made absolute.
pub(super) fn given(path: &Path) -> Result<PathBuf, Complaint> {
    absolute(path).map_err(|error| {
        let place = display::quoted(&path.to_string_lossy());
        Complaint::new(
            format!("{place} cannot be the state folder: {error}"),
            "name a folder with --state-dir".to_owned(),
        )
    })
}

/// The folder where none was named.
pub(super) fn default(env: Env<'_>) -> Result<(PathBuf, StateOrigin), Complaint> {
    // Relative paths are no places: XDG wants them ignored, and a cron job starts anywhere.
    let folder = |name: &str| {
        env(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    if let Some(path) = env("STATE_DIRECTORY").and_then(first_folder) {
        return Ok((path, StateOrigin::Variable("STATE_DIRECTORY")));
    }
    if let Some(path) = folder("XDG_STATE_HOME") {
        let origin = StateOrigin::Variable("XDG_STATE_HOME");
        return Ok((path.join("qobra-push"), origin));
    }
    let home = if cfg!(windows) {
        "LOCALAPPDATA"
    } else {
        "HOME"
    };
    let below = if cfg!(windows) {
        "qobra-push"
    } else if cfg!(target_os = "macos") {
        "Library/Application Support/qobra-push"
    } else {
        ".local/state/qobra-push"
    };
    let found = folder(home).map(|path| (path.join(below), StateOrigin::Home));
    found.ok_or_else(|| {
        Complaint::new(
            format!("there is no place to keep the state: {home} and XDG_STATE_HOME are not set"),
            "name a folder with --state-dir or QOBRA_PUSH_STATE_DIR".to_owned(),
        )
    })
}

/// systemd lists several folders with colons between them.
fn first_folder(list: OsString) -> Option<PathBuf> {
    std::env::split_paths(&list).find(|path| path.is_absolute())
}

/// Host, port and path of a service as one folder name.
pub(super) fn service_segment(base_url: &str) -> String {
    let address = base_url
        .split_once("://")
        .map_or(base_url, |(_, rest)| rest);
    folder_name(utf8_percent_encode(address.trim_end_matches('/'), NAME).to_string())
}

/// A table's key as one folder name.
pub(super) fn table_segment(key: &TableKey) -> String {
    folder_name(key.segment())
}

/// What file systems do with names.
#[derive(Clone, Copy, Debug)]
struct Naming {
    /// Capitals and small letters are the same; tables that differ in them only are not.
    folds_case: bool,
    /// Some names are devices, whatever folder they are in.
    has_devices: bool,
}

/// What they do here, as they are set up usually.
const HERE: Naming = Naming {
    folds_case: cfg!(any(windows, target_os = "macos")),
    has_devices: cfg!(windows),
};

/// Makes an encoded text safe as a folder's name.
fn folder_name(encoded: String) -> String {
    safe_name(encoded, HERE)
}

/// Neither that of the facts, nor hidden, nor `.` or `..`, nor ending in a dot (which Windows drops), nor too long for a file
/// system, nor the same as another one there.
fn safe_name(encoded: String, naming: Naming) -> String {
    let mut name = encoded;
    if naming.folds_case {
        name = without_capitals(&name);
    }
    if let Some(first) = name
        .bytes()
        .next()
        .filter(|_| naming.has_devices && device::is_device(&name))
    {
        name.replace_range(..1, &format!("%{first:02X}"));
    }
    if name == FACTS {
        name.replace_range(..1, "%66");
    }
    if name.starts_with('.') {
        name.replace_range(..1, "%2E");
    }
    if name.ends_with('.') {
        name.truncate(name.len() - 1);
        name.push_str("%2E");
    }
    if name.len() > MAX_NAME {
        // `%~` occurs in no encoded text, so a shortened name meets no other one.
        let digest = xxh3_64(name.as_bytes());
        name.truncate(MAX_NAME - 18);
        name.push_str(&format!("%~{digest:016x}"));
    }
    name
}

/// Encodes capitals as well, but for those of what is encoded already.
fn without_capitals(encoded: &str) -> String {
    let mut name = String::with_capacity(encoded.len());
    let mut digits = 0;
    for c in encoded.chars() {
        if digits == 0 && c.is_ascii_uppercase() {
            name.push_str(&format!("%{:02X}", u32::from(c)));
            continue;
        }
        digits = if c == '%' {
            2_u8
        } else {
            digits.saturating_sub(1)
        };
        name.push(c);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIX: Naming = Naming {
        folds_case: false,
        has_devices: false,
    };

    #[test]
    fn no_name_is_anothers_where_capitals_do_not_count_or_names_are_devices() {
        let windows = Naming {
            folds_case: true,
            has_devices: true,
        };
        for (key, name) in [
            ("deals", "deals"),
            ("Deals", "%44eals"),
            ("Été", "%C3%89t%C3%A9"),
            ("a/B%2f", "a%2F%42%252f"),
            ("con", "%63on"),
            ("lpt1.old", "%6Cpt1.old"),
            ("contacts", "contacts"),
        ] {
            let key = TableKey::new(key).unwrap();
            assert_eq!(safe_name(key.segment(), windows), name);
            let table = super::super::table::TableDir::new(Path::new("service").join(name));
            assert_eq!(table.name(), key.as_str());
        }
    }

    #[test]
    fn one_folder_a_service() {
        let names = [
            "https://api.qobra.co",
            "https://api.qobra.co/",
            "http://127.0.0.1:8080/proxy/a",
            "http://[::1]:80",
        ]
        .map(service_segment);
        assert_eq!(
            names,
            [
                "api.qobra.co",
                "api.qobra.co",
                "127.0.0.1%3A8080%2Fproxy%2Fa",
                "%5B%3A%3A1%5D%3A80"
            ]
        );
    }

    #[test]
    fn no_table_key_leaves_its_folder() {
        for (key, name) in [
            ("deals", "deals"),
            ("a/b", "a%2Fb"),
            ("..a", "%2E.a"),
            ("...", "%2E.%2E"),
            (".lock", "%2Elock"),
            ("facts.json", "%66acts.json"),
            ("été ", "%C3%A9t%C3%A9%20"),
            ("a\\b:c", "a%5Cb%3Ac"),
            ("%2E", "%252E"),
        ] {
            let key = TableKey::new(key).unwrap();
            assert_eq!(safe_name(key.segment(), UNIX), name);
        }
    }

    #[test]
    fn long_names_are_cut_and_stay_apart() {
        let [a, b] = ["a", "b"]
            .map(|end| table_segment(&TableKey::new(format!("{}{end}", "é".repeat(99))).unwrap()));
        assert_eq!((a.len(), b.len()), (MAX_NAME, MAX_NAME));
        assert_ne!(a, b);
        let exact = "x".repeat(MAX_NAME);
        assert_eq!(
            table_segment(&TableKey::new(exact.as_str()).unwrap()),
            exact
        );
    }
}
