//! `sandbox`: serve the stand-in until it is stopped.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use anyhow::Context as _;

use crate::base::display;
use crate::cli::{SandboxArgs, WindowArg};
use crate::mapping::{FieldType, Mapping};
use crate::push::mapping_file;
use crate::push::outcome::{Exit, Failure};
use crate::screen::terminal::Terminal;
use crate::service::runtime;
use crate::service::sandbox::{
    self, Sandbox, SandboxOptions, TableSpec, ValueKind, WindowReading, parse_faults,
};

/// What nobody expects of it once it listens.
const FAILED: &str = "the sandbox failed";

/// Serves until the process is stopped.
pub(super) fn run(args: &SandboxArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let mapping = args
        .mapping
        .as_deref()
        .map(mapping_file::read_mapping)
        .transpose()?
        .map(|(mapping, _)| mapping);
    let options = options(args, mapping.as_ref())?;
    let tables: Vec<_> = options
        .tables
        .iter()
        .map(|t| display::quoted(&t.key))
        .collect();
    let sandbox = Sandbox::new(options);
    runtime()?.block_on(async {
        let address = (Ipv4Addr::LOCALHOST, args.port);
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .map_err(|error| {
                let what = format!("cannot listen on 127.0.0.1:{}: {error}", args.port);
                Failure::new(
                    Exit::Usage,
                    what,
                    Some("take another --port; 0 takes a free one".into()),
                )
            })?;
        let address = listener.local_addr().context(FAILED)?;
        terminal.tell(sandbox::ABOUT);
        terminal.tell(&format!(
            "Push to {} with --base-url http://{address} and any key; what it holds: \
             http://{address}/sandbox/tables/KEY. Stop it with Ctrl-C.",
            if tables.is_empty() {
                "any table".to_owned()
            } else {
                tables.join(", ")
            },
        ));
        terminal.result(&format!("http://{address}"));
        Ok::<_, Failure>(sandbox.serve(listener).await.context(FAILED)?)
    })?;
    Ok(Exit::Done)
}

fn options(args: &SandboxArgs, mapping: Option<&Mapping>) -> Result<SandboxOptions, Failure> {
    let faults = parse_faults(args.fault.as_deref().unwrap_or_default())
        .map_err(|why| Failure::new(Exit::Usage, why, None))?;
    let of_mapping = mapping.and_then(Mapping::table).map(str::to_owned);
    let mut keys = args.table.clone();
    if keys.is_empty() {
        keys.extend(of_mapping);
    }
    Ok(SandboxOptions {
        any_table: keys.is_empty(),
        new_table: table_spec("", mapping),
        tables: keys.iter().map(|key| table_spec(key, mapping)).collect(),
        window: match args.window {
            WindowArg::First => WindowReading::First,
            WindowArg::Last => WindowReading::Last,
        },
        faults,
        ..SandboxOptions::default()
    })
}

/// A table of the stand-in whose fields have the types that a mapping declares.
pub(super) fn table_spec(key: &str, mapping: Option<&Mapping>) -> TableSpec {
    let fields = mapping.map(|mapping| {
        let kinds = mapping
            .field_types()
            .map(|(key, of)| (key.to_owned(), kind(of)));
        kinds.collect::<BTreeMap<_, _>>()
    });
    TableSpec {
        key: key.to_owned(),
        id_field: mapping.map_or("id", Mapping::id).to_owned(),
        fields: fields.unwrap_or_default(),
    }
}

fn kind(of: FieldType) -> ValueKind {
    match of {
        FieldType::Text => ValueKind::Text,
        FieldType::Number | FieldType::Integer | FieldType::Percent => ValueKind::Number,
        FieldType::Boolean => ValueKind::Boolean,
        FieldType::Date => ValueKind::Date,
        FieldType::Json => ValueKind::Json,
    }
}
