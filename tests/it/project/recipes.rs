//! The recipes for schedulers below `examples/unattended`: their lines are the program's, they run, and
//! they agree with the pages on what each exit code asks for.

/// What a scheduler does after each exit code, as the pages, the recipes and `push.sh` say.
mod codes;
/// `push.sh` and the line for cron, run for real.
mod scripts;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use qobra_push::command_line;
use regex::Regex;
use serde_json::Value;

use crate::support::{Folder, Told, has, program, receipt, run};

/// A file or folder beside the manifest.
fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Where a recipe is.
fn path(name: &str) -> PathBuf {
    root("examples/unattended").join(name)
}

/// A recipe.
fn recipe(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap()
}

/// The documents of a recipe in YAML.
fn yaml(name: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(&recipe(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The part of the job that a pod is made of.
fn pod() -> Value {
    let [_claim, job] = yaml("kubernetes/cronjob.yaml").try_into().unwrap();
    job["spec"]["jobTemplate"]["spec"].clone()
}

/// The words behind a mark, up to the end of its line.
fn behind(text: &str, mark: &str) -> Vec<String> {
    let (_, rest) = text.rsplit_once(mark).unwrap();
    let line = rest.lines().next().unwrap();
    line.split_whitespace().map(str::to_owned).collect()
}

fn texts(list: &Value) -> Vec<String> {
    let texts = list.as_array().unwrap().iter();
    texts
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

/// The words of a list in Python, but for the program.
fn python_words(source: &str) -> Vec<String> {
    let (_, rest) = source.split_once("PUSH = [").unwrap();
    let (list, _) = rest.split_once(']').unwrap();
    let words = list.split('"').skip(1).step_by(2);
    words.skip(1).map(str::to_owned).collect()
}

/// What each recipe gives to the program.
fn lines() -> Vec<(&'static str, Vec<String>)> {
    let steps = yaml("github-actions.yml")[0]["jobs"]["push"]["steps"].clone();
    let mut steps = steps.as_array().unwrap().iter();
    let step = steps.find(|step| step["name"] == "Push").unwrap();
    let compose = &yaml("docker/compose.yaml")[0]["services"]["deals"]["command"];
    let unit = recipe("systemd/qobra-push-deals.service");
    vec![
        ("push.sh", behind(&recipe("push.sh"), "#   push.sh ")),
        ("crontab", behind(&recipe("crontab"), " push.sh ")),
        (
            "systemd",
            behind(&unit, "ExecStart=/usr/local/bin/qobra-push "),
        ),
        ("docker", texts(compose)),
        (
            "kubernetes",
            texts(&pod()["template"]["spec"]["containers"][0]["args"]),
        ),
        (
            "github-actions",
            behind(step["run"].as_str().unwrap(), "push.sh "),
        ),
        ("airflow", python_words(&recipe("airflow_dag.py"))),
        ("dagster", python_words(&recipe("dagster_asset.py"))),
    ]
}

/// A recipe's line with the example's files, wherever it has its own.
fn with_examples(words: &[String]) -> Vec<String> {
    let file = Regex::new(r"[\w/-]*\b(deals\.(csv|toml))$").unwrap();
    let examples = root("examples").display().to_string();
    let words = words.iter();
    words
        .map(|word| match word.strip_prefix("--mapping=") {
            Some(file) => format!("--mapping={examples}/{}", file.rsplit('/').next().unwrap()),
            None => file.replace(word, format!("{examples}/$1")).into_owned(),
        })
        .collect()
}

#[test]
fn the_lines_are_understood_and_replace_the_table_in_a_rehearsal() {
    for (name, line) in lines() {
        let words = [&["qobra-push".to_owned()], &*line].concat();
        if let Err(error) = command_line().try_get_matches_from(words) {
            panic!("{name}: {error}");
        }
        let folder = Folder::new();
        let mut push = folder.push();
        let told = run(push.args(with_examples(&line)).arg("--sandbox"));
        if line.contains(&"json".to_owned()) {
            assert_eq!(
                receipt(&told, 0)["table_state"],
                "replaced",
                "{name}: {told}"
            );
        }
        let held = "its table `deals` now holds 40 records\n";
        assert!(
            told.code() == Some(0) && told.stderr.ends_with(held),
            "{name}: {told}"
        );
    }
}

/// What has to be there for a push to find its key and its state again.
#[test]
fn the_key_and_the_state_are_mounted_where_they_are_looked_for() {
    let spec = pod()["template"]["spec"].clone();
    let container = &spec["containers"][0];
    let mounts = texts(&Value::Array(
        container["volumeMounts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|mount| mount["mountPath"].clone())
            .collect(),
    ));
    for variable in container["env"].as_array().unwrap() {
        let value = variable["value"].as_str().unwrap();
        assert!(
            mounts
                .iter()
                .any(|mount| value.starts_with(&format!("{mount}/"))),
            "{variable}"
        );
    }
    assert_eq!(
        spec["securityContext"]["fsGroupChangePolicy"],
        "OnRootMismatch"
    );
    let [compose] = yaml("docker/compose.yaml").try_into().unwrap();
    let service = &compose["services"]["deals"];
    let secret = texts(&service["secrets"]).concat();
    assert_eq!(
        service["environment"]["QOBRA_API_KEY_FILE"],
        format!("/run/secrets/{secret}")
    );
    assert!(compose["secrets"][&secret]["file"].is_string());
    let image = recipe("docker/Dockerfile");
    let compiler = behind(&image, "FROM rust:1.")[0].clone();
    let minor =
        |version: &str| -> u32 { version.split(['.', '-']).next().unwrap().parse().unwrap() };
    let needed = env!("CARGO_PKG_RUST_VERSION").strip_prefix("1.").unwrap();
    assert!(minor(&compiler) >= minor(needed), "{compiler}");
    let state = behind(&image, "ENV QOBRA_PUSH_STATE_DIR=").concat();
    assert_eq!(behind(&image, "VOLUME ").concat(), state);
    assert!(texts(&service["volumes"]).contains(&format!("state:{state}")));
    assert!(
        behind(
            &recipe("systemd/qobra-push-deals.service"),
            "LoadCredential="
        )[0]
        .starts_with("qobra-api-key:")
    );
}

/// A push may take ten seconds to end in order.
#[test]
fn whoever_stops_a_push_lets_it_end() {
    let unit = recipe("systemd/qobra-push-deals.service");
    let [compose] = yaml("docker/compose.yaml").try_into().unwrap();
    let periods = [
        behind(&unit, "TimeoutStopSec=").concat(),
        compose["services"]["deals"]["stop_grace_period"]
            .as_str()
            .unwrap()
            .to_owned(),
        pod()["template"]["spec"]["terminationGracePeriodSeconds"].to_string(),
    ];
    for period in periods {
        let seconds: u64 = period.trim_end_matches('s').parse().unwrap();
        assert!(seconds >= 20, "{period}");
    }
}

fn goes_well(command: &mut Command, of: &str) {
    let output = command
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let told = Told {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    };
    assert!(told.status.success(), "{of}: {told}");
    assert_eq!(told.stdout + &told.stderr, "", "{of}");
}

#[test]
fn the_units_are_good_to_systemd() {
    let units = [
        "qobra-push-deals.service",
        "qobra-push-deals.timer",
        "qobra-push-failed@.service",
    ];
    let line = Regex::new(r"^(|#.*|\[[A-Z]\w+\]|[A-Z]\w+=.*)$").unwrap();
    let folder = Folder::new();
    for unit in units {
        let text = recipe(&format!("systemd/{unit}"));
        for of in text.lines() {
            assert!(line.is_match(of), "{unit}: {of}");
        }
        // It looks whether the program is there.
        let here = program().display().to_string();
        folder.write(unit, text.replace("/usr/local/bin/qobra-push", &here));
    }
    if has("systemd-analyze") {
        let mut verify = Command::new("systemd-analyze");
        verify
            .args(["verify", "--man=no"])
            .args(units.map(|unit| folder.path().join(unit)));
        goes_well(&mut verify, "systemd-analyze verify");
    }
}

#[test]
fn the_scripts_are_good_to_their_interpreters() {
    if has("python3") {
        for name in ["airflow_dag.py", "dagster_asset.py"] {
            let mut parse = Command::new("python3");
            parse.args(["-c", "import ast, sys; ast.parse(open(sys.argv[1]).read())"]);
            goes_well(parse.arg(path(name)), name);
        }
    }
    if has("shellcheck") {
        goes_well(Command::new("shellcheck").arg(path("push.sh")), "push.sh");
    }
}

/// Actions run with the rights of the job: each is one commit, whose version a comment names.
#[test]
fn the_workflow_takes_no_action_that_may_change() {
    let workflow = recipe("github-actions.yml");
    let pinned = Regex::new(r"uses: [\w/.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$").unwrap();
    let uses: Vec<_> = workflow
        .lines()
        .filter(|line| line.contains("uses: "))
        .collect();
    assert!(
        !uses.is_empty() && uses.iter().all(|line| pinned.is_match(line)),
        "{uses:?}"
    );
    let [workflow] = yaml("github-actions.yml").try_into().unwrap();
    assert_eq!(
        workflow["permissions"],
        serde_json::json!({ "contents": "read" })
    );
    assert_eq!(workflow["concurrency"]["cancel-in-progress"], false);
}
