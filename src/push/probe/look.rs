//! What is left to be looked at in Qobra's app: a question, its answers, and what they mean.

use serde_json::Value;

use super::finding::Finding;
use super::lab::Lab;
use crate::service::facts::{Effect, Facts, GoodRows, Percentage, Strange};

/// A question to somebody who sees the table in Qobra's app.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    /// The question's name.
    pub(super) name: &'static str,
    /// What to look at.
    pub(crate) asked: String,
    /// A key to answer with, its words, what it means.
    pub(super) choices: Vec<(char, &'static str, Means)>,
}

/// What an answer means.
#[derive(Clone, Copy, Debug)]
pub(super) enum Means {
    GoodRows(GoodRows),
    Effect(Effect),
    Strange(Strange),
    Percentage(Percentage),
}

impl Look {
    /// The question's name.
    #[cfg(test)]
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// The keys to answer with, each with its words.
    pub(crate) fn keys(&self) -> Vec<(char, &'static str)> {
        self.choices
            .iter()
            .map(|(key, words, _)| (*key, *words))
            .collect()
    }

    /// Takes an answer in; none where nobody can tell.
    pub(crate) fn answered(self, key: Option<char>, lab: &mut Lab) {
        let chosen = self.choices.iter().find(|(of, ..)| Some(*of) == key);
        let Some((_, words, means)) = chosen else {
            let why = format!("to be looked at in Qobra's app: {}", self.asked);
            return lab.find(Finding::open(self.name, why));
        };
        let answer = means.note(self.name, &mut lab.facts);
        lab.find(
            Finding::settled(self.name, answer, *words).seen([format!("asked: {}", self.asked)]),
        );
    }
}

impl Means {
    pub(super) fn note(self, name: &str, facts: &mut Facts) -> Value {
        match (self, name) {
            (Self::GoodRows(is), _) => facts.good_rows = Some(is),
            (Self::Percentage(is), _) => facts.percentage = Some(is),
            (Self::Effect(is), "null") => facts.null = Some(is),
            (Self::Effect(is), "empty_text") => facts.empty_text = Some(is),
            (Self::Effect(is), _) => facts.missing = Some(is),
            (Self::Strange(is), "unknown_field") => facts.unknown_field = Some(is),
            (Self::Strange(is), "unknown_user") => facts.unknown_user = Some(is),
            (Self::Strange(is), _) => facts.new_option = Some(is),
        }
        let value = match self {
            Self::GoodRows(is) => serde_json::to_value(is),
            Self::Effect(is) => serde_json::to_value(is),
            Self::Strange(is) => serde_json::to_value(is),
            Self::Percentage(is) => serde_json::to_value(is),
        };
        value.unwrap_or_default()
    }
}
