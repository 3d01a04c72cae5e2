//! Opening inputs: what they are, and what is not read.
//!
//! Everything is found out here before a record is read, so that a push with a wrong argument ends
//! at once. How bytes become text is left to `intake`, how an input is written to `written`, headers
//! to `header`.

use std::fs::File;
use std::io;

use super::csv::header::{self, Delimiter, Header};
use super::error::InputError;
use super::intake::{Copies, Intake, IntakeOptions, Origin};
use super::json::{convert, head};
use super::limits::Limits;
use super::opened::Input;
use super::options::{Format, InputPath, ProvedInput, SourceOptions, Wrapping};
use super::record::Columns;
use super::source::Source;
use super::written::{self, Told};
use super::{faults, file, foreign, named, paths, rejects_note, sheet};
use crate::base::display;
use crate::base::position::InputNames;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An input whose content was not looked at.
struct Opened {
    name: String,
    told: Told,
    content: Content,
}

/// What an input is made of.
enum Content {
    Bytes(Origin),
    Workbook(File),
    /// Bytes that are being taken in.
    Begun(Intake),
}

impl Source {
    /// Opens every input, and reads the headers.
    ///
    /// What is not a regular file of plain UTF-8 (standard input, compressed bytes, another encoding)
    /// goes to a private file, which is read while it grows: in the folder that the options name,
    /// else one that has no name and goes with the process.
    pub(crate) fn open(paths: &[InputPath], options: &SourceOptions) -> Result<Self, InputError> {
        Self::open_limited(paths, options, Limits::default())
    }

    pub(crate) fn open_limited(
        paths: &[InputPath],
        options: &SourceOptions,
        limits: Limits,
    ) -> Result<Self, InputError> {
        check_arguments(paths, options)?;
        let opened = paths
            .iter()
            .enumerate()
            .map(|(n, path)| open(path, delimiter_of(options, n), options))
            .collect::<Result<Vec<_>, _>>()?;
        let names = InputNames::new(opened.iter().map(|input| input.name.clone()).collect());
        let sheet = options.sheet.as_deref();
        let copies = Copies::default();
        let taking = |n| intake_options(options, n, limits, &copies);
        // All begin before one is waited for: one producer may fill several pipes.
        let begun = (opened.into_iter().enumerate())
            .map(|(n, one)| one.begin(&taking(n), sheet))
            .collect::<Result<Vec<_>, _>>()?;
        let mut inputs: Vec<Input> = Vec::with_capacity(begun.len());
        let (mut formats, mut notes) = (Vec::with_capacity(begun.len()), Vec::new());
        for (n, one) in begun.into_iter().enumerate() {
            let mut told = one.told;
            let (mut input, said) = one.into_input(&taking(n), sheet)?;
            let member = input.intake.wrapping().member;
            match (&member, &options.member) {
                (Some(member), _) => (told.by_name, told.usual) = named::by_name(&member.name),
                (None, Some(wanted)) => return Err(no_archive(&names.name(n), wanted)),
                (None, None) => {}
            }
            if let Some(known) = proved(options, n) {
                take_over(&mut input, known);
            }
            if input.sheet.is_some() {
                told = Told::SHEET;
            }
            let format = written::settle(&mut input, &names.name(n), told, options, limits)?;
            notes.extend(said);
            notes.extend(left_out(&input, &names.name(n), options));
            inputs.push(input);
            formats.push(format);
        }
        let format = one_format(&names, &formats)?;
        let (mut columns, mut name_fault): (Vec<String>, _) = (Vec::new(), None);
        for (n, input) in inputs.iter_mut().enumerate() {
            let name = names.name(n);
            let header = head_of(input, n, &name, format, options, limits, &taking(n))?;
            if n == 0 {
                columns = header.names.clone();
            }
            notes.extend(rejects_note::note(input, &name)?);
            name_fault = name_fault.or(header.fault.clone());
            input.order = header::order(&columns, &header, &name, &names.name(0))?;
        }
        Ok(Self {
            names: names.with_positions(inputs.iter().map(Input::positions)),
            columns: Columns::of(format, columns),
            name_fault,
            format,
            quoting: options.quoting,
            margins: options.margins,
            records_at: options.records.path().map(str::to_owned),
            inputs,
            notes,
            limits,
        })
    }
}

