//! JSON that is not NDJSON to a private copy with one record a line.
//!
//! A record is copied byte for byte, but that a line end between its parts becomes a space. It stands
//! on the line of the copy on which it begins in the input, so that faults name that line. Where two
//! begin on one line, the copy is made anew without blank lines, and records are counted instead.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, Write as _};

use memchr::memchr2_iter;

use super::head;
use super::walk::Walk;
use crate::base::position::Positions;
use crate::input::error::InputError;
use crate::input::intake::{self, IntakeOptions};
use crate::input::limits::{BLOCK_BYTES, Limits};
use crate::input::opened::Input;
use crate::input::{faults, file};

/// Puts a copy with one record a line in the place of the input's text. The records are at the path
/// `records` if somebody said so. `name` is harmless to print.
pub(in crate::input) fn convert(
    input: &mut Input,
    name: &str,
    records: Option<&str>,
    limits: Limits,
    options: &IntakeOptions,
) -> Result<(), InputError> {
    let cannot = |error: io::Error| intake::no_room(name, options, &error);
    let before = input.intake.mark()?;
    let beginning = head::read(input, name, records, limits)?;
    let keep = (options.keep.as_deref()).map(|path| path.with_extension("ndjson"));
    let mut copy = file::private_file(keep.as_deref()).map_err(cannot)?;
    let mut positions = Positions::Lines;
    loop {
        let walk = Walk::new(input, name, &beginning, limits);
        match write(walk, positions, &copy) {
            Ok(()) => break,
            Err(Stop::SharedLine) => positions = Positions::Records,
            Err(Stop::Refused(error)) => return Err(error),
            Err(Stop::Write(error)) => return Err(cannot(error)),
        }
        copy.rewind().map_err(cannot)?;
        copy.set_len(0).map_err(cannot)?;
    }
    if input.intake.mark()? != before {
        return Err(faults::changing(name));
    }
    input.intake.replace(copy, keep)?;
    input.start = 0;
    input.positions = Some(positions);
    Ok(())
}

/// Why a copy is not made to its end.
enum Stop {
    /// Two records begin on one line.
    SharedLine,
    Refused(InputError),
    Write(io::Error),
}

impl From<InputError> for Stop {
    fn from(error: InputError) -> Self {
        Self::Refused(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

/// Writes the records, each on its own line of the input or on the line of its number.
fn write(mut walk: Walk<'_>, positions: Positions, copy: &File) -> Result<(), Stop> {
    let mut out = BufWriter::with_capacity(BLOCK_BYTES, copy);
    let (mut line, mut count) = (1, 0);
    while let Some((first_line, record)) = walk.next()? {
        count += 1;
        let wanted = match positions {
            Positions::Lines if first_line == line && count > 1 => return Err(Stop::SharedLine),
            Positions::Lines => first_line,
            Positions::Records => count,
        };
        io::copy(&mut io::repeat(b'\n').take(wanted - line), &mut out)?;
        line = wanted;
        let mut from = 0;
        for end in memchr2_iter(b'\n', b'\r', record) {
            out.write_all(&record[from..end])?;
            out.write_all(b" ")?;
            from = end + 1;
        }
        out.write_all(&record[from..])?;
    }
    // A stream whose last line does not end may have been cut.
    if count > 0 && !walk.is_unended() {
        out.write_all(b"\n")?;
    }
    Ok(out.flush()?)
}
