//! Numbers, days and texts as a page shows them. What comes from outside is escaped by the template; here
//! hidden characters become visible, as everywhere.

use crate::base::display;
use crate::prove::totals::{FieldTotal, MOST_DISTINCT};

/// One line of the control totals.
pub(super) struct TotalRow {
    pub field: String,
    pub filled: String,
    pub distinct: String,
    pub sum: String,
    pub least: String,
    pub greatest: String,
}

impl TotalRow {
    pub(super) fn of(total: &FieldTotal) -> Self {
        let number =
            |text: &Option<String>| text.as_deref().map_or_else(String::new, display::number);
        let value = |text: &Option<String>| match total.sum.is_some() {
            true => number(text),
            false => text.as_deref().map_or_else(String::new, display::shown),
        };
        Self {
            field: match total.field.as_str() {
                "" => "(other keys)".to_owned(),
                field => display::shown(field),
            },
            filled: display::count(total.filled),
            distinct: match total.distinct {
                Some(distinct) => display::count(distinct),
                None if total.filled > MOST_DISTINCT as u64 => {
                    format!("over {}", display::count(MOST_DISTINCT as u64))
                }
                None => String::new(),
            },
            sum: match total.overflow {
                true => "too long".to_owned(),
                false => number(&total.sum),
            },
            least: value(&total.min),
            greatest: value(&total.max),
        }
    }
}

/// `2026-11-28 07:14:17 UTC` of an RFC 3339 time stamp.
pub(super) fn moment(text: &str) -> String {
    match text.parse::<jiff::Timestamp>() {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => display::shown(text),
    }
}

/// How long it was between two RFC 3339 time stamps.
pub(super) fn between(from: &str, until: &str) -> Option<String> {
    let (from, until) = (
        from.parse::<jiff::Timestamp>().ok()?,
        until.parse::<jiff::Timestamp>().ok()?,
    );
    let took = until.duration_since(from);
    Some(display::time(took.try_into().ok()?))
}
