//! A sync as a whole: its exit code, its document, its closing lines.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;

use super::ended::Ended;
use super::paper;
use crate::base::log::About;
use crate::push::outcome::Exit;
use crate::push::project::Project;
use crate::screen::terminal::{Results, Terminal};

/// The version of the document's form.
const SCHEMA: u32 = 1;

/// One sync, told to a program. Its form is published in `schemas/sync.schema.json`.
#[derive(Serialize)]
pub(super) struct Whole {
    schema: u32,
    #[serde(rename = "sync")]
    pub id: Option<String>,
    version: &'static str,
    project: String,
    exit_code: u8,
    started_at: String,
    finished_at: String,
    pushes: Vec<One>,
}

#[derive(Serialize)]
struct One {
    name: String,
    table_state: &'static str,
    exit_code: u8,
    not_sent_because: Option<String>,
    receipt: Option<Box<RawValue>>,
}

impl Whole {
    pub(super) fn begin(project: &Project) -> Self {
        Self {
            schema: SCHEMA,
            id: None,
            version: env!("CARGO_PKG_VERSION"),
            project: project.shown.clone(),
            exit_code: 0,
            started_at: now(),
            finished_at: String::new(),
            pushes: Vec::new(),
        }
    }

    /// Tells all of it. The exit code.
    pub(super) fn end(mut self, ended: &[Ended], terminal: &Terminal) -> Exit {
        let exit = exit(ended);
        // What follows is about all tables.
        terminal.set_about(&About::default());
        paper::summary(ended, terminal);
        if terminal.results() == Results::Document {
            self.exit_code = exit.code();
            self.finished_at = now();
            self.pushes = ended.iter().map(One::of).collect();
            terminal.result(&serde_json::to_string(&self).unwrap_or_default());
        }
        exit
    }
}

impl One {
    fn of(ended: &Ended) -> Self {
        let receipt = ended.receipt.clone();
        Self {
            name: ended.name.clone(),
            table_state: ended.table_state.word(),
            exit_code: ended.exit.code(),
            not_sent_because: ended.because.clone(),
            receipt: receipt.and_then(|text| RawValue::from_string(text).ok()),
        }
    }
}

/// The code of the highest rank. A table that waited for another one says nothing of its own.
fn exit(ended: &[Ended]) -> Exit {
    let own = ended
        .iter()
        .filter(|one| one.because.is_none() || matches!(one.exit, Exit::Interrupted(_)));
    own.map(|one| one.exit).fold(Exit::Done, Exit::worse)
}

fn now() -> String {
    Timestamp::now().strftime("%FT%T%.3fZ").to_string()
}
