//! Which column holds the records' ids, and which one their names.
//!
//! An id is proposed where a column's name says so and its cells do not say otherwise. Where that
//! leaves a choice, the choice is the user's: a wrong id overwrites records.

use crate::base::display::quoted;

use super::evidence::{Distinct, Evidence};
use super::kinds::DraftType;
use super::names::{Name, Rank};
use super::sample::{Column, Sample};
use crate::mapping::value::kind::FieldType;

/// The most columns that a remark names.
const MOST_LISTED: usize = 6;

/// A column that was chosen, or what the user must know to choose one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) column: Option<usize>,
    /// The first one that it may be, where none was chosen.
    pub(super) proposed: Option<usize>,
    pub(super) remark: Option<String>,
}

impl Choice {
    /// None was chosen: the user has to.
    pub(super) fn open(remark: impl Into<String>) -> Self {
        let remark = Some(remark.into());
        Self {
            remark,
            ..Self::default()
        }
    }

    /// The same, where it may be one of these.
    fn among(columns: &[usize], remark: impl Into<String>) -> Self {
        Self {
            proposed: columns.first().copied(),
            ..Self::open(remark)
        }
    }
}

/// Chooses the id. `kinds` are those that the columns would have otherwise.
pub(super) fn id(
    sample: &Sample,
    names: &[Name],
    kinds: &[DraftType],
    things: &[String],
) -> Choice {
    let named = ranked(sample, |at| names[at].says_id(things));
    let is_sure = |at: usize| unfit(sample, &sample.columns[at].evidence).is_none();
    let sure: Vec<_> = named
        .iter()
        .copied()
        .filter(|(_, at)| is_sure(*at))
        .collect();
    let others = |but: Option<usize>| {
        let others = named
            .iter()
            .filter(|(_, at)| Some(*at) != but && !is_sure(*at));
        others
            .map(|(_, at)| why_not(sample, *at))
            .take(MOST_LISTED)
            .collect::<Vec<_>>()
    };
    match best(&sure)[..] {
        [at] => {
            // A surer name whose cells are not those of ids is worth a word.
            let (rank, _) = sure
                .iter()
                .find(|(_, of)| *of == at)
                .copied()
                .unwrap_or_default();
            let is_surer = named.first().is_some_and(|(first, _)| *first < rank);
            Choice {
                column: Some(at),
                remark: is_surer.then(|| format!("Check the id: {}.", others(Some(at)).join("; "))),
                proposed: None,
            }
        }
        [] if named.is_empty() => by_cells(sample, kinds),
        [] => Choice::open(format!(
            "No column is fit to be the id: {}. Name the field that is different in each \
             record, or correct the file.",
            others(None).join("; ")
        )),
        ref several => Choice::among(
            several,
            format!(
                "Which one is the id of these records? {} have a different value in each record. \
                 Name its field here.",
                listed(sample, several, "and")
            ),
        ),
    }
}

/// What to say of the id where no name says it: a column that is none overwrites records.
fn by_cells(sample: &Sample, kinds: &[DraftType]) -> Choice {
    let can_be = |at: &usize| {
        let column = &sample.columns[*at];
        !column.is_nested
            && sample.records > 1
            && matches!(
                &kinds[*at],
                DraftType::AsIs | DraftType::Number(FieldType::Integer, _, _)
            )
            && unfit(sample, &column.evidence).is_none_or(|_| lacks_totals_only(sample, column))
    };
    let fit: Vec<usize> = (0..sample.columns.len()).filter(can_be).collect();
    let choose = "Name the field that is different in each record.";
    match fit[..] {
        [at] => Choice::among(
            &fit,
            format!(
                "No column's name says that it holds the id, but only {} is filled and different in \
             each record. If it is the id, name its field here.",
                quoted(&sample.columns[at].path)
            ),
        ),
        [] if sample.records > 1 => Choice::open(format!(
            "No column's name says that it holds the id, and none is filled and different in \
             each record. {choose}"
        )),
        [] => Choice::open(format!(
            "No column's name says that it holds the id. {choose}"
        )),
        ref several => Choice::among(
            several,
            format!(
                "No column's name says that it holds the id. It may be {}. {choose}",
                listed(sample, several, "or")
            ),
        ),
    }
}

