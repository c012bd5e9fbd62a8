//! The value of an account over time: its movements at the prices of each moment.

use std::collections::BTreeMap;

use shared::broker::{Point, Range};

use super::portfolio;
use crate::{
    error::Error,
    market::{history, point},
    state::Broker,
    store::{self, account::AccountRow, movement::MovementRow, price::PriceRow},
};

/// Number of points in a history, evenly spaced.
const POINTS: i64 = 60;

/// The account's total, oldest first. The last point is the current value.
pub(crate) async fn of(broker: &Broker, account: &AccountRow, range: Range) -> Result<Vec<Point>, Error> {
    let db = broker.inner.parts.db.pool();
    let now = broker.inner.parts.clock.now();
    let start = account.opened_at.max(now - range.ms());
    let movements = store::movement::of_account(db, &account.id).await?;
    let mut prices: BTreeMap<&str, Vec<PriceRow>> = BTreeMap::new();
    let level = history::level_for(now - start);
    for symbol in movements.iter().filter_map(|movement| movement.symbol.as_deref()) {
        if !prices.contains_key(symbol) {
            let mut rows = store::price::since(db, symbol, start - history::KEPT[0], level).await?;
            // Adds the current price, so that there is one even after a long pause of the market.
            let stock = store::stock::find(db, symbol).await?;
            rows.extend(stock.map(|stock| PriceRow { at: now, value: stock.price }));
            prices.insert(symbol, rows);
        }
    }
    let mut rows = totals(&movements, &prices, start, now);
    // The last point comes from the portfolio, which one statement reads.
    let total = portfolio::of(broker, &account.id).await?.total_value;
    rows.push(PriceRow { at: now, value: total.cents() });
    Ok(rows.into_iter().filter_map(point).collect())
}

/// Totals at even intervals from `start` to just before `now`.
fn totals(movements: &[MovementRow], prices: &BTreeMap<&str, Vec<PriceRow>>, start: i64, now: i64) -> Vec<PriceRow> {
    let step = ((now - start) / POINTS).max(1);
    let times = (0..POINTS).map(|at| start + at * step).take_while(|at| *at < now);
    let mut cash = 0;
    let mut shares: BTreeMap<&str, i64> = BTreeMap::new();
    let mut rest = movements.iter().peekable();
    times
        .map(|at| {
            while let Some(movement) = rest.next_if(|movement| movement.at <= at) {
                cash += movement.cash;
                if let Some(symbol) = &movement.symbol {
                    *shares.entry(symbol).or_default() += movement.shares;
                }
            }
            let worth = |(symbol, shares): (&&str, &i64)| {
                prices.get(symbol).map_or(0, |rows| price_at(rows, at).saturating_mul(*shares))
            };
            PriceRow { at, value: cash + shares.iter().map(worth).sum::<i64>() }
        })
        .collect()
}

/// The last price at or before a time, or the first price if there is none.
fn price_at(rows: &[PriceRow], at: i64) -> i64 {
    let after = rows.partition_point(|row| row.at <= at);
    rows.get(after.saturating_sub(1)).map_or(0, |row| row.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_values_cash_and_shares_at_past_prices() {
        let movement = |at, cash, symbol: Option<&str>, shares| MovementRow {
            at,
            cash,
            symbol: symbol.map(str::to_owned),
            shares,
        };
        let movements = [
            movement(0, 1_000_000, None, 0),
            movement(100, -50_000, Some("WAYNE"), 5),
            movement(300, 22_000, Some("WAYNE"), -2),
        ];
        let prices =
            BTreeMap::from([("WAYNE", vec![PriceRow { at: 0, value: 10_000 }, PriceRow { at: 200, value: 11_000 }])]);
        let totals = totals(&movements, &prices, 0, 600);
        let at = |time: i64| totals.iter().find(|row| row.at == time).map(|row| row.value);
        assert_eq!(totals.len(), 60);
        assert_eq!(at(0), Some(1_000_000));
        assert_eq!(at(100), Some(1_000_000));
        assert_eq!(at(200), Some(1_005_000));
        assert_eq!(at(300), Some(1_005_000));
        assert_eq!(at(590), Some(1_005_000));
        assert!(super::totals(&movements, &prices, 600, 600).is_empty());
    }
}
