//! Whether the broker could accept an order now. The agent learns of an impossible one before the person is asked.

use shared::{
    broker::{Orders, Portfolio, Stock},
    money::{Money, Side},
    scope::PORTFOLIO_READ,
};

use crate::{
    broker,
    identity::vault::Granted,
    state::Agent,
    tools::{answer::Stop, input, order::StockOrder},
};

/// # Errors
/// Why the broker would reject it, for the model.
pub(super) async fn order(agent: &Agent, granted: &Granted, order: &StockOrder, stock: &Stock) -> Result<(), Stop> {
    limit(broker::name(agent), order, stock.price).map_err(input::wrong)?;
    if granted.scopes.iter().any(|scope| scope == PORTFOLIO_READ) {
        let portfolio: Portfolio = broker::get(agent, &["portfolio"], &[], Some(&granted.access_token)).await?;
        return funds(order, stock.price, &portfolio).map_err(input::wrong);
    }
    // Without that scope, cash and holdings are hidden. Whether the account is connected isn't.
    broker::get::<Orders>(agent, &["orders"], &[("txn", "none")], Some(&granted.access_token)).await?;
    Ok(())
}

/// Refuses a limit that the market price doesn't meet.
fn limit(at: &str, order: &StockOrder, price: Money) -> Result<(), String> {
    let StockOrder { symbol, limit, .. } = order;
    let instead = format!("{at} would reject it: an order doesn't wait for a better price. The person was not asked.");
    match order.side {
        Side::Buy if price > limit.money() => {
            Err(format!("{symbol} costs {price} USD a share now, more than the limit of {limit} USD. {instead}"))
        }
        Side::Sell if price < limit.money() => {
            Err(format!("{symbol} brings {price} USD a share now, less than the limit of {limit} USD. {instead}"))
        }
        _ => Ok(()),
    }
}

/// Refuses to sell more than is held, or to buy more than the cash pays for at the market price.
fn funds(order: &StockOrder, price: Money, portfolio: &Portfolio) -> Result<(), String> {
    let StockOrder { symbol, quantity, .. } = order;
    match order.side {
        Side::Buy => {
            let (cost, cash) = (price.times(*quantity), portfolio.cash_balance);
            if cost <= cash {
                return Ok(());
            }
            let most = cash.cents().max(0).checked_div(price.cents()).unwrap_or(0);
            Err(format!(
                "{quantity} {symbol} cost {} USD now, and the account has {} USD in cash, enough for {most}. The \
                 person was not asked.",
                cost.grouped(),
                cash.grouped()
            ))
        }
        Side::Sell => {
            let held = portfolio.holdings.iter().find(|holding| holding.symbol == *symbol);
            match held.map_or(0, |holding| holding.shares) {
                held if held >= quantity.get() => Ok(()),
                0 => Err(format!("The account holds no {symbol}, so none can be sold. The person was not asked.")),
                held => Err(format!(
                    "The account holds {held} {symbol}, fewer than the {quantity} to be sold. The person was not asked."
                )),
            }
        }
    }
}
