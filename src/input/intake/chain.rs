//! One input taken in: read where it stands, or through the chain of readers to a private copy.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::decode::{Decoded, Told};
use super::growing::{self, Copies, Copying, Growing};
use super::inflate::{Compression, Inflated};
use super::origin::{Mark, Origin};
use super::reader::{Chain, START_BYTES, peek};
use super::zipped::{self, Archive};
use crate::base::display;
use crate::input::encoding::Encoding;
use crate::input::error::InputError;
use crate::input::options::{Member, Wrapping};
use crate::input::{faults, file};

/// What was said about how inputs are taken in.
#[derive(Clone, Debug)]
pub(crate) struct IntakeOptions {
    /// Where no byte order mark says what the encoding is.
    pub encoding: Option<Encoding>,
    /// The file of a zip archive, if somebody said it.
    pub member: Option<String>,
    /// Where a copy is kept; none for one without a name.
    pub keep: Option<PathBuf>,
    /// The most bytes of a copy.
    pub max_bytes: u64,
    /// How far a copy runs ahead of its readers, in bytes.
    pub ahead_bytes: u64,
    /// The other copies of the same source.
    pub copies: Copies,
    /// Whether a regular file is plain UTF-8, whatever it begins with.
    pub is_plain: bool,
}

/// The text of an input, or the part of it that has arrived.
#[derive(Debug)]
pub(crate) struct Intake {
    name: String,
    file: Arc<File>,
    size: Size,
    kept: Option<PathBuf>,
    is_stream: bool,
    /// Known once the first bytes have come.
    wrapping: Arc<OnceLock<Wrapping>>,
}

#[derive(Debug)]
pub(super) enum Size {
    /// As it was when the file was opened; what is written behind that later is not read.
    Fixed(u64),
    Growing(Growing),
}

impl Intake {
    /// Begins to take in an input. `name` is harmless to print.
    pub(crate) fn start(
        origin: Origin,
        name: &str,
        options: &IntakeOptions,
    ) -> Result<Self, InputError> {
        let reading = |e: io::Error| faults::reading(name, &e);
        let is_stream = !matches!(origin, Origin::Regular(_));
        let origin = match origin {
            Origin::Regular(file) => {
                let start = file::first_bytes(&file, START_BYTES).map_err(reading)?;
                if options.is_plain || is_plain(&start, options.encoding) {
                    return Ok(Self {
                        name: name.to_owned(),
                        size: Size::Fixed(file.metadata().map_err(reading)?.len()),
                        file: Arc::new(file),
                        kept: None,
                        is_stream,
                        wrapping: Arc::default(),
                    });
                }
                Origin::Regular(file)
            }
            stream => stream,
        };
        let no_room = |e: io::Error| no_room(name, options, &e);
        let file = Arc::new(file::private_file(options.keep.as_deref()).map_err(no_room)?);
        let copying = Copying {
            file: Arc::clone(&file),
            kept: options.keep.clone(),
            name: name.to_owned(),
            limit: options.max_bytes,
            ahead: options.ahead_bytes,
            copies: options.copies.clone(),
        };
        let (theirs, encoding) = (name.to_owned(), options.encoding);
        let wrapping = Arc::default();
        let found = Arc::clone(&wrapping);
        let member = options.member.clone();
        let (scratch, limit) = (options.keep.clone(), options.max_bytes);
        let open = move || {
            let archive = Archive {
                name: &theirs,
                file: origin.regular()?,
                wanted: member.as_deref(),
                scratch: scratch.as_deref().and_then(Path::parent),
                limit,
            };
            chain(origin.open(&theirs)?, encoding, archive, &found)
        };
        Ok(Self {
            name: name.to_owned(),
            file,
            size: Size::Growing(Growing::start(copying, open)),
            kept: options.keep.clone(),
            is_stream,
            wrapping,
        })
    }

    /// A copy that was made already.
    pub(crate) fn of_copy(
        copy: File,
        name: &str,
        options: &IntakeOptions,
    ) -> Result<Self, InputError> {
        let meta = copy.metadata().map_err(|e| faults::reading(name, &e))?;
        Ok(Self {
            name: name.to_owned(),
            size: Size::Fixed(meta.len()),
            file: Arc::new(copy),
            kept: options.keep.clone(),
            is_stream: false,
            wrapping: Arc::default(),
        })
    }

    /// Puts another file in the place of a text that was read to its end: one that is kept at a place,
    /// or nowhere.
    pub(crate) fn replace(&mut self, copy: File, kept: Option<PathBuf>) -> Result<(), InputError> {
        let meta = copy.metadata();
        let bytes = meta.map_err(|e| faults::reading(&self.name, &e))?.len();
        self.size = Size::Fixed(bytes);
        self.file = Arc::new(copy);
        if let Some(path) = std::mem::replace(&mut self.kept, kept) {
            // What cannot be removed now is removed with the run.
            let _ = std::fs::remove_file(path);
        }
        Ok(())
    }

