//! A plan, as a file holds it.

use std::io;
use std::path::Path;

use encoding_rs::{Encoding, UTF_8};

use super::difference;
use super::document::Document;
use super::terms::Terms;
use crate::base::exit::Exit;
use crate::base::{display, small};
use crate::push::outcome::Failure;

/// The most bytes of a plan: one of 4,096 columns with their samples has a tenth of it.
const MAX_PLAN: u64 = 64 << 20;

/// How a plan is made.
const MADE: &str = "`qobra-push FILE … --dry-run --output json > plan.json` makes one";

/// A plan that somebody approved.
#[derive(Debug)]
pub(crate) struct Approved {
    /// The file, as it is typed.
    pub name: String,
    document: Document,
    terms: Terms,
}

impl Approved {
    /// Reads a plan. That it was approved is for whoever hands it over to say.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let name = display::typed_path(path);
        let wrong = |message: String| Failure::new(Exit::Usage, message, Some(MADE.to_owned()));
        let bytes = small::read(path, MAX_PLAN).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => wrong(format!("there is no plan {name}")),
            _ => wrong(format!("cannot read the plan {name}: {error}")),
        })?;
        let no_plan = |why: &str| wrong(format!("{name} is no plan: {}", display::shown(why)));
        // PowerShell's `>` writes UTF-16 with its mark.
        let (encoding, mark) = Encoding::for_bom(&bytes).unwrap_or((UTF_8, 0));
        let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..]);
        let text = text.ok_or_else(|| no_plan(&format!("it is not {}", encoding.name())))?;
        let document: Document =
            serde_json::from_str(&text).map_err(|error| match error.is_data() {
                true => no_plan(&format!("it is not the document of a dry run ({error})")),
                false => no_plan(&error.to_string()),
            })?;
        if document.run.is_some() {
            return Err(no_plan("it is the receipt of a push, not of a dry run"));
        }
        if document.exit_code != 0 {
            let code = document.exit_code;
            return Err(Failure::new(
                Exit::Input,
                format!("{name} is no plan: its dry run was refused, with exit code {code}"),
                Some("set right what it tells, and make the plan again".to_owned()),
            ));
        }
        let terms = document
            .dry_run
            .as_ref()
            .and_then(|dry_run| dry_run.plan.clone());
        match terms {
            Some(terms) => Ok(Self {
                name,
                document,
                terms,
            }),
            None => Err(no_plan("it is not the document of a dry run")),
        }
    }

    /// What of a push, as its receipt tells it before the first request, is not as it was approved.
    pub(crate) fn moved(&self, receipt: &str, terms: &Terms) -> serde_json::Result<Vec<String>> {
        let now: Document = serde_json::from_str(receipt)?;
        Ok(difference::lines(
            (&self.document, &self.terms),
            (&now, terms),
        ))
    }
}
