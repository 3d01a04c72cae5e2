//! The file, made with the first reject.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::write::{
    Layout, Reject, State, Stray, Texts, start, write_fields, write_object, write_raw, write_stray,
    write_stray_object,
};
use crate::base::{disk, display};
use crate::input::{Block, Cells, Format, Row, Salvaged, Salvager, Source};
use crate::mapping::{Binding, Spelling};

/// A file of the records that were left out. It is there from the first of them on.
#[derive(Debug)]
pub(crate) struct RejectsFile(pub(super) Lazy<File>);

/// A rejects file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// Where.
    pub path: PathBuf,
    /// How many records it holds.
    pub count: u64,
}

impl RejectsFile {
    /// The rejects file of a source, not created yet.
    pub(crate) fn new(path: PathBuf, source: &Source) -> Self {
        Self(Lazy::new(path, create, source))
    }

    /// The rejects file of a run that is taken up again: what is there already stays, and is not
    /// counted.
    pub(crate) fn going_on(path: PathBuf, source: &Source) -> Self {
        let mut lazy = Lazy::new(path, create, source);
        if lazy.path.exists() {
            lazy.create = append;
            lazy.is_going_on = true;
        }
        Self(lazy)
    }

    /// Has the typed cells of a sheet written as this mapping reads them from CSV.
    pub(crate) fn spelled_for(mut self, binding: &Binding) -> Self {
        self.0.spelling = binding.spelling();
        self
    }

    /// The extension that lets a rejects file of this source be read without further options:
    /// `csv`, `tsv` where tabs are between the fields, or `ndjson`.
    pub(crate) fn extension(source: &Source) -> &'static str {
        match (source.format(), source.delimiter()) {
            (Format::Csv, Some(b'\t')) => "tsv",
            (Format::Csv, _) => "csv",
            (Format::Ndjson | Format::Json, _) => "ndjson",
        }
    }

    /// Adds a row of `block`, which came from the source that the file was made for.
    pub(crate) fn add(
        &mut self,
        block: &Block,
        row: &Row<'_>,
        reject: &Reject<'_>,
    ) -> io::Result<()> {
        self.0.add(block, row, reject)
    }

    /// Adds a record that is not in the input. It cannot be loaded as it is: its values are the
    /// service's, written otherwise than the input's.
    pub(crate) fn add_stray(&mut self, stray: &Stray<'_>) -> io::Result<()> {
        self.0.add_with(|lazy| lazy.try_add_stray(stray))
    }

    /// Where it is; none where nothing was rejected yet.
    pub(crate) fn path(&self) -> Option<&Path> {
        (self.0.is_going_on || self.0.count > 0).then_some(&self.0.path)
    }

    /// Writes out what is buffered, down to the disk, so that a kill loses none of it.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        let path = &self.0.path;
        let file = match &mut self.0.state {
            State::Unused => return Ok(()),
            State::Csv(out) | State::Ndjson(out) => out.flush().map(|()| out.get_ref()),
            State::Failed => Err(failed_before()),
        };
        let synced = file.and_then(File::sync_all);
        synced.map_err(|error| naming(path, &error))
    }

    /// Writes out what is buffered, down to the disk. None where nothing was rejected: then there is
    /// no file.
    pub(crate) fn finish(self) -> io::Result<Option<Written>> {
        let (path, count) = (self.0.path.clone(), self.0.count);
        let Some(file) = self.0.finish()? else {
            return Ok(None);
        };
        // Some file systems tell only now that they are full.
        file.sync_all().map_err(|e| naming(&path, &e))?;
        Ok(Some(Written { path, count }))
    }
}

/// Creates a file that only its owner may read, from its first moment on.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Opens a file that this program made, to add to it; a link in its place is not followed.
pub(super) fn append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let no_links = rustix::fs::OFlags::NOFOLLOW.bits();
        options.custom_flags(no_links.cast_signed());
    }
    options.open(path)
}

