//! How a debounce counts: two requests in one window, and when the import begins then.
//!
//! The time between a window's end and the beginning of its import, in which it may be queued, is not known.
//! So a window whose requests came all at once is the control; windows with a late request are compared
//! with it, at two distances, since one alone could be a queue's doing: what begins before the last request's
//! debounce is over, and as long after the first as in the control, counts from the first. That it counts from the last is believed at four distances only, as
//! a scheduler that runs once a minute would meet two of them one time in twenty.

use std::time::Duration;

use super::finding::Finding;
use super::lab::{Lab, Pushed};
use super::shape::Said;
use super::watch::Watched;
use crate::base::display;
use crate::base::model::ImportId;
use crate::service::facts::Repeated;
use crate::service::sandbox::{ImportIds, WindowReading};

/// How many records each request has.
const RECORDS: usize = 5;

/// How late in the window the second request comes, in hundredths of it.
const LATE: [u32; 2] = [50, 80];

/// The same, where the first ones look as if the last request counted.
const LATE_AGAIN: [u32; 2] = [65, 35];

/// When something happened, in seconds since some moment: not before the first, not after the second.
type Between = (f64, f64);

/// A window with its requests and the beginning of its import.
#[derive(Clone, Debug, PartialEq)]
struct Round {
    first: Between,
    last: Between,
    /// Of each import.
    begun: Vec<Between>,
    /// Launch minus creation as the service shows it, of the first request's import.
    shown: Option<f64>,
}

impl Lab {
    /// Opens three windows, one behind the other.
    pub(super) async fn windows(&mut self) {
        self.tell(&format!(
            "replacing the table with a debounce of {}, three times or five: its imports are waited for",
            display::time(self.debounce)
        ));
        let mut requests = Vec::new();
        let control = match self.control(&mut requests).await {
            Ok(control) => control,
            Err(why) => {
                for name in ["repeated", "window"] {
                    if self.findings.iter().all(|finding| finding.name != name) {
                        self.find(Finding::open(name, why.clone()));
                    }
                }
                return self.import_ids(&requests, false);
            }
        };
        let debounce = self.debounce.as_secs_f64();
        let mut rounds = Vec::new();
        for late in LATE.into_iter().chain(LATE_AGAIN) {
            let is_known = || reading(&control, &rounds, debounce) != Ok(WindowReading::Last);
            if rounds.len() == LATE.len() && is_known() {
                break;
            }
            let after = self.debounce * late / 100;
            match self.late(after, &mut requests).await {
                Ok(round) => rounds.push(round),
                Err(why) => {
                    self.find(Finding::open("window", why));
                    return self.import_ids(&requests, false);
                }
            }
        }
        self.import_ids(&requests, rounds.iter().all(Round::is_common));
        let seen: Vec<_> = [&control]
            .into_iter()
            .chain(&rounds)
            .map(Round::told)
            .collect();
        let finding = match reading(&control, &rounds, debounce) {
            Ok(reading) => {
                self.facts.window = Some(reading);
                let words = match reading {
                    WindowReading::First => "from the first: later ones do not move its end",
                    WindowReading::Last => "from the last: each one moves its end",
                };
                Finding::settled("window", reading, words)
            }
            Err(why) => Finding::open("window", why),
        };
        self.find(finding.seen(seen));
    }

    /// Whether the requests of each window had one import, or each its own.
    fn import_ids(&mut self, windows: &[Vec<ImportId>], are_common: bool) {
        let name = "import_ids";
        let distinct = |ids: &[ImportId]| {
            let mut ids = ids.to_vec();
            ids.sort();
            ids.dedup();
            ids.len()
        };
        let several: Vec<_> = windows.iter().filter(|ids| ids.len() > 1).collect();
        let (ids, words) = if several.is_empty() {
            return self.find(Finding::open(name, "not all requests were taken"));
        } else if several.iter().all(|ids| distinct(ids) == 1) {
            (ImportIds::Stacked, "yes: all of them have one")
        } else if several.iter().all(|ids| distinct(ids) == ids.len()) {
            if !are_common {
                let why = "each request has its own, and they were not seen to begin together";
                return self.find(Finding::open(name, why));
            }
            (ImportIds::Separate, "no: each has its own")
        } else {
            return self.find(Finding::open(name, "some do, and others do not"));
        };
        self.facts.import_ids = Some(ids);
        self.find(Finding::settled(name, ids, words));
    }

