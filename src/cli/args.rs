//! The arguments. The first paragraph of each comment is its text in `-h`, all of it in `--help`.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueHint};

use super::changed::ChangedArgs;
use super::guards::GuardArgs;
use super::others::{
    CompletionsArgs, DoctorArgs, ForgetArgs, InitArgs, ReportArgs, ResumeArgs, RunsArgs,
    SandboxArgs, StatusArgs,
};
use super::probe::ProbeArgs;
use super::rollback::RollbackArgs;
use super::shared::{
    ConnectionArgs, FILE, FactsArgs, GUARDS, KEPT, LOOK, LockArgs, ReachArgs, SENDING, SourceArgs,
    TABLE, TOLD, WaitArgs,
};
use super::sync::SyncArgs;
use super::values;
use super::words::{ColorArg, DuplicatesArg, ErrorsArg, LogArg, OutputArg};

/// Push CSV, NDJSON, JSON and Excel files to Qobra data tables, safely
///
/// Reads CSV, NDJSON and JSON files and Excel workbooks (.xlsx), gzip, zstd and zip included, turns columns
/// into fields through a mapping file, splits the records into requests and sends them to a Qobra data
/// table. The whole input is read and checked before the first request: either it is all good, or nothing
/// is sent. Each import id is printed on a line of its own.
#[derive(Clone, Debug, Parser)]
#[command(
    name = super::texts::NAME,
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    max_term_width = 80
)]
pub(crate) struct Cli {
    /// A command; without one the files are pushed.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The push.
    #[command(flatten)]
    pub push: PushArgs,
    /// What commands have in common.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// What can be asked for instead of a push.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Command {
    /// Show imports; with --wait, follow them to their end
    ///
    /// By their ids alone, from any machine; without ids, the imports of the last push from here.
    Status(StatusArgs),
    /// Finish the push that was interrupted
    ///
    /// Sends what did not arrive. A replace whose window is over is sent anew as a whole, once the
    /// old one is over at the service. The input and the mapping must be what they were.
    Resume(ResumeArgs),
    /// Send a kept earlier content of a table again
    ///
    /// A replace of its own, with the records of an earlier one as they were sent (`--keep`): without
    /// RUN, the last kept content before what the table holds now. Where that differs much from
    /// the table is told; frozen periods hold.
    Rollback(RollbackArgs),
    /// List past pushes and what became of them
    Runs(RunsArgs),
    /// Push the tables of a project file, in their order
    ///
    /// Without NAMEs all of them. Everything of all tables is proved before the first request of any; a
    /// table that comes after another one is sent once that ended well. The options of a push, below, go
    /// before what the project file says of each table.
    Sync(SyncArgs),
    /// Write a run as one HTML page
    ///
    /// What the table holds, counts, control totals, changes, the requests over time and what to do next, in
    /// one file without anything from outside: to be read, printed, mailed and filed. Without RUN, the last
    /// one from here.
    Report(ReportArgs),
    /// Remove what is known of a table here
    ///
    /// Names what goes, and asks; where nobody can be asked, --yes says it. What the table holds in Qobra is
    /// not touched. Refuses (3) while a push to it is open or a replace may still be waiting at the service.
    Forget(ForgetArgs),
    /// Print a drafted mapping for a file
    ///
    /// Looks at the first records and proposes for every column a field, with a type where all its
    /// cells prove one. What is not sure stays text and says why. The draft is for you to check:
    ///
    ///   qobra-push init deals.csv --table deals > deals.toml
    Init(InitArgs),

    /// Say whether a push could start from here, and why not
    ///
    /// Looks at the key, the way to the service, its answer, the clocks and the state folder. Sends
    /// no records and changes nothing. Ends with 0 where a push could start, else with the code that
    /// it would end with; warnings do not change that.
    Doctor(DoctorArgs),
    /// Learn what Qobra does not document, on a scratch table
    ///
    /// Deletes all content of the table and pushes records of its own, to see how a debounce counts, what an
    /// import says of bad records, how large a request may be, what errors look like. Asks what only Qobra's
    /// app shows; without a terminal that is left open. Prints a report that has no key and no address in it,
    /// and keeps what is settled, which pushes to this service use then.
    Probe(ProbeArgs),
    /// Serve a local stand-in of the API, for rehearsals and tests
    ///
    /// Serves a model of the API on this machine only, with its tables in memory. It was made from
    /// the public documentation: what it does is not proof of what the service does. Push to it
    /// with --base-url and any key, and open its address in a browser to see what it holds.
    Sandbox(SandboxArgs),
    /// Print the script that makes a shell complete this command line
    ///
    /// The script asks the program itself, by its name, which must be found in PATH. Put it where
    /// the shell looks for completions, for example:
    ///
    ///   qobra-push completions bash > ~/.local/share/bash-completion/completions/qobra-push
    ///
    ///   qobra-push completions zsh > ~/.zfunc/_qobra-push   (a folder of $fpath)
    ///
    ///   qobra-push completions fish > ~/.config/fish/completions/qobra-push.fish
    Completions(CompletionsArgs),
    /// Print the manual page
    ///
    /// Read it with `qobra-push man | man -l -`, or put it where `man` looks for it.
    Man,
}

