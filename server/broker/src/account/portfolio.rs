//! An account's holdings and their value at current market prices.

use shared::{
    broker::{Holding, Portfolio},
    money::Money,
};

use crate::{
    error::Error,
    market::listing,
    state::Broker,
    store::{self, holding::PositionRow},
};

pub(crate) async fn of(broker: &Broker, account: &str) -> Result<Portfolio, Error> {
    let rows = store::holding::positions(broker.inner.parts.db.pool(), account).await?;
    let cash = rows.first().map_or(0, |row| row.cash);
    let holdings: Vec<Holding> = rows.into_iter().filter_map(holding).collect();
    let total = holdings.iter().fold(cash, |total, holding| total.saturating_add(holding.value.cents()));
    Ok(Portfolio { cash_balance: money(cash), total_value: money(total), holdings })
}

/// An amount from the database. The default can't occur: no account gets near ten trillion dollars.
pub(crate) fn money(cents: i64) -> Money {
    Money::from_cents(cents).unwrap_or_default()
}

/// `None` for an account without holdings, which has one row with only the cash.
fn holding(row: PositionRow) -> Option<Holding> {
    let symbol = row.symbol?;
    let (shares, price) = (row.shares?, row.price?);
    Some(Holding {
        name: listing::find(&symbol).map_or_else(|| symbol.clone(), |listing| listing.name.to_owned()),
        symbol: symbol.parse().ok()?,
        shares: u32::try_from(shares).ok()?,
        price: money(price),
        cost: money(row.cost?),
        value: money(price.saturating_mul(shares)),
    })
}
