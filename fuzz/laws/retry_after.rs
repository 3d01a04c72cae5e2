//! How long the service asks to wait.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};

use crate::base::display;
use crate::fuzzing::seams;
use crate::service::error::RetryAfter;
use crate::service::retry::Decision;
use crate::service::{CallError, retry};

/// The longest time between two dates of HTTP, whose years have four digits.
const LONGEST: Duration = Duration::from_secs(10_000 * 366 * 86_400);

/// The first line is `Retry-After`, the second one `Date`, where there is one.
pub fn retry_after(data: &[u8]) {
    let mut lines = data.splitn(2, |byte| *byte == b'\n');
    let mut header = || HeaderValue::from_bytes(lines.next()?).ok();
    let (asked, date) = (header(), header());
    let Some(asked) = asked else { return };
    let mut headers = HeaderMap::new();
    headers.insert(RETRY_AFTER, asked.clone());
    if let Some(date) = date {
        headers.insert(DATE, date);
    }
    let found = seams::retry_after(&headers, SystemTime::UNIX_EPOCH);
    let text = asked.to_str().unwrap_or_default().trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse::<u32>().ok().filter(|_| is_number);
    if let Some(seconds) = seconds {
        assert_eq!(found, Some(RetryAfter(Duration::from_secs(seconds.into()))));
    }
    assert!(
        found.is_some() || !is_number,
        "a number is longer than anyone waits, or a time"
    );
    let Some(RetryAfter(wait)) = found else {
        return;
    };
    assert!(wait <= LONGEST, "{wait:?}");
    assert!(!display::time(wait).is_empty());
    check_decision(found);
}

/// It is waited for, or not at all.
fn check_decision(retry_after: Option<RetryAfter>) {
    for status in [404, 429, 503] {
        let error = CallError::Status {
            status,
            words: String::new(),
            retry_after,
            location: None,
        };
        let left = Duration::from_secs(300);
        if let Decision::Again(pause) = retry::decide(&error, 1, left, 0.5) {
            assert!(pause < left && retry_after.is_none_or(|asked| pause >= asked.0));
        }
    }
}
