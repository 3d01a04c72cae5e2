//! A stand-in of the service with one table, and the program pointed at it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::{process, thread};

use assert_cmd::Command;
use qobra_push::{
    RequestSeen, Running, Sandbox, SandboxClock, SandboxOptions, TableSnapshot, TableSpec,
    parse_faults,
};
use serde_json::json;

use crate::support::{Folder, KEY, Told, below, needed, program, tidy};

/// What the table holds before every test.
pub const OLD: [&str; 2] = ["old-1", "old-2"];

/// A served stand-in with the table `deals`, and a folder for the program. When it is dropped it
/// fails the test that did not use it as it was planned.
pub struct Stage {
    pub running: Running,
    folder: Folder,
    calls: Calls,
}

/// Whether the program is to call the service at all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Calls {
    Some,
    None,
    /// Whoever stands between counts them.
    Any,
}

/// The table `deals`, one accepted key, and a clock that moves only when it is told to.
pub fn options() -> SandboxOptions {
    SandboxOptions {
        tables: vec![table("deals", "id")],
        any_table: false,
        key: Some(KEY.to_owned()),
        clock: SandboxClock::manual(),
        ..SandboxOptions::default()
    }
}

/// A table that keeps every field as it comes.
pub fn table(key: &str, id_field: &str) -> TableSpec {
    TableSpec {
        key: key.to_owned(),
        id_field: id_field.to_owned(),
        fields: BTreeMap::new(),
    }
}

impl Stage {
    /// A service that the program must call.
    pub fn new() -> Self {
        Self::of(options())
    }

    /// A service where things go wrong, each of which must be met.
    pub fn with_faults(faults: &str) -> Self {
        Self::of(SandboxOptions {
            faults: parse_faults(faults).unwrap(),
            ..options()
        })
    }

    /// A service that the program must never call.
    pub fn unused() -> Self {
        Self::new().never_used()
    }

    /// The same service, which the program must never call.
    pub fn never_used(mut self) -> Self {
        self.calls = Calls::None;
        self
    }

    /// A service behind something that may keep the program from calling it.
    pub fn behind() -> Self {
        Self::new().perhaps_unused()
    }

    /// The same service, which the program need not call.
    pub fn perhaps_unused(mut self) -> Self {
        self.calls = Calls::Any;
        self
    }

    /// A service set up by hand that the program must call.
    pub fn of(options: SandboxOptions) -> Self {
        let first = options.tables[0].clone();
        let running = Sandbox::new(options).spawn().unwrap();
        let old = OLD.map(|id| json!({ first.id_field.clone(): id }));
        running.sandbox.seed(&first.key, &old);
        Self {
            running,
            folder: Folder::new(),
            calls: Calls::Some,
        }
    }

    /// Writes a file into the program's folder.
    pub fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.folder.write(name, content);
        self
    }

    pub fn folder(&self) -> &Folder {
        &self.folder
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.running.addr)
    }

    /// The program with this line's words, which knows service and key from its environment.
    pub fn push(&self, line: &str) -> Command {
        Command::from_std(self.process(line))
    }

    /// [`push`](Self::push) as a process whose streams can be chosen.
    pub fn process(&self, line: &str) -> process::Command {
        let mut command = process::Command::new(program());
        command
            .env_clear()
            .envs(needed())
            .current_dir(self.folder.path())
            .env("QOBRA_PUSH_STATE_DIR", self.folder.path().join("state"))
            .env("QOBRA_BASE_URL", self.url())
            .env("QOBRA_API_KEY", KEY)
            .args(line.split_whitespace());
        command
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<RequestSeen> {
        self.running.sandbox.requests()
    }

    /// The requests that carried records, or were to: not those that look at an import.
    pub fn posts(&self) -> Vec<RequestSeen> {
        let mut requests = self.requests();
        requests.retain(|seen| seen.method == "POST");
        requests
    }

    /// How many records each request carried, in the order of their arrival.
    pub fn records(&self) -> Vec<Option<u64>> {
        self.posts().iter().map(|seen| seen.records).collect()
    }

    /// What was told, with everything blotted out that differs from run to run.
    pub fn tidy(&self, told: &Told) -> String {
        tidy(&below(self.folder.path(), &told.to_string()))
    }

    /// What `deals` holds when every window has closed and every import has run.
    pub fn settled(&self) -> TableSnapshot {
        self.running.sandbox.settle();
        self.held()
    }

    /// What `deals` holds [then](Self::settled) besides what it held before every test.
    pub fn new_records(&self) -> Vec<(String, String)> {
        let mut records = self.settled().records;
        records.retain(|(id, _)| !OLD.contains(&id.as_str()));
        records
    }

    /// The ids of [`new_records`](Self::new_records).
    pub fn new_ids(&self) -> Vec<String> {
        self.new_records().into_iter().map(|(id, _)| id).collect()
    }

    /// The JSON of [`new_records`](Self::new_records).
    pub fn new_json(&self) -> Vec<String> {
        self.new_records()
            .into_iter()
            .map(|(_, json)| json)
            .collect()
    }

    /// What `deals` holds now.
    pub fn held(&self) -> TableSnapshot {
        self.running.sandbox.table("deals").unwrap()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if thread::panicking() {
            return;
        }
        let unused = self.running.sandbox.unused_faults();
        assert!(unused.is_empty(), "faults that nothing met: {unused:?}");
        let requests = self.requests();
        match self.calls {
            Calls::Some => assert!(!requests.is_empty(), "the service was never called"),
            Calls::Any => {}
            Calls::None => assert!(requests.is_empty(), "the service was called: {requests:#?}"),
        }
    }
}

/// The ids of a table, in its order.
pub fn ids(table: &TableSnapshot) -> Vec<&str> {
    table.records.iter().map(|(id, _)| id.as_str()).collect()
}

/// The ids of a table, sorted as numbers where they are some.
pub fn sorted_ids(table: &TableSnapshot) -> Vec<String> {
    let mut ids: Vec<String> = ids(table).into_iter().map(str::to_owned).collect();
    ids.sort_unstable_by_key(|id| (id.len(), id.clone()));
    ids
}

/// What [`sorted_ids`] gives for a table with these records of [`deals`].
pub fn numbers(numbers: impl IntoIterator<Item = u64>) -> Vec<String> {
    numbers.into_iter().map(|n| n.to_string()).collect()
}

/// A CSV export of so many deals, with the ids from 1 on.
pub fn deals(count: u64) -> String {
    deals_from(1, count)
}

/// A CSV export of the deals with the ids from `first` to `last`.
pub fn deals_from(first: u64, last: u64) -> String {
    let mut csv = String::from("id,name,amount\n");
    for id in first..=last {
        let _ = writeln!(csv, "{id},Deal {id},{id}.50");
    }
    csv
}
