//! From errors to what a caller is told: the one file that decides the exit code and the hint of each.

use std::io;
use std::path::Path;

use crate::base::complaint::Complaint;
use crate::base::{disk, display};
use crate::input::{Blame, InputError};
use crate::prove::{ProveError, SHOWN_LINES};
use crate::push::outcome::{Exit, Failure, Problem};
use crate::push::plan::Plan;
use crate::push::rejects_name;
use crate::runs::journal::JournalError;
use crate::runs::state::LockError;

/// What nobody expects, with the words on what was being done: a bug. An error that somebody expects
/// has a conversion of its own below, or it does not compile with `?`.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::new(Exit::Bug, format!("{error:#}"), None)
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Held { .. } => Self::new(
                Exit::Locked,
                error.to_string(),
                Some(
                    "run it again when that one has ended; --lock-wait 15m waits for it".to_owned(),
                ),
            ),
            LockError::Io(error) => error.into(),
        }
    }
}

/// A complaint is for the user to set right before anything is sent; who knows better says
/// [`Failure::of`].
impl From<Complaint> for Failure {
    fn from(complaint: Complaint) -> Self {
        Self::of(Exit::Usage, complaint)
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        Complaint::from(error).into()
    }
}

impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        Self::new(exit_for(error.blame), error.message, error.hint)
    }
}

/// A journal that cannot be written while nothing has been sent.
pub(crate) fn unwritable(error: &std::io::Error) -> Failure {
    Failure::new(
        Exit::Usage,
        format!(
            "the run's journal cannot be written: {}; nothing was sent",
            disk::told(error)
        ),
        Some("make room there, or name another folder with --state-dir".to_owned()),
    )
}

fn exit_for(blame: Blame) -> Exit {
    match blame {
        Blame::CommandLine => Exit::Usage,
        Blame::Content => Exit::Input,
    }
}

/// That rejects cannot be written where they are to go.
fn unwritable_rejects(message: &str, error: &io::Error) -> Failure {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => {
            "its folder does not exist: make it, or name another file with --rejects"
        }
        _ => "make room there, or name another file with --rejects",
    };
    let message = format!("{message}; nothing was sent");
    Failure::new(Exit::Usage, message, Some(hint.to_owned()))
}

/// Inputs that were read and must not be sent.
pub(crate) fn refused(plan: &Plan, error: ProveError, rejects: Option<&Path>) -> Failure {
    let message = error.to_string();
    match error {
        ProveError::Mapping(mistakes) => plan.mapping_failure(mistakes),
        ProveError::Input(error) => unreadable(vec![error]),
        ProveError::Unreadable(errors) => unreadable(errors),
        ProveError::Ids(_) => Failure::new(
            Exit::Usage,
            format!("{message}; nothing was sent"),
            Some("make room there, or name another folder with --state-dir".to_owned()),
        ),
        ProveError::Rejects(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            match &plan.rejects {
                Some(path) => rejects_name::in_the_way(path),
                None => Failure::new(Exit::Usage, message, None),
            }
        }
        ProveError::Rejects(error) => unwritable_rejects(&message, &error),
        ProveError::BadRecords { bad, allowed, .. } => {
            let shown = rejects.map(|path| {
                let path = display::typed_path(path);
                let they_are = if bad == 1 { "it is" } else { "all of them are" };
                format!(
                    "{they_are} in {path}; --max-errors (now {allowed}) says how many may be left out"
                )
            });
            Failure::new(Exit::Input, format!("{message}; nothing was sent"), shown)
        }
        ProveError::MixedSigns(sentences) => mixed_signs(sentences),
        ProveError::Duplicates(repeated) => {
            let mut problems: Vec<_> = repeated
                .lines()
                .iter()
                .map(|line| Problem::new(line, None))
                .collect();
            let rest = match repeated.unshown() {
                0 => String::new(),
                n => format!(" ({} not shown)", display::count(n)),
            };
            problems.push(Problem::new(
                format!("{message}{rest}; nothing was sent"),
                Some(
                    "--duplicates first or --duplicates last sends one record of several"
                        .to_owned(),
                ),
            ));
            Failure {
                exit: Exit::Input,
                problems,
            }
        }
    }
}

/// Percent columns with the sign in some of their cells.
fn mixed_signs(sentences: Vec<String>) -> Failure {
    let hint = "write all cells of a percent column with the sign, or all without: a share of one such \
                as 0.125 is 12.5%";
    let problem = |sentence: String| {
        Problem::new(
            format!("{sentence}; nothing was sent"),
            Some(hint.to_owned()),
        )
    };
    Failure {
        exit: Exit::Input,
        problems: sentences.into_iter().map(problem).collect(),
    }
}

/// Inputs that cannot be read to their end. What to try is said once where it is the same.
fn unreadable(errors: Vec<InputError>) -> Failure {
    let mut problems: Vec<Problem> = Vec::with_capacity(errors.len());
    let exit = errors
        .first()
        .map_or(Exit::Input, |error| exit_for(error.blame));
    for error in errors {
        let hints: Vec<String> = error.hint.into_iter().collect();
        if let Some(last) = problems.last_mut().filter(|last| last.hints == hints) {
            last.hints.clear();
        }
        problems.push(Problem {
            message: error.message,
            hints,
        });
    }
    let mut failure = Failure { exit, problems };
    if failure.problems.len() == SHOWN_LINES {
        failure.hint("there may be more: none were looked for behind these");
    }
    failure
}
