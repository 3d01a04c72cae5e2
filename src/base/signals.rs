//! Signals: before the first request they end the program, after it they end the push in order.
//!
//! A dropped terminal (SIGHUP) is as good as a SIGTERM before the first request and is ignored from
//! then on: half a table is worse than a push that nobody watches. A second SIGINT or SIGTERM leaves
//! at once; the journal knows what was under way. What was ignored when the program started stays so.
//!
//! On Windows the console tells: Ctrl-C is a SIGINT; Ctrl-Break, a window that is closed and a session
//! that ends are a SIGTERM. The last two cannot be ignored: some five seconds later the process is gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::sync::watch;

/// What the user or the system asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// SIGINT: Ctrl-C.
    Interrupt,
    /// SIGTERM, and SIGHUP before the first request; on Windows the end of the console.
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

    /// How long requests in flight may take to end after it.
    pub(crate) fn farewell(self) -> Duration {
        match self {
            // Of the five seconds that Windows leaves a program whose console closes, some are for the last
            // word and the receipt.
            Self::Terminate if cfg!(windows) => Duration::from_secs(3),
            Self::Interrupt | Self::Terminate => Duration::from_secs(10),
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
        system::listen(Arc::clone(&this.shared), early);
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

    /// What becomes of a signal: it ends the process, or is told, or is a hangup that is ignored.
    fn hear(&self, signal: Signal, is_hangup: bool, early: &impl Fn(Signal)) {
        let is_early = self.enter(LEAVING) == LEAVING;
        if is_early {
            early(signal);
        } else if is_hangup {
            return;
        }
        if is_early || self.teller.send_replace(Some(signal)).is_some() {
            leave(signal);
        }
    }
}

#[expect(
    clippy::exit,
    reason = "a second signal, or one before anything was sent, leaves now"
)]
fn leave(signal: Signal) {
    std::process::exit(signal.code().into());
}

#[cfg(unix)]
mod system {
    //! The signals of Unix.

    use std::process::Command;
    use std::sync::Arc;
    use std::sync::mpsc::{Receiver, sync_channel};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    use super::{Shared, Signal};
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
                shared.hear(signal, number == SIGHUP, &early);
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
        ignored_mask().is_some_and(|mask| mask & (1 << (number - 1)) != 0)
    }

    fn ignored_mask() -> Option<u64> {
        let mask = match cfg!(target_os = "macos") {
            // There is no /proc, and asking the kernel takes unsafe code; by its full path, since what else
            // calls itself so must not be started.
            true => {
                let me = std::process::id().to_string();
                let ps = Command::new("/bin/ps")
                    .args(["-o", "sigignore=", "-p", &me])
                    .output();
                String::from_utf8(ps.ok()?.stdout).ok()?
            }
            false => {
                let status = std::fs::read_to_string("/proc/self/status").ok()?;
                status
                    .lines()
                    .find_map(|line| line.strip_prefix("SigIgn:"))?
                    .to_owned()
            }
        };
        u64::from_str_radix(mask.trim().trim_start_matches("0x"), 16).ok()
    }
}

#[cfg(windows)]
mod system {
    //! What the console tells. What was started without Ctrl-C goes on without it: the system keeps it from
    //! every handler.

    use std::future::poll_fn;
    use std::io;
    use std::sync::Arc;
    use std::task::{Context, Poll};

    use tokio::runtime::{Builder, Runtime};
    use tokio::signal::windows::{
        CtrlBreak, CtrlC, CtrlClose, CtrlLogoff, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close,
        ctrl_logoff, ctrl_shutdown,
    };

    use super::{Shared, Signal};
    use crate::base::threads;

    /// While these exist, the console's events end nothing by themselves.
    struct Events {
        interrupt: CtrlC,
        stop: CtrlBreak,
        close: CtrlClose,
        logoff: CtrlLogoff,
        shutdown: CtrlShutdown,
    }

    impl Events {
        fn caught() -> io::Result<(Runtime, Self)> {
            let runtime = Builder::new_current_thread().build()?;
            let events = Self {
                interrupt: ctrl_c()?,
                stop: ctrl_break()?,
                close: ctrl_close()?,
                logoff: ctrl_logoff()?,
                shutdown: ctrl_shutdown()?,
            };
            Ok((runtime, events))
        }

        fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Signal> {
            if self.interrupt.poll_recv(cx).is_ready() {
                return Poll::Ready(Signal::Interrupt);
            }
            let is_over = self.stop.poll_recv(cx).is_ready()
                || self.close.poll_recv(cx).is_ready()
                || self.logoff.poll_recv(cx).is_ready()
                || self.shutdown.poll_recv(cx).is_ready();
            match is_over {
                true => Poll::Ready(Signal::Terminate),
                false => Poll::Pending,
            }
        }
    }

    pub(super) fn listen(shared: Arc<Shared>, early: impl Fn(Signal) + Send + 'static) {
        // Where nobody can listen, the console ends the process as it would without this.
        let Ok(caught) = Events::caught() else {
            return;
        };
        let listening = move |(runtime, mut events): (Runtime, Events)| {
            loop {
                let next = poll_fn(|cx| events.poll_next(cx));
                shared.hear(runtime.block_on(next), false, &early);
            }
        };
        let _ = threads::spawn("signals", caught, listening);
    }
}

#[cfg(not(any(unix, windows)))]
mod system {
    //! Signals end the process.

    use std::sync::Arc;

    use super::{Shared, Signal};

    pub(super) fn listen(_: Arc<Shared>, _: impl Fn(Signal) + Send + 'static) {}
}