/// Takes over what was found out when an input was proved.
fn take_over(input: &mut Input, known: &ProvedInput) {
    input.sheet.clone_from(&known.sheet);
    input.encoding = known.encoding.unwrap_or(input.encoding);
    input.positions = known.positions;
}

/// What has to be said of lines at the end that are not read.
fn left_out(input: &Input, name: &str, options: &SourceOptions) -> Option<String> {
    input.end?;
    Some(match options.margins.skip_last {
        1 => format!("{name}: its last line is left out"),
        count => format!(
            "{name}: its last {} lines are left out",
            display::count(count)
        ),
    })
}

/// Reads what stands before the first record, and makes one record a line of JSON in other shapes.
fn head_of(
    input: &mut Input,
    n: usize,
    name: &str,
    format: Format,
    options: &SourceOptions,
    limits: Limits,
    taking: &IntakeOptions,
) -> Result<Header, InputError> {
    let delimiter = match delimiter_of(options, n) {
        Some(_) => Delimiter::Told,
        None => Delimiter::Assumed,
    };
    match format {
        Format::Csv => return header::read(input, name, delimiter, limits),
        // Who said so knows that each line is a record.
        Format::Ndjson if options.format.is_some() => {}
        Format::Ndjson => head::refuse_envelope(input, name, limits)?,
        // The copy was made when it was proved.
        Format::Json if input.positions.is_some() => {}
        Format::Json => convert::convert(input, name, options.records.path(), limits, taking)?,
    }
    Ok(Header::default())
}

/// The delimiter that is told for one input.
fn delimiter_of(options: &SourceOptions, input: usize) -> Option<u8> {
    let known = proved(options, input).and_then(|known| known.delimiter);
    known.or(options.delimiter)
}

/// What is known of an input that was proved once.
fn proved(options: &SourceOptions, input: usize) -> Option<&ProvedInput> {
    options.proved.as_ref()?.get(input)
}

fn intake_options(
    options: &SourceOptions,
    input: usize,
    limits: Limits,
    copies: &Copies,
) -> IntakeOptions {
    let keep = options.keep.as_deref();
    let known = proved(options, input);
    // Of a JSON document whose copy is gone the document itself is read again.
    let is_copy =
        |known: &ProvedInput| known.positions.is_some() || options.format != Some(Format::Json);
    IntakeOptions {
        encoding: options.encoding.or(known.and_then(|known| known.encoding)),
        member: (options.member.clone()).or_else(|| known.and_then(|known| known.member.clone())),
        keep: keep.map(|folder| folder.join(format!("input-{input}"))),
        max_bytes: options.max_input,
        ahead_bytes: limits.ahead_bytes,
        copies: copies.clone(),
        is_plain: known.is_some_and(is_copy),
    }
}

