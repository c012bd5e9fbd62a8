//! The data of StockTrade's pages.

use shared::{
    broker::{Order, Point, Portfolio, Stock},
    limit::Limit,
    money::{Money, Quantity, Side},
};

/// Renders a message as a whole HTML document.
pub type Render = fn(&Message) -> String;

/// A page with one message: what went wrong, what was kept, what to do.
#[derive(Clone, Debug)]
pub struct Message {
    pub frame: Frame,
    pub status: u16,
    pub title: String,
    pub text: String,
    /// The link's target and text.
    pub back: (String, String),
}

/// The data of the frame around every page of StockTrade.
#[derive(Clone, Debug)]
pub struct Frame {
    pub person: Option<String>,
    pub host: String,
    /// The CSRF token for forms. Empty for a visitor, who has nothing to change.
    pub csrf_token: String,
}

/// `/`: shows a visitor the market and how to log in or register, and a person also their portfolio and orders.
#[derive(Clone, Debug)]
pub struct Dashboard {
    pub frame: Frame,
    pub portfolio: Option<Portfolio>,
    /// The account's total over time. Empty for a visitor.
    pub history: Vec<Point>,
    pub orders: Vec<Order>,
    pub stocks: Vec<Stock>,
    pub now: i64,
}

/// `/stocks/{symbol}`: the price, its history, and the form for manual orders. `GET
/// /stocks/{symbol}?side=&quantity=&price=&review=` shows the review. `POST /orders` with `csrf_token`, `key`,
/// `symbol`, `side`, `quantity` and `price` places the order.
#[derive(Clone, Debug)]
pub struct StockPage {
    pub frame: Frame,
    pub stock: Stock,
    pub history: Vec<Point>,
    pub cash: Option<Money>,
    pub shares: u32,
    pub review: Option<Review>,
    /// The order that this review already placed, when the person returns to it.
    pub placed: Option<Order>,
    /// The key of the next review, in its address and in the order that it places.
    pub key: String,
    /// The mistake in the input, and the input itself (side, quantity, price).
    pub wrong: Option<String>,
    pub typed: (String, String, String),
    pub now: i64,
}

/// A manual order before it is placed.
#[derive(Clone, Debug)]
pub struct Review {
    pub side: Side,
    pub quantity: Quantity,
    pub limit: Limit,
    /// The total at the current market price.
    pub estimate: Money,
    /// The highest total of a purchase, or the lowest of a sale.
    pub bound: Money,
    /// Makes a second click harmless.
    pub key: String,
    /// Why the order can't be placed in this form.
    pub blocked: Option<String>,
}

/// `/orders`. `placed` is the order that was just placed manually.
#[derive(Clone, Debug)]
pub struct OrdersPage {
    pub frame: Frame,
    pub orders: Vec<Order>,
    pub placed: Option<String>,
    pub now: i64,
}
