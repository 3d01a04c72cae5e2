use std::collections::BTreeMap;

use super::BACK;
use crate::rig::{done, each, ends, folder_name, killed_at, runs, sorted};
use crate::stage::{Stage, deals_from};

type Records = Vec<(String, String)>;

/// Where a push or a rollback dies: in the middle, with an answer to each request.
const MIDDLE: &str = "journal-answer-after:2";

/// What a table held, and what was kept of it, by the words of `docs/back-again.md`.
#[derive(Default)]
struct Model {
    /// The contents that the table had, each by its run.
    contents: Vec<String>,
    /// Whether the last of them is what it holds.
    has_last: bool,
    upserts: usize,
    kept: BTreeMap<String, Records>,
    /// The contents in the order in which they came into the table last.
    uses: Vec<String>,
}

impl Model {
    fn used(&mut self, run: &str) {
        self.uses.retain(|other| other != run);
        self.uses.push(run.to_owned());
        self.has_last = true;
        self.upserts = 0;
    }

    /// A replace that went well and keeps so many.
    fn replaced(&mut self, run: String, keep: usize, held: Records) {
        self.contents.push(run.clone());
        self.used(&run);
        if keep > 0 {
            self.kept.insert(run, held);
            let newest = self.uses.iter().rev();
            let newest: Vec<_> = newest.filter(|run| self.kept.contains_key(*run)).collect();
            let old: Vec<_> = newest.into_iter().skip(keep).cloned().collect();
            old.iter().for_each(|run| drop(self.kept.remove(run)));
        }
    }

    /// Where a rollback goes; none where it does not.
    fn target(&self, named: Option<&String>) -> Option<String> {
        let before = self.contents.iter().rev().skip(usize::from(self.has_last));
        let found = match named {
            Some(run) => Some(run).filter(|run| self.kept.contains_key(*run)),
            None => before.into_iter().find(|run| self.kept.contains_key(*run)),
        };
        found.cloned()
    }

    /// A rollback that touched the table.
    fn went_back(&mut self, run: &String, is_good: bool) {
        match self.contents.iter().position(|other| other == run) {
            Some(place) => self.contents.truncate(place + 1),
            None if is_good => self.contents.push(run.clone()),
            None => {}
        }
        match is_good {
            true => self.used(run),
            false => self.has_last = false,
        }
    }
}

/// Pushes, upserts, rollbacks, kills and resumptions at random: each rollback ends with the content that the
/// page promises, or sends nothing.
#[test]
#[expect(clippy::print_stdout, reason = "the seed repeats a failure")]
fn whatever_came_before_it_goes_where_it_says() {
    let variable = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let seed: u64 = variable("QOBRA_PUSH_TEST_SEED").unwrap_or_else(|| fastrand::u64(..));
    let histories = variable("QOBRA_PUSH_TEST_HISTORIES").unwrap_or(12);
    println!("QOBRA_PUSH_TEST_SEED={seed}");
    each((0..histories).collect(), |n| {
        let mut rng = fastrand::Rng::with_seed(seed.wrapping_add(n));
        history(&mut rng, &format!("QOBRA_PUSH_TEST_SEED={seed} number {n}"));
    });
}

fn history(rng: &mut fastrand::Rng, seed: &str) {
    let stage = Stage::new();
    let (mut model, mut steps) = (Model::default(), seed.to_owned());
    for _ in 0..12 {
        match rng.u8(..10) {
            0..4 => replace(rng, &stage, &mut model, &mut steps),
            4 => {
                let first = rng.u64(100..200);
                stage
                    .folder()
                    .write("deals.csv", deals_from(first, first + 3));
                ends(&stage, "deals.csv -t deals", 0);
                steps.push_str("\nupsert");
                stage.settled();
                model.upserts += 1;
                model.has_last = false;
            }
            _ => go_back(rng, &stage, &mut model, &mut steps),
        }
        let kept = runs(&stage)
            .iter()
            .map(|run| folder_name(run))
            .collect::<Vec<_>>();
        let is_there = |run: &&String| model.kept.contains_key(*run);
        assert_eq!(
            kept.iter().filter(is_there).count(),
            model.kept.len(),
            "{steps}"
        );
        for run in runs(&stage)
            .iter()
            .filter(|run| run.join("kept.json").exists())
        {
            // What is no good replace may go on, or goes with the next push.
            let is_good = model.uses.contains(&folder_name(run));
            assert!(
                !is_good || model.kept.contains_key(&folder_name(run)),
                "{steps}"
            );
        }
    }
}

