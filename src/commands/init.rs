//! `init`: a drafted mapping for a file, or a drafted project for several.

mod drafting;
mod project;

use self::drafting::{draft, print, refuse_existing, tell, write};
use crate::cli::InitArgs;
use crate::mapping;
use crate::push::outcome::{Exit, Failure};
use crate::screen::terminal::Terminal;

/// Prints the draft or writes it to a file, and says what it was made from.
pub(super) fn run(args: &InitArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    if args.schema {
        return print(&mapping::schema_text());
    }
    if args.project {
        return project::run(args, terminal);
    }
    let [file] = args.files.as_slice() else {
        let message = "a draft is made of one file";
        let hint = "--project drafts a project of several: qobra-push init --project FILE...";
        return Err(Failure::new(Exit::Usage, message, Some(hint.to_owned())));
    };
    if let Some(out) = &args.out {
        refuse_existing(std::iter::once(out))?;
    }
    let drafted = draft(args, file, terminal)?;
    match &args.out {
        None => {
            print(&drafted.draft.text)?;
        }
        Some(out) => write(out, &drafted.draft.text)?,
    }
    tell(&drafted.draft, &drafted.name, terminal);
    Ok(Exit::Done)
}
