//! The look after the last acceptance, on a clock that a look moves on.

use std::cell::RefCell;
use std::time::Duration;

use crate::base::clock::Clock;
use crate::base::event::Events;
use crate::base::model::ImportId;
use crate::base::signals::Interrupts;
use crate::fuzzing::seams;
use crate::push::send::journal::RunJournal;
use crate::push::send::part::{Halt, Means};
use crate::push::send::rate::Rate;
use crate::push::send::watch::Watch;
use crate::service::window::Window;
use crate::service::{Accepted, CallError, Import, Push, Service};

/// What a look at the import `runs` takes; the others wait.
struct Answering<'c> {
    clock: &'c Clock,
    takes: Duration,
}

impl Service for Answering<'_> {
    fn host(&self) -> String {
        "answering".to_owned()
    }

    async fn push(&self, _: Push<'_>) -> Result<Accepted, CallError> {
        unreachable!("it is only looked")
    }

    async fn import(&self, id: &ImportId) -> Result<Import, CallError> {
        let runs = id.as_str() == "runs";
        if runs {
            self.clock.advance(self.takes);
        }
        let status = if runs { "started" } else { "scheduled" };
        Ok(seams::import_of(&format!("{{\"status\":\"{status}\"}}")).unwrap())
    }
}

/// A look that takes so long, at these imports, ten seconds after a window of 100 was opened.
fn look(takes: u64, imports: &[&str]) -> Option<Halt> {
    let (clock, events) = (Clock::manual(), Events::unheard());
    let journal = RunJournal::new(None, &clock, &events);
    let service = Answering {
        clock: &clock,
        takes: Duration::from_secs(takes),
    };
    let means = Means {
        service: &service,
        clock: &clock,
        journal: &journal,
        events: &events,
        interrupts: Interrupts::never(),
        has_builders: false,
    };
    let mut window = Window::new(Duration::from_secs(100), None);
    window.may_have_opened(&clock.now());
    clock.advance(Duration::from_secs(10));
    let (window, rate) = (RefCell::new(Some(window)), Rate::new(1, None));
    let ids = imports.iter().map(|id| ImportId::new(id).unwrap());
    let looking = Watch::new(&means, &rate, &window);
    let looking = looking.look_once_more(ids.collect());
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(looking)
}

#[test]
fn any_import_that_runs_in_the_window_puts_the_table_at_risk() {
    let runs = Some(Halt::Launched("started".to_owned()));
    assert_eq!(look(1, &["waits", "also"]), None);
    assert_eq!(look(1, &["runs", "waits"]), runs);
    assert_eq!(look(89, &["waits", "runs"]), runs);
    // By then it is to run.
    assert_eq!(look(90, &["waits", "runs"]), None);
}