    /// A window whose requests come at once, one of them twice.
    async fn control(&mut self, requests: &mut Vec<Vec<ImportId>>) -> Result<Round, String> {
        let (mode, records) = (self.replace(), self.sheet.some("window", RECORDS));
        let one = self.push(mode, &records).await;
        let two = self
            .push(mode, &self.sheet.some("window-more", RECORDS))
            .await;
        let again = self.push(mode, &records).await;
        let pushed = [&one, &two, &again];
        let watched = self.watch_pushed(&pushed, self.debounce * 2).await;
        let round = Round::of(&pushed, &watched);
        let ids = pushed.map(|pushed| pushed.taken().map(|taken| taken.import));
        let [Some(first), Some(second), Some(third)] = ids else {
            return round;
        };
        requests.push(vec![first.clone(), second.clone(), third.clone()]);
        let is_one = first == second && second == third;
        let repeated = repeated(is_one, &watched);
        self.facts.repeated = repeated.as_ref().ok().copied();
        self.find(match repeated {
            Ok(repeated) => {
                let words = match repeated {
                    Repeated::Once => "no: its import counts each record once",
                    Repeated::Twice => "yes: its import counts the records of both",
                };
                Finding::settled("repeated", repeated, words)
            }
            Err(why) => Finding::open("repeated", why),
        });
        round
    }

    /// A window whose second request comes late.
    async fn late(
        &self,
        after: Duration,
        requests: &mut Vec<Vec<ImportId>>,
    ) -> Result<Round, String> {
        let mode = self.replace();
        let one = self.push(mode, &self.sheet.some("window", RECORDS)).await;
        let spent = self.pace.now().saturating_sub(one.sent.0);
        self.pace.sleep(after.saturating_sub(spent)).await;
        let two = self
            .push(mode, &self.sheet.some("window-late", RECORDS))
            .await;
        let watched = self.watch_pushed(&[&one, &two], self.debounce * 2).await;
        let taken = [&one, &two].map(Pushed::taken);
        requests.push(
            taken
                .into_iter()
                .flatten()
                .map(|taken| taken.import)
                .collect(),
        );
        if two.sent.1.saturating_sub(one.sent.0) > self.debounce * 95 / 100 {
            return Err("a request took so long that it came behind its window".to_owned());
        }
        Round::of(&[&one, &two], &watched)
    }
}

impl Round {
    fn of(pushed: &[&Pushed], watched: &[Watched]) -> Result<Self, String> {
        if let Some(refused) = pushed.iter().find(|one| one.taken().is_none()) {
            return Err(format!("a request was not taken: {}", refused.told()));
        }
        if let Some(open) = watched.iter().find(|one| one.over().is_none()) {
            return Err(open.why_open());
        }
        let between = |(from, to): (Duration, Duration)| (from.as_secs_f64(), to.as_secs_f64());
        let (Some(first), Some(last)) = (pushed.first(), pushed.last()) else {
            return Err("no request".to_owned());
        };
        // An import that was not seen waiting may have begun at any time, each by itself.
        let begun = watched
            .iter()
            .map(|one| Some(between((one.waiting?, one.launched?))));
        let Some(begun) = begun
            .collect::<Option<Vec<_>>>()
            .filter(|begun| !begun.is_empty())
        else {
            return Err(
                "an import was not seen waiting (`scheduled`), and then to begin".to_owned(),
            );
        };
        let shown = watched.first().and_then(Watched::over).and_then(|over| {
            let waited = over.launched_at?.duration_since(over.created_at?);
            Some(waited.as_secs_f64())
        });
        Ok(Self {
            first: between(first.sent),
            last: between(last.sent),
            begun,
            shown,
        })
    }

