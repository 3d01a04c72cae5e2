//! From a push of a project file to its plan: the push's own parser and planner say what is wrong with it.

use std::time::Duration;

use super::options::give_way;
use super::push::ProjectPush;
use crate::base::display;
use crate::cli::{CommonArgs, Said, push_of};
use crate::mapping::Mistake;
use crate::mapping::toml::settle;
use crate::push::mapping_file::mapping_failure;
use crate::push::outcome::{Exit, Failure};
use crate::push::plan::{Environment, Plan};

/// A push of a project, planned.
pub(crate) struct Planned {
    pub name: String,
    pub plan: Plan,
    /// Where its service and its state are.
    pub common: CommonArgs,
    /// How long another push to its table is waited for.
    pub lock_wait: Duration,
}

impl ProjectPush {
    /// Plans the push; what was typed goes before what the project file says.
    pub(crate) fn plan(
        &self,
        typed: &Said,
        project: &str,
        environment: &Environment,
    ) -> Result<Planned, Failure> {
        let mut said = self.said.clone();
        give_way(&mut said, typed);
        said.extend(typed.clone());
        let mut mistakes = Vec::new();
        let cli = loop {
            let blamed = match push_of(&said, &self.files) {
                Ok(cli) => break cli,
                Err(blamed) => blamed,
            };
            mistakes.push(Mistake {
                line: self.place(blamed.option.as_deref(), typed),
                message: format!("[push.{}]: {}", self.name, blamed.message),
                hint: None,
            });
            // The parser stops at the first; what else is wrong shows without it.
            let is_left = blamed
                .option
                .is_none_or(|option| said.remove(&option).is_none());
            if is_left {
                return Err(mapping_failure(Some(project), settle(mistakes)));
            }
        };
        if !mistakes.is_empty() {
            return Err(mapping_failure(Some(project), settle(mistakes)));
        }
        let plan = Plan::new(&cli.push, &cli.common, environment);
        Ok(Planned {
            name: self.name.clone(),
            plan: plan.map_err(|failure| named(&self.name, failure))?,
            common: cli.common,
            lock_wait: cli.push.lock.lock_wait,
        })
    }

    /// The line of an option, or that of the heading; none where it was typed.
    fn place(&self, option: Option<&str>, typed: &Said) -> Option<usize> {
        let is_typed = option.is_some_and(|option| typed.contains_key(option));
        let own = (self.lines.iter()).find(|(name, _)| Some(name.as_str()) == option);
        let line = own.map_or(self.line, |(_, line)| *line);
        (!is_typed).then_some(line)
    }
}

/// A failure that says whose it is.
pub(crate) fn named(name: &str, mut failure: Failure) -> Failure {
    for problem in &mut failure.problems {
        problem.message = format!("{}: {}", display::shown(name), problem.message);
    }
    failure
}

/// All failures as one, which is of the kind of the first.
pub(crate) fn all_of(failures: Vec<Failure>) -> Result<(), Failure> {
    let exit = failures.first().map_or(Exit::Usage, |failure| failure.exit);
    let problems: Vec<_> = failures.into_iter().flat_map(|one| one.problems).collect();
    match problems.is_empty() {
        true => Ok(()),
        false => Err(Failure { exit, problems }),
    }
}
