//! A stand-in with three tables, and a project that pushes to them.

use qobra_push::SandboxOptions;

use crate::stage::{Stage, deals, options, table};

/// Owners come first, quotas after deals.
pub const PROJECT: &str = "\
[defaults]
all = true
debounce = \"15m\"

[push.quotas]
files = \"quotas.csv\"
table = \"quotas\"
after = \"deals\"

[push.deals]
files = [\"deals-*.csv\"]
table = \"deals\"
after = [\"owners\"]

[push.owners]
files = \"owners.csv\"
table = \"owners\"
";

pub const TABLES: [&str; 3] = ["owners", "deals", "quotas"];

/// The service with three tables.
pub fn service() -> SandboxOptions {
    SandboxOptions {
        tables: ["deals", "owners", "quotas"]
            .map(|key| table(key, "id"))
            .into(),
        ..options()
    }
}

/// Two owners, four deals in two files, three quotas.
pub fn filled(stage: Stage) -> Stage {
    stage
        .file("qobra-push.toml", PROJECT)
        .file("owners.csv", deals(2))
        .file("deals-1.csv", deals(2))
        .file("deals-2.csv", "id,name,amount\n3,C,1\n4,D,2\n")
        .file("quotas.csv", deals(3))
}

/// Such a service, and the project's files.
pub fn stage() -> Stage {
    filled(Stage::of(service()))
}

/// One that must never be called.
pub fn unused() -> Stage {
    filled(Stage::of(service()).never_used())
}

/// How many records a table holds when every import has run; `deals` held two before.
pub fn held(stage: &Stage) -> [usize; 3] {
    stage.running.sandbox.settle();
    TABLES.map(|key| stage.running.sandbox.table(key).unwrap().records.len())
}

/// What tables hold when nothing was sent.
pub const UNTOUCHED: [usize; 3] = [0, 2, 0];

/// The tables that requests with records went to, in their order.
pub fn sent(stage: &Stage) -> Vec<String> {
    let tables = stage.posts().into_iter().map(|seen| {
        let table = seen.path.strip_prefix("/v1/tables/").unwrap();
        table.split('/').next().unwrap().to_owned()
    });
    tables.collect()
}
