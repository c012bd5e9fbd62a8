//! Price history: how long prices are kept, and how many an answer holds.

use super::walk;
use crate::store::price::PriceRow;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How long the prices of each level are kept, in milliseconds: every price for an hour, the first of each minute for
/// two days, the first of each hour for a year.
pub(crate) const KEPT: [i64; 3] = [HOUR, 2 * DAY, 366 * DAY];

/// Maximum number of points in an answer.
const POINTS: usize = 240;

/// The level of a price made at `now`, after one made at `before`.
pub(crate) fn level(before: i64, now: i64) -> i64 {
    if before.div_euclid(HOUR) != now.div_euclid(HOUR) {
        2
    } else {
        i64::from(before.div_euclid(MINUTE) != now.div_euclid(MINUTE))
    }
}

/// The lowest level whose prices reach back this many milliseconds.
pub(crate) fn level_for(span: i64) -> i64 {
    KEPT.iter().zip(0..).find(|(kept, _)| span <= **kept).map_or(2, |(_, level)| level)
}

/// The hourly prices before the oldest that is kept, back to `from`: the market's walk, backwards, so that a new market
/// has a past. They are computed each time, and always the same.
pub(crate) fn before(seed: u64, symbol: &str, oldest: PriceRow, from: i64) -> Vec<PriceRow> {
    let mut row = oldest;
    let mut rows = Vec::new();
    let mut hour = oldest.at.div_euclid(HOUR);
    while (hour - 1) * HOUR >= from {
        hour -= 1;
        row = PriceRow { at: hour * HOUR, value: walk::an_hour_before(seed, symbol, hour, row.value) };
        rows.push(row);
    }
    rows.reverse();
    rows
}

/// Whether two times are on different days (UTC).
pub(crate) fn is_another_day(before: i64, now: i64) -> bool {
    before.div_euclid(DAY) != now.div_euclid(DAY)
}

/// Evenly chosen points, at most [`POINTS`]. The last is always among them.
pub(crate) fn thin(rows: &[PriceRow]) -> Vec<PriceRow> {
    let every = rows.len().div_ceil(POINTS).max(1);
    let mut thinned: Vec<PriceRow> = rows.iter().rev().step_by(every).copied().collect();
    thinned.reverse();
    thinned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_price_of_an_hour_is_kept_longest() {
        assert_eq!(level(HOUR - 1, HOUR), 2);
        assert_eq!(level(MINUTE - 1, MINUTE), 1);
        assert_eq!(level(MINUTE, MINUTE + 1_000), 0);
        assert_eq!([level_for(HOUR), level_for(HOUR + 1), level_for(2 * DAY + 1), level_for(900 * DAY)], [0, 1, 2, 2]);
    }

    #[test]
    fn a_new_market_has_a_past_that_stays_the_same() {
        let oldest = PriceRow { at: 500_000 * HOUR + 7, value: 10_000 };
        let year = before(7, "WAYNE", oldest, oldest.at - 365 * DAY);
        assert_eq!(year.len(), 365 * 24 - 1);
        assert!(year.windows(2).all(|pair| pair[1].at - pair[0].at == HOUR));
        assert_eq!(year.last().map(|row| row.at), Some(500_000 * HOUR - HOUR));
        let day = &year[year.len() - 23..];
        assert_eq!(before(7, "WAYNE", oldest, oldest.at - DAY), *day);
        assert_ne!(before(8, "WAYNE", oldest, oldest.at - DAY), *day);
        assert_ne!(before(7, "STARK", oldest, oldest.at - DAY), *day);
        assert!(year.iter().all(|row| (4_000..25_000).contains(&row.value)), "believable");
        assert!(before(7, "WAYNE", oldest, oldest.at).is_empty());
    }

    #[test]
    fn a_long_history_is_thinned_to_its_end() {
        let rows: Vec<PriceRow> = (0..1_000).map(|at| PriceRow { at, value: at }).collect();
        let thinned = thin(&rows);
        assert!(thinned.len() <= POINTS && thinned.len() > POINTS / 2, "{}", thinned.len());
        assert_eq!(thinned.last(), rows.last());
        assert!(thinned.windows(2).all(|pair| pair[0].at < pair[1].at));
        assert_eq!(thin(&rows[..10]), rows[..10]);
        assert!(thin(&[]).is_empty());
    }
}
