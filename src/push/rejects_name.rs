//! `--rejects FILE`: what may stand in its name, and what happens where something is in the way.
//!
//! Only when there is a record to write does it matter that the file is there: a job names the same one
//! every night, and most nights nothing is rejected.

use std::path::{Path, PathBuf};

use crate::base::display;
use crate::push::outcome::{Exit, Failure};
use crate::runs::state::{RunId, TableDir};

/// What stands for something else in the name.
const NAMES: [&str; 3] = ["{run}", "{table}", "{date}"];

/// Refuses names with something in braces that stands for nothing.
pub(crate) fn check(path: &Path) -> Result<(), Failure> {
    if path == Path::new("-") {
        let message = "--rejects: rejected records go to a file, and `-` is none".to_owned();
        let hint = "for a file of that name: ./-".to_owned();
        return Err(Failure::new(Exit::Usage, message, Some(hint)));
    }
    // What is no text has nothing in braces that anybody typed.
    let mut rest = path.to_str().unwrap_or_default();
    while let Some((_, after)) = rest.split_once('{') {
        let Some((inside, behind)) = after.split_once('}') else {
            break;
        };
        let name = format!("{{{inside}}}");
        if !NAMES.contains(&name.as_str()) {
            return Err(Failure::new(
                Exit::Usage,
                format!(
                    "--rejects: {} stands for nothing in a file's name",
                    display::quoted(&name)
                ),
                Some(format!(
                    "{} stand for something",
                    display::listed(&NAMES.map(str::to_owned))
                )),
            ));
        }
        rest = behind;
    }
    Ok(())
}

/// The file of one run. A table's key is written as in the state folder, so that none leads elsewhere; the
/// day is UTC's, that of the run's id.
pub(crate) fn of_run(path: &Path, run: &RunId, table: &TableDir) -> PathBuf {
    let Some(text) = path.to_str() else {
        return path.to_owned();
    };
    let table = table.path().file_name().unwrap_or_default();
    let run = run.as_str();
    let day = [run.get(..4), run.get(4..6), run.get(6..8)].map(Option::unwrap_or_default);
    // None of the values has a brace in it.
    let text = text
        .replace("{run}", run)
        .replace("{table}", &table.to_string_lossy())
        .replace("{date}", &day.join("-"));
    PathBuf::from(text)
}

/// Why nothing is written there.
pub(crate) fn is_there(path: &Path) -> String {
    let path = display::shown(&path.to_string_lossy());
    format!("{path} exists, and rejects never overwrite a file")
}

/// That there are records for it, and it cannot be written.
pub(crate) fn in_the_way(path: &Path) -> Failure {
    let hint = "name another one with --rejects; {run} in it is another one each time".to_owned();
    let message = format!("{}; nothing was sent", is_there(path));
    Failure::new(Exit::Usage, message, Some(hint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::model::TableKey;
    use crate::runs::state::StateDir;

    #[test]
    fn what_stands_for_nothing_is_refused() {
        for good in [
            "r.csv",
            "{run}.csv",
            "a/{table}-{date}-{run}.csv",
            "{open",
            "x}",
        ] {
            assert!(check(Path::new(good)).is_ok(), "{good}");
        }
        for bad in ["{day}.csv", "{run}{}.csv", "{RUN}", "{ run }", "{{run}}"] {
            let failure = check(Path::new(bad)).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage, "{bad}");
            let hint = &failure.problems[0].hints[0];
            assert!(NAMES.iter().all(|name| hint.contains(name)), "{hint}");
        }
    }

    #[test]
    fn no_table_leads_out_of_its_folder() {
        let state = StateDir::locate(Some(Path::new("/state")), &|_| None).unwrap();
        let run: RunId = "20260102T030405Z-0a1b".parse().unwrap();
        let named = |path: &str, key: &str| {
            let table = state.table("https://q.test", &TableKey::new(key).unwrap());
            of_run(Path::new(path), &run, &table)
        };
        let path = named("out/{date}/{table}-{run}.csv", "../a/{run}");
        let expected = "out/2026-01-02/%2E.%2Fa%2F%7Brun%7D-20260102T030405Z-0a1b.csv";
        assert_eq!(path, Path::new(expected));
        assert_eq!(named("plain.csv", "deals"), Path::new("plain.csv"));
    }
}
