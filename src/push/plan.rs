//! Arguments, mapping and environment become what will be done, or an error of exit code 2.
//!
//! Nothing is touched here but the files that say what to do: the mapping and the key.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::complaint::Complaint;
use crate::base::display;
use crate::base::model::{Mode, TableKey};
use crate::base::secret::{ApiKey, KeyPlaces};
use crate::cli::{CommonArgs, DuplicatesArg, ErrorsArg, FormatArg, PushArgs, SourceArgs, WaitArgs};
use crate::input::{Encoding, Format, InputPath, Margins, RecordsAt, SourceOptions};
use crate::mapping::{InputSettings, Mapping, Mistake};
use crate::prove::chunk::ChunkOptions;
use crate::prove::duplicates::Keep;
use crate::prove::{MaxErrors, OnDuplicates, ProveOptions};
use crate::push::approved::Approved;
use crate::push::changed::ChangedOptions;
use crate::push::files::{self, Files};
use crate::push::guard::GuardOptions;
use crate::push::mapping_file::{self, MappingFile, read_mapping};
use crate::push::outcome::{Exit, Failure};
use crate::push::rollback::Rollback;
use crate::push::send::SendOptions;
use crate::push::{page_place, rejects_name};
use crate::runs::journal::SyncLine;
use crate::runs::state::StateDir;
use crate::service::{ApiOptions, BaseUrl};

/// What of the environment matters to a plan.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    /// `QOBRA_BASE_URL`.
    pub base_url: Option<OsString>,
    /// `QOBRA_API_KEY_FILE`, `CREDENTIALS_DIRECTORY` and `QOBRA_API_KEY`.
    pub key: KeyPlaces,
    /// `QOBRA_PUSH_STATE_DIR`.
    pub state_dir: Option<PathBuf>,
}

impl Environment {
    /// Reads this process's environment. An empty variable counts as one that is not set.
    pub(crate) fn read() -> Self {
        Self {
            base_url: variable("QOBRA_BASE_URL"),
            state_dir: variable("QOBRA_PUSH_STATE_DIR").map(PathBuf::from),
            key: KeyPlaces {
                file: variable("QOBRA_API_KEY_FILE").map(PathBuf::from),
                credentials: variable("CREDENTIALS_DIRECTORY").map(PathBuf::from),
                variable: variable("QOBRA_API_KEY"),
            },
        }
    }

    /// Where the state is kept: what was typed counts, then the environment. Touches nothing.
    pub(crate) fn state(&self, common: &CommonArgs) -> Result<StateDir, Complaint> {
        self.state_at(common.state_dir.as_deref())
    }

