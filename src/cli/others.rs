//! The arguments of the other commands.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::shared::{
    ConnectionArgs, FactsArgs, LockArgs, ReachArgs, SENDING, SERVICE, SourceArgs, TABLE, WaitArgs,
};
use super::values;
use super::words::{ShellArg, StackArg, WindowArg};

/// The stand-in.
#[derive(Clone, Debug, Args)]
pub(crate) struct SandboxArgs {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 8787)]
    pub port: u16,

    /// A table to serve, empty at first; can be given more than once
    #[arg(short, long, value_name = "KEY")]
    pub table: Vec<String>,

    /// Refuse values that do not fit the types in this mapping; can be given more than once
    ///
    /// Of several, each is for the table that it names with `table`.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub mapping: Vec<PathBuf>,

    /// The request of a replace from which its debounce counts
    ///
    /// Qobra does not say which one it is, so a rehearsal can try both. The first, if nothing is said.
    #[arg(long, value_name = "REQUEST", value_enum)]
    pub window: Option<WindowArg>,

    /// Whether the requests of one replace share an import
    ///
    /// Qobra only says that imports stack, so a rehearsal can try both. They do, if nothing is said.
    #[arg(long, value_name = "WHETHER", value_enum)]
    pub stack: Option<StackArg>,

    /// Answer as a service of which these facts are known
    ///
    /// A file of JSON: what a probe of a service wrote, or its `facts` alone. What it does not say is as ever.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub facts: Option<PathBuf>,

    /// One of these facts, whatever the file says; can be given more than once
    ///
    /// Such as repeated=twice, wrong_key.status=403 or bad_row.count=good. With a part of bad_row, lines have
    /// numbers only if bad_row.first_line is given. unknown_user, new_option and percentage change nothing.
    #[arg(long, value_name = "NAME=WORD")]
    pub answer: Vec<String>,

    /// Faults to play, by request
    ///
    /// FAULT@N for the Nth request that carries records, FAULT@N-M for several in a row, FAULT@* for all that no
    /// other fault hits, with a comma between two of them. For example 503@2,reset@3 or 429:2@5-7 (with
    /// Retry-After: 2) or slow:3@* (an answer after 3 seconds).
    #[arg(long, value_name = "LIST")]
    pub fault: Option<String>,
}

/// A mapping to be drafted.
#[derive(Clone, Debug, Args)]
pub(crate) struct InitArgs {
    /// The file; `-` is standard input. With --project several
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath, required_unless_present = "schema")]
    pub files: Vec<PathBuf>,

    /// Write the draft to this file, which must not exist yet
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,

    /// Draft a project file, for `qobra-push sync`, of one or more files
    ///
    /// With -o the mapping of each file is drafted too, beside the project file. Without it the project's
    /// comments name the lines that draft them.
    #[arg(long, conflicts_with = "table")]
    pub project: bool,

    /// The table's key, to be written into the mapping
    #[arg(short, long, value_name = "KEY")]
    pub table: Option<String>,

    /// Look at all records, not only at the first 10,000
    #[arg(long)]
    pub all_rows: bool,

    /// Print the JSON Schema of mapping files instead, by which editors complete and check them
    ///
    /// The draft's first line names the file mapping.schema.json beside it.
    #[arg(long, exclusive = true)]
    pub schema: bool,

    /// How the file is written.
    #[command(flatten)]
    pub source: SourceArgs,
}

/// Completions for one shell.
#[derive(Clone, Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: ShellArg,
}

/// A push that was interrupted.
#[derive(Clone, Debug, Args)]
pub(crate) struct ResumeArgs {
    /// The run, as `qobra-push runs` names it; may be left out where only one is open
    #[arg(value_name = "RUN")]
    pub run: Option<String>,

    /// The table whose open run is meant
    #[arg(short, long, value_name = "KEY", help_heading = TABLE)]
    pub table: Option<String>,

