//! From evidence to a proposal: a type only where every sampled cell fits it, and a remark where
//! cells fit two readings.

use crate::base::display::quoted;
use crate::base::position::Positions;

use super::amounts::Amounts;
use super::evidence::Evidence;
use super::names::Name;
use super::words::Answers;
use super::{dates, numbers};
use crate::mapping::value::kind::FieldType;

/// What a field is proposed to be. Numbers come with the set of styles that fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum DraftType {
    /// No type: a CSV cell as text, a JSON value as it is.
    AsIs,
    /// A number, an integer or a percentage, and what may stand around it.
    Number(FieldType, u8, Amounts),
    Boolean(Answers),
    /// With its layouts.
    Date(Vec<String>),
}

/// A proposal, and what the user must know about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Proposal {
    pub(super) kind: DraftType,
    pub(super) remark: Option<String>,
}

impl DraftType {
    /// The styles that fit, if it is a kind of number.
    pub(super) fn fits(&self) -> Option<u8> {
        match self {
            Self::Number(_, fits, _) => Some(*fits),
            Self::AsIs | Self::Boolean(_) | Self::Date(_) => None,
        }
    }
}

/// Proposes a type, or says what keeps a column from one.
pub(super) fn propose(evidence: &Evidence, name: &Name, positions: Positions) -> Proposal {
    let proposal = proven(evidence, name);
    let is_open = proposal.kind == DraftType::AsIs && proposal.remark.is_none();
    match near_miss(evidence, name, positions).filter(|_| is_open) {
        Some(remark) => unsure(remark),
        None => proposal,
    }
}

/// What nearly all cells are, and the first that is not.
fn near_miss(evidence: &Evidence, name: &Name, positions: Positions) -> Option<String> {
    let cells = evidence.texts;
    if cells != evidence.filled {
        return None;
    }
    let answers = || {
        let misfits = evidence.words.misfits(name.is_of_answers())?;
        misfits.remark(cells, "yes or no", positions)
    };
    let dates = || {
        let (misfits, layouts) = evidence.dates.misfits(name.is_of_days())?;
        let what = format!("dates ({})", layouts.join(", "));
        misfits.remark(cells, &what, positions)
    };
    let numbers = || {
        let misfits = evidence.numbers.misfits()?;
        let are_percent = evidence.percents + evidence.zeros + misfits.count >= cells;
        let what = match evidence.percents {
            0 => "numbers",
            _ if are_percent => "percentages",
            _ => return None,
        };
        misfits.remark(cells, what, positions)
    };
    answers()
        .or_else(dates)
        .or_else(|| match name.is_of_codes() {
            true => None,
            false => numbers(),
        })
}

fn proven(evidence: &Evidence, name: &Name) -> Proposal {
    let kind = |kind| Proposal { kind, remark: None };
    // JSON's own numbers and booleans are what they are.
    if evidence.texts == 0 || evidence.texts != evidence.filled {
        return kind(DraftType::AsIs);
    }
    if evidence.booleans == evidence.texts {
        let word = |word: &str| vec![word.to_owned()];
        let (yes, no) = (word("true"), word("false"));
        return kind(DraftType::Boolean(Answers { yes, no }));
    }
    if evidence.words.are_countries(name.is_of_answers()) {
        return unsure(
            "Yes and no, or codes of countries? `SI` and `NO` are both: left as text. If they are \
             answers: type = \"boolean\", true = \"SI\", false = \"NO\"."
                .to_owned(),
        );
    }
    if let Some(answers) = evidence.words.answers(name.is_of_answers()) {
        return kind(DraftType::Boolean(answers));
    }
    match evidence.dates.found(name.is_of_days()) {
        dates::Reading::Layouts(layouts) => return date(layouts),
        dates::Reading::None => {}
        dates::Reading::Ambiguous { layouts } => {
            return unsure(ambiguous_dates(evidence, &layouts));
        }
        dates::Reading::Conflict {
            cells: [day, month],
        } => {
            let (day, month) = (quoted(&day), quoted(&month));
            return unsure(format!(
                "These look like dates, but {day} has the day first and {month} the month: left as \
                 text. Correct the file, or ask where it comes from."
            ));
        }
    }
    if name.is_of_codes() {
        return kind(DraftType::AsIs);
    }
    numbers(evidence)
}

fn unsure(remark: String) -> Proposal {
    Proposal {
        kind: DraftType::AsIs,
        remark: Some(remark),
    }
}

fn date(layouts: Vec<String>) -> Proposal {
    let any = |marks: &[&str]| {
        let has = |layout: &String| marks.iter().any(|mark| layout.contains(mark));
        layouts.iter().any(has)
    };
    let remark = match any(&["%H", "%I"]) {
        false => None,
        // The day depends on where one is.
        true if any(&["%z", "%:z"]) || layouts.iter().any(|layout| layout.ends_with('Z')) => Some(
            "A date is sent without its time of day. Its cells name their offset from UTC: which day \
             is it where you are? timezone = \"Europe/Paris\" takes the day there.",
        ),
        true => Some("A date is sent without its time of day."),
    };
    Proposal {
        remark: remark.map(str::to_owned),
        kind: DraftType::Date(layouts),
    }
}

fn ambiguous_dates(evidence: &Evidence, [day, month]: &[String; 2]) -> String {
    let cell = quoted(evidence.example.as_deref().unwrap_or_default());
    format!(
        "Dates, with the day first or the month first? {cell} fits both: left as text. If you know: \
         type = \"date\", format = \"{day}\" or format = \"{month}\"."
    )
}

fn numbers(evidence: &Evidence) -> Proposal {
    let kind = |kind| Proposal { kind, remark: None };
    let is_percent = evidence.percents > 0 && evidence.percents + evidence.zeros == evidence.texts;
    match evidence.numbers.found() {
        numbers::Reading::None => kind(DraftType::AsIs),
        _ if evidence.amounts.are_doubtful(evidence.texts) => kind(DraftType::AsIs),
        numbers::Reading::Styles { .. } if evidence.percents > 0 && !is_percent => unsure(
            "Numbers, some with a % sign and some without: left as text. If all are percentages: \
             type = \"percent\"."
                .to_owned(),
        ),
        numbers::Reading::Styles {
            fits,
            has_fractions,
        } => {
            let typed = match has_fractions {
                _ if is_percent => FieldType::Percent,
                true => FieldType::Number,
                false => FieldType::Integer,
            };
            let amounts = evidence.amounts.clone();
            Proposal {
                remark: amounts.remark(),
                kind: DraftType::Number(typed, fits, amounts),
            }
        }
        numbers::Reading::Ambiguous {
            cell,
            readings: [one, other],
        } => {
            let word = if is_percent { "percent" } else { "number" };
            let (cell, sign) = (quoted(&cell), if cell.contains(',') { ',' } else { '.' });
            unsure(format!(
                "Numbers, but {cell} is {one} or {other}, and no cell tells which: left as text. If \
                 you know: type = \"{word}\", with decimal = \"{sign}\" or thousands = \"{sign}\" \
                 (and the other sign for the other)."
            ))
        }
    }
}