    /// The same, of the folder that was typed.
    pub(crate) fn state_at(&self, typed: Option<&Path>) -> Result<StateDir, Complaint> {
        StateDir::locate(typed.or(self.state_dir.as_deref()), &variable)
    }
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// A push that makes sense.
#[derive(Debug)]
pub(crate) struct Plan {
    pub inputs: Vec<InputPath>,
    /// What has to be said of how they were named.
    pub notes: Vec<String>,
    pub source: SourceOptions,
    /// What becomes of its columns.
    pub mapping: Mapping,
    /// The file that says so.
    pub mapping_file: Option<MappingFile>,
    /// What is demanded of the input.
    pub prove: ProveOptions,
    /// Where rejected records go, if the user said; of a run by its own name.
    pub rejects: Option<PathBuf>,
    /// How long imports are followed; none where they are not.
    pub wait: Option<Duration>,
    /// Of how many good replaces the records are kept; none where nothing is kept of this one, and
    /// nothing removed.
    pub keep: Option<u64>,
    /// What the table goes back to, if it does.
    pub rollback: Option<Rollback>,
    /// What the guards were told.
    pub guard: GuardOptions,
    /// Whether only what changed goes.
    pub changed: Option<ChangedOptions>,
    /// What the push must be, if somebody approved it.
    pub approved: Option<Approved>,
    /// The page that is written of it.
    pub report: Option<ReportPlan>,
    /// Whether values of records are shown.
    pub shows_samples: bool,
    /// Which sync the push is a part of, if it is.
    pub sync: Option<SyncLine>,
    pub send: SendOptions,
    /// Whether what is known of the service may be used.
    pub uses_facts: bool,
    pub target: Target,
    /// Whether that is a stand-in, and the state folder a temporary one.
    pub is_rehearsal: bool,
}

/// A page that is written of a push.
#[derive(Clone, Debug)]
pub(crate) struct ReportPlan {
    pub path: PathBuf,
    /// Whether old and new values of changed records are on it.
    pub has_values: bool,
}

/// Where a push goes.
#[derive(Debug)]
pub(crate) enum Target {
    Service(Box<ApiOptions>, KeyPlaces, ApiKey),
    /// To a stand-in inside this process.
    Sandbox,
    /// Nowhere: what would be sent is shown.
    DryRun,
}

impl Plan {
    /// Makes a plan of what was typed.
    pub(crate) fn new(
        args: &PushArgs,
        common: &CommonArgs,
        environment: &Environment,
    ) -> Result<Self, Failure> {
        files::refuse_commands(&args.files)?;
        let (mut mapping, mapping_file) = match &args.mapping {
            Some(path) => read_mapping(path).map(|(mapping, file)| (mapping, Some(file)))?,
            None => (Mapping::identity(), None),
        };
        if let Some(key) = &args.id_field {
            mapping.set_id(key);
        }
        let mode = mode(args, &mapping)?;
        let waits = WaitArgs {
            wait: Some(args.wait.wait.unwrap_or(mapping.wait())),
            ..args.wait
        };
        let Files { inputs, notes } = Files::of(&args.files)?;
        args.rejects
            .as_deref()
            .map(rejects_name::check)
            .transpose()?;
        args.report.as_deref().map(page_place::check).transpose()?;
        let table = table(args.table.as_deref().or(mapping.table()))?;
        let target = match (args.dry_run, args.sandbox) {
            (true, _) => Target::DryRun,
            (false, true) => Target::Sandbox,
            (false, false) => service(common, environment)?,
        };
        // An upsert is not the whole content of its table.
        let keep = args.keep.or(mapping.keep());
        let keep = keep.filter(|keep| mode.is_replace() && *keep > 0);
        let guard = GuardOptions::of(&args.guards, mapping.guard(), args.chunk_seconds);
        Ok(Self {
            inputs,
            notes,
            source: source_options(&args.source, mapping.input())?,
            mapping,
            mapping_file,
            prove: prove_options(args),
            rejects: args.rejects.clone(),
            wait: wait(waits, mode),
            keep,
            rollback: None,
            guard,
            changed: ChangedOptions::of(&args.changed, args.wait),
            approved: args.plan.as_deref().map(Approved::read).transpose()?,
            report: args.report.clone().map(|path| ReportPlan {
                path,
                has_values: args.values,
            }),
            shows_samples: !args.no_samples,
            sync: None,
            send: SendOptions {
                table,
                mode,
                jobs: args.jobs.into(),
                retry_for: args.retry_for,
                connect_for: args.reach.connect_for,
                reading: None,
            },
            // What is known is of another service than a stand-in.
            uses_facts: !args.facts.no_facts && !args.sandbox,
            target,
            is_rehearsal: args.sandbox,
        })
    }
}

/// How inputs are written: what was typed, else what the mapping says.
pub(crate) fn source_options(
    args: &SourceArgs,
    mapping: &InputSettings,
) -> Result<SourceOptions, Failure> {
    let encoding = args.encoding.as_deref().map(encoding).transpose()?;
    Ok(SourceOptions {
        format: args.format.map(format),
        delimiter: args.delimiter.or(mapping.delimiter),
        quoting: mapping.quoting,
        encoding: encoding.or(mapping.encoding),
        records: RecordsAt::of(args.records.clone(), mapping.records.clone()),
        margins: Margins::of(args.header_line, args.skip_last, mapping.margins),
        max_input: args.max_input,
        sheet: args.sheet.clone(),
        member: args.member.clone(),
        ..SourceOptions::default()
    })
}

fn format(format: FormatArg) -> Format {
    match format {
        FormatArg::Csv => Format::Csv,
        FormatArg::Ndjson => Format::Ndjson,
        FormatArg::Json => Format::Json,
    }
}

/// The encoding that was typed.
fn encoding(label: &str) -> Result<Encoding, Failure> {
    Encoding::named(label).map_err(|unknown| {
        Failure::new(
            Exit::Usage,
            format!(
                "--encoding: there is no encoding {}",
                display::quoted(label)
            ),
            Some(unknown.hint()),
        )
    })
}

/// Whether the table is replaced: as typed, else as the mapping says. What goes with a replace only is
/// refused without one: whoever names a window means to replace.
fn mode(args: &PushArgs, mapping: &Mapping) -> Result<Mode, Failure> {
    let is_replace = args.all.unwrap_or(mapping.all());
    if is_replace && args.changed.keep_vanished {
        let message =
            "--keep-vanished cannot be used with --all, which leaves nothing else in the table";
        return Err(Failure::new(Exit::Usage, message, None));
    }
    if is_replace {
        let debounce = args.debounce.or(mapping.debounce());
        return Ok(Mode::Replace {
            debounce: debounce.unwrap_or(Duration::ZERO),
        });
    }
    let is_off = args.all == Some(false);
    let lone = [
        ("--debounce", args.debounce.is_some()),
        ("--keep", args.keep.is_some()),
        ("--allow-empty", args.guards.allow_empty),
        (
            "`debounce` in the mapping",
            mapping.debounce().is_some() && !is_off,
        ),
    ];
    match lone.iter().find(|(_, is_said)| *is_said) {
        None => Ok(Mode::Upsert),
        Some((said, _)) => Err(Failure::new(
            Exit::Usage,
            format!("{said} goes with a replace only"),
            Some("add --all, or `all = true` in the mapping, if the input is to replace the table's whole content".to_owned()),
        )),
    }
}

/// How long imports are followed, if that is wanted.
pub(crate) fn wait(args: WaitArgs, mode: Mode) -> Option<Duration> {
    args.is_wanted()
        .then(|| args.wait_timeout.unwrap_or_else(|| usual_wait(mode)))
}

/// How long imports are followed where the user did not say: their window and an hour.
pub(crate) fn usual_wait(mode: Mode) -> Duration {
    mode.window().unwrap_or_default() + Duration::from_secs(3_600)
}

fn prove_options(args: &PushArgs) -> ProveOptions {
    ProveOptions {
        chunks: ChunkOptions::new(args.chunk_size.get().into(), args.max_body),
        duplicates: match args.duplicates {
            DuplicatesArg::Error => OnDuplicates::Error,
            DuplicatesArg::First => OnDuplicates::Keep(Keep::First),
            DuplicatesArg::Last => OnDuplicates::Keep(Keep::Last),
        },
        max_errors: match args.max_errors {
            ErrorsArg::Count(most) => MaxErrors::Count(most),
            ErrorsArg::Share(millionths) => MaxErrors::Share(millionths),
        },
    }
}

impl Plan {
    /// Whether the state folder stays when the program ends.
    pub(crate) fn keeps_state(&self) -> bool {
        !self.is_rehearsal && !matches!(self.target, Target::DryRun)
    }