    /// Requests in flight, 1 to 64; else as many as the interrupted push had
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=64), help_heading = SENDING)]
    pub jobs: Option<u8>,

    /// How long to keep trying one request; else as long as the interrupted push
    ///
    /// Seconds (300), or 5m; 0 tries once. A replace never tries past its --debounce.
    #[arg(long, value_name = "TIME", value_parser = values::patience, help_heading = SENDING)]
    pub retry_for: Option<Duration>,

    /// Whether another push to the table is waited for.
    #[command(flatten)]
    pub lock: LockArgs,

    /// Whether imports are followed.
    #[command(flatten)]
    pub wait: WaitArgs,

    /// Whether what is known of the service is relied on.
    #[command(flatten)]
    pub facts: FactsArgs,

    /// How long to try an address where nobody has answered; else as long as the push
    #[arg(long, value_name = "TIME", value_parser = values::patience, help_heading = SENDING)]
    pub connect_for: Option<Duration>,

    /// File with the API key; else the one that the interrupted push used
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = SERVICE)]
    pub api_key_file: Option<PathBuf>,

    /// The service's new URL, if it has moved; else the one that the interrupted push used
    ///
    /// It must be the same service: it has to know the imports of the interrupted push.
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, help_heading = SERVICE)]
    pub base_url: Option<String>,

    /// One more certificate authority to trust (PEM); else the one that the interrupted push used
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = SERVICE)]
    pub ca_cert: Option<PathBuf>,
}

/// Imports to be shown.
#[derive(Clone, Debug, Args)]
pub(crate) struct StatusArgs {
    /// Imports; else those of the last push from here that reached the service
    #[arg(value_name = "IMPORT_ID")]
    pub imports: Vec<String>,

    /// The table that counts; else that of the push that made the imports
    ///
    /// One import can write to several tables.
    #[arg(short, long, value_name = "KEY")]
    pub table: Option<String>,

    /// Whether imports are followed.
    #[command(flatten)]
    pub wait: WaitArgs,

    /// How long nobody is waited for.
    #[command(flatten)]
    pub reach: ReachArgs,

    /// Where the service is.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

/// Past pushes.
#[derive(Clone, Debug, Args)]
pub(crate) struct RunsArgs {
    /// Only those to this table
    #[arg(short, long, value_name = "KEY")]
    pub table: Option<String>,
}

/// A run as a page.
#[derive(Clone, Debug, Args)]
pub(crate) struct ReportArgs {
    /// The run, as `qobra-push runs` names it; else the last one
    #[arg(value_name = "RUN")]
    pub run: Option<String>,

    /// Where the page goes; else to standard output
    ///
    /// Only you can read the file. One that is there is replaced.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,

    /// Show old and new values of the changed records that are named
    ///
    /// Where the records of both are kept (--keep): else there are none.
    #[arg(long)]
    pub values: bool,
}

/// What is known of a table, to be removed.
#[derive(Clone, Debug, Args)]
pub(crate) struct ForgetArgs {
    /// The table
    #[arg(short, long, value_name = "KEY", required = true)]
    pub table: String,

    /// Remove the payloads that were kept of its pushes
    ///
    /// What `rollback` goes back to. Runs, receipts, rejects and what the next push is compared with stay.
    #[arg(long, conflicts_with = "all")]
    pub kept: bool,

    /// Remove all that is known of it here: runs, receipts, rejects, payloads
    ///
    /// The next push has nothing to compare with. Files that were named with --rejects stay.
    #[arg(long)]
    pub all: bool,

    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,

    /// Only what was pushed to this address; else to all
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, help_heading = SERVICE)]
    pub base_url: Option<String>,
}

/// Whether a push could start.
#[derive(Clone, Debug, Args)]
pub(crate) struct DoctorArgs {
    /// The table to be pushed to: is another push to it running?
    #[arg(short, long, value_name = "KEY")]
    pub table: Option<String>,

    /// Where the service is.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}
