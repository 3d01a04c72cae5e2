//! `sandbox`: serve the stand-in until it is stopped.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::pin::pin;

use anyhow::Context as _;
use futures_util::future::{Either, select};

use crate::base::display;
use crate::base::log::Entry;
use crate::cli::SandboxArgs;
use crate::commands::answers;
use crate::mapping::{FieldType, Mapping};
use crate::push::mapping_file;
use crate::push::outcome::{Exit, Failure};
use crate::screen::terminal::Terminal;
use crate::service::runtime;
use crate::service::sandbox::{self, Sandbox, SandboxOptions, TableSpec, ValueKind, parse_faults};

/// What nobody expects of it once it listens.
const FAILED: &str = "the sandbox failed";

/// Serves until the process is stopped.
pub(super) fn run(args: &SandboxArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let options = options(args)?;
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
            "Push to {} with --base-url http://{address} and any key. See what it holds at http://{address}/ in a \
             browser, or as JSON at http://{address}/sandbox/tables/KEY. Stop it with Ctrl-C.",
            if tables.is_empty() {
                "any table".to_owned()
            } else {
                tables.join(", ")
            },
        ));
        terminal.result(&format!("http://{address}"));
        let mut requests = sandbox.listen();
        let told = async {
            while let Some(request) = requests.recv().await {
                terminal.log(&Entry::debug("detail", request.to_string()));
            }
        };
        match select(pin!(sandbox.serve(listener)), pin!(told)).await {
            Either::Left((served, _)) => Ok::<_, Failure>(served.context(FAILED)?),
            Either::Right(((), served)) => Ok(served.await.context(FAILED)?),
        }
    })?;
    Ok(Exit::Done)
}

fn options(args: &SandboxArgs) -> Result<SandboxOptions, Failure> {
    let faults = parse_faults(args.fault.as_deref().unwrap_or_default())
        .map_err(|why| Failure::new(Exit::Usage, why, None))?;
    let (tables, new_table) = match args.mapping.as_slice() {
        [] => (plain(&args.table), table_spec("", None)),
        [path] => of_one(path, &args.table)?,
        paths => (of_several(paths, &args.table)?, table_spec("", None)),
    };
    Ok(SandboxOptions {
        any_table: tables.is_empty(),
        new_table,
        tables,
        facts: answers::facts(args)?,
        faults,
        ..SandboxOptions::default()
    })
}

/// Tables that keep every field as it comes.
fn plain(keys: &[String]) -> Vec<TableSpec> {
    keys.iter().map(|key| table_spec(key, None)).collect()
}

/// One mapping is for every table that is named, else for the one that it names, else for any.
fn of_one(path: &Path, keys: &[String]) -> Result<(Vec<TableSpec>, TableSpec), Failure> {
    let (mapping, _) = mapping_file::read_mapping(path)?;
    let named: Vec<&str> = match keys.is_empty() {
        true => mapping.table().into_iter().collect(),
        false => keys.iter().map(String::as_str).collect(),
    };
    let tables = named.iter().map(|key| table_spec(key, Some(&mapping)));
    Ok((tables.collect(), table_spec("", Some(&mapping))))
}

/// Of several mappings each is for the table that it names; further tables keep every field.
fn of_several(paths: &[PathBuf], keys: &[String]) -> Result<Vec<TableSpec>, Failure> {
    let mut tables: Vec<(TableSpec, String)> = Vec::new();
    for path in paths {
        let (mapping, file) = mapping_file::read_mapping(path)?;
        let Some(key) = mapping.table() else {
            let what = format!("the mapping {} names no table", file.name);
            let hint = "of several mappings, each says which table it is for: `table = \"KEY\"`";
            return Err(Failure::new(Exit::Usage, what, Some(hint.into())));
        };
        if let Some((_, other)) = tables.iter().find(|(spec, _)| spec.key == key) {
            let table = display::quoted(key);
            let what = format!("{other} and {} are both for the table {table}", file.name);
            let hint = "give one mapping a table; a second sandbox takes another --port";
            return Err(Failure::new(Exit::Usage, what, Some(hint.into())));
        }
        tables.push((table_spec(key, Some(&mapping)), file.name));
    }
    let mut tables: Vec<TableSpec> = tables.into_iter().map(|(spec, _)| spec).collect();
    let is_new = |key: &&String| tables.iter().all(|spec| spec.key != **key);
    let more: Vec<String> = keys.iter().filter(is_new).cloned().collect();
    tables.extend(plain(&more));
    Ok(tables)
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
