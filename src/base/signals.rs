//! Signals: before the first request they end the program, after it they end the push in order.
//!
//! A dropped terminal (SIGHUP) is as good as a SIGTERM before the first request and is ignored from
//! then on: half a table is worse than a push that nobody watches. A second SIGINT or SIGTERM leaves
//! at once; the journal knows what was under way. What was ignored when the program started stays so.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::watch;

/// What the user or the system asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM, and SIGHUP before the first request.
    Terminate,
}

impl Signal {
    /// The exit code by which shells know it.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }
}

/// Where signals are heard. Clones hear the same ones.
#[derive(Clone, Debug)]
pub(crate) struct Interrupts {
    heard: watch::Receiver<Option<Signal>>,
    shared: Arc<Shared>,
}

/// Nothing was sent yet; a signal may still end the process.
const EARLY: u8 = 0;

/// A request is about to leave, or left.
const SENDING: u8 = 1;

/// A signal ends the process; nothing is sent any more.
const LEAVING: u8 = 2;

#[derive(Debug)]
struct Shared {
    phase: AtomicU8,
    teller: watch::Sender<Option<Signal>>,
}

impl Interrupts {
    /// Hears nothing.
    pub(crate) fn never() -> Self {
        let (teller, heard) = watch::channel(None);
        let shared = Arc::new(Shared {
            phase: AtomicU8::new(EARLY),
            teller,
        });
        Self { heard, shared }
    }

    /// Listens to the process's signals. `early` is called for one that comes before the first
    /// request, to say so and clean up; the process ends then.
    pub(crate) fn listen(early: impl Fn(Signal) + Send + 'static) -> Self {
        let this = Self::never();
        #[cfg(unix)]
        unix::listen(Arc::clone(&this.shared), early);
        #[cfg(not(unix))]
        drop(early);
        this
    }

    /// From now on signals are told instead of ending the process, and SIGHUP is ignored. Does not
    /// return where a signal came first: what it said, that nothing was sent, stays true.
    pub(crate) fn begin_sending(&self) {
        if self.shared.enter(SENDING) == LEAVING {
            wait_for_the_end();
        }
    }

    /// Does not return where a signal is ending the process: what fails meanwhile fails because of
    /// that, and is not told.
    pub(crate) fn heed(&self) {
        if self.shared.phase.load(Ordering::SeqCst) == LEAVING {
            wait_for_the_end();
        }
    }

    /// The first signal that was told, if one was.
    pub(crate) fn heard(&self) -> Option<Signal> {
        *self.heard.borrow()
    }

    /// Tells a signal, as if it had come from the system.
    #[cfg(test)]
    pub(crate) fn tell(&self, signal: Signal) {
        self.shared.teller.send_replace(Some(signal));
    }

    /// Waits for the first signal.
    pub(crate) async fn first(&self) -> Signal {
        let mut heard = self.heard.clone();
        loop {
            if let Some(signal) = *heard.borrow_and_update() {
                return signal;
            }
            // The sender lives as long as this receiver, so that waiting never fails.
            if heard.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

fn wait_for_the_end() -> ! {
    loop {
        std::thread::park();
    }
}

impl Shared {
    /// Leaves the early phase for another one, if nobody did before. Which one it is then.
    fn enter(&self, phase: u8) -> u8 {
        let entered = self
            .phase
            .compare_exchange(EARLY, phase, Ordering::SeqCst, Ordering::SeqCst);
        entered.map_or_else(|other| other, |_| phase)
    }
}

#[cfg(unix)]
mod unix {
    use std::sync::Arc;
    use std::sync::mpsc::{Receiver, sync_channel};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    use super::{LEAVING, Shared, Signal};
    use crate::base::threads;

    pub(super) fn listen(shared: Arc<Shared>, early: impl Fn(Signal) + Send + 'static) {
        // Under `nohup` a dropped terminal shall not end the push at all, nor Ctrl-C what a script
        // started with `&`.
        let wanted = [SIGINT, SIGTERM, SIGHUP];
        let wanted = wanted.iter().filter(|number| !is_ignored(**number));
        let (hand_over, signals) = sync_channel::<Signals>(1);
        let listening = move |signals: Receiver<Signals>| {
            let Ok(mut signals) = signals.recv() else {
                return;
            };
            for number in signals.forever() {
                let signal = if number == SIGINT {
                    Signal::Interrupt
                } else {
                    Signal::Terminate
                };
                let is_early = shared.enter(LEAVING) == LEAVING;
                if is_early {
                    early(signal);
                } else if number == SIGHUP {
                    continue;
                }
                if is_early || shared.teller.send_replace(Some(signal)).is_some() {
                    leave(signal);
                }
            }
        };
        // A process that may not handle signals, or has no thread to hear them, dies of them, which is no
        // worse than without this: so they are caught only once somebody listens.
        if threads::spawn("signals", signals, listening).is_ok()
            && let Ok(signals) = Signals::new(wanted)
        {
            let _ = hand_over.send(signals);
        }
    }

    /// Whether the process was started with this signal ignored, as far as the system tells.
    fn is_ignored(number: i32) -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| mask & (1 << (number - 1)) != 0)
    }

    #[expect(
        clippy::exit,
        reason = "a second signal, or one before anything was sent, leaves now"
    )]
    fn leave(signal: Signal) {
        std::process::exit(signal.code().into());
    }
}