    /// The first beginning of an import.
    fn launch(&self) -> Between {
        let earliest = self
            .begun
            .iter()
            .copied()
            .min_by(|a, b| a.1.total_cmp(&b.1));
        earliest.unwrap_or((0.0, f64::MAX))
    }

    /// How long after a request it began.
    fn after(&self, request: Between) -> Between {
        let (from, to) = self.launch();
        (from - request.1, to - request.0)
    }

    /// How far apart its requests were.
    fn distance(&self) -> f64 {
        self.last.0 - self.first.0
    }

    /// Whether its imports began together, and not each as long after its request as the others.
    fn is_common(&self) -> bool {
        let (_, earliest) = self.launch();
        let latest = earliest + self.distance() / 2.0;
        self.begun.iter().all(|(from, _)| *from <= latest)
    }

    fn told(&self) -> String {
        let (_, to) = self.after(self.first);
        format!(
            "last request {:.1} s after the first: the import began {to:.1} s after the first",
            self.last.0 - self.first.0
        )
    }
}

/// What the count of a window's only import says of a request that came twice.
fn repeated(is_one: bool, watched: &[Watched]) -> Result<Repeated, String> {
    if !is_one {
        return Err(
            "each request has an import of its own, which counts its own records".to_owned(),
        );
    }
    let over = watched.first().and_then(Watched::over);
    let entry = over.and_then(|over| over.entry.as_ref());
    let Some(entry) = entry.filter(|entry| entry.error.is_none()) else {
        return Err("the import did not end without errors".to_owned());
    };
    let once = 2 * RECORDS as u64;
    match entry.count {
        Said::Is(count) if count == once => Ok(Repeated::Once),
        Said::Is(count) if count == once + RECORDS as u64 => Ok(Repeated::Twice),
        Said::Is(count) => Err(format!(
            "the import counts {count} where {once} records were sent, {RECORDS} of them twice"
        )),
        Said::Missing => Err("the import has no count".to_owned()),
        Said::Other => Err("the import has a count of another form".to_owned()),
    }
}

/// How the debounce counts, if all windows agree on it.
fn reading(control: &Round, rounds: &[Round], debounce: f64) -> Result<WindowReading, String> {
    let slack = debounce / 20.0;
    for round in [control].into_iter().chain(rounds) {
        let (from, to) = round.after(round.first);
        if to < debounce - slack {
            return Err("an import began before its debounce was over".to_owned());
        }
        if let Some(shown) = round.shown
            && (shown < from - 2.0 || shown > to + 2.0)
        {
            return Err(format!(
                "the service shows that the import began {shown:.0} s after it was made, and it was seen to after {to:.0} s"
            ));
        }
        if round.distance() > slack && !round.is_common() {
            return Err(
                "each request's import began by itself: those of one replace may delete each other's records"
                    .to_owned(),
            );
        }
    }
    // Surely as long after a request as in the control: the ends of what is possible are that near.
    let is_alike = |after: Between, control: Between, round: &Round| {
        let tolerance = round.distance() / 6.0;
        after.1 - control.0 < tolerance && control.1 - after.0 < tolerance
    };
    let is_by_first = |round: &Round| {
        let is_before_last = round.after(round.last).1 < debounce - slack;
        // An end that later requests move a bit is no constant one.
        is_before_last
            && is_alike(
                round.after(round.first),
                control.after(control.first),
                round,
            )
    };
    if rounds.iter().all(is_by_first) {
        return Ok(WindowReading::First);
    }
    let is_by_last = |round: &Round| {
        let after = round.after(round.last);
        after.0 - debounce > -slack && is_alike(after, control.after(control.last), round)
    };
    match rounds.iter().all(is_by_last) {
        true => Ok(WindowReading::Last),
        false => Err("the imports began at times that fit neither: were they queued, or is the end moved by less?".to_owned()),
    }
}

#[cfg(test)]
mod tests;
