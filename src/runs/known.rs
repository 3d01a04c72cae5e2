//! What is known of one service, kept beside the tables that are pushed to it from here.
//!
//! ```text
//! <state folder>/<host, port, path>/facts.json
//! ```
//!
//! It holds what the newest probe settled and nothing older: what that one could not settle may have
//! changed since. A fact that a push has seen contradicted is dropped, with the reason. No rehearsal reads
//! or writes it: its state folder is one of its own.

use std::io;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::complaint::Complaint;
use crate::base::{display, small};
use crate::runs::state::StateDir;
use crate::service::BaseUrl;
use crate::service::facts::Facts;

/// The form that this program writes.
const VERSION: u32 = 1;

/// More than any such file has.
const MOST_BYTES: u64 = 1 << 20;

/// What to try where nothing can be read.
const AGAIN: &str = "`qobra-push probe` on a scratch table writes it anew; until then the program takes nothing \
                     for granted";

/// What a probe found, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Known {
    version: u32,
    /// The address of the service.
    base_url: String,
    /// When it was asked.
    pub probed_at: Timestamp,
    /// The version of the program that asked.
    pub program: String,
    /// What is known.
    pub facts: Facts,
    /// What was known, and shown wrong since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dropped: Vec<Dropped>,
}

/// A fact that is not taken for one any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Dropped {
    /// Its name among the facts; `records.refused` for a part of one.
    pub fact: String,
    pub at: Timestamp,
    /// What contradicted it.
    pub why: String,
}

impl Known {
    /// What a probe by this program found.
    pub(crate) fn new(base_url: &BaseUrl, probed_at: Timestamp, facts: Facts) -> Self {
        Self {
            version: VERSION,
            base_url: base_url.to_string(),
            probed_at,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            facts,
            dropped: Vec::new(),
        }
    }

    /// What is known; none where nobody has asked. A complaint is to be told as a warning: whoever
    /// cannot read the file knows nothing, and nothing has to stop because of that.
    pub(crate) fn read(state: &StateDir, base_url: &BaseUrl) -> Result<Option<Self>, Complaint> {
        Self::read_of(state, &base_url.to_string())
    }

    fn read_of(state: &StateDir, base_url: &str) -> Result<Option<Self>, Complaint> {
        let path = state.facts_path(base_url);
        let unusable = |why: &str| {
            let place = display::quoted(&path.to_string_lossy());
            let message = format!("what is known of the service cannot be used ({place}): {why}");
            Complaint::new(message, AGAIN.to_owned())
        };
        let bytes = match small::read(&path, MOST_BYTES) {
            Ok(bytes) => bytes,
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(unusable(&error.to_string())),
        };
        let json: Value =
            serde_json::from_slice(&bytes).map_err(|error| unusable(&error.to_string()))?;
        // A later form may have facts that this program has no name for.
        if json["version"].as_u64() > Some(u64::from(VERSION)) {
            return Err(unusable("a later version of the program wrote it"));
        }
        let known: Self =
            serde_json::from_value(json).map_err(|error| unusable(&error.to_string()))?;
        if known.base_url != base_url {
            let other = display::quoted(&known.base_url);
            return Err(unusable(&format!("it is of another address, {other}")));
        }
        Ok(Some(known))
    }

    /// Keeps it, in the place of what was known before.
    pub(crate) fn write(&self, state: &StateDir) -> Result<(), Complaint> {
        let mut json = serde_json::to_vec_pretty(self).unwrap_or_default();
        json.push(b'\n');
        state.write_facts(&self.base_url, &json)
    }