/// Whether a column is unfit for nothing but its empty cells in nearly empty records, such as totals.
fn lacks_totals_only(sample: &Sample, column: &Column) -> bool {
    let evidence = &column.evidence;
    evidence.filled < sample.records
        && sample.requires(column)
        && evidence.unfit_for_id == 0
        && !matches!(evidence.distinct, Distinct::Not(_))
}

/// Chooses the name field.
pub(super) fn name(
    sample: &Sample,
    names: &[Name],
    things: &[String],
    id: Option<usize>,
) -> Choice {
    let mut named = ranked(sample, |at| names[at].says_name(things));
    named.retain(|(_, at)| Some(*at) != id && sample.columns[*at].evidence.unfit_for_id == 0);
    match best(&named)[..] {
        [at] => {
            let empty = sample
                .records
                .saturating_sub(sample.columns[at].evidence.filled);
            Choice {
                column: Some(at),
                remark: (empty > 0 && sample.records > 0).then(|| {
                    format!(
                        "Check the name: {} {} empty, and Qobra wants a name for each record.",
                        crate::base::display::counted(empty, "cell"),
                        if empty == 1 { "is" } else { "are" }
                    )
                }),
                proposed: None,
            }
        }
        [] => Choice::open(
            "No column's name says that it holds the records' names. Name the field here.",
        ),
        ref several => Choice::among(
            several,
            format!(
                "Which one is the name of these records? It may be {}. Name its field here.",
                listed(sample, several, "or")
            ),
        ),
    }
}

/// The columns whose names say something, the surest first. What is inside an object belongs to it.
fn ranked(sample: &Sample, says: impl Fn(usize) -> Option<Rank>) -> Vec<(Rank, usize)> {
    let all = (0..sample.columns.len()).filter(|at| !sample.columns[*at].is_nested);
    let mut named: Vec<_> = all.filter_map(|at| Some((says(at)?, at))).collect();
    named.sort_unstable();
    named
}

/// Those of the first rank.
fn best(named: &[(Rank, usize)]) -> Vec<usize> {
    let first = named.first().map(|(rank, _)| *rank);
    let best = named.iter().take_while(|(rank, _)| Some(*rank) == first);
    best.map(|(_, at)| *at).collect()
}

/// Why a column's cells cannot be the records' ids.
fn unfit(sample: &Sample, evidence: &Evidence) -> Option<String> {
    let empty = sample.records.saturating_sub(evidence.filled);
    if empty > 0 {
        let cells = crate::base::display::counted(empty, "empty cell");
        return Some(format!("has {cells}"));
    }
    if evidence.unfit_for_id > 0 {
        return Some("has values that are neither texts nor numbers".to_owned());
    }
    match &evidence.distinct {
        Distinct::Not(cell) => Some(format!("has {} more than once", quoted(cell))),
        Distinct::All(_) | Distinct::Enough => None,
    }
}

fn why_not(sample: &Sample, at: usize) -> String {
    let column = &sample.columns[at];
    let why = unfit(sample, &column.evidence).unwrap_or_default();
    format!("column {} {why}", quoted(&column.path))
}

fn listed(sample: &Sample, columns: &[usize], word: &str) -> String {
    let shown = columns.iter().take(MOST_LISTED);
    let mut shown: Vec<String> = shown.map(|at| quoted(&sample.columns[*at].path)).collect();
    if columns.len() > MOST_LISTED {
        shown.push("others".to_owned());
    }
    let last = shown.pop().unwrap_or_default();
    format!("{} {word} {last}", shown.join(", "))
}
