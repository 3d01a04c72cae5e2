//! Faults: their grammar, and which requests each one hits.
//!
//! What a fault does to an answer stands in `push`, what it does to a connection in `wire`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::base::display;

/// Something that goes wrong, and when. Written `KIND[:ARG]@N`, `@N-M` or `@*`, or
/// `rate:PERCENT:KIND[:ARG]:SEED`; `@NxM` is `@N` and the M-1 behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct SandboxFault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// The requests that the fault hits.
    pub when: When,
}

/// What goes wrong with a push of records.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultKind {
    /// `503`: nothing is applied, this status is answered.
    Status {
        /// From 300 to 599.
        code: u16,
        /// `429:2`: the seconds in the answer's `Retry-After`.
        retry_after: Option<u64>,
    },
    /// `reset`: the connection is reset before the body is read; nothing is applied.
    Reset,
    /// `reset-after`: applied, then the connection is closed without an answer.
    ResetAfter,
    /// `cut`: applied, but the answer ends in the middle of its JSON.
    Cut,
    /// `garbage`: nothing is applied, and what comes back is not HTTP.
    Garbage,
    /// `html`: nothing is applied, a page is answered with 200, as a captive portal does.
    Html,
    /// `empty`: applied, and answered with 200 and no body.
    Empty,
    /// `count:K`: applied, but the answered number of records is off by K.
    Count(i64),
    /// `slow:S`: applied at once, answered after S seconds of the machine's time.
    Slow(Duration),
    /// `hang`: the body is read, nothing is applied, and no answer ever comes.
    Hang,
}

/// The kinds that take no argument, by their words.
const PLAIN: [(&str, FaultKind); 7] = [
    ("reset", FaultKind::Reset),
    ("reset-after", FaultKind::ResetAfter),
    ("cut", FaultKind::Cut),
    ("garbage", FaultKind::Garbage),
    ("html", FaultKind::Html),
    ("empty", FaultKind::Empty),
    ("hang", FaultKind::Hang),
];

/// Which pushes a fault hits. They are counted from 1 as they arrive, retries and refused ones too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// A run of requests.
    At {
        /// The first one.
        first: u64,
        /// How many requests in a row.
        times: u64,
    },
    /// A share of all requests that no run hits.
    Rate {
        /// From 1 to 100.
        percent: u8,
        /// The same seed hits the same requests.
        seed: u64,
    },
    /// All requests that no other fault hits.
    Always,
}

/// Reads a list such as `503@2,reset@3,429:2@5,slow:3@1`; an empty text is an empty list.
///
/// # Errors
/// When a fault is not written as [`SandboxFault`] says, or two of them hit the same request: the second
/// would never be used.
pub fn parse_faults(list: &str) -> Result<Vec<SandboxFault>, String> {
    let mut faults: Vec<SandboxFault> = Vec::new();
    for text in list
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        let fault: SandboxFault = text.parse()?;
        if let Some(other) = faults.iter().find(|other| other.when.overlaps(fault.when)) {
            let why = format!("`{other}` hits the same request already");
            return Err(bad_fault(text, &why));
        }
        faults.push(fault);
    }
    Ok(faults)
}

impl FromStr for SandboxFault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = match text.strip_prefix("rate:") {
            Some(rest) => parse_rate(rest),
            None => parse_at(text),
        };
        parsed.map_err(|why| bad_fault(text, &why))
    }
}

pub(super) fn bad_fault(fault: &str, why: &str) -> String {
    format!("fault {}: {why}", display::quoted(fault))
}

fn parse_at(text: &str) -> Result<SandboxFault, String> {
    let (kind, at) = text
        .rsplit_once('@')
        .ok_or("say which request it hits, as in `503@2`")?;
    Ok(SandboxFault {
        kind: parse_kind(kind)?,
        when: match at {
            "*" => When::Always,
            run => parse_run(run)?,
        },
    })
}

fn parse_run(text: &str) -> Result<When, String> {
    let from_one = |number: &str| match number.parse::<u64>() {
        Ok(number) if number >= 1 => Ok(number),
        _ => Err(format!("`{number}` is not a whole number from 1")),
    };
    let (first, times) = match text.split_once('-') {
        Some((first, last)) => {
            let (first, last) = (from_one(first)?, from_one(last)?);
            let more = last.checked_sub(first);
            let more = more.ok_or_else(|| format!("`{text}` ends before it begins"))?;
            (first, more.saturating_add(1))
        }
        None => {
            let (first, times) = text.split_once('x').unwrap_or((text, "1"));
            (from_one(first)?, from_one(times)?)
        }
    };
    Ok(When::At { first, times })
}

fn parse_rate(rest: &str) -> Result<SandboxFault, String> {
    let shape = "a rate is written `rate:PERCENT:KIND:SEED`";
    let (percent, rest) = rest.split_once(':').ok_or(shape)?;
    let (kind, seed) = rest.rsplit_once(':').ok_or(shape)?;
    let percent = percent
        .parse()
        .ok()
        .filter(|percent| (1..=100).contains(percent))
        .ok_or_else(|| format!("`{percent}` is not a percentage from 1 to 100"))?;
    let seed = seed
        .parse()
        .map_err(|_| format!("the seed `{seed}` is not a whole number"))?;
    Ok(SandboxFault {
        kind: parse_kind(kind)?,
        when: When::Rate { percent, seed },
    })
}

