//! The inputs and the mapping of a run again, if they are what they were.

use std::path::Path;

use crate::base::display;
use crate::input::{Format, InputError, InputPath, Source};
use crate::mapping::{Binding, Freeze, Mapping};
use crate::prove::{Digests, InputProof};
use crate::push::mapping_file;
use crate::push::outcome::{Exit, Failure};
use crate::push::plan_line;
use crate::runs::journal::PlanLine;

/// What a run reads, open again.
pub(crate) struct Reopened {
    pub(crate) source: Source,
    pub(crate) binding: Binding,
    /// What the mapping says is frozen.
    pub(crate) freeze: Option<Freeze>,
}

/// Opens inputs and mapping again, if they are what they were.
pub(crate) fn reopen(line: &PlanLine) -> Result<Reopened, Failure> {
    let mut mapping = match &line.mapping {
        None => Mapping::identity(),
        Some(file) => {
            if !file.path.exists() {
                return Err(no_mapping(&file.path));
            }
            let (mapping, now) = mapping_file::read_mapping(&file.path)?;
            if now.digest != file.digest {
                return Err(changed(&format!("the mapping {}", now.name)));
            }
            mapping
        }
    };
    mapping.set_id(&line.options.id_field);
    let options = plan_line::source_options(line);
    if options.format == Some(Format::Json)
        && line.inputs.iter().any(|input| input.positions.is_none())
    {
        return Err(older());
    }
    let paths = line.inputs.iter().map(|input| {
        let copy = input
            .kept
            .clone()
            .filter(|_| !plan_line::is_copy_gone(input));
        let path = copy.or_else(|| input.path.clone());
        path.map_or(InputPath::Stdin, InputPath::File)
    });
    let source = Source::open(&paths.collect::<Vec<_>>(), &options)
        .map_err(|error| Failure::new(Exit::Input, error.message, error.hint))?;
    check_inputs(line, &source)?;
    let binding = mapping
        .bind(source.columns())
        .map_err(|_| changed("the header of the input"))?;
    Ok(Reopened {
        source,
        binding,
        freeze: mapping.freeze().cloned(),
    })
}

fn changed(what: &str) -> Failure {
    Failure::new(
        Exit::Input,
        format!("{what} has changed since the push was interrupted; nothing was sent"),
        Some("push it as a new run".to_owned()),
    )
}

/// A mapping that is not there any more: another one would not be what it was.
fn no_mapping(path: &Path) -> Failure {
    let path = display::shown(&path.to_string_lossy());
    Failure::new(
        Exit::Usage,
        format!("there is no mapping {path} any more; nothing was sent"),
        Some("put it back as it was, or push the input as a new run".to_owned()),
    )
}

/// A JSON document without the copy that is read now; its journal tells places of the document.
fn older() -> Failure {
    Failure::new(
        Exit::Input,
        "an earlier version began this push of a JSON document, and read it in another way; nothing was sent",
        Some("push it as a new run".to_owned()),
    )
}

/// An input that cannot be read to its end any more, or by the rules of this version.
fn unreadable(error: InputError) -> Failure {
    let message = format!("{}; nothing was sent", error.message);
    Failure::new(Exit::Input, message, error.hint)
}

/// Refuses inputs that are not what they were.
fn check_inputs(line: &PlanLine, source: &Source) -> Result<(), Failure> {
    let mut digests = Digests::new(source).map_err(unreadable)?;
    let mut blocks = source.blocks();
    while let Some(block) = blocks.next() {
        let block = block.map_err(unreadable)?;
        if let Some(buffer) = digests.update(block, 0) {
            blocks.recycle(buffer);
        }
    }
    let now = digests.finish();
    let same = |(n, input): (usize, &InputProof)| {
        line.inputs
            .get(n)
            .is_some_and(|then| then.digest == input.digest)
    };
    match now.iter().enumerate().find(|pair| !same(*pair)) {
        Some((n, _)) => Err(changed(&source.names().name(n))),
        None => Ok(()),
    }
}
