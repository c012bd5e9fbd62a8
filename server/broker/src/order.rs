//! Orders: placed once, then filled at the market price within their limit, or rejected with the reason.

mod approved;
pub(crate) mod authorize;
pub(crate) mod cancel;
pub(crate) mod list;
pub(crate) mod place;
pub(crate) mod typed;

use foundation::time::iso;
use shared::{
    broker::{CancelledBy, Order, PlacedBy, Status},
    limit::Limit,
    money::{Quantity, Side, Symbol},
};

use crate::{account::portfolio::money, error::Error, store::order::OrderRow};

/// An authorized order, and who places it.
#[derive(Clone, Debug)]
pub(crate) struct Placement {
    pub(crate) account: String,
    pub(crate) symbol: Symbol,
    pub(crate) side: Side,
    pub(crate) quantity: Quantity,
    /// The worst acceptable price per share. Without a limit, which an operator must allow, any price is accepted.
    pub(crate) limit: Option<Limit>,
    pub(crate) by: By,
}

/// The author of an order.
#[derive(Clone, Debug)]
pub(crate) enum By {
    /// The person, at StockTrade itself. The key makes a second click harmless.
    Hand { key: String },
    /// An agent with a person's approval.
    Agent(Approval),
    /// A client whose orders need no approval, by an operator's setting.
    Trusted { client: String },
}

/// A person's approval, and the agent it is for.
#[derive(Clone, Debug)]
pub(crate) struct Approval {
    pub(crate) issuer: String,
    pub(crate) txn: String,
    pub(crate) code: Option<String>,
    /// Milliseconds since 1970.
    pub(crate) at: Option<i64>,
    pub(crate) agent: String,
    pub(crate) agent_name: Option<String>,
    pub(crate) asked_by: Option<String>,
}

/// Maximum number of orders in a list.
pub(crate) const MOST: i64 = 200;

/// The wire form of an order.
pub(crate) fn order(row: OrderRow) -> Result<Order, Error> {
    let damaged = || Error::Database(sqlx::Error::Decode("an order in the database can't be read".into()));
    let quantity = u32::try_from(row.quantity).ok().and_then(|shares| Quantity::new(shares).ok());
    let status = match row.status.as_str() {
        "PENDING" => Status::Pending,
        "FILLED" => Status::Filled,
        "CANCELLED" => Status::Cancelled,
        "REJECTED" => Status::Rejected,
        _ => return Err(damaged()),
    };
    let (quantity, price) = (quantity.ok_or_else(damaged)?, money(row.price));
    Ok(Order {
        id: row.id,
        symbol: row.symbol.parse().map_err(|_| damaged())?,
        side: row.side.parse().map_err(|_| damaged())?,
        quantity,
        price,
        amount: (status == Status::Filled).then(|| price.times(quantity)),
        limit: row.limit_price.map(money),
        status,
        reason: row.reason,
        placed_by: PlacedBy {
            who: row.placed_by,
            name: row.agent_name,
            asked_by: row.asked_by,
            txn: row.txn,
            code: row.code,
            approved_at: row.approved_at.map(iso),
        },
        cancelled_by: row.cancelled_txn.map(|txn| CancelledBy { txn }),
        created_at: iso(row.created_at),
        updated_at: iso(row.updated_at),
    })
}

/// Whether a text has the form of a review's key.
pub(crate) fn is_key(key: &str) -> bool {
    (16..=64).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
