//! Why a push stopped: the one reason that matters, with the usual mistake behind it.

use super::failure::Failure;
use super::held::{Context, table_state};
use crate::base::display;
use crate::base::exit::Exit;
use crate::base::model::{Mode, TableState};
use crate::push::send::{Halt, PartResult, PartState, Sent, Stop};
use crate::service::facts::Wrong;
use crate::service::retry::StopReason;
use crate::service::{CallError, ProxyFault, TlsFault, retry};

/// What stopped the push, if anything did.
pub(super) fn failure(sent: &Sent, context: Context<'_>) -> Option<Failure> {
    let mut failure = match (first_stop(&sent.results), &sent.halt) {
        (Some((result, stop)), None) => explain(result, stop, context, sent),
        (_, Some(Halt::Launched(word))) => launched(word),
        (Some((_, Stop::Abandoned(_))), Some(Halt::Signal(signal))) => interrupted(*signal),
        (Some((result, stop)), Some(Halt::Signal(_))) => explain(result, stop, context, sent),
        (None, Some(Halt::Signal(signal))) if has_unsent(sent) => interrupted(*signal),
        (None, _) => return None,
    };
    if matches!(
        table_state(sent, context),
        TableState::AtRisk | TableState::Unknown
    ) {
        failure.hint(resuming(context.resume, context.mode));
    }
    Some(failure)
}

/// How to mend a push that arrived in part: by this line.
pub(crate) fn resuming(line: &str, mode: Mode) -> String {
    match mode {
        Mode::Upsert => format!("{line}   sends what did not arrive"),
        Mode::Replace { .. } => format!(
            "{line}   sends the rest while there is time, else everything anew once this replace \
             is over at the service"
        ),
    }
}

fn has_unsent(sent: &Sent) -> bool {
    sent.results
        .iter()
        .any(|result| !matches!(result.state, PartState::Accepted(_)))
}

fn interrupted(signal: crate::base::signals::Signal) -> Failure {
    Failure::new(Exit::Interrupted(signal), "interrupted", None)
}

fn launched(word: &str) -> Failure {
    let message = format!(
        "the service already shows the import as {word}: what is sent now would come too late, and \
         delete what came before"
    );
    Failure::new(Exit::Partial, message, None)
}

/// The stop that ended the push: the first in the order of the records that is no consequence.
fn first_stop(results: &[PartResult]) -> Option<(&PartResult, &Stop)> {
    let stops = results.iter().filter_map(|result| match &result.state {
        PartState::NotApplied(stop) | PartState::Unknown(stop) => Some((result, stop)),
        PartState::Accepted(_) | PartState::NotSent => None,
    });
    stops.min_by_key(|(_, stop)| matches!(stop, Stop::Abandoned(_)))
}

/// What a stop means where nothing was applied, and what to try.
fn explain(result: &PartResult, stop: &Stop, context: Context<'_>, sent: &Sent) -> Failure {
    let (number, range) = (result.part.chunk, result.part.range);
    let records = match &result.place {
        Some(place) => place.clone(),
        None => display::records(range),
    };
    let chunk = format!("chunk {number} of {} ({records})", sent.chunks);
    match stop {
        Stop::Failed(error, reason) => {
            let line = failed(&chunk, result.attempts, error, *reason, context.host);
            let is_single = result.place.is_some();
            let mut failure = Failure::new(
                error.exit(matches!(reason, StopReason::Final)),
                line,
                hint(error, context, is_single),
            );
            if let Some(longer) = longer(error, *reason) {
                failure.hint(longer);
            }
            failure
        }
        Stop::Abandoned(error) => Failure::new(Exit::Partial, format!("{chunk}: {error}"), None),
        Stop::Miscounted { sent, answered } => Failure::new(
            Exit::Partial,
            format!(
                "{chunk}: {} sent, but the service counted {}",
                display::counted(*sent, "record"),
                display::count(*answered)
            ),
            None,
        ),
        Stop::Changed(why) => Failure::new(
            Exit::Input,
            format!("{chunk} was not sent{}: {why}", again(result)),
            Some("leave the input alone while it is pushed".to_owned()),
        ),
        Stop::WindowOver(error) => {
            let line = window_over(&chunk, error, again(result));
            Failure::new(Exit::Unreachable, line, None)
        }
        Stop::NoJournal(why) => Failure::new(
            Exit::Usage,
            format!("{why}; nothing was sent"),
            Some("make room there, or name another folder with --state-dir".to_owned()),
        ),
    }
}

/// What an earlier request may have brought was not sent once more.
fn again(result: &PartResult) -> &'static str {
    match result.state {
        PartState::Unknown(_) => " again",
        _ => "",
    }
}

fn window_over(chunk: &str, error: &Option<CallError>, again: &str) -> String {
    let late = "which would delete what the others loaded";
    match error {
        None => format!(
            "{chunk} was not sent{again}: the window (--debounce) has no time left for it, {late}"
        ),
        Some(error) => format!(
            "{chunk}: {error}; the window (--debounce) has no time left for another attempt, {late}"
        ),
    }
}

