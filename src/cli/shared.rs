//! Arguments that several commands take, and the headings of `--help`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use super::values;
use super::words::FormatArg;

// What a person asks, in that order; an option stands below the question that it answers.
pub(super) const TABLE: &str = "Which table, and what becomes of it";
pub(super) const FILE: &str = "How the file is written";
pub(super) const LOOK: &str = "What would happen";
pub(super) const GUARDS: &str = "What must not happen";
pub(super) const SENDING: &str = "How it is sent";
pub(super) const TOLD: &str = "What is told, and when";
pub(super) const KEPT: &str = "What is kept on this machine";
pub(super) const SERVICE: &str = "Which service, and with which key";

/// How the files are written, where that cannot be told from them.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct SourceArgs {
    /// csv, ndjson or json, whatever the names say
    #[arg(long, value_name = "FORMAT", value_enum, hide_short_help = true, help_heading = FILE)]
    pub format: Option<FormatArg>,

    /// What stands between CSV fields
    ///
    /// One character, or `tab`. May stand in the mapping instead; else the header and the records
    /// tell (`,` `;` tab or `|`), and a tab is taken in *.tsv.
    #[arg(long, value_name = "CHAR", value_parser = values::delimiter, hide_short_help = true, help_heading = FILE)]
    pub delimiter: Option<u8>,

    /// The files' encoding, where no byte order mark says it
    ///
    /// A label of the WHATWG Encoding Standard, such as windows-1252, utf-16le or shift_jis. May stand
    /// in the mapping instead; else UTF-8.
    #[arg(long, value_name = "LABEL", hide_short_help = true, help_heading = FILE)]
    pub encoding: Option<String>,

    /// On which line the header stands
    ///
    /// What is above it is left out. Counted from 1; in a workbook the row. May stand in the mapping
    /// instead; else the first line that is not blank, or the one behind a line such as sep=; which names
    /// the delimiter.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), hide_short_help = true, help_heading = FILE)]
    pub header_line: Option<u64>,

    /// How many lines at the end are no records
    ///
    /// Lines as an editor shows them, or rows of a workbook; blank ones do not count. May stand in the
    /// mapping instead.
    #[arg(long, value_name = "N", hide_short_help = true, help_heading = FILE)]
    pub skip_last: Option<u64>,

    /// Where the records stand in a JSON document
    ///
    /// The keys that lead to the array of the records, with dots between them: result.records. May stand in
    /// the mapping instead. Else a document is an array, has one under `items`, or is records one behind
    /// the other.
    #[arg(long, value_name = "PATH", value_parser = clap::builder::NonEmptyStringValueParser::new(), hide_short_help = true, help_heading = FILE)]
    pub records: Option<String>,

    /// Which file of a zip archive is read
    ///
    /// Its name in the archive, exactly. Without it, the only file there is, or the only one with a
    /// name of data such as deals.csv.
    #[arg(long, value_name = "NAME", hide_short_help = true, help_heading = FILE)]
    pub member: Option<String>,

    /// The most text to unpack or copy first
    ///
    /// 20GiB, 500MB, or a number of bytes, for each file: what a compressed file, a pipe or a file in
    /// another encoding than UTF-8 may come to.
    #[arg(long, value_name = "SIZE", default_value = "20GiB", value_parser = values::input_size, hide_short_help = true, help_heading = FILE)]
    pub max_input: u64,

    /// Which sheet of a workbook (.xlsx); else the first one
    ///
    /// Its name, exactly. Without it, the first sheet that is not hidden. Rows that are hidden or
    /// filtered out are read like others.
    #[arg(long, value_name = "NAME", help_heading = FILE)]
    pub sheet: Option<String>,
}

/// Where the service is, and who asks.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ConnectionArgs {
    /// File with the API key
    ///
    /// Only its owner may read it. Else QOBRA_API_KEY_FILE or systemd's credential names one, or QOBRA_API_KEY
    /// has the key itself. There is no option for that, because every user of the machine could read it in
    /// the list of processes.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = SERVICE)]
    pub api_key_file: Option<PathBuf>,

    /// The service's URL, if it is not Qobra's own
    ///
    /// `https://api.qobra.co` where nothing is said. Plain http is refused, except to this machine.
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, hide_short_help = true, help_heading = SERVICE)]
    pub base_url: Option<String>,

    /// One more certificate authority to trust (PEM)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, hide_short_help = true, help_heading = SERVICE)]
    pub ca_cert: Option<PathBuf>,
}

/// Whether another push to the table is waited for.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct LockArgs {
    /// How long to wait for another push
    ///
    /// To this table. Seconds (900), or 15m, 1h30m; at most 7 days. 0 ends at once with exit code 9 where
    /// one is running from this state folder. Nothing is read or sent meanwhile.
    #[arg(long, value_name = "TIME", default_value = "0", value_parser = values::patience, hide_short_help = true, help_heading = SENDING)]
    pub lock_wait: Duration,
}

/// How long a service is tried that nobody has reached.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ReachArgs {
    /// How long to try a silent address
    ///
    /// One where nobody has answered: seconds (30), or 5m; 0 tries once. A name that does not resolve, a
    /// port that refuses, a proxy that opens no way: once anything has answered, --retry-for and
    /// --wait-timeout count.
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = values::patience, hide_short_help = true, help_heading = SENDING)]
    pub connect_for: Duration,
}

/// Whether what is known of the service is relied on.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct FactsArgs {
    /// Rely on nothing that `probe` found
    ///
    /// What it found of the service is neither used nor changed: every answer is allowed for, as where
    /// nobody has asked.
    #[arg(long, hide_short_help = true, help_heading = SENDING)]
    pub no_facts: bool,
}

/// Whether imports are followed.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct WaitArgs {
    /// Follow the imports to their end
    ///
    /// An accepted request is not yet an imported one: only the end tells what the table holds.
    /// Ctrl-C stops the waiting, not the imports. For a push it may stand in the mapping instead;
    /// --wait=false goes first.
    #[arg(long, value_name = "false", num_args = 0..=1, require_equals = true, default_missing_value = "true", hide_possible_values = true, help_heading = TOLD)]
    pub wait: Option<bool>,

    /// How long; else --debounce and an hour
    #[arg(long, value_name = "TIME", requires = "wait", value_parser = values::patience, hide_short_help = true, help_heading = TOLD)]
    pub wait_timeout: Option<Duration>,
}

impl WaitArgs {
    /// Whether imports are followed.
    pub(crate) fn is_wanted(self) -> bool {
        self.wait.unwrap_or(false)
    }
}
