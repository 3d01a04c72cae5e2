//! A simulated service, and a clock that moves when everybody waits.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future;
use tokio::time::Instant;

use crate::base::event::{Event, Events};
use crate::base::model::{ImportId, TableKey};
use crate::base::signals::{Interrupts, Signal};
use crate::fuzzing::seams;
use crate::push::follow::*;
use crate::service::error::RetryAfter;
use crate::service::{Accepted, CallError, Import, Push, Service};

/// A service that answers as scripted; the last answer is repeated.
pub(super) struct Scripted {
    answers: RefCell<BTreeMap<String, VecDeque<Answer>>>,
    /// When which import was asked for.
    calls: RefCell<Vec<(Duration, String)>>,
    start: Instant,
}

#[derive(Clone, Debug)]
pub(super) enum Answer {
    Shows(String),
    Fails(CallError),
    /// No answer within any time.
    Hangs,
}

impl Service for Scripted {
    fn host(&self) -> String {
        "scripted".to_owned()
    }

    async fn push(&self, _: Push<'_>) -> Result<Accepted, CallError> {
        unreachable!("following sends nothing")
    }

    async fn import(&self, id: &ImportId) -> Result<Import, CallError> {
        let call = (self.start.elapsed(), id.to_string());
        self.calls.borrow_mut().push(call);
        let answer = {
            let mut answers = self.answers.borrow_mut();
            let answers = answers.get_mut(id.as_str()).unwrap();
            match answers.len() {
                1 => answers[0].clone(),
                _ => answers.pop_front().unwrap(),
            }
        };
        match answer {
            Answer::Shows(json) => Ok(seams::import_of(&json).unwrap()),
            Answer::Fails(error) => Err(error),
            Answer::Hangs => std::future::pending().await,
        }
    }
}

/// An import with one entry of our table.
pub(super) fn shows(status: &str) -> Answer {
    Answer::Shows(format!(
        r#"{{"status":"{status}","progress":0,"data_tables_details":[
        {{"data_table_key":"deals","status":"{status}","number_of_records":7}}]}}"#
    ))
}

pub(super) fn status(status: u16, retry_after: Option<u64>) -> Answer {
    Answer::Fails(CallError::Status {
        status,
        words: String::new(),
        retry_after: retry_after.map(|n| RetryAfter(Duration::from_secs(n))),
        location: None,
    })
}

pub(super) fn broken() -> Answer {
    let reason = "reset".to_owned();
    Answer::Fails(CallError::Broken { reason })
}

pub(super) fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

pub(super) fn options() -> FollowOptions {
    FollowOptions {
        connect_for: Duration::from_secs(30),
        table: Some(TableKey::new("deals").unwrap()),
        earliest: None,
        timeout: seconds(3_600),
        first_seen_grace: FollowOptions::FIRST_SEEN_GRACE,
        unknown_status: None,
    }
}

/// What a following came to.
pub(super) struct Told {
    pub(super) followed: Followed,
    pub(super) took: Duration,
    pub(super) calls: Vec<(Duration, String)>,
    pub(super) events: Vec<String>,
}

impl Told {
    /// Each import's end, then the following's.
    pub(super) fn ends(&self) -> String {
        let ends = self
            .followed
            .imports
            .iter()
            .map(|import| match &import.end {
                Ended::Over => "over".to_owned(),
                Ended::NotFound => "not found".to_owned(),
                Ended::Failed(error) => format!("failed ({error})"),
                Ended::Open(None) => "open".to_owned(),
                Ended::Open(Some(error)) => format!("open ({error})"),
            });
        let ends: Vec<_> = ends.collect();
        format!("{}: {:?}", ends.join(", "), self.followed.end)
    }

    /// The times between the calls for one import.
    pub(super) fn pauses(&self, id: &str) -> Vec<Duration> {
        let calls = self.calls.iter().filter(|call| call.1 == id);
        let times: Vec<_> = calls.map(|call| call.0).collect();
        times.windows(2).map(|two| two[1] - two[0]).collect()
    }
}

pub(super) enum Way<'a> {
    Follow(&'a FollowOptions),
    Look,
}

/// Follows, or looks once; a signal may come after some time.
pub(super) fn run(script: &[(&str, &[Answer])], way: Way<'_>, signal: Option<Duration>) -> Told {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let ids: Vec<_> = (script.iter())
        .map(|(id, _)| ImportId::new(id).unwrap())
        .collect();
    let answers = script.iter().map(|(id, answers)| {
        let answers: VecDeque<_> = answers.iter().cloned().collect();
        ((*id).to_owned(), answers)
    });
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&told);
    let events = Events::new(move |event| {
        let line = match event {
            Event::Import {
                id,
                status,
                progress,
                records,
            } => format!("{id} {status} {progress:?} {records:?}"),
            Event::Note(note) => note,
            Event::Following { .. } | Event::Looked { .. } => return,
            other => panic!("{other:?}"),
        };
        listener.lock().unwrap().push(line);
    });
    let interrupts = Interrupts::never();
    runtime.block_on(async {
        let start = Instant::now();
        let service = Scripted {
            answers: RefCell::new(answers.collect()),
            calls: RefCell::default(),
            start,
        };
        let means = FollowMeans {
            service: &service,
            events: &events,
            interrupts: &interrupts,
        };
        let following = async {
            let followed = match way {
                Way::Follow(options) => follow(&ids, options, means).await,
                Way::Look => look_once(&ids, options().table.as_ref(), means).await,
            };
            (followed, start.elapsed())
        };
        let telling = async {
            if let Some(after) = signal {
                tokio::time::sleep(after).await;
                interrupts.tell(Signal::Interrupt);
            }
        };
        let ((followed, took), ()) = future::join(following, telling).await;
        let (calls, events) = (service.calls.take(), told.lock().unwrap().clone());
        Told {
            followed,
            took,
            calls,
            events,
        }
    })
}

pub(super) fn followed(script: &[(&str, &[Answer])], options: &FollowOptions) -> Told {
    run(script, Way::Follow(options), None)
}
