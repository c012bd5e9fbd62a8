//! The fixed time at which the made-up pages are rendered, in milliseconds since 1970.

/// 24 November 2026, 14:03:10 UTC.
pub(super) const NOW: i64 = 1_795_528_990_000;
pub(super) const MINUTE: i64 = 60_000;