fn check_arguments(paths: &[InputPath], options: &SourceOptions) -> Result<(), InputError> {
    if paths.is_empty() {
        return Err(faults::open(
            "there is no input",
            "name a file, or `-` for standard input",
        ));
    }
    if paths
        .iter()
        .filter(|path| **path == InputPath::Stdin)
        .count()
        > 1
    {
        let message = "standard input can be read only once, and `-` stands twice";
        return Err(InputError::plain(message).of_command_line());
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
    if options.delimiter.is_some() && options.delimiter == options.quoting.escape {
        return Err(faults::open(
            "the delimiter and the escape are the same".to_owned(),
            "name another --delimiter, or another `escape` below `[input]` in the mapping",
        ));
    }
    // Earlier versions proved files that were named twice.
    match options.proved.is_some() {
        true => Ok(()),
        false => paths::refuse_repeated(paths),
    }
}

fn open(
    path: &InputPath,
    delimiter: Option<u8>,
    options: &SourceOptions,
) -> Result<Opened, InputError> {
    let InputPath::File(path) = path else {
        return Ok(Opened {
            name: "standard input".to_owned(),
            told: Told {
                format: options.format,
                by_name: None,
                delimiter,
                usual: None,
                quoting: options.quoting,
            },
            content: Content::Bytes(Origin::Stdin),
        });
    };
    let name = path.display().to_string();
    let shown = display::shown(&name);
    paths::refuse_lock_file(&shown, path)?;
    paths::refuse_device(&shown, path)?;
    let is_proved = options.proved.is_some();
    let cannot = |e: &io::Error| match is_proved && e.kind() == io::ErrorKind::NotFound {
        // No other file is the one that was proved.
        true => paths::gone(&shown),
        false => paths::cannot_open(&shown, path, e),
    };
    let file = File::open(path).map_err(|e| cannot(&e))?;
    let meta = file.metadata().map_err(|e| cannot(&e))?;
    if meta.is_dir() {
        return Err(paths::folder(&shown, path));
    }
    let told = told(&name, delimiter, options);
    let content = if meta.is_file() {
        let start = file::first_bytes(&file, foreign::START_BYTES)
            .map_err(|e| faults::reading(&shown, &e))?;
        if !is_proved && sheet::recognise(&file, &start, &shown, options)? {
            Content::Workbook(file)
        } else {
            foreign::refuse(&shown, Some(&name), &start)?;
            Content::Bytes(Origin::Regular(file))
        }
    } else {
        Content::Bytes(Origin::Stream(file))
    };
    Ok(Opened {
        name,
        told,
        content,
    })
}

/// `--member` where there is none.
fn no_archive(name: &str, member: &str) -> InputError {
    faults::open(
        format!(
            "--member {} was given, and {name} is no zip archive",
            display::quoted(member)
        ),
        "leave --member out",
    )
}

/// The format and the delimiter: what was said, and what the extension tells.
fn told(name: &str, delimiter: Option<u8>, options: &SourceOptions) -> Told {
    let (by_name, usual) = named::by_name(name);
    Told {
        format: options.format,
        by_name,
        delimiter,
        usual,
        quoting: options.quoting,
    }
}

fn one_format(names: &InputNames, formats: &[Format]) -> Result<Format, InputError> {
    let format = formats.first().copied().unwrap_or(Format::Csv);
    let Some(other) = formats.iter().position(|one| *one != format) else {
        return Ok(format);
    };
    let named = |n: usize| format!("{} is {}", names.name(n), formats[n].name());
    Err(faults::open(
        format!("{}, {}: one push reads one format", named(0), named(other)),
        "write all files in the same format",
    ))
}

impl Opened {
    /// Begins to take in what is no workbook, without waiting for any of it.
    fn begin(self, options: &IntakeOptions, sheet: Option<&str>) -> Result<Self, InputError> {
        let content = match (self.content, sheet) {
            (Content::Bytes(origin), None) => {
                let name = display::shown(&self.name);
                Content::Begun(Intake::start(origin, &name, options)?)
            }
            (other, _) => other,
        };
        Ok(Self { content, ..self })
    }

    /// The input, and what has to be said of it.
    fn into_input(
        self,
        options: &IntakeOptions,
        sheet: Option<&str>,
    ) -> Result<(Input, Vec<String>), InputError> {
        let name = display::shown(&self.name);
        let (intake, converted) = match (self.content, sheet) {
            (Content::Workbook(file), _) => {
                let (intake, converted) = sheet::taken_in(&file, &name, sheet, options)?;
                (intake, Some(converted))
            }
            (Content::Bytes(_) | Content::Begun(_), Some(sheet)) => {
                return Err(sheet::not_a_workbook(&name, sheet));
            }
            (Content::Bytes(origin), None) => (Intake::start(origin, &name, options)?, None),
            (Content::Begun(intake), None) => (intake, None),
        };
        let mut start = Vec::new();
        intake.read(&mut start, 0, 0, foreign::START_BYTES)?;
        foreign::refuse(&name, None, &start)?;
        let mark = if start.starts_with(BYTE_ORDER_MARK) {
            BYTE_ORDER_MARK.len()
        } else {
            0
        };
        let Wrapping {
            encoding, member, ..
        } = intake.wrapping();
        let input = Input {
            intake,
            sheet: converted.as_ref().map(|converted| converted.sheet.clone()),
            encoding,
            start: mark as u64,
            first_line: 1,
            header_line: 0,
            end: None,
            dialect: None,
            positions: None,
            order: Vec::new(),
            width: 0,
            has_reject_columns: false,
        };
        let mut notes = converted.map_or_else(Vec::new, |converted| converted.notes(&name));
        notes.extend(member.map(|member| member.note(&name)));
        Ok((input, notes))
    }
}
