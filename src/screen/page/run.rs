//! The page of one run.

use askama::Template;

use super::facts::{Changes, Column, DryRun, Facts, Import, Input};
use super::figures::{TotalRow, between, moment};
use super::picture::Picture;
use super::requests::Requests;
use super::words;
use crate::base::display;
use crate::prove::rejects::RejectedFor;
use crate::runs::changes::Listed;

/// What a page shows besides the receipt.
#[derive(Debug, Default)]
pub(crate) struct Samples {
    /// What has to be known besides what the table held then.
    pub remarks: Vec<String>,
    /// Reasons for which records were rejected, with how many and the first of their lines.
    pub rejects: Vec<RejectedFor>,
    /// Old and new values of changed records: only where they were asked for.
    pub values: Vec<Value>,
    /// Lines to type next, with what each is for.
    pub next: Vec<(String, String)>,
    /// When it ended, for a run that did not.
    pub open: Option<&'static str>,
}

/// What one field of a changed record held, and holds now.
#[derive(Debug)]
pub(crate) struct Value {
    pub id: String,
    pub field: String,
    pub old: String,
    pub new: String,
}

/// One HTML file: no script, and nothing from outside. Whatever comes from data is escaped by the template;
/// should it ever not be, the policy lets no style of another's run, as `nonce` is known to nobody who wrote
/// the data.
#[derive(Template)]
#[template(path = "run.html")]
pub(crate) struct Page {
    title: String,
    nonce: String,
    held: String,
    mood: &'static str,
    facts: Facts,
    started: String,
    took: Option<String>,
    mode: &'static str,
    ended: String,
    counts: Vec<(&'static str, String, &'static str)>,
    totals: Vec<TotalRow>,
    change_rows: Vec<ChangeRow>,
    fields: Vec<(String, String)>,
    picture: Option<Picture>,
    inputs: Vec<InputRow>,
    samples: Samples,
}

struct ChangeRow {
    what: &'static str,
    count: String,
    ids: String,
}

struct InputRow {
    path: String,
    facts: String,
    digest: String,
}

impl Page {
    /// The page of a receipt as it is printed and kept.
    pub(crate) fn read(
        receipt: &str,
        requests: &Requests,
        samples: Samples,
    ) -> Result<Self, serde_json::Error> {
        let facts: Facts = serde_json::from_str(receipt)?;
        let changes = facts.changes.as_ref();
        Ok(Self {
            title: words::title(&facts),
            nonce: nonce(receipt),
            held: words::held(&facts),
            mood: words::mood(&facts),
            started: moment(&facts.started_at),
            took: match samples.open {
                Some(_) => None,
                None => between(&facts.started_at, &facts.finished_at),
            },
            mode: match facts.mode.as_str() {
                "replace" => "replace of the whole content",
                _ => "upsert: records are added or changed",
            },
            ended: samples
                .open
                .map_or_else(|| words::ended(&facts), str::to_owned),
            counts: counts(&facts),
            totals: facts.totals.iter().map(TotalRow::of).collect(),
            change_rows: changes.map(change_rows).unwrap_or_default(),
            fields: (changes.iter().flat_map(|changes| &changes.fields))
                .map(|(field, count)| (display::shown(field), display::count(*count)))
                .collect(),
            picture: Picture::of(requests),
            inputs: facts.inputs.iter().map(input).collect(),
            facts,
            samples,
        })
    }
}

impl Page {
    /// Whether a text is the receipt of a run.
    pub(crate) fn can_read(receipt: &str, run: &str) -> bool {
        let facts = serde_json::from_str::<Facts>(receipt);
        facts.is_ok_and(|facts| facts.run.as_deref() == Some(run))
    }

    fn why_changes_are_unknown(&self) -> &str {
        words::why_changes_are_unknown(&self.facts)
    }

    fn has_sums(&self) -> bool {
        let mut rows = self.totals.iter();
        rows.any(|row| {
            [&row.sum, &row.least, &row.greatest]
                .iter()
                .any(|text| !text.is_empty())
        })
    }

    fn has_import_errors(&self) -> bool {
        self.facts
            .imports
            .iter()
            .any(|import| import.error.is_some())
    }

    /// The page, in which no character is hidden: those that turn text around or that a terminal obeys are
    /// escaped here, once, so that no place of the template can forget it.
    pub(crate) fn html(&self) -> Result<String, askama::Error> {
        let page = self.render()?;
        let mut out = String::with_capacity(page.len());
        for c in page.chars() {
            match c != '\n' && display::is_hidden(c) {
                true => out.extend(c.escape_unicode()),
                false => out.push(c),
            }
        }
        Ok(out)
    }
}

