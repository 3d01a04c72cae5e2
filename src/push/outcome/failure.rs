//! Why a run ended without success: what is wrong, and what to try.

use crate::base::complaint::Complaint;
use crate::base::exit::Exit;

/// Why a run ended without success.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub exit: Exit,
    /// What went wrong; never empty.
    pub problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub message: String,
    pub hints: Vec<String>,
}

impl Problem {
    /// A problem with at most one hint.
    pub(crate) fn new(message: impl Into<String>, hint: Option<String>) -> Self {
        Self {
            message: message.into(),
            hints: hint.into_iter().collect(),
        }
    }
}

impl Failure {
    /// A failure of one problem.
    pub(crate) fn new(exit: Exit, message: impl Into<String>, hint: Option<String>) -> Self {
        Self {
            exit,
            problems: vec![Problem::new(message, hint)],
        }
    }

    /// A failure for what was complained of.
    pub(crate) fn of(exit: Exit, complaint: Complaint) -> Self {
        Self::new(exit, complaint.message, complaint.hint)
    }

    /// A failure for all that was complained of; none where that is nothing.
    pub(crate) fn of_all(exit: Exit, complaints: Vec<Complaint>) -> Result<(), Self> {
        let problem = |Complaint { message, hint }| Problem::new(message, hint);
        let problems: Vec<_> = complaints.into_iter().map(problem).collect();
        match problems.is_empty() {
            true => Ok(()),
            false => Err(Self { exit, problems }),
        }
    }

    /// Adds something to try to the last problem.
    pub(crate) fn hint(&mut self, hint: impl Into<String>) {
        if let Some(problem) = self.problems.last_mut() {
            problem.hints.push(hint.into());
        }
    }
}
