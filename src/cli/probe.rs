//! The arguments of `probe`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::shared::{ConnectionArgs, LOOK, LockArgs, SERVICE, TABLE};
use super::values;
use super::words::ProbedKind;

/// A scratch table, on which the service's answers are learnt.
#[derive(Clone, Debug, Args)]
pub(crate) struct ProbeArgs {
    /// The scratch table's key: all of its content is deleted
    #[arg(short, long, value_name = "KEY", help_heading = TABLE)]
    pub table: String,

    /// The same key once more: that table may be emptied
    #[arg(long, value_name = "KEY", help_heading = TABLE)]
    pub wipe: String,

    /// Fields that may be written to, each as KEY or KEY:TYPE
    ///
    /// With a comma between two of them. TYPE is text, number, date, boolean, percentage, user or picklist:
    /// amount:number,rate:percentage,owner:user. Without any, nothing is learnt of bad records and empty values.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = field, help_heading = TABLE)]
    pub fields: Vec<FieldArg>,

    /// API key of the id field
    #[arg(long, value_name = "KEY", default_value = "id", help_heading = TABLE)]
    pub id_field: String,

    /// API key of the name field
    #[arg(long, value_name = "KEY", default_value = "name", help_heading = TABLE)]
    pub name_field: String,

    /// The debounce of the windows that are opened
    ///
    /// Seconds (60), or 1m; from 2 seconds to an hour. Three to five windows are opened, one behind the other.
    #[arg(long, value_name = "TIME", default_value = "60", value_parser = debounce, help_heading = TABLE)]
    pub debounce: Duration,

    /// Write the report as JSON to this file, too
    ///
    /// Its form is published as schemas/probe.schema.json. It has no key and no address in it.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = LOOK)]
    pub out: Option<PathBuf>,

    /// Ask a stand-in in this process, whose time is moved: nothing of it is kept
    #[arg(long, help_heading = SERVICE)]
    pub sandbox: bool,

    /// Whether another push to the table is waited for.
    #[command(flatten)]
    pub lock: LockArgs,

    /// Where the service is.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// A field of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldArg {
    pub key: String,
    pub kind: Option<ProbedKind>,
}

/// `KEY` or `KEY:TYPE`.
fn field(text: &str) -> Result<FieldArg, String> {
    let (key, kind) = match text.trim().rsplit_once(':') {
        None => (text.trim(), None),
        Some((key, kind)) => {
            let known = <ProbedKind as clap::ValueEnum>::from_str(kind, false);
            let types = "text, number, date, boolean, percentage, user, picklist";
            let kind = known.map_err(|_| format!("`{kind}` is no type; the types are {types}"))?;
            (key, Some(kind))
        }
    };
    match key.is_empty() {
        true => Err("a field needs a key".to_owned()),
        false => Ok(FieldArg {
            key: key.to_owned(),
            kind,
        }),
    }
}

fn debounce(text: &str) -> Result<Duration, String> {
    let time = values::patience(text)?;
    let whole = Duration::from_secs(time.as_secs());
    match (2..=3_600).contains(&time.as_secs()) && whole == time {
        true => Ok(time),
        false => Err("from 2 seconds to an hour, in whole seconds".to_owned()),
    }
}
