//! How the types of `model`, paths and digests stand in a line, for `#[serde(with = …)]`.
//!
//! What is read is checked as it would be coming from a user: a journal is a file like any other.

/// A range as `[first, last]`.
pub(super) mod range {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use crate::base::model::RecordRange;

    pub(in super::super) fn serialize<S: Serializer>(
        range: &RecordRange,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        [range.first, range.last].serialize(to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<RecordRange, D::Error> {
        let [first, last] = <[u64; 2]>::deserialize(from)?;
        if first == 0 || last < first || last == u64::MAX {
            return Err(D::Error::custom("not a range of records"));
        }
        Ok(RecordRange { first, last })
    }
}

/// Several ranges.
pub(super) mod ranges {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::base::model::RecordRange;

    #[derive(Serialize, Deserialize)]
    struct One(#[serde(with = "super::range")] RecordRange);

    pub(in super::super) fn serialize<S: Serializer>(
        ranges: &[RecordRange],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(ranges.iter().copied().map(One))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<RecordRange>, D::Error> {
        let ranges = Vec::<One>::deserialize(from)?;
        Ok(ranges.into_iter().map(|One(range)| range).collect())
    }
}

/// A table's key.
pub(super) mod table_key {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::base::model::TableKey;

    pub(in super::super) fn serialize<S: Serializer>(
        key: &TableKey,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(key.as_str())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<TableKey, D::Error> {
        TableKey::new(String::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// An import's id.
pub(super) mod import_id {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::base::model::ImportId;

    pub(in super::super) fn serialize<S: Serializer>(
        id: &ImportId,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(id.as_str())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<ImportId, D::Error> {
        let text = String::deserialize(from)?;
        ImportId::new(&text).ok_or_else(|| D::Error::custom("not an import's id"))
    }
}

/// `"upsert"`, or `{"replace": {"debounce_seconds": 900}}`.
pub(super) mod mode {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::base::model::Mode;

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Text {
        Upsert,
        Replace { debounce_seconds: u64 },
    }

    pub(in super::super) fn serialize<S: Serializer>(
        mode: &Mode,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match mode {
            Mode::Upsert => Text::Upsert,
            Mode::Replace { debounce } => Text::Replace {
                debounce_seconds: debounce.as_secs(),
            },
        }
        .serialize(to)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Mode, D::Error> {
        Ok(match Text::deserialize(from)? {
            Text::Upsert => Mode::Upsert,
            Text::Replace { debounce_seconds } => Mode::Replace {
                debounce: Duration::from_secs(debounce_seconds),
            },
        })
    }
}

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
