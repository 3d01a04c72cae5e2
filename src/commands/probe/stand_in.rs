//! A service in this process to be probed: shows what a probe does, and teaches nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use super::place::{Place, StandIn};
use crate::base::complaint::Complaint;
use crate::base::event::Events;
use crate::base::model::TableKey;
use crate::base::secret::ApiKey;
use crate::push::outcome::Failure;
use crate::push::probe::{FieldKind, Pace, Sheet};
use crate::push::run::Session;
use crate::runs::state::StateDir;
use crate::service::sandbox::{Sandbox, SandboxClock, SandboxOptions, TableSpec, ValueKind};
use crate::service::{ApiOptions, BaseUrl, Exchange};

/// Starts one that has the table.
pub(super) fn place(table: &TableKey, sheet: &Sheet, events: &Events) -> Result<Place, Failure> {
    let failed = |error: std::io::Error| Complaint::new(format!("no stand-in: {error}"), None);
    let no_url = || Complaint::new("no stand-in", None);
    let key = ApiKey::new("rehearsal").ok_or_else(no_url)?;
    let sandbox = Sandbox::new(SandboxOptions {
        any_table: false,
        tables: vec![spec(table, sheet)],
        key: Some(key.expose().to_owned()),
        clock: SandboxClock::manual(),
        ..SandboxOptions::default()
    });
    let running = sandbox.clone().spawn().map_err(failed)?;
    let folder = tempfile::tempdir().map_err(failed)?;
    let state = StateDir::find(Some(&folder.path().join("state")), &|_| None)?;
    let api = ApiOptions {
        base_url: BaseUrl::new(&format!("http://{}", running.addr))?,
        ca_cert: None,
    };
    let session = Session::open(state, &api.base_url, table, events.clone(), Duration::ZERO)?;
    Ok(Place {
        session,
        exchange: Exchange::new(&api, &key)?,
        api,
        pace: Pace::StandIn(sandbox),
        stand_in: Some(StandIn { running, folder }),
    })
}

fn spec(table: &TableKey, sheet: &Sheet) -> TableSpec {
    let kind = |kind| match kind {
        FieldKind::Number | FieldKind::Percentage => ValueKind::Number,
        FieldKind::Date => ValueKind::Date,
        FieldKind::Boolean => ValueKind::Boolean,
        _ => ValueKind::Text,
    };
    let fields = sheet
        .fields
        .iter()
        .map(|field| (field.key.clone(), kind(field.kind)));
    let name = [(sheet.name_field.clone(), ValueKind::Text)];
    TableSpec {
        key: table.as_str().to_owned(),
        id_field: sheet.id_field.clone(),
        fields: name.into_iter().chain(fields).collect::<BTreeMap<_, _>>(),
    }
}
