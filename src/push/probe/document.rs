//! The report: what was asked and found, for people and for programs, without keys and addresses.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::finding::{Finding, QUESTIONS, question};
use crate::service::facts::Facts;

/// What a probe came to.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) probed_at: Timestamp,
    pub(crate) findings: Vec<Finding>,
    pub(crate) facts: Facts,
}

impl Report {
    /// Its findings in the order of the questions.
    pub(crate) fn new(probed_at: Timestamp, mut findings: Vec<Finding>, facts: Facts) -> Self {
        let place =
            |finding: &Finding| QUESTIONS.iter().position(|(name, _)| *name == finding.name);
        findings.sort_by_key(place);
        Self {
            probed_at,
            findings,
            facts,
        }
    }

    /// How many questions are settled.
    pub(crate) fn settled(&self) -> usize {
        let settled = self
            .findings
            .iter()
            .filter(|finding| finding.answer.is_some());
        settled.count()
    }

    /// The report as JSON, of the form that is published.
    pub(crate) fn json(&self) -> Value {
        let questions = self.findings.iter().map(|finding| {
            json!({
                "name": finding.name,
                "question": question(finding.name),
                "settled": finding.answer.is_some(),
                "answer": finding.answer,
                "words": finding.words,
                "seen": finding.seen,
            })
        });
        json!({
            "version": 1,
            "program": env!("CARGO_PKG_VERSION"),
            "probed_at": self.probed_at,
            "questions": questions.collect::<Vec<_>>(),
            "facts": self.facts,
        })
    }
}

/// The report in lines.
pub(crate) fn lines(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    for finding in &report.findings {
        let mark = match finding.answer {
            Some(_) => "",
            None => "not settled: ",
        };
        lines.push(question(finding.name).to_owned());
        lines.push(format!("    {mark}{}", finding.words));
        lines.extend(finding.seen.iter().map(|seen| format!("    ({seen})")));
    }
    lines
}