    /// What differs after a file was written to that is read where it stands; none for a copy.
    pub(crate) fn mark(&self) -> Result<Option<Mark>, InputError> {
        let Size::Fixed(_) = self.size else {
            return Ok(None);
        };
        let meta = (self.file.metadata()).map_err(|e| faults::reading(&self.name, &e))?;
        Ok(Some(Mark::of(&meta)))
    }

    /// Reads up to `want` bytes that begin at `offset` behind the first `keep` bytes of the buffer,
    /// over what stands there, and says whether they are the last ones. Waits for those that have
    /// not arrived. There are fewer where the input cannot be read on behind them: then the next
    /// call says why.
    pub(crate) fn read(
        &self,
        buffer: &mut Vec<u8>,
        keep: usize,
        offset: u64,
        want: usize,
    ) -> Result<bool, InputError> {
        let (bytes, is_all) = match &self.size {
            Size::Fixed(bytes) => (*bytes, true),
            Size::Growing(growing) => growing.reach(offset, offset.saturating_add(want as u64))?,
        };
        let left = bytes.saturating_sub(offset);
        let take = usize::try_from(left).map_or(want, |left| left.min(want));
        buffer.resize(keep + take, 0);
        if let Err(error) = file::read_exact_at(&self.file, &mut buffer[keep..], offset) {
            buffer.truncate(keep);
            return Err(faults::reading(&self.name, &error));
        }
        Ok(is_all && take as u64 == left)
    }

    /// How many bytes the text has; none while that is not known.
    pub(crate) fn bytes(&self) -> Option<u64> {
        match &self.size {
            Size::Fixed(bytes) => Some(*bytes),
            Size::Growing(growing) => growing.bytes(),
        }
    }

    /// Where its copy is kept, if it has a name.
    pub(crate) fn kept(&self) -> Option<&Path> {
        self.kept.as_deref()
    }

    /// Whether its end may have been cut off in silence: it came from a pipe.
    pub(crate) fn is_stream(&self) -> bool {
        self.is_stream
    }

    /// What its bytes were found to be; plain UTF-8 before anything was found.
    pub(crate) fn wrapping(&self) -> Wrapping {
        self.wrapping.get().cloned().unwrap_or_default()
    }

    /// Brings a copy that is kept to the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        match &self.kept {
            Some(_) => self.file.sync_data(),
            None => Ok(()),
        }
    }
}

/// Whether a file that begins like this is neither compressed nor in another encoding than UTF-8.
pub(super) fn is_plain(start: &[u8], told: Option<Encoding>) -> bool {
    let marked = Encoding::of_mark(start).map(|(encoding, _)| encoding);
    let encoding = marked.or(told).unwrap_or(Encoding::UTF_8);
    let is_wrapped = Compression::of(start).is_some() || zipped::begins(start);
    !is_wrapped && encoding == Encoding::UTF_8
}

/// The readers that make text in UTF-8 of an input's bytes.
pub(super) fn chain(
    raw: Chain,
    told: Option<Encoding>,
    archive: Archive<'_>,
    found: &OnceLock<Wrapping>,
) -> io::Result<Chain> {
    let name = archive.name;
    let (mut start, mut rest) = peek(raw)?;
    let (mut compression, mut member) = (None, None);
    if zipped::begins(&start) {
        let (opened, text) = archive.open(rest)?;
        (compression, member) = (Some("zip"), Some(opened));
        (start, rest) = peek(text)?;
    } else if let Some(by) = Compression::of(&start) {
        compression = Some(by.word());
        (start, rest) = peek(Box::new(Inflated::new(by, rest, name)))?;
    }
    if compression.is_some() && (Compression::of(&start).is_some() || zipped::begins(&start)) {
        return Err(io::Error::other(twice(name, member.as_ref(), &start)));
    }
    let (encoding, told, mark) = match Encoding::of_mark(&start) {
        Some((encoding, mark)) => (encoding, Told::ByMark, mark),
        None => (told.unwrap_or(Encoding::UTF_8), Told::ByUser, 0),
    };
    found.get_or_init(|| Wrapping {
        compression,
        member,
        encoding,
    });
    if encoding == Encoding::UTF_8 {
        return Ok(rest);
    }
    rest.read_exact(&mut start[..mark])?;
    Ok(Box::new(Decoded::new(encoding, told, rest, name)))
}

/// Compressed bytes or an archive in what was unpacked already.
fn twice(name: &str, member: Option<&Member>, start: &[u8]) -> InputError {
    let Some(Member { name: member, .. }) = member else {
        return InputError::new(
            format!("{name} is compressed twice, which is not read"),
            "unpack it once and push the unpacked file",
        );
    };
    let what = match zipped::begins(start) {
        true => "an archive or a workbook",
        false => "compressed",
    };
    let shown = display::quoted(member);
    InputError::new(
        format!("{name}: {shown} in it is {what} itself, which is not read"),
        format!("unpack {name} and push {shown}"),
    )
}

/// A copy that cannot be made.
pub(crate) fn no_room(name: &str, options: &IntakeOptions, error: &io::Error) -> InputError {
    growing::cannot_copy(name, options.keep.as_deref(), error)
}
