//! Times on the wire: ISO 8601 with milliseconds, UTC.

use jiff::Timestamp;

/// `2026-11-24T08:00:00.000Z`, from milliseconds since 1970.
pub fn iso(ms: i64) -> String {
    let at = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{at:.3}")
}

/// Milliseconds since 1970. `None` if the text is not a time in ISO 8601.
pub fn parse(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(|at| at.as_millisecond())
}

#[cfg(test)]
mod tests {
    #[test]
    fn time_survives_a_round_trip() {
        assert_eq!(super::iso(1_795_507_200_123), "2026-11-24T08:00:00.123Z");
        assert_eq!(super::parse("2026-11-24T08:00:00.123Z"), Some(1_795_507_200_123));
        assert_eq!(super::parse("yesterday"), None);
    }
}
