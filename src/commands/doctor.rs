//! `doctor`: whether a push could start from here, and why not.
//!
//! The checks stand in the order in which a push would come to them, so that the first one that fails
//! is what the push would end with. Nothing is sent but a question that changes nothing, and no
//! file or folder is left behind.

mod checks;
mod facts;
mod kept;
mod key;
mod network;
mod paper;
mod state;

use serde_json::json;

use crate::base::model::TableKey;
use crate::cli::{CommonArgs, DoctorArgs};
use crate::push::outcome::{Exit, Failure};
use crate::push::plan::{self, Environment};
use crate::screen::terminal::{Results, Terminal};
use crate::service::{ApiOptions, runtime};

use checks::{Check, Checks};

/// Looks at everything and tells it.
pub(super) fn run(
    args: &DoctorArgs,
    common: &CommonArgs,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let environment = Environment::read();
    let common = CommonArgs {
        connection: args.connection.clone(),
        ..common.clone()
    };
    let table = args.table.as_deref().map(plan::table_key).transpose()?;
    let mut checks = Checks::default();
    checks.add(version());
    let key = checks.take(key::check(&common, &environment));
    let base_url = checks.take(network::base_url(&common, &environment));
    let state = checks.take(state::folder(&common, &environment));
    checks.extend(state.iter().flat_map(state::storage).collect());
    if let (Some(state), Some(base_url), Some(key)) = (&state, &base_url, &table) {
        checks.add(state::table(state, base_url, key));
    }
    if let Some(state) = &state {
        let own = (base_url.as_ref()).zip(table.as_ref());
        checks.extend(state::runs(state, own));
        checks.extend(kept::check(state));
        checks.extend(
            base_url
                .iter()
                .map(|url| facts::check(state, url))
                .collect(),
        );
    }
    let ca_cert = common.connection.ca_cert.as_deref();
    checks.add(network::certificates(base_url.as_ref(), ca_cert));
    if let Some(base_url) = base_url {
        checks.add(network::proxy(&base_url));
        let api = ApiOptions {
            base_url,
            ca_cert: common.connection.ca_cert.clone(),
        };
        let asked = network::ask(&api, key.as_ref());
        checks.extend(runtime()?.block_on(asked));
    }
    tell(&checks, table.as_ref(), terminal);
    Ok(checks.exit())
}

fn version() -> Check {
    let version = env!("CARGO_PKG_VERSION");
    Check::ok("version", format!("qobra-push {version}")).with(json!({ "version": version }))
}

/// The result: one document, or a line for each check and one for the whole.
fn tell(checks: &Checks, table: Option<&TableKey>, terminal: &Terminal) {
    match terminal.results() {
        Results::Document => terminal.result(&checks.document(table).to_string()),
        Results::Lines => {
            let lines = paper::lines(checks, table);
            lines.iter().for_each(|line| terminal.painted_result(line));
        }
    }
}