    /// Takes a fact out of the file, unless another probe has written it meanwhile.
    pub(crate) fn drop_fact(&self, state: &StateDir, dropped: Dropped) -> Result<(), Complaint> {
        // Pushes to other tables may have dropped others.
        let Some(mut known) = Self::read_of(state, &self.base_url)? else {
            return Ok(());
        };
        if known.probed_at != self.probed_at || !known.facts.forget(&dropped.fact) {
            return Ok(());
        }
        known.dropped.push(dropped);
        known.write(state)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::base::model::TableKey;
    use crate::service::facts::Most;
    use crate::service::facts::WindowReading;

    const PROBED: Timestamp = Timestamp::constant(1_795_000_000, 0);

    fn state() -> (TempDir, StateDir) {
        let temp = tempfile::tempdir().unwrap();
        let state = StateDir::find(Some(&temp.path().join("state")), &|_| None).unwrap();
        (temp, state)
    }

    fn facts() -> Facts {
        Facts {
            window: Some(WindowReading::Last),
            records: Some(Most {
                taken: Some(5_000),
                refused: Some(10_000),
            }),
            ..Facts::default()
        }
    }

    fn dropped(fact: &str) -> Dropped {
        Dropped {
            fact: fact.to_owned(),
            at: PROBED,
            why: "seen".to_owned(),
        }
    }

    #[test]
    fn what_was_found_is_found_again_by_that_address_only() {
        let (_temp, state) = state();
        let url = BaseUrl::default();
        assert_eq!(Known::read(&state, &url), Ok(None));
        let known = Known::new(&url, PROBED, facts());
        known.write(&state).unwrap();
        assert_eq!(Known::read(&state, &url), Ok(Some(known.clone())));
        let written = fs::read_to_string(state.facts_path(&url.to_string())).unwrap();
        insta::assert_snapshot!(written.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
        // The same folder, and another service.
        let plain = BaseUrl::new("http://127.0.0.1:80").unwrap();
        let tls = BaseUrl::new("https://127.0.0.1:80").unwrap();
        let one = Known::new(&plain, PROBED, facts());
        one.write(&state).unwrap();
        assert!(Known::read(&state, &plain).unwrap().is_some());
        if state.facts_path(&plain.to_string()) == state.facts_path(&tls.to_string()) {
            let error = Known::read(&state, &tls).unwrap_err();
            assert!(
                error.message.contains("it is of another address"),
                "{error}"
            );
        }
        // A new probe keeps nothing of the one before.
        let less = Known::new(&url, PROBED, Facts::default());
        less.write(&state).unwrap();
        assert_eq!(Known::read(&state, &url), Ok(Some(less)));
    }

    #[test]
    fn what_cannot_be_understood_is_complained_of_and_not_guessed() {
        let (_temp, state) = state();
        let url = BaseUrl::default();
        Known::new(&url, PROBED, facts()).write(&state).unwrap();
        let path = state.facts_path(&url.to_string());
        let good = fs::read_to_string(&path).unwrap();
        for (bad, why) in [
            (
                good.replace("\"version\": 1", "\"version\": 2"),
                "later version",
            ),
            (good[..40].to_owned(), "EOF"),
            (String::new(), "EOF"),
            (good.replace("\"last\"", "\"middle\""), "unknown variant"),
            ("[]".to_owned(), "invalid length"),
        ] {
            fs::write(&path, bad).unwrap();
            let error = Known::read(&state, &url).unwrap_err();
            assert!(error.message.contains(why), "{error}");
            assert!(error.hint.unwrap().contains("qobra-push probe"));
        }
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(Known::read(&state, &url).is_err());
    }

    #[test]
    fn a_fact_is_dropped_from_what_it_was_read_of() {
        let (_temp, state) = state();
        let url = BaseUrl::default();
        let known = Known::new(&url, PROBED, facts());
        known.write(&state).unwrap();
        for fact in [
            "window",
            "records.refused",
            "window",
            "bytes.refused",
            "no such",
        ] {
            known.drop_fact(&state, dropped(fact)).unwrap();
        }
        let now = Known::read(&state, &url).unwrap().unwrap();
        assert_eq!(now.facts.window, None);
        let records = now.facts.records.unwrap();
        assert_eq!((records.taken, records.refused), (Some(5_000), None));
        let names: Vec<_> = now.dropped.iter().map(|one| &*one.fact).collect();
        assert_eq!(names, ["window", "records.refused"]);
        // What a later probe found is not what was contradicted.
        let later = PROBED + std::time::Duration::from_secs(60);
        Known::new(&url, later, facts()).write(&state).unwrap();
        known.drop_fact(&state, dropped("window")).unwrap();
        let now = Known::read(&state, &url).unwrap().unwrap();
        assert_eq!((now.facts, now.dropped.len()), (facts(), 0));
    }

    #[test]
    fn it_is_no_table_and_in_no_tables_way() {
        let (_temp, state) = state();
        let url = BaseUrl::default();
        Known::new(&url, PROBED, facts()).write(&state).unwrap();
        let clock = crate::base::clock::Clock::system();
        for key in ["deals", "facts.json", "Facts.json"] {
            let table = state.table(&url.to_string(), &TableKey::new(key).unwrap());
            let lock = table.lock(&clock).unwrap();
            table.new_run(&clock).unwrap();
            drop(lock);
            assert_eq!(table.name(), key);
        }
        assert_eq!(state.tables().unwrap().len(), 3);
        assert!(Known::read(&state, &url).unwrap().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn it_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_temp, state) = state();
        let url = BaseUrl::default();
        Known::new(&url, PROBED, facts()).write(&state).unwrap();
        let path = state.facts_path(&url.to_string());
        let mode =
            |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    }
}
