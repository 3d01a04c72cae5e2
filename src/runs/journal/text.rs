//! How paths and digests stand in a line, for `#[serde(with = …)]`.

/// A digest of 64 bits as 16 hexadecimal digits: as a number, many readers would round it.
pub(super) mod digest {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        digest: &u64,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{digest:016x}"))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<u64, D::Error> {
        u64::from_str_radix(&String::deserialize(from)?, 16).map_err(D::Error::custom)
    }
}

/// A path: as text, or as its bytes where it is none.
pub(super) mod path {
    #[cfg(unix)]
    use std::ffi::OsString;
    #[cfg(unix)]
    use std::os::unix::ffi::OsStringExt as _;
    use std::path::{Path, PathBuf};

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    pub(super) enum Written {
        Text(String),
        Bytes { bytes: Vec<u8> },
    }

    impl From<&Path> for Written {
        fn from(path: &Path) -> Self {
            if let Some(text) = path.to_str() {
                return Self::Text(text.to_owned());
            }
            let bytes = path.as_os_str().as_encoded_bytes().to_vec();
            Self::Bytes { bytes }
        }
    }

    impl From<Written> for PathBuf {
        fn from(written: Written) -> Self {
            match written {
                Written::Text(text) => text.into(),
                #[cfg(unix)]
                Written::Bytes { bytes } => OsString::from_vec(bytes).into(),
                #[cfg(not(unix))]
                Written::Bytes { bytes } => String::from_utf8_lossy(&bytes).into_owned().into(),
            }
        }
    }

    pub(in super::super) fn serialize<S: Serializer>(
        path: &Path,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        Written::from(path).serialize(to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<PathBuf, D::Error> {
        Written::deserialize(from).map(PathBuf::from)
    }
}

/// A path or null.
pub(super) mod path_option {
    use std::path::PathBuf;

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::path::Written;

    pub(in super::super) fn serialize<S: Serializer>(
        path: &Option<PathBuf>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        path.as_deref().map(Written::from).serialize(to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<Written>::deserialize(from)?.map(PathBuf::from))
    }
}
