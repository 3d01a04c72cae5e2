//! Arguments, mapping and environment become what will be done, or an error of exit code 2.
//!
//! Nothing is touched here but the files that say what to do: the mapping and the key.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::api::{ApiOptions, BaseUrl};
use crate::chunk::ChunkOptions;
use crate::cli::{CommonArgs, FormatArg, PushArgs};
use crate::display;
use crate::mapping::{Mapping, Mistake};
use crate::model::{Mode, TableKey};
use crate::outcome::{Exit, Failure, Problem};
use crate::secret::{ApiKey, KeyPlaces};
use crate::send::SendOptions;
use crate::source::{Format, InputPath, SourceOptions};

/// The most bytes of a mapping file.
const MAX_MAPPING: u64 = 16 << 20;

/// What of the environment matters.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `QOBRA_BASE_URL`.
    pub base_url: Option<OsString>,
    /// `QOBRA_API_KEY_FILE`, `CREDENTIALS_DIRECTORY` and `QOBRA_API_KEY`.
    pub key: KeyPlaces,
}

impl Environment {
    /// Reads this process's environment. An empty variable counts as one that is not set.
    #[must_use]
    pub fn read() -> Self {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            base_url: variable("QOBRA_BASE_URL"),
            key: KeyPlaces {
                file: variable("QOBRA_API_KEY_FILE").map(PathBuf::from),
                credentials: variable("CREDENTIALS_DIRECTORY").map(PathBuf::from),
                variable: variable("QOBRA_API_KEY"),
            },
        }
    }
}

/// A push that makes sense.
#[derive(Debug)]
pub struct Plan {
    /// What is read.
    pub inputs: Vec<InputPath>,
    /// How it is written.
    pub source: SourceOptions,
    /// What becomes of its columns.
    pub mapping: Mapping,
    /// The mapping file's name, for messages.
    pub mapping_name: Option<String>,
    /// What limits a chunk.
    pub chunks: ChunkOptions,
    /// How the chunks are sent.
    pub send: SendOptions,
    /// Where they are sent.
    pub target: Target,
}

/// Where a push goes.
#[derive(Debug)]
pub enum Target {
    /// To the service.
    Service(ApiOptions, ApiKey),
    /// To a stand-in inside this process.
    Sandbox,
    /// Nowhere: what would be sent is shown.
    DryRun,
}

impl Plan {
    /// Makes a plan of what was typed.
    ///
    /// # Errors
    /// When it does not make sense, with everything that is wrong with the mapping.
    pub fn new(
        args: &PushArgs,
        common: &CommonArgs,
        environment: &Environment,
    ) -> Result<Self, Failure> {
        let mut mapping = match &args.mapping {
            Some(path) => read_mapping(path)?,
            None => Mapping::identity(),
        };
        if let Some(key) = &args.id_field {
            mapping.set_id(key);
        }
        let table = table(args.table.as_deref().or(mapping.table()))?;
        let mode = match args.all {
            false => Mode::Upsert,
            true => Mode::Replace {
                debounce: args.debounce.unwrap_or(Duration::ZERO),
            },
        };
        let target = match (args.dry_run, args.sandbox) {
            (true, _) => Target::DryRun,
            (false, true) => Target::Sandbox,
            (false, false) => service(common, environment)?,
        };
        Ok(Self {
            inputs: args.files.iter().map(|file| input(file)).collect(),
            source: SourceOptions {
                format: args.format.map(|format| match format {
                    FormatArg::Csv => Format::Csv,
                    FormatArg::Ndjson => Format::Ndjson,
                }),
                delimiter: args.delimiter.or(mapping.input().delimiter),
            },
            mapping,
            mapping_name: args.mapping.as_deref().map(name),
            chunks: ChunkOptions {
                max_records: args.chunk_size.get().into(),
                max_body: args.max_body,
            },
            send: SendOptions {
                table,
                mode,
                jobs: args.jobs.into(),
                retry_for: args.retry_for,
            },
            target,
        })
    }
}

impl Plan {
    /// Mistakes that show only when the mapping meets the input.
    #[must_use]
    pub fn mapping_failure(&self, mistakes: Vec<Mistake>) -> Failure {
        mapping_failure(self.mapping_name.as_deref(), mistakes)
    }
}

/// Mistakes in a mapping as a failure, each with the file's name and its line.
fn mapping_failure(name: Option<&str>, mistakes: Vec<Mistake>) -> Failure {
    let problem = |Mistake {
                       line,
                       message,
                       hint,
                   }| {
        let place = match (name, line) {
            (Some(name), Some(line)) => format!("{name}, line {line}: "),
            (Some(name), None) => format!("{name}: "),
            (None, _) => String::new(),
        };
        Problem::new(format!("{place}{message}"), hint)
    };
    Failure {
        exit: Exit::Usage,
        problems: mistakes.into_iter().map(problem).collect(),
    }
}

/// Reads and checks a mapping file.
///
/// # Errors
/// When it cannot be read, with all of its mistakes otherwise.
pub fn read_mapping(path: &Path) -> Result<Mapping, Failure> {
    let name = name(path);
    let unreadable = |why: String| {
        Failure::new(
            Exit::Usage,
            format!("cannot read the mapping {name}: {why}"),
            None,
        )
    };
    let size = std::fs::metadata(path)
        .map_err(|error| unreadable(error.to_string()))?
        .len();
    if size > MAX_MAPPING {
        return Err(unreadable(format!("it has {}", display::size(size))));
    }
    let bytes = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| unreadable("it is not UTF-8".to_owned()))?;
    Mapping::parse(text).map_err(|mistakes| mapping_failure(Some(&name), mistakes))
}

fn name(path: &Path) -> String {
    display::shown(&path.to_string_lossy())
}

fn input(path: &Path) -> InputPath {
    match path.as_os_str() == "-" {
        true => InputPath::Stdin,
        false => InputPath::File(path.to_owned()),
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
    TableKey::new(key).map_err(|error| {
        Failure::new(
            Exit::Usage,
            format!("{} is no table key: {error}", display::quoted(key)),
            None,
        )
    })
}

fn service(common: &CommonArgs, environment: &Environment) -> Result<Target, Failure> {
    let base_url = match (&common.base_url, &environment.base_url) {
        (Some(url), _) => BaseUrl::new(url),
        (None, Some(url)) => BaseUrl::new(&url.to_string_lossy()),
        (None, None) => Ok(BaseUrl::default()),
    }
    .map_err(|error| Failure::new(Exit::Usage, error.message, error.hint))?;
    let mut places = environment.key.clone();
    if let Some(file) = &common.api_key_file {
        places.file = Some(file.clone());
    }
    let (key, _) = places
        .find()
        .map_err(|error| Failure::new(Exit::Usage, error.message, error.hint))?;
    let ca_cert = common.ca_cert.clone();
    Ok(Target::Service(ApiOptions { base_url, ca_cert }, key))
}