/// A push: what, where to, how.
#[derive(Clone, Debug, Args)]
pub(crate) struct PushArgs {
    /// Files to push; `-` is standard input
    ///
    /// All of them are one input: they have the same columns, and their records are counted on from
    /// file to file. A pattern that the shell has left as it is, such as 'exports/*.csv', stands for
    /// the files that it matches. A file with a command's name is written `./status`.
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,

    /// The table's key; may stand in the mapping instead
    ///
    /// Qobra's app shows it as the table's API name. The table must exist already.
    #[arg(short, long, value_name = "KEY", help_heading = TABLE)]
    pub table: Option<String>,

    /// Replace the table's whole content
    ///
    /// Without it, records are added, or written over those with the same id. More than one request
    /// needs --debounce too. May stand in the mapping instead; --all=false goes first.
    #[arg(long, value_name = "false", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true, help_heading = TABLE)]
    pub all: Option<bool>,

    /// How long the service waits for a replace's requests
    ///
    /// Seconds (900), or 15m, 1h30m; at most 7 days. A request that comes after this time would delete
    /// what came before, so none is sent then. The time is counted from the first request, to be safe:
    /// Qobra does not say from which one it counts. Goes with --all only; may stand in the mapping
    /// instead.
    #[arg(long, value_name = "TIME", value_parser = values::patience, help_heading = TABLE)]
    pub debounce: Option<Duration>,

    /// What of the input goes.
    #[command(flatten)]
    pub changed: ChangedArgs,

    /// Which column becomes which field, and how
    ///
    /// A TOML file. Without one, every column goes under its own name: a CSV cell as text, an NDJSON
    /// value as it is.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = FILE)]
    pub mapping: Option<PathBuf>,

    /// The id field; else what the mapping says, or `id`
    ///
    /// Its API key. Records are the same record where this field is the same.
    #[arg(long, value_name = "KEY", hide_short_help = true, help_heading = FILE)]
    pub id_field: Option<String>,

    /// How the files are written.
    #[command(flatten)]
    pub source: SourceArgs,

    /// Check everything, show what would be sent, send nothing
    ///
    /// Shows the first records as JSON. Needs no key and no network.
    #[arg(short = 'n', long, help_heading = LOOK)]
    pub dry_run: bool,

    /// Leave the values of records out of what it shows
    ///
    /// No first records, no samples and no ids, so that its JSON can be mailed for a second pair of eyes;
    /// --plan takes it all the same. What is wrong with a record quotes its cell on standard error.
    #[arg(long, requires = "dry_run", hide_short_help = true, help_heading = LOOK)]
    pub no_samples: bool,

    /// Push exactly what a dry run showed, or refuse
    ///
    /// FILE is what `--dry-run --output json` printed. Where the input, the mapping, an option, a guard or
    /// anything else differs, nothing is sent, and what moved is named. With --dry-run it is only named.
    #[arg(long, value_name = "FILE", conflicts_with = "sandbox", value_hint = ValueHint::FilePath, hide_short_help = true, help_heading = LOOK)]
    pub plan: Option<PathBuf>,

    /// Rehearse with a stand-in: no key, no network
    ///
    /// For a rehearsal of the whole push, with the answers that a service would give.
    #[arg(long, conflicts_with = "base_url", help_heading = LOOK)]
    pub sandbox: bool,

    /// What refuses the push although all of its records are good.
    #[command(flatten)]
    pub guards: GuardArgs,

    /// An id twice: error, first or last
    ///
    /// `error` refuses the input and names both places; `first` and `last` send the record that
    /// comes first or last in it.
    #[arg(long, value_name = "WHICH", value_enum, default_value = "error", hide_short_help = true, help_heading = GUARDS)]
    pub duplicates: DuplicatesArg,

    /// How many bad records are left out
    ///
    /// A number, or a share of the records read, such as 0.5%. They are kept in a file of rejects,
    /// and the push ends with exit code 7.
    #[arg(long, value_name = "N|P%", default_value = "0", value_parser = values::errors, help_heading = GUARDS)]
    pub max_errors: ErrorsArg,