/// An error of the system with the file's name in it.
pub(super) fn naming(path: &Path, error: &io::Error) -> io::Error {
    let shown = display::shown(&path.display().to_string());
    let message = match error.kind() {
        io::ErrorKind::AlreadyExists => format!("{shown} is there already and is not overwritten"),
        _ => format!("{shown} cannot be written: {}", disk::told(error)),
    };
    io::Error::new(error.kind(), message)
}

/// A block that came from another source than the file was made for: better an error than a record
/// that is nowhere.
pub(super) fn foreign() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidInput,
        "the record is in another format",
    )
}

pub(super) fn failed_before() -> io::Error {
    io::Error::other("writing it has failed before")
}

/// [`RejectsFile`] for anything that can be written.
#[derive(Debug)]
pub(super) struct Lazy<W: Write> {
    path: PathBuf,
    create: fn(&Path) -> io::Result<W>,
    /// Whether the file is there and has its beginning already.
    is_going_on: bool,
    salvager: Salvager,
    layout: Layout,
    spelling: Spelling,
    state: State<W>,
    pub(super) count: u64,
}

impl<W: Write> Lazy<W> {
    pub(super) fn new(path: PathBuf, create: fn(&Path) -> io::Result<W>, source: &Source) -> Self {
        Self {
            path,
            create,
            is_going_on: false,
            salvager: source.salvager(),
            layout: Layout::of(source),
            spelling: Spelling::default(),
            state: State::Unused,
            count: 0,
        }
    }

    pub(super) fn add(
        &mut self,
        block: &Block,
        row: &Row<'_>,
        reject: &Reject<'_>,
    ) -> io::Result<()> {
        self.add_with(|lazy| lazy.try_add(block, row, reject))
    }

    fn add_with(&mut self, add: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        if let Err(error) = self.begin().and_then(|()| add(self)) {
            self.state = State::Failed;
            return Err(naming(&self.path, &error));
        }
        self.count += 1;
        Ok(())
    }

    fn begin(&mut self) -> io::Result<()> {
        if matches!(self.state, State::Unused) {
            self.state = start((self.create)(&self.path)?, &self.layout, self.is_going_on)?;
        }
        Ok(())
    }

    fn try_add(&mut self, block: &Block, row: &Row<'_>, reject: &Reject<'_>) -> io::Result<()> {
        match (&mut self.state, &self.layout) {
            (State::Csv(out), Layout::Csv { dialect, columns }) => {
                let texts = match &row.cells {
                    Ok(Cells::Text(cells)) => Texts::Good(*cells),
                    _ => match self.salvager.salvage(block, row) {
                        Salvaged::Fields(fields) => Texts::Bad(fields),
                        Salvaged::Object(_) | Salvaged::Line(_) => return Err(foreign()),
                    },
                };
                write_fields(out, *dialect, columns, &texts, reject, &self.spelling)
            }
            (State::Ndjson(out), _) => match &row.cells {
                Ok(Cells::Object(entries)) => write_object(out, entries, reject),
                _ => match self.salvager.salvage(block, row) {
                    Salvaged::Object(entries) => write_object(out, &entries, reject),
                    Salvaged::Line(line) => write_raw(out, &line, reject),
                    Salvaged::Fields(_) => Err(foreign()),
                },
            },
            _ => Err(failed_before()),
        }
    }

    fn try_add_stray(&mut self, stray: &Stray<'_>) -> io::Result<()> {
        match (&mut self.state, &self.layout) {
            (State::Csv(out), Layout::Csv { dialect, columns }) => {
                write_stray(out, *dialect, columns, stray)
            }
            (State::Ndjson(out), _) => write_stray_object(out, stray),
            _ => Err(failed_before()),
        }
    }

    /// Hands out the file with everything written; none where there is no file.
    pub(super) fn finish(self) -> io::Result<Option<W>> {
        let path = self.path;
        let file = match self.state {
            State::Unused => return Ok(None),
            State::Csv(out) | State::Ndjson(out) => {
                out.into_inner().map_err(io::IntoInnerError::into_error)
            }
            State::Failed => Err(failed_before()),
        };
        file.map(Some).map_err(|e| naming(&path, &e))
    }
}
