//! Checks whether the broker could accept an order now, so that the person isn't asked to approve an impossible one.

use foundation::{lang, tr};
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
    // Without that scope, cash and holdings can't be read. This request still shows whether the account is connected.
    broker::get::<Orders>(agent, &["orders"], &[("txn", "none")], Some(&granted.access_token)).await?;
    Ok(())
}

/// Refuses a limit that the market price doesn't meet.
fn limit(at: &str, order: &StockOrder, price: Money) -> Result<(), String> {
    let StockOrder { symbol, limit, .. } = order;
    let instead = tr!(
        format!("{at} would reject it: an order doesn't wait for a better price. The person was not asked."),
        format!(
            "{at} würde ihn zurückweisen: Ein Auftrag wartet nicht auf einen besseren Preis. Er wurde nicht zur Freigabe gestellt."
        )
    );
    let (is_met, limit) = match order.side {
        Side::Buy => (price <= limit.money(), limit.money()),
        Side::Sell => (price >= limit.money(), limit.money()),
    };
    if is_met {
        return Ok(());
    }
    let [price, limit] = [price, limit].map(|amount| amount.grouped_in(lang::current()));
    Err(match order.side {
        Side::Buy => tr!(
            format!("{symbol} costs {price} USD a share now, more than the limit of {limit} USD. {instead}"),
            format!("{symbol} kostet jetzt {price} USD je Stück, mehr als das Limit von {limit} USD. {instead}")
        ),
        Side::Sell => tr!(
            format!("{symbol} brings {price} USD a share now, less than the limit of {limit} USD. {instead}"),
            format!("{symbol} bringt jetzt {price} USD je Stück, weniger als das Limit von {limit} USD. {instead}")
        ),
    })
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
            let [cost, cash] = [cost, cash].map(|amount| amount.grouped_in(lang::current()));
            Err(tr!(
                format!(
                    "{quantity} {symbol} cost {cost} USD now, and the account has {cash} USD in cash, enough for {most}. \
                     The person was not asked."
                ),
                format!(
                    "{quantity} {symbol} kosten jetzt {cost} USD, und das Konto hat {cash} USD Guthaben, genug für {most}. \
                     Der Auftrag wurde nicht zur Freigabe gestellt."
                )
            ))
        }
        Side::Sell => {
            let held = portfolio.holdings.iter().find(|holding| holding.symbol == *symbol);
            match held.map_or(0, |holding| holding.shares) {
                held if held >= quantity.get() => Ok(()),
                0 => Err(tr!(
                    format!("The account holds no {symbol}, so none can be sold. The person was not asked."),
                    format!(
                        "Im Depot ist kein {symbol}, das verkauft werden könnte. Der Auftrag wurde nicht zur Freigabe gestellt."
                    )
                )),
                held => Err(tr!(
                    format!(
                        "The account holds {held} {symbol}, fewer than the {quantity} to be sold. The person was not asked."
                    ),
                    format!(
                        "Im Depot sind {held} {symbol}, weniger als die {quantity}, die verkauft werden sollen. Der Auftrag wurde nicht zur Freigabe gestellt."
                    )
                )),
            }
        }
    }
}