fn failed(chunk: &str, attempts: u32, error: &CallError, reason: StopReason, host: &str) -> String {
    let tried = match (reason, attempts) {
        (StopReason::Final, _) | (_, 0 | 1) => String::new(),
        (_, n) => format!(", after {n} attempts"),
    };
    let asked = match reason {
        StopReason::AskedToWait(wait) => format!(", and asks to wait {}", display::time(wait)),
        StopReason::Final | StopReason::TimeIsUp | StopReason::NeverAnswered => String::new(),
    };
    format!("{chunk} was not taken by {host}: {error}{asked}{tried}")
}

/// Which option tries an address longer where nobody answers.
fn longer(error: &CallError, reason: StopReason) -> Option<&'static str> {
    match reason {
        StopReason::NeverAnswered => {
            Some("--connect-for 5m tries longer where nobody ever answered")
        }
        StopReason::TimeIsUp if retry::is_unreached(error) => Some("--retry-for tries longer"),
        _ => None,
    }
}

/// Requests are made smaller where that is possible, so that little is left to try.
fn too_large(mode: Mode, is_single: bool) -> &'static str {
    match mode {
        _ if is_single => "this one record is more than the service takes: shorten its values",
        Mode::Replace { debounce } if debounce.is_zero() => {
            "add --debounce: a replace without it goes in one request, which cannot be made smaller"
        }
        _ => "send smaller requests: --max-body or --chunk-size",
    }
}

/// The usual mistake behind an error, in Qobra's own words where it lists it.
fn hint(
    error: &CallError,
    Context {
        table,
        host,
        mode,
        facts,
        ..
    }: Context<'_>,
    is_single: bool,
) -> Option<String> {
    let wrong = match (error, facts) {
        (CallError::Status { status, words, .. }, Some(facts)) => {
            facts.what_is_wrong(*status, words)
        }
        _ => None,
    };
    match error {
        _ if wrong == Some(Wrong::Key) => Some(
            "this is what the service answers to a wrong key, as a probe found: make a new one in Qobra's \
             app"
                .to_owned(),
        ),
        _ if wrong == Some(Wrong::Table) => Some(format!(
            "this is what the service answers where there is no such table, as a probe found: {} is not the \
             key of one. Qobra's app shows it; a first import by hand there makes a table",
            display::quoted(table.as_str())
        )),
        CallError::Status { status: 404, .. } => Some(format!(
            "is {} the table's key, as Qobra's app shows it? The table must exist already: a first \
             import by hand in the app makes it",
            display::quoted(table.as_str())
        )),
        CallError::Status { status: 413, .. } => Some(too_large(mode, is_single).to_owned()),
        CallError::Status {
            status: 400 | 422, ..
        } => Some("do the field names in the mapping match those set in Qobra?".to_owned()),
        _ => advice(error, host),
    }
}

/// The usual mistake behind an error that any call may meet.
pub(crate) fn advice(error: &CallError, host: &str) -> Option<String> {
    let advice = match error {
        CallError::Status {
            status: 401 | 403, ..
        } => "check the API key. Qobra says of imports that do not appear in its list: check the \
             authentication"
            .to_owned(),
        CallError::Status {
            status: 300..=399, ..
        } => "redirects are not followed: correct --base-url".to_owned(),
        CallError::Status { .. } => "run it again later".to_owned(),
        CallError::NotTheApi { .. } => {
            "does a proxy or a login page stand between this machine and the service?".to_owned()
        }
        CallError::Connect { .. } => {
            format!("is {host} right (--base-url), and can it be reached from here?")
        }
        CallError::Proxy { fault, .. } => match fault {
            ProxyFault::Login => {
                "give them in HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT, special \
                                  characters as %XX"
                    .to_owned()
            }
            ProxyFault::Unreachable => {
                "is HTTPS_PROXY right? NO_PROXY lists the hosts that are reached without it"
                    .to_owned()
            }
            ProxyFault::Tls(fault) => proxy_tls(*fault).to_owned(),
            ProxyFault::NoTunnel => format!(
                "does the proxy let {host} through, for the user and the password that \
                 HTTPS_PROXY gives it?"
            ),
        },
        CallError::Tls { fault, .. } => match fault {
            TlsFault::Dates => "check this machine's clock".to_owned(),
            TlsFault::UnknownIssuer => "does a proxy break TLS open? name the file of its \
                                        certificate with --ca-cert"
                .to_owned(),
            TlsFault::WrongName => format!("is {host} right (--base-url)?"),
            TlsFault::Other => format!("does {host} speak TLS?"),
        },
        CallError::Unreadable { .. } => {
            "what stands between this machine and the service that compresses answers?".to_owned()
        }
        CallError::Broken { .. } | CallError::Timeout { .. } | CallError::BadAnswer { .. } => {
            return None;
        }
    };
    Some(advice)
}

/// The usual mistakes behind a proxy that is named with `https://`.
fn proxy_tls(fault: TlsFault) -> &'static str {
    match fault {
        TlsFault::Dates => "check this machine's clock",
        TlsFault::UnknownIssuer => {
            "name the file of the certificate that signs the proxy's with --ca-cert"
        }
        TlsFault::WrongName => "is HTTPS_PROXY right? the certificate is for another name",
        TlsFault::Other => {
            "most proxies are spoken to in plain HTTP: write http:// in HTTPS_PROXY, not https://"
        }
    }
}