/// Differs from page to page and is known only when the receipt is.
fn nonce(receipt: &str) -> String {
    let digest = blake3::keyed_hash(
        blake3::hash(b"qobra-push page").as_bytes(),
        receipt.as_bytes(),
    );
    digest.to_hex().chars().take(32).collect()
}

fn counts(facts: &Facts) -> Vec<(&'static str, String, &'static str)> {
    let counts = &facts.counts;
    let all = [
        (counts.read, "read", ""),
        (counts.rejected_locally, "rejected here", "watch"),
        (
            counts.duplicates_dropped,
            "left out, as another one with the same id is sent",
            "",
        ),
        (counts.unchanged, "left out, as the table has them", ""),
        (counts.to_send, "to be sent", ""),
        (counts.accepted, "accepted by Qobra", "good"),
        (counts.unknown, "without an answer", "bad"),
        // Nothing else was to be expected of a dry run.
        (
            counts.not_sent,
            "not sent",
            match facts.dry_run {
                Some(_) => "",
                None => "watch",
            },
        ),
        (counts.rejected_by_service, "rejected by Qobra", "watch"),
    ];
    let shown = all.into_iter().enumerate();
    shown
        .filter(|(at, (count, ..))| *count > 0 || *at == 0 || *at == 4)
        .map(|(_, (count, what, mood))| (what, display::count(count), mood))
        .collect()
}

fn change_rows(changes: &Changes) -> Vec<ChangeRow> {
    let row = |what, listed: &Listed| ChangeRow {
        what,
        count: display::count(listed.count),
        ids: ids(listed),
    };
    let plain = |what, count| ChangeRow {
        what,
        count: display::count(count),
        ids: String::new(),
    };
    let mut rows = vec![row("new", &changes.new), row("changed", &changes.changed)];
    match changes.kept {
        0 => rows.push(row("vanished", &changes.vanished)),
        kept => rows.push(plain("not in the input, and stay", kept)),
    }
    rows.push(plain("unchanged", changes.unchanged));
    rows
}

fn ids(listed: &Listed) -> String {
    let ids: Vec<_> = listed.ids.iter().map(|id| display::shown(id)).collect();
    let more = match listed.count > ids.len() as u64 && !ids.is_empty() {
        true => ", …",
        false => "",
    };
    format!("{}{more}", ids.join(", "))
}

fn input(input: &Input) -> InputRow {
    InputRow {
        path: match input.path.as_str() {
            "-" => "standard input".to_owned(),
            path => display::shown(path),
        },
        facts: {
            let records = input
                .records
                .map(|records| display::counted(records, "record"));
            let facts = records.into_iter().chain(input.bytes.map(display::size));
            facts.collect::<Vec<_>>().join(", ")
        },
        digest: input.digest.clone().unwrap_or_default(),
    }
}

impl Column {
    fn name(&self) -> String {
        match (&self.column, &self.constant) {
            (Some(column), _) => display::shown(column),
            (None, Some(_)) => "(constant)".to_owned(),
            (None, None) => String::new(),
        }
    }

    fn field(&self) -> String {
        self.key
            .as_deref()
            .map_or_else(|| "(not used)".to_owned(), display::shown)
    }

    fn sent(&self) -> String {
        let constant = || self.constant.as_ref().map(ToString::to_string);
        let sent = self.sent.clone().or_else(constant);
        sent.map_or_else(String::new, |sent| display::shown(&sent))
    }

    fn sample(&self) -> String {
        self.sample
            .as_deref()
            .map_or_else(String::new, display::shown)
    }
}

impl Import {
    fn status_words(&self) -> String {
        let status = self.status.as_deref();
        status.map_or_else(|| "not asked for".to_owned(), display::shown)
    }

    fn record_count(&self) -> String {
        self.records.map_or_else(String::new, display::count)
    }

    fn error_words(&self) -> String {
        self.error
            .as_deref()
            .map_or_else(String::new, display::shown)
    }
}

impl DryRun {
    /// `12,345 records in 3 requests, 4.1 MB of JSON; read as csv, UTF-8`.
    fn summary(&self) -> String {
        format!(
            "{} in {}, {} of JSON; read as {}, {}",
            display::counted(self.records, "record"),
            display::counted(self.chunks, "request"),
            display::size(self.bytes),
            display::shown(&self.format),
            display::shown(&self.encoding)
        )
    }
}
