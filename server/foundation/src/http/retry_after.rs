//! Reads `Retry-After` (RFC 9110 §10.2.3).

use reqwest::header::{HeaderMap, RETRY_AFTER};

/// Seconds until the other side accepts a retry, at most a day.
pub fn read(headers: &HeaderMap) -> Option<i64> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let after = text(RETRY_AFTER.as_str())?;
    if let Ok(seconds) = after.parse::<f64>() {
        return whole(seconds);
    }
    // A date, relative to the other side's own clock if it sends one.
    let read = |date: &str| jiff::fmt::rfc2822::parse(date).ok().map(|date| date.timestamp());
    let now = text("date").and_then(read).unwrap_or_else(jiff::Timestamp::now);
    Some((read(after)?.as_second() - now.as_second()).clamp(0, 86_400))
}

/// Whole seconds, rounded up, at most a day.
#[allow(clippy::cast_possible_truncation, reason = "bounded before")]
pub fn whole(seconds: f64) -> Option<i64> {
    (seconds.is_finite() && seconds >= 0.0).then(|| seconds.ceil().min(86_400.0) as i64)
}
