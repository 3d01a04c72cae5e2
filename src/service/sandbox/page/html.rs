//! Facts to HTML. Each part has a template; the templates escape.

use askama::Template;

use super::ask::Asked;
use super::facts::Facts;
use super::rows::Found;
use crate::base::display;
use crate::service::sandbox::state::ABOUT;

/// The whole page.
#[derive(Template)]
#[template(path = "page.html")]
pub(super) struct Page<'a> {
    pub(super) nonce: String,
    pub(super) asked: &'a Asked,
    pub(super) revision: String,
    pub(super) parts: Parts,
    /// What was wrong with a fault that was to be armed.
    pub(super) mistake: &'a str,
}

impl Page<'_> {
    /// What is armed by a button.
    fn kinds(&self) -> [&'static str; 9] {
        [
            "503",
            "429:2",
            "slow:5",
            "reset",
            "reset-after",
            "cut",
            "html",
            "empty",
            "hang",
        ]
    }

    fn about(&self) -> &'static str {
        ABOUT
    }
}

/// The parts that change while one looks, each as HTML.
#[derive(serde::Serialize)]
pub(super) struct Parts {
    windows: String,
    tables: String,
    /// None where the browser has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<String>,
    imports: String,
    requests: String,
    faults: String,
}

impl Parts {
    /// `found` is `None` where the records have not changed.
    pub(super) fn of(facts: &Facts, found: Option<&Records<'_>>) -> Result<Self, askama::Error> {
        Ok(Self {
            windows: Windows { facts }.render()?,
            tables: Tables { facts }.render()?,
            records: found.map(Template::render).transpose()?,
            imports: Imports { facts }.render()?,
            requests: Requests { facts }.render()?,
            faults: Faults { facts }.render()?,
        })
    }
}

#[derive(Template)]
#[template(path = "windows.html")]
struct Windows<'a> {
    facts: &'a Facts,
}

#[derive(Template)]
#[template(path = "tables.html")]
struct Tables<'a> {
    facts: &'a Facts,
}

#[derive(Template)]
#[template(path = "imports.html")]
struct Imports<'a> {
    facts: &'a Facts,
}

#[derive(Template)]
#[template(path = "requests.html")]
struct Requests<'a> {
    facts: &'a Facts,
}

#[derive(Template)]
#[template(path = "faults.html")]
struct Faults<'a> {
    facts: &'a Facts,
}

/// Records of the table that was asked for; `None` where there is no such table.
#[derive(Template)]
#[template(path = "records.html")]
pub(super) struct Records<'a> {
    pub(super) asked: &'a Asked,
    pub(super) found: Option<Found>,
}

impl Found {
    fn shown_table(&self) -> String {
        display::shown(&self.table)
    }

    /// `records 51 to 100 of 1,000,000`, or what a search has looked through.
    fn summary(&self, asked: &Asked) -> String {
        let count = |n: usize| display::count(n as u64);
        let (from, until) = self.looked_at;
        let range = match self.total {
            0 => "no records".to_owned(),
            total if from >= until => format!("none of {} records", count(total)),
            total => format!(
                "records {} to {} of {}",
                count(from + 1),
                count(until),
                count(total)
            ),
        };
        match asked.search().is_empty() {
            true => range,
            false => format!(
                "{} with the text, among {range}",
                display::counted(self.rows.len() as u64, "record")
            ),
        }
    }

    /// Links to other records of the table: to the first, back and on, where there are any.
    fn links(&self, asked: &Asked) -> Vec<(&'static str, &'static str, String)> {
        let (from, until) = self.looked_at;
        let step = super::rows::MOST_ROWS;
        let mut links = Vec::new();
        if from > 0 {
            links.push(("first", "first", asked.at(&self.table, 0)));
        }
        // A page of a search may begin anywhere, so only the browser knows the way back.
        if from > step && asked.search().is_empty() {
            links.push(("previous", "previous", asked.at(&self.table, from - step)));
        }
        if until < self.total {
            links.push(("next", "next", asked.at(&self.table, until)));
            if asked.search().is_empty() {
                let last = (self.total - 1) / step * step;
                links.push(("last", "last", asked.at(&self.table, last)));
            }
        }
        links
    }
}
