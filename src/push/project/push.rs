//! One push of a project file, as it stands there.

use std::path::PathBuf;

use crate::cli::Said;

/// One push of a project file.
#[derive(Clone, Debug)]
pub(crate) struct ProjectPush {
    pub name: String,
    /// The line of its heading.
    pub line: usize,
    /// The line of each option that was said.
    pub lines: Vec<(String, usize)>,
    pub files: Vec<PathBuf>,
    /// The options that were said, those for all pushes included.
    pub said: Said,
    /// Which pushes come before it, each with its line.
    pub after: Vec<(String, usize)>,
    /// Whether it comes after one with gaps, too.
    pub after_gaps: bool,
}
