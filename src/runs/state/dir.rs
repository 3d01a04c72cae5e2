//! The state folder, and which one it is.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::error::failed_io;
use super::files::{self, folders_in};
use super::places::{self, Env, StateOrigin};
use super::table::{self, TableDir};
use crate::base::complaint::Complaint;
use crate::base::model::TableKey;

/// The folder under which everything is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StateDir {
    pub(super) path: PathBuf,
    origin: StateOrigin,
}

impl StateDir {
    /// Decides where the state is kept, and makes sure that it can be written there.
    ///
    /// The first that is set: `option` (`--state-dir`, else `QOBRA_PUSH_STATE_DIR`), the first
    /// folder of `$STATE_DIRECTORY` (systemd), `$XDG_STATE_HOME/qobra-push`, the platform's place
    /// in the home folder.
    pub(crate) fn find(option: Option<&Path>, env: Env<'_>) -> Result<Self, Complaint> {
        let state = Self::locate(option, env)?;
        state.prepare()?;
        Ok(state)
    }

    /// Where the state folder is or would be, touching nothing: for commands that only read.
    pub(crate) fn locate(option: Option<&Path>, env: Env<'_>) -> Result<Self, Complaint> {
        let (path, origin) = match option {
            Some(path) => (places::given(path)?, StateOrigin::Named),
            None => places::default(env)?,
        };
        Ok(Self { path, origin })
    }

    /// Makes the folder if need be, and tries to write there.
    pub(crate) fn prepare(&self) -> Result<(), Complaint> {
        files::prepare_root(&self.path)
    }

    /// The folder, absolute.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the folder was found without being named: then no hint has to repeat it.
    pub(crate) fn is_default(&self) -> bool {
        self.origin != StateOrigin::Named
    }

    /// What led to it.
    pub(crate) fn origin(&self) -> StateOrigin {
        self.origin
    }

    /// The folder of one table, which need not exist. `base_url` is the normalised one, as
    /// `BaseUrl` shows it.
    pub(crate) fn table(&self, base_url: &str, key: &TableKey) -> TableDir {
        let service = self.path.join(places::service_segment(base_url));
        TableDir::new(service.join(places::table_segment(key)))
    }

    /// Where it is kept what is known of a service.
    pub(crate) fn facts_path(&self, base_url: &str) -> PathBuf {
        let service = self.path.join(places::service_segment(base_url));
        service.join(places::FACTS)
    }

    /// Writes it: what was there stays, or this, whatever happens.
    pub(crate) fn write_facts(&self, base_url: &str, json: &[u8]) -> Result<(), Complaint> {
        let path = self.facts_path(base_url);
        self.prepare()?;
        files::ensure_folder(path.parent().unwrap_or(&self.path))?;
        let written = files::write_atomic(&path, json);
        written.map_err(|error| failed_io("write", &path, &error))
    }

    /// The folders of one table, one for each address that it was pushed to from here.
    pub(crate) fn tables_of(&self, key: &TableKey) -> Result<Vec<TableDir>, Complaint> {
        let name = places::table_segment(key);
        let mut tables = Vec::new();
        for service in folders_in(&self.path)? {
            let mut found = folders_in(&service)?;
            found.retain(|table| table.file_name() == Some(OsStr::new(&name)));
            tables.extend(found.into_iter().map(TableDir::new));
        }
        tables.sort_by(|a, b| a.path().cmp(b.path()));
        Ok(tables)
    }

    /// All tables that something was ever pushed to from here, in the order of their folders.
    pub(crate) fn tables(&self) -> Result<Vec<TableDir>, Complaint> {
        let mut tables = Vec::new();
        for service in folders_in(&self.path)? {
            for table in folders_in(&service)? {
                if table.join(table::RUNS).is_dir() {
                    tables.push(TableDir::new(table));
                }
            }
        }
        tables.sort_by(|a, b| a.path().cmp(b.path()));
        Ok(tables)
    }
}
