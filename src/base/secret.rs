//! The API key: a value that cannot be shown, and the places it may come from.
//!
//! The first place that is set wins: `--api-key-file`, `QOBRA_API_KEY_FILE`, systemd's
//! `$CREDENTIALS_DIRECTORY/qobra-api-key`, `QOBRA_API_KEY`. A place that is set but unusable is an
//! error; no other place is tried then, so that a push never runs under an unexpected key.

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

use super::complaint::Complaint;
use super::event::Events;
use super::key_rights;
use crate::base::display;

/// The most bytes of a key file.
const MAX_KEY_FILE: u64 = 4_096;

/// A key of the service. Its `Debug` output hides it, and it has no `Display`.
#[derive(Clone, Debug)]
pub(crate) struct ApiKey {
    key: SecretString,
    /// What to say of who else may read the file that it came from.
    warning: Option<Complaint>,
}

/// Where a key was found. Safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyOrigin {
    /// A file named on the command line or by `QOBRA_API_KEY_FILE`.
    File(PathBuf),
    /// A credential that systemd handed to the unit.
    SystemdCredential(PathBuf),
    /// The variable `QOBRA_API_KEY`.
    Environment,
}

/// The places where a key may stand, as found in arguments and environment.
#[derive(Clone, Default)]
pub(crate) struct KeyPlaces {
    /// `--api-key-file`, else `QOBRA_API_KEY_FILE`.
    pub file: Option<PathBuf>,
    /// `$CREDENTIALS_DIRECTORY`.
    pub credentials: Option<PathBuf>,
    /// `QOBRA_API_KEY`.
    pub variable: Option<OsString>,
}

impl fmt::Debug for KeyPlaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPlaces")
            .field("file", &self.file)
            .field("credentials", &self.credentials)
            .field("variable", &self.variable.is_some())
            .finish()
    }
}

impl ApiKey {
    /// Takes a key's text: white space at the ends is dropped, anything but visible ASCII refused.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let key = text.trim();
        let fits = !key.is_empty() && key.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self {
            key: SecretString::from(key),
            warning: None,
        })
    }

    /// What to say of who else may read the file that it came from.
    pub(crate) fn warning(&self) -> Option<&Complaint> {
        self.warning.as_ref()
    }

    /// Says that.
    pub(crate) fn warn(&self, events: &Events) {
        if let Some(Complaint { message, hint }) = &self.warning {
            events.warn(message, hint.clone());
        }
    }

    /// The key itself, for the request's header and nothing else.
    pub(crate) fn expose(&self) -> &str {
        self.key.expose_secret()
    }
}

impl KeyPlaces {
    /// The first place that is set, whether or not it can be used; nothing is read.
    pub(crate) fn origin(&self) -> Option<KeyOrigin> {
        if let Some(path) = &self.file {
            return Some(KeyOrigin::File(path.clone()));
        }
        let credential = self
            .credentials
            .as_ref()
            .map(|dir| dir.join("qobra-api-key"))
            // A unit may have other credentials and not this one; one that is there must work.
            .filter(|path| !is_missing(path));
        match credential {
            Some(path) => Some(KeyOrigin::SystemdCredential(path)),
            None => self.variable.as_ref().map(|_| KeyOrigin::Environment),
        }
    }

    /// Reads the key from the first place that is set.
    pub(crate) fn find(&self) -> Result<(ApiKey, KeyOrigin), Complaint> {
        let origin = self.origin().ok_or_else(|| {
            Complaint::new(
                "no API key".to_owned(),
                "put it into a file that only you can read and name it with --api-key-file, or set \
                 QOBRA_API_KEY_FILE or QOBRA_API_KEY; to rehearse without a key, add --sandbox"
                    .to_owned(),
            )
        })?;
        let key = match &origin {
            KeyOrigin::File(path) => read_key_file(path, Privacy::Checked)?,
            // systemd keeps the folder to the unit and shows an ACL's mask as group rights.
            KeyOrigin::SystemdCredential(path) => read_key_file(path, Privacy::OfTheFolder)?,
            KeyOrigin::Environment => self.read_variable()?,
        };
        Ok((key, origin))
    }

    fn read_variable(&self) -> Result<ApiKey, Complaint> {
        let text = self.variable.as_ref().and_then(|text| text.to_str());
        text.and_then(ApiKey::new).ok_or_else(|| {
            Complaint::new(
                "QOBRA_API_KEY is not an API key: it is empty or holds white space, control or \
                 non-ASCII characters"
                    .to_owned(),
                None,
            )
        })
    }
}

/// Who guards a key file's secrecy.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Privacy {
    /// The file's own owner and mode, which are checked.
    Checked,
    /// The folder that systemd made.
    OfTheFolder,
}

/// Whether nothing of that name exists. Where that cannot be known, it is for the reader to say why.
fn is_missing(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

fn read_key_file(path: &Path, privacy: Privacy) -> Result<ApiKey, Complaint> {
    let name = display::quoted(&path.to_string_lossy());
    let unreadable = |error: io::Error| {
        Complaint::new(
            format!("cannot read the API key file {name}: {error}"),
            None,
        )
    };
    // Looked at before it is opened: opening a pipe would wait for its writer.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(Complaint::new(
            format!("the API key file {name} is not a regular file"),
            None,
        ));
    }
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    let warning = match privacy {
        Privacy::Checked => key_rights::check(path, &file)?,
        Privacy::OfTheFolder => None,
    };
    if metadata.len() > MAX_KEY_FILE {
        return Err(Complaint::new(
            format!("the API key file {name} has more than 4 KiB: it is no key"),
            None,
        ));
    }
    let mut text = String::new();
    let malformed = || {
        Complaint::new(
            format!(
                "the API key file {name} holds no API key: it is empty, or has white space, \
                 control or non-ASCII characters inside"
            ),
            None,
        )
    };
    match file.take(MAX_KEY_FILE).read_to_string(&mut text) {
        Ok(_) => match ApiKey::new(&text) {
            Some(key) => Ok(ApiKey { warning, ..key }),
            None => Err(malformed()),
        },
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(malformed()),
        Err(error) => Err(unreadable(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_trimmed_and_hidden() {
        let key = ApiKey::new(" canary-123\r\n").unwrap();
        assert_eq!(key.expose(), "canary-123");
        assert!(!format!("{key:?}").contains("canary"));
        let places = KeyPlaces {
            variable: Some("canary".into()),
            ..KeyPlaces::default()
        };
        assert!(!format!("{places:?}").contains("canary"));
    }

    #[test]
    fn what_cannot_be_a_header_is_no_key() {
        for text in ["", "  \n", "a b", "a\u{7f}", "clé", "a\nb"] {
            assert!(ApiKey::new(text).is_none(), "{text:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_first_place_that_is_set_wins_and_must_work() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("key");
        std::fs::write(&file, "from-file\n").unwrap();
        let places = KeyPlaces {
            file: Some(file.clone()),
            credentials: Some(dir.path().into()),
            variable: Some("from-variable".into()),
        };

        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        let error = places.find().unwrap_err();
        assert!(
            error.message.ends_with("can be used by others (mode 0640)"),
            "{error}"
        );
        assert!(error.hint.unwrap().starts_with("chmod 600 "));

        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(places.find().unwrap().0.expose(), "from-file");

        let places = KeyPlaces {
            file: None,
            ..places
        };
        assert_eq!(places.find().unwrap().1, KeyOrigin::Environment);
        std::fs::write(dir.path().join("qobra-api-key"), "from-systemd").unwrap();
        assert_eq!(places.find().unwrap().0.expose(), "from-systemd");
    }
}