    /// Whether the rejects file stays when the program ends.
    pub(crate) fn keeps_rejects(&self) -> bool {
        self.keeps_state() || (self.rejects.is_some() && self.is_rehearsal)
    }

    /// Mistakes that show only when the mapping meets the input.
    pub(crate) fn mapping_failure(&self, mistakes: Vec<Mistake>) -> Failure {
        mapping_file::mapping_failure(
            self.mapping_file.as_ref().map(|file| file.name.as_str()),
            mistakes,
        )
    }
}

fn table(key: Option<&str>) -> Result<TableKey, Failure> {
    let Some(key) = key else {
        return Err(Failure::new(
            Exit::Usage,
            "no table to push to",
            Some("name it with --table, or write `table = \"…\"` into the mapping".to_owned()),
        ));
    };
    table_key(key)
}

/// A table's key as it was typed.
pub(crate) fn table_key(key: &str) -> Result<TableKey, Failure> {
    TableKey::new(key).map_err(|error| {
        Failure::new(
            Exit::Usage,
            format!("{} is no table key: {error}", display::quoted(key)),
            None,
        )
    })
}

/// The service's address: what was typed, else what the environment says, else Qobra's.
pub(crate) fn base_url(
    common: &CommonArgs,
    environment: &Environment,
) -> Result<BaseUrl, Complaint> {
    named_base_url(common, environment).1
}

/// The service's address, behind what named it.
pub(crate) fn named_base_url(
    common: &CommonArgs,
    environment: &Environment,
) -> (&'static str, Result<BaseUrl, Complaint>) {
    match (&common.connection.base_url, &environment.base_url) {
        (Some(url), _) => ("--base-url", BaseUrl::new(url)),
        (None, Some(url)) => ("QOBRA_BASE_URL", BaseUrl::new(&url.to_string_lossy())),
        (None, None) => ("default", Ok(BaseUrl::default())),
    }
}

/// The service, and who asks.
pub(crate) fn service(common: &CommonArgs, environment: &Environment) -> Result<Target, Failure> {
    let base_url = base_url(common, environment)?;
    let places = key_places(common, environment);
    let key = find_key(&places)?;
    let ca_cert = common.connection.ca_cert.clone();
    Ok(Target::Service(
        Box::new(ApiOptions { base_url, ca_cert }),
        places,
        key,
    ))
}

/// The places where a push looks for its key.
pub(crate) fn key_places(common: &CommonArgs, environment: &Environment) -> KeyPlaces {
    let mut places = environment.key.clone();
    if let Some(file) = &common.connection.api_key_file {
        places.file = Some(file.clone());
    }
    places
}

/// Reads the key from the first place that is set.
pub(crate) fn find_key(places: &KeyPlaces) -> Result<ApiKey, Complaint> {
    places.find().map(|(key, _)| key)
}