    /// Where bad records go; else into the run's folder
    ///
    /// An existing file is never overwritten: it refuses the push where a record would have to go there.
    /// {run}, {table} and {date} (of UTC) in the name stand for those. Corrected, it can be pushed with the
    /// same mapping.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, hide_short_help = true, help_heading = GUARDS)]
    pub rejects: Option<PathBuf>,

    /// Records in a request
    #[arg(long, value_name = "N", default_value = "5000", value_parser = values::chunk_size(), hide_short_help = true, help_heading = SENDING)]
    pub chunk_size: NonZeroU32,

    /// Bytes in a request
    ///
    /// 16MiB, 10MB, or a number of bytes, from 1KiB to 1GiB. A request ends at whichever limit comes
    /// first, this one or --chunk-size.
    #[arg(long, value_name = "SIZE", default_value = "16MiB", value_parser = values::body_size, hide_short_help = true, help_heading = SENDING)]
    pub max_body: u64,

    /// Requests in flight, 1 to 64
    ///
    /// Once the first was accepted, which goes alone.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=64), hide_short_help = true, help_heading = SENDING)]
    pub jobs: u8,

    /// What one request takes, to plan a replace
    ///
    /// Seconds, or a time such as 500ms. Else what earlier pushes to this table took, else 5
    /// seconds.
    #[arg(long, value_name = "TIME", value_parser = values::moment, hide_short_help = true, help_heading = SENDING)]
    pub chunk_seconds: Option<Duration>,

    /// How long to keep trying one request
    ///
    /// Seconds (300), or 5m; 0 tries once. A replace never tries past its --debounce.
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = values::patience, hide_short_help = true, help_heading = SENDING)]
    pub retry_for: Duration,

    /// How long nobody is waited for.
    #[command(flatten)]
    pub reach: ReachArgs,

    /// Whether another push to the table is waited for.
    #[command(flatten)]
    pub lock: LockArgs,

    /// Whether what is known of the service is relied on.
    #[command(flatten)]
    pub facts: FactsArgs,

    /// Whether imports are followed.
    #[command(flatten)]
    pub wait: WaitArgs,

    /// Write the push as one HTML page, too
    ///
    /// As `qobra-push report` does, however the push ends; of a dry run with the mapping and samples of what
    /// would be sent. A file that is there is replaced.
    #[arg(long, value_name = "FILE", value_parser = values::page(), value_hint = ValueHint::FilePath, help_heading = TOLD)]
    pub report: Option<PathBuf>,

    /// Show values of changed records on that page
    ///
    /// Old and new ones, where the records of both are kept (--keep): else there are none.
    #[arg(long, requires = "report", hide_short_help = true, help_heading = TOLD)]
    pub values: bool,

    /// Keep the records of the last N good replaces
    ///
    /// For `rollback`: as they were sent, compressed, in the runs' folders: `qobra-push runs` shows what
    /// they take. Older ones go once the push went well, and the last one is what the table holds then: 2
    /// leave one to go back to. May stand in the mapping instead; else nothing is kept.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=1000), help_heading = KEPT)]
    pub keep: Option<u64>,
}

/// What commands have in common.
#[derive(Clone, Debug, Args)]
pub(crate) struct CommonArgs {
    /// Say nothing but errors
    ///
    /// Import ids are printed all the same.
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = TOLD)]
    pub quiet: bool,

    /// Say more; -vv says most
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = TOLD)]
    pub verbose: u8,

    /// Print the result as text or json
    ///
    /// As text, import ids or lines for people; as json, one document at the end: the receipt of a
    /// push, whose form is published as schemas/receipt.schema.json.
    #[arg(long, global = true, value_name = "FORMAT", value_enum, default_value = "text", help_heading = TOLD)]
    pub output: OutputArg,

    /// Write messages as a log: text or json
    ///
    /// As text, each line on standard error begins with the time; as json, each is one object with time,
    /// level, event, run, table, message and what the event has besides, as schemas/log.schema.json says.
    /// No bar is drawn.
    #[arg(long, global = true, value_name = "FORMAT", value_enum, hide_short_help = true, help_heading = TOLD)]
    pub log: Option<LogArg>,

    /// Colors: auto, always or never
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value = "auto", hide_short_help = true, help_heading = TOLD)]
    pub color: ColorArg,

    /// Draw no progress bar
    #[arg(long, global = true, hide_short_help = true, help_heading = TOLD)]
    pub no_progress: bool,

    /// Where runs are remembered
    ///
    /// The lock of each table and a journal of each push are kept there, so that an interrupted push
    /// can be resumed.
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath, hide_short_help = true, help_heading = KEPT)]
    pub state_dir: Option<PathBuf>,

    /// Where the service is.
    #[command(flatten)]
    pub connection: ConnectionArgs,
}
