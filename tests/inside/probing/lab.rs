//! A probe of a modelled service, whose time passes when the probe waits.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;

use super::front::{self, Answer, Asked, Script};
use crate::base::event::{Event, Events};
use crate::base::model::TableKey;
use crate::base::secret::ApiKey;
use crate::push::probe::{
    self, FieldKind, Lab, Largest, Look, Pace, ProbedField, Replaces, Report, Sheet,
};
use crate::service::facts::Facts;
use crate::service::sandbox::{Sandbox, SandboxClock, SandboxOptions, TableSpec, ValueKind};
use crate::service::{ApiOptions, BaseUrl, Exchange, runtime};

/// The scratch table.
pub(super) const TABLE: &str = "scratch";

/// The one key that is accepted.
const KEY: &str = "s3cr3t-key";

/// The fields that experiments write to, if nothing else is said.
pub(super) const AMOUNT: [(&str, FieldKind); 1] = [("amount", FieldKind::Number)];

fn probed_field((key, kind): &(&str, FieldKind)) -> ProbedField {
    ProbedField {
        key: (*key).to_owned(),
        kind: *kind,
    }
}

/// What a probe of a service came to.
#[derive(Debug)]
pub(super) struct Trial {
    pub(super) facts: Facts,
    pub(super) text: String,
    /// How long it took.
    pub(super) took: Duration,
    /// What the table holds in the end.
    pub(super) held: Vec<(String, String)>,
    /// How long a replace could wait from then, before each left and when it was taken.
    pub(super) notes: Vec<Duration>,
    /// Whether the end of all replaces was seen.
    pub(super) are_over: bool,
    /// The number of the first request with a debounce.
    pub(super) first_window: Option<usize>,
}

impl Trial {
    /// A whole probe of a service of this kind, with nobody to look at anything.
    pub(super) fn of(options: SandboxOptions) -> Self {
        Self::seen_by(options, |_, _| None)
    }

    /// One with somebody who looks at what the table holds.
    pub(super) fn seen_by(
        options: SandboxOptions,
        eyes: impl Fn(&Look, &[(String, String)]) -> Option<char>,
    ) -> Self {
        Self::run(options, &AMOUNT, None, eyes)
    }

    /// One of a service that is the modelled one but for some answers.
    pub(super) fn answered_by(
        options: SandboxOptions,
        fields: &[(&str, FieldKind)],
        script: impl Fn(&Asked, Option<&Answer>) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        Self::run(options, fields, Some(Box::new(script)), |_, _| None)
    }

    fn run(
        options: SandboxOptions,
        probed: &[(&str, FieldKind)],
        script: Option<Script>,
        eyes: impl Fn(&Look, &[(String, String)]) -> Option<char>,
    ) -> Self {
        let fields = [("amount", ValueKind::Number), ("name", ValueKind::Text)];
        let sandbox = Sandbox::new(SandboxOptions {
            any_table: false,
            tables: vec![TableSpec {
                key: TABLE.to_owned(),
                id_field: "id".to_owned(),
                fields: fields.map(|(key, kind)| (key.to_owned(), kind)).into(),
            }],
            clock: SandboxClock::manual(),
            key: Some(KEY.to_owned()),
            ..options
        });
        let running = sandbox.spawn().unwrap();
        let address = match script {
            Some(script) => front::before(&running, script),
            None => running.addr,
        };
        let api = ApiOptions {
            base_url: BaseUrl::new(&format!("http://{address}")).unwrap(),
            ca_cert: None,
        };
        let notes = Rc::<RefCell<Vec<Duration>>>::default();
        let noted = Rc::clone(&notes);
        let mut lab = Lab {
            exchange: Exchange::new(&api, &ApiKey::new(KEY).unwrap()).unwrap(),
            table: TableKey::new(TABLE).unwrap(),
            sheet: Sheet {
                id_field: "id".to_owned(),
                name_field: "name".to_owned(),
                fields: probed.iter().map(probed_field).collect(),
            },
            pace: Pace::StandIn(running.sandbox.clone()),
            debounce: Duration::from_secs(60),
            largest: Largest {
                records: 320,
                bytes: 64 << 10,
            },
            patience: Cell::new(Duration::from_secs(300)),
            events: Events::new(|event: Event| drop(event)),
            on_window: Box::new(move |open| noted.borrow_mut().push(open)),
            facts: Facts::default(),
            findings: Vec::new(),
            replaces: Replaces::default(),
        };
        let looks = runtime().unwrap().block_on(probe::run(&mut lab)).unwrap();
        let took = running.sandbox.now();
        let are_over = lab.replaces.are_over();
        let mut posts = running.sandbox.requests();
        posts.retain(|seen| seen.method == "POST");
        let window = posts
            .iter()
            .position(|seen| seen.path.contains("debounce=60"));
        running.sandbox.settle();
        let held = running.sandbox.table(TABLE).unwrap().records;
        for look in looks {
            let seen = eyes(&look, &held);
            look.answered(seen, &mut lab);
        }
        let report = Report::new(Timestamp::UNIX_EPOCH, lab.findings, lab.facts);
        let (text, json) = (probe::lines(&report).join("\n"), report.json().to_string());
        for hidden in [KEY, "127.0.0.1", "probe-is-no-key"] {
            assert!(
                !text.contains(hidden) && !json.contains(hidden),
                "{text}\n{json}"
            );
        }
        Self {
            text,
            facts: report.facts,
            took,
            held,
            notes: notes.take(),
            are_over,
            first_window: window.map(|at| at + 1),
        }
    }
}
