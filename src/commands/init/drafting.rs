//! Drafts of mappings: made, written where nothing stands, and told.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::base::{display, outlet};
use crate::cli::{InitArgs, stdout};
use crate::input::{LACKS_HEADER, SourceOptions};
use crate::mapping::draft::{Draft, DraftError, DraftOptions};
use crate::mapping::{InputSettings, draft};
use crate::push::files::{self, Files};
use crate::push::outcome::{Exit, Failure};
use crate::push::plan;
use crate::push::project::all_of;
use crate::screen::terminal::Terminal;

/// How many records are looked at, unless all are.
const SAMPLE: u64 = 10_000;

/// A draft, and what its file is called.
pub(super) struct Drafted {
    pub draft: Draft,
    pub name: String,
    /// The file; of a pattern the one that it stands for.
    pub file: PathBuf,
}

/// Drafts the mapping of one file.
pub(super) fn draft(args: &InitArgs, file: &Path, terminal: &Terminal) -> Result<Drafted, Failure> {
    let (file, note) = Files::one(file)?;
    note.iter().for_each(|note| terminal.tell(note));
    let table = args.table.as_deref().map(plan::table_key).transpose()?;
    let options = plan::source_options(&args.source, &InputSettings::default())?;
    let words = DraftOptions {
        records: (!args.all_rows).then_some(SAMPLE),
        table: table.map(|key| key.as_str().to_owned()),
        stem: stem(&file),
        words: words(&file, &options),
        guessed_encoding: None,
        encoding: options.encoding.map(|encoding| encoding.name().to_owned()),
        records_at: options.records.path().map(str::to_owned),
        margins: options.margins,
        proposed_skip_last: 0,
        remark: None,
    };
    let input = files::input(&file);
    let (draft, source) =
        draft::of_input(&input, file.is_file(), &options, &words).map_err(no_draft)?;
    for note in source.notes() {
        terminal.tell(note);
    }
    let name = source.names().name(0);
    Ok(Drafted { draft, name, file })
}

/// No file that exists is overwritten, which is told before anything is made.
pub(super) fn refuse_existing<'a>(paths: impl Iterator<Item = &'a PathBuf>) -> Result<(), Failure> {
    let paths = paths.filter(|path| path.exists() && !outlet::is_one(path));
    let failures = paths.map(|path| {
        let path = display::typed_path(path);
        let message = format!("{path} exists, and a draft never overwrites a file");
        Failure::new(
            Exit::Usage,
            message,
            Some("move it away, or name another with -o".to_owned()),
        )
    });
    all_of(failures.collect())
}

pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let written = outlet::write_or(path, text.as_bytes(), |path, text| {
        std::fs::File::create_new(path)?.write_all(text)
    });
    written.map_err(|error| {
        let path = display::typed_path(path);
        Failure::new(
            Exit::Usage,
            format!("{path} cannot be written: {error}"),
            None,
        )
    })
}

pub(super) fn print(text: &str) -> Result<Exit, Failure> {
    stdout::write_all(text.as_bytes()).context("cannot write to standard output")?;
    Ok(Exit::Done)
}

/// What was looked at, and what is to be done.
pub(super) fn tell(draft: &Draft, input: &str, terminal: &Terminal) {
    let records = display::counted(draft.records, "record");
    let of = match draft.is_whole {
        true => format!("{records} of {input}, which is all of it"),
        false => format!("the first {records} of {input}"),
    };
    terminal.tell(&format!(
        "drafted from {of}; check the id, the keys and the types"
    ));
    if let Some(encoding) = &draft.guessed_encoding {
        terminal.warning(
            &format!(
                "{input} is not UTF-8: drafted as {encoding}; check a word with an accent in the draft"
            ),
            None,
        );
    }
    if draft.proposed_skip_last > 0 {
        let them = match draft.proposed_skip_last {
            1 => "its last line, which seems to be no record".to_owned(),
            n => format!("its last {n} lines, which seem to be no records"),
        };
        let until = "until skip_last in the draft says otherwise";
        terminal.warning(&format!("{input}: a push reads {them}, {until}"), None);
    }
    if draft.unreadable > 0 {
        let records = display::counted(draft.unreadable, "record");
        terminal.warning(
            &format!("{records} more cannot be read; a push refuses them"),
            None,
        );
    }
    if let Some(place) = &draft.first_hollow {
        terminal.warning(
            &format!("{input}: {place} is nearly empty; a push with this draft refuses it"),
            None,
        );
    }
    if draft.has_record_as_header {
        terminal.warning(
            &format!("{input}: its first line looks like a record"),
            Some(LACKS_HEADER),
        );
    }
    if !draft.has_id {
        terminal.warning("no column is sure to be the id: name it in the draft", None);
    }
}

fn no_draft(error: DraftError) -> Failure {
    match error {
        DraftError::Input(error) => error.into(),
        DraftError::Nothing(message) => Failure::new(Exit::Input, message, None),
        DraftError::Bug(_) => Failure::new(Exit::Bug, error.to_string(), None),
    }
}

/// What the file is called, without its folder and its endings.
pub(super) fn stem(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    name.split('.').next().unwrap_or_default().to_owned()
}

/// The words that name the input to a push.
fn words(file: &Path, source: &SourceOptions) -> String {
    let format = source.format.map(|of| format!(" --format {}", of.word()));
    let sheet = (source.sheet.as_deref()).map(|name| format!(" --sheet {}", display::typed(name)));
    let member = source.member.as_deref();
    let member = member.map(|name| format!(" --member {}", display::typed(name)));
    [Some(display::typed_path(file)), format, sheet, member]
        .into_iter()
        .flatten()
        .collect()
}
