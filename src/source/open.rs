//! Opening inputs: what they are, how they are written, and what is not read.
//!
//! Everything is found out here before a record is read, so that a push with a wrong argument ends
//! at once. Headers are left to `header`.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::header::{self, Delimiter};
use super::input::Input;
use super::{Blame, Columns, Format, InputPath, Limits, OpenError, Source, SourceOptions, faults};
use crate::display;
use crate::position::InputNames;

/// The size of the pieces in which a pipe is copied.
const COPY_BYTES: usize = 256 << 10;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// First bytes of files that are not read as they are, what they are, and what to do.
const FOREIGN: [(&[u8], &str, &str); 9] = [
    (b"\xff\xfe", "UTF-16 text", SAVE_UTF8),
    (b"\xfe\xff", "UTF-16 text", SAVE_UTF8),
    (b"\x1f\x8b", "compressed with gzip", UNPACK),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", UNPACK),
    (b"\xfd7zXZ\0", "compressed with xz", UNPACK),
    (
        b"PK\x03\x04",
        "a zip archive or a workbook (xlsx)",
        SAVE_CSV,
    ),
    (b"PK\x05\x06", "an empty zip archive", SAVE_CSV),
    (b"\xd0\xcf\x11\xe0", "a workbook (xls)", SAVE_CSV),
    (b"%PDF-", "a PDF document", SAVE_CSV),
];
const SAVE_UTF8: &str = "save it as UTF-8 and push that file";
const UNPACK: &str = "unpack it and push the unpacked file";
const SAVE_CSV: &str = "save the data as CSV in UTF-8 and push that file";

/// An input whose format is known and whose content was not looked at.
struct Opened {
    name: String,
    format: Format,
    delimiter: u8,
    handle: Handle,
}

enum Handle {
    Regular(File),
    Stream(File),
    Stdin,
}

impl Source {
    /// Opens every input, and reads the headers.
    ///
    /// What is not a regular file (standard input, a pipe) is copied first to a private file: in the
    /// folder that the options name, else one that has no name and goes with the process.
    ///
    /// # Errors
    ///
    /// If an input is not there, is not written in a way that is read, or does not fit the others.
    pub fn open(paths: &[InputPath], options: &SourceOptions) -> Result<Self, OpenError> {
        Self::open_limited(paths, options, Limits::default())
    }

    pub(super) fn open_limited(
        paths: &[InputPath],
        options: &SourceOptions,
        limits: Limits,
    ) -> Result<Self, OpenError> {
        check_arguments(paths, options)?;
        let opened = paths
            .iter()
            .map(|path| open(path, options))
            .collect::<Result<Vec<_>, _>>()?;
        let format = one_format(&opened)?;
        let delimiter = match options.delimiter {
            Some(_) => Delimiter::Told,
            None => Delimiter::Assumed,
        };
        let names = InputNames::new(opened.iter().map(|input| input.name.clone()).collect());
        let mut inputs: Vec<Input> = Vec::with_capacity(opened.len());
        let mut columns: Vec<String> = Vec::new();
        for (n, one) in opened.into_iter().enumerate() {
            let name = names.name(n);
            let mut input = one.into_input(
                options
                    .keep
                    .as_deref()
                    .map(|keep| keep.join(format!("input-{n}"))),
            )?;
            let header = header::read(&mut input, &name, delimiter, limits)?;
            if n == 0 {
                columns = header.names.clone();
            }
            input.order = header::order(&columns, &header, &name, &names.name(0))?;
            inputs.push(input);
        }
        Ok(Self {
            names,
            columns: match format {
                Format::Csv => Columns::Named(columns),
                Format::Ndjson => Columns::PerRecord,
            },
            format,
            inputs,
            limits,
        })
    }
}

fn check_arguments(paths: &[InputPath], options: &SourceOptions) -> Result<(), OpenError> {
    if paths.is_empty() {
        return Err(OpenError {
            blame: Blame::CommandLine,
            message: "there is no input".to_owned(),
            hint: Some("name a file, or `-` for standard input".to_owned()),
        });
    }
    if paths
        .iter()
        .filter(|path| **path == InputPath::Stdin)
        .count()
        > 1
    {
        return Err(OpenError {
            blame: Blame::CommandLine,
            message: "standard input can be read only once, and `-` stands twice".to_owned(),
            hint: None,
        });
    }
    if let Some(byte) = options.delimiter
        && (!byte.is_ascii() || b"\"\r\n\0".contains(&byte))
    {
        return Err(faults::open(
            format!(
                "{} cannot be a delimiter",
                display::quoted(&char::from(byte).to_string())
            ),
            "a delimiter is one ASCII character that is neither a quote nor a line end",
        ));
    }
    Ok(())
}

fn open(path: &InputPath, options: &SourceOptions) -> Result<Opened, OpenError> {
    let InputPath::File(path) = path else {
        let name = "standard input".to_owned();
        let format = options.format.ok_or_else(|| unknown_format(&name))?;
        return Ok(Opened {
            name,
            format,
            delimiter: options.delimiter.unwrap_or(b','),
            handle: Handle::Stdin,
        });
    };
    let name = path.display().to_string();
    let shown = display::shown(&name);
    let cannot = |e: &io::Error| cannot_open(&shown, path, e);
    let file = File::open(path).map_err(|e| cannot(&e))?;
    let meta = file.metadata().map_err(|e| cannot(&e))?;
    if meta.is_dir() {
        return Err(faults::open(
            format!("{shown} is a folder, not a file"),
            "name the files in it",
        ));
    }
    let handle = if meta.is_file() {
        let start = first_bytes(&file).map_err(|e| faults::reading(&shown, &e))?;
        refuse_foreign(&shown, &start)?;
        Handle::Regular(file)
    } else {
        Handle::Stream(file)
    };
    let (format, delimiter) = format_of(path, &shown, options)?;
    Ok(Opened {
        name,
        format,
        delimiter,
        handle,
    })
}