fn parse_kind(text: &str) -> Result<FaultKind, String> {
    let (name, arg) = match text.split_once(':') {
        Some((name, arg)) => (name, Some(arg)),
        None => (text, None),
    };
    if let Some((_, kind)) = PLAIN.into_iter().find(|(word, _)| *word == name) {
        return match arg {
            None => Ok(kind),
            Some(_) => Err(format!("`{name}` takes no argument")),
        };
    }
    match name {
        "count" => arg
            .and_then(|arg| arg.parse().ok())
            .filter(|off| *off != 0)
            .map(FaultKind::Count)
            .ok_or_else(|| "say by how many records, as in `count:-1@2`".to_owned()),
        "slow" => arg
            .and_then(|arg| arg.parse().ok())
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .map(FaultKind::Slow)
            .ok_or_else(|| "say for how many seconds, as in `slow:3@1`".to_owned()),
        _ => parse_status(name, arg),
    }
}

fn parse_status(name: &str, arg: Option<&str>) -> Result<FaultKind, String> {
    let code: u16 = name.parse().map_err(|_| {
        "known kinds are an HTTP status, reset, reset-after, cut, garbage, html, empty, count:K, slow:S \
         and hang"
            .to_owned()
    })?;
    if !(300..=599).contains(&code) {
        return Err("a status is a number from 300 to 599".to_owned());
    }
    let retry_after = match arg {
        None => None,
        Some(arg) if matches!(code, 429 | 503) => Some(
            arg.parse()
                .map_err(|_| format!("`{arg}` is not a number of seconds"))?,
        ),
        Some(_) => return Err("only 429 and 503 take seconds to wait".to_owned()),
    };
    Ok(FaultKind::Status { code, retry_after })
}

impl When {
    pub(super) fn hits(self, request: u64) -> bool {
        match self {
            Self::At { first, times } => request >= first && request - first < times,
            Self::Rate { percent, seed } => scatter(seed, request) % 100 < u64::from(percent),
            Self::Always => true,
        }
    }

    /// Whether it hits no request from this one on.
    pub(super) fn is_over(self, next: u64) -> bool {
        matches!(self, Self::At { first, times } if next > first && next - first >= times)
    }

    /// Whether one of two would never be used where the other is, or not always. Runs go before rates, and
    /// rates before what hits everything.
    pub(super) fn overlaps(self, other: Self) -> bool {
        match (self, other) {
            (Self::At { first, .. }, Self::At { first: start, .. }) => {
                self.hits(start) || other.hits(first)
            }
            (one, other) => one == Self::Always && other == Self::Always,
        }
    }

    /// Of those that hit a request, the least one is played.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::At { .. } => 0,
            Self::Rate { .. } => 1,
            Self::Always => 2,
        }
    }
}

/// A number that looks random and is the same at every run (the finisher of splitmix64).
fn scatter(seed: u64, request: u64) -> u64 {
    let mut mixed = seed.wrapping_add(request.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl fmt::Display for SandboxFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.when {
            When::At { first, times: 1 } => write!(f, "{}@{first}", self.kind),
            When::At { first, times } => {
                write!(
                    f,
                    "{}@{first}-{}",
                    self.kind,
                    first.saturating_add(times.saturating_sub(1))
                )
            }
            When::Always => write!(f, "{}@*", self.kind),
            When::Rate { percent, seed } => write!(f, "rate:{percent}:{}:{seed}", self.kind),
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { code, retry_after } => match retry_after {
                Some(seconds) => write!(f, "{code}:{seconds}"),
                None => write!(f, "{code}"),
            },
            Self::Count(off) => write!(f, "count:{off}"),
            Self::Slow(time) => write!(f, "slow:{}", time.as_secs_f64()),
            plain => {
                let found = PLAIN.iter().find(|(_, kind)| kind == plain);
                f.write_str(found.map_or("", |(word, _)| word))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        let list = "503@2,reset@3-4,429:2@5,slow:0.5@1,count:-1@6,rate:20:503:7,rate:5:429:1:9,slow:1@*,\
                    reset-after@7,cut@8,garbage@9,html@10,empty@11,hang@12";
        let faults = parse_faults(list).unwrap();
        let back: Vec<_> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(back.join(","), list);
        assert_eq!(parse_faults("").unwrap(), []);
        assert_eq!(
            parse_faults("503@2x3,cut@6-6"),
            parse_faults("503@2-4,cut@6")
        );
        let most = format!("503@1-{}", u64::MAX);
        assert_eq!(parse_faults(&most).unwrap()[0].to_string(), most);
    }

    #[test]
    fn mistakes_are_named() {
        for (list, why) in [
            ("503", "say which request"),
            ("503@0", "`0` is not a whole number from 1"),
            ("200@1", "from 300 to 599"),
            ("reset:1@1", "takes no argument"),
            ("500:3@1", "only 429 and 503"),
            ("count:0@1", "by how many"),
            ("slow:-1@1", "for how many seconds"),
            ("bang@1", "known kinds"),
            ("503@2x3,reset@4", "`503@2-4` hits the same request already"),
            (
                "503@2-4,reset@4-9",
                "`503@2-4` hits the same request already",
            ),
            (
                "slow:1@*,hang@*",
                "`slow:1@*` hits the same request already",
            ),
            ("503@5-2", "`5-2` ends before it begins"),
            ("503@2-", "`` is not a whole number from 1"),
            ("503@0-2", "`0` is not a whole number from 1"),
            ("503@*-2", "`*` is not a whole number from 1"),
            ("rate:0:503:1", "percentage"),
        ] {
            let error = parse_faults(list).unwrap_err().to_string();
            assert!(error.contains(why), "{list}: {error}");
        }
    }
}