fn replace(rng: &mut fastrand::Rng, stage: &Stage, model: &mut Model, steps: &mut String) {
    let (first, count) = (rng.u64(1..50), rng.u64(11..40));
    let amount = format!(".{}", rng.u8(10..100));
    let csv = deals_from(first, first + count).replace(".50", &amount);
    stage.folder().write("deals.csv", csv);
    let keep = rng.usize(..4);
    let line = format!(
        "deals.csv -t deals --all --debounce 900 --chunk-seconds 0.05 --chunk-size 5 --jobs 1 \
         --keep {keep} --max-shrink 100% --max-hollow 100% --min-overlap 0%"
    );
    let (is_killed, is_resumed) = (rng.u8(..4) == 0, rng.bool());
    if is_killed {
        assert!(killed_at(stage, &line, MIDDLE), "{steps}");
        is_resumed.then(|| ends(stage, "resume", 0));
    } else {
        ends(stage, &line, 0);
    }
    let run = folder_name(&runs(stage).pop().unwrap());
    steps.push_str(&format!(
        "\n{line}, killed: {is_killed}, resumed: {is_resumed}: {run}"
    ));
    let held = sorted(&stage.settled());
    match is_killed && !is_resumed {
        true => model.has_last = false,
        false => model.replaced(run, keep, held),
    }
}

fn go_back(rng: &mut fastrand::Rng, stage: &Stage, model: &mut Model, steps: &mut String) {
    let known: Vec<_> = model.uses.clone();
    let named = (rng.bool() && !known.is_empty()).then(|| known[rng.usize(..known.len())].clone());
    let drops = rng.bool();
    let mut line = format!("{BACK} --jobs 1 --chunk-size 5 --debounce 900");
    named
        .iter()
        .for_each(|run| line.push_str(&format!(" {run}")));
    line.push_str(if drops { " --drop-later" } else { "" });
    let before = sorted(&stage.held());
    let target = model.target(named.as_ref());
    steps.push_str(&format!("\n{line}: to {target:?}"));
    let Some(run) = target else {
        let told = done(stage, &line);
        assert_eq!(told.code(), Some(2), "{steps}\n{told}");
        assert_eq!(sorted(&stage.settled()), before, "{steps}\n{told}");
        return;
    };
    if model.upserts > 0 && !drops {
        let told = done(stage, &line);
        assert_eq!(told.code(), Some(3), "{steps}\n{told}");
        assert_eq!(
            told.stderr.matches(", an upsert of 4 records").count(),
            model.upserts,
            "{steps}"
        );
        assert_eq!(sorted(&stage.settled()), before, "{steps}\n{told}");
        return;
    }
    if rng.u8(..4) == 0 {
        assert!(killed_at(stage, &line, MIDDLE), "{steps}");
        if rng.bool() {
            steps.push_str(", killed");
            stage.settled();
            model.went_back(&run, false);
            return;
        }
        steps.push_str(", killed and resumed");
        ends(stage, "resume", 0);
    } else {
        let told = done(stage, &line);
        assert_eq!(told.code(), Some(0), "{steps}\n{told}");
    }
    assert_eq!(sorted(&stage.settled()), model.kept[&run], "{steps}");
    model.went_back(&run, true);
}