fn cannot_open(shown: &str, path: &Path, error: &io::Error) -> OpenError {
    if error.kind() != io::ErrorKind::NotFound {
        return OpenError {
            blame: Blame::CommandLine,
            message: format!("{shown} cannot be opened: {error}"),
            hint: None,
        };
    }
    // A job that runs in another folder than thought is the usual reason.
    let folder = std::env::current_dir().ok().filter(|_| path.is_relative());
    OpenError {
        blame: Blame::CommandLine,
        message: format!("{shown}: no such file"),
        hint: folder.map(|folder| {
            let folder = folder.display().to_string();
            format!("it was looked for in {}", display::quoted(&folder))
        }),
    }
}

/// The format and the delimiter: what was said, else what the extension tells.
fn format_of(path: &Path, shown: &str, options: &SourceOptions) -> Result<(Format, u8), OpenError> {
    let extension = path
        .extension()
        .map(|e| e.to_string_lossy().to_ascii_lowercase())
        .unwrap_or_default();
    let usual = if extension == "tsv" { b'\t' } else { b',' };
    let told = match extension.as_str() {
        "csv" | "tsv" | "txt" => Some(Format::Csv),
        "ndjson" | "jsonl" | "json-lines" => Some(Format::Ndjson),
        "json" if options.format.is_none() => {
            return Err(faults::open(
                format!("{shown}: a JSON array is not read yet"),
                "`--format ndjson` if the file holds one object on each line",
            ));
        }
        _ => None,
    };
    let format = (options.format.or(told)).ok_or_else(|| unknown_format(shown))?;
    Ok((format, options.delimiter.unwrap_or(usual)))
}

fn unknown_format(shown: &str) -> OpenError {
    faults::open(
        format!("{shown}: nothing tells whether it is CSV or NDJSON"),
        "--format csv|ndjson",
    )
}

fn one_format(opened: &[Opened]) -> Result<Format, OpenError> {
    let format = opened.first().map_or(Format::Csv, |first| first.format);
    let (Some(first), Some(other)) = (
        opened.first(),
        opened.iter().find(|input| input.format != format),
    ) else {
        return Ok(format);
    };
    let named = |input: &Opened| {
        let format = match input.format {
            Format::Csv => "CSV",
            Format::Ndjson => "NDJSON",
        };
        format!("{} is {format}", display::shown(&input.name))
    };
    Err(faults::open(
        format!(
            "{}, {}: one push reads one format",
            named(first),
            named(other)
        ),
        "write all files in the same format",
    ))
}

impl Opened {
    fn into_input(self, keep: Option<PathBuf>) -> Result<Input, OpenError> {
        let name = display::shown(&self.name);
        let is_stream = !matches!(self.handle, Handle::Regular(_));
        let (file, kept) = match self.handle {
            Handle::Regular(file) => (file, None),
            Handle::Stream(stream) => (copied(stream, &name, keep.as_deref())?, keep),
            Handle::Stdin => (copied(io::stdin().lock(), &name, keep.as_deref())?, keep),
        };
        let reading = |e: io::Error| faults::reading(&name, &e);
        let bytes = file.metadata().map_err(reading)?.len();
        let start = first_bytes(&file).map_err(reading)?;
        refuse_foreign(&name, &start)?;
        let mark = if start.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        };
        Ok(Input {
            file,
            kept,
            is_stream,
            bytes,
            start: mark as u64,
            first_line: 1,
            delimiter: match self.format {
                Format::Csv => Some(self.delimiter),
                Format::Ndjson => None,
            },
            order: Vec::new(),
            width: 0,
            has_reject_columns: false,
        })
    }
}

/// A private file of what can be read only once: at `keep`, or without a name.
pub(super) fn copied(
    mut stream: impl Read,
    name: &str,
    keep: Option<&Path>,
) -> Result<File, OpenError> {
    let cannot = |e: io::Error| {
        let place = keep.map_or("a temporary file".to_owned(), |path| {
            display::quoted(&path.display().to_string())
        });
        let variable = if keep.is_some() {
            "--state-dir"
        } else {
            "TMPDIR"
        };
        faults::open(
            format!("{name} cannot be copied to {place}: {e}"),
            &format!("make room there, or name another folder with {variable}"),
        )
    };
    let mut file = match keep {
        Some(path) => private_file(path),
        None => tempfile::tempfile(),
    }
    .map_err(cannot)?;
    let mut piece = vec![0; COPY_BYTES];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return Ok(file),
            Ok(n) => file.write_all(&piece[..n]).map_err(cannot)?,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(faults::reading(name, &e).into()),
        }
    }
}

/// A new file for this user only.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Enough bytes to know what a file is; fewer if it has no more.
fn first_bytes(mut file: &File) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(8).read_to_end(&mut start)?;
    Ok(start)
}

fn refuse_foreign(shown: &str, start: &[u8]) -> Result<(), OpenError> {
    match FOREIGN.iter().find(|(magic, ..)| start.starts_with(magic)) {
        Some((_, what, hint)) => Err(faults::open(
            format!("{shown} is {what}, which is not read"),
            hint,
        )),
        None => Ok(()),
    }
}
