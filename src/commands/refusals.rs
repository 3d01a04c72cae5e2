//! What keeps a push from its state or its input, as failures of code 2, 3 or 9.

use std::path::Path;

use crate::base::display;
use crate::commands::lines;
use crate::input::{Blame, InputError, OpenError, Source};
use crate::prove::{ProveError, SHOWN_BAD_RECORDS};
use crate::push::outcome::{Exit, Failure, Problem};
use crate::push::plan::Plan;
use crate::runs::history::HistoryError;
use crate::runs::state::{LockError, StateError};

/// A table that another push has, or whose lock cannot be made.
pub(super) fn locked(error: LockError) -> Failure {
    match error {
        LockError::Held { .. } => Failure::new(
            Exit::Locked,
            error.to_string(),
            Some("run it again when that one has ended".to_owned()),
        ),
        LockError::Io(error) => unusable(error),
    }
}

/// A journal that cannot be written while nothing has been sent.
pub(super) fn unwritable(error: &std::io::Error) -> Failure {
    Failure::new(
        Exit::Usage,
        format!("the run's journal cannot be written: {error}; nothing was sent"),
        Some("make room there, or name another folder with --state-dir".to_owned()),
    )
}

/// A state folder that cannot be used.
pub(super) fn unusable(error: StateError) -> Failure {
    Failure::new(Exit::Usage, error.message, error.hint)
}

/// A past that cannot be known.
pub(super) fn past(error: &HistoryError) -> Failure {
    let hint = match error {
        HistoryError::State(error) => error.hint.clone(),
        HistoryError::Journal(error) => error.hint(),
    };
    Failure::new(Exit::Usage, error.to_string(), hint)
}

/// Inputs that cannot be opened.
pub(super) fn unopened(error: OpenError) -> Failure {
    Failure::new(exit_for(error.blame), error.message, error.hint)
}

fn exit_for(blame: Blame) -> Exit {
    match blame {
        Blame::CommandLine => Exit::Usage,
        Blame::Content => Exit::Input,
    }
}

/// Inputs that were read and must not be sent.
pub(super) fn refused(
    plan: &Plan,
    source: &Source,
    error: ProveError,
    rejects: Option<&Path>,
) -> Failure {
    let message = error.to_string();
    match error {
        ProveError::Mapping(mistakes) => plan.mapping_failure(mistakes),
        ProveError::Input(error) => unreadable(source, vec![error]),
        ProveError::Unreadable(errors) => unreadable(source, errors),
        ProveError::Disk { .. } => Failure::new(
            Exit::Usage,
            format!("{message}; nothing was sent"),
            Some("make room there, or name another folder with --state-dir".to_owned()),
        ),
        ProveError::Rejects(_) => Failure::new(
            Exit::Usage,
            format!("{message}; nothing was sent"),
            Some("make room there, or name another file with --rejects".to_owned()),
        ),
        ProveError::BadRecords { bad, allowed, .. } => {
            let shown = rejects.map(|path| {
                let path = lines::quoted(path);
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
fn unreadable(source: &Source, errors: Vec<InputError>) -> Failure {
    let mut problems: Vec<Problem> = Vec::with_capacity(errors.len());
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
    let mut failure = Failure {
        exit: exit_for(source.blame()),
        problems,
    };
    if failure.problems.len() as u64 == SHOWN_BAD_RECORDS {
        failure.hint("there may be more: none were looked for behind these");
    }
    failure
}
