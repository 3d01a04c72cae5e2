//! What is typed goes before the project file, that before the mapping.

use super::tables::stage;
use crate::rig::ends;
use crate::stage::Stage;

const PROJECT: &str = "[defaults]\nall = true\ndebounce = 60\n[push.deals]\nfiles = \"deals-1.csv\"\nmapping = \"m.toml\"\n";

fn path(stage: &Stage) -> String {
    let path = stage.posts().pop().unwrap().path;
    path.split_once('?').unwrap().1.to_owned()
}

#[test]
fn options_of_a_push_come_from_three_places() {
    let mapping = "table = \"deals\"\nall = true\ndebounce = 30\nwait = true\n";
    for (project, line, expected) in [
        (
            PROJECT.replace("debounce = 60\n", ""),
            "sync --wait=false",
            "all=true&debounce=30",
        ),
        (
            PROJECT.to_owned(),
            "sync --wait=false",
            "all=true&debounce=60",
        ),
        (
            PROJECT.to_owned(),
            "sync deals --wait=false --debounce 90",
            "all=true&debounce=90",
        ),
        // Of the project the push's own goes first, and can switch off what the mapping wants.
        (
            PROJECT.replace("debounce = 60\n", "") + "all = false\nwait = false\n",
            "sync",
            "all=false&debounce=0",
        ),
        // What the defaults say of a replace goes with it.
        (
            PROJECT.to_owned() + "all = false\nwait = false\n",
            "sync",
            "all=false&debounce=0",
        ),
        (
            PROJECT.to_owned(),
            "sync --all=false --wait=false",
            "all=false&debounce=0",
        ),
    ] {
        let stage = stage()
            .file("qobra-push.toml", &project)
            .file("m.toml", mapping);
        ends(&stage, line, 0);
        assert_eq!(path(&stage), expected, "{line} {project}");
    }
}

#[test]
fn paths_are_relative_to_the_project_file() {
    let stage = stage().file("m.toml", "");
    let jobs = stage.folder().path().join("jobs");
    std::fs::create_dir(&jobs).unwrap();
    std::fs::write(jobs.join("m.toml"), "table = \"deals\"\n").unwrap();
    std::fs::write(jobs.join("deals-1.csv"), "id\n7\n").unwrap();
    let project =
        "[push.deals]\nfiles = \"deals-*.csv\"\nmapping = \"m.toml\"\nstate_dir = \"state\"\n";
    std::fs::write(jobs.join("p.toml"), project).unwrap();
    ends(&stage, "sync --project jobs/p.toml", 0);
    assert_eq!(stage.new_ids(), ["7"]);
    assert!(jobs.join("state").exists());
}
