//! What StockTrade's pages show, as data.

use shared::{
    broker::{Order, Point, Portfolio, Stock},
    limit::Limit,
    money::{Money, Quantity, Side},
};

/// Turns a message into a whole HTML document.
pub type Render = fn(&Message) -> String;

/// A page that says one thing: what went wrong, what was kept, what to do.
#[derive(Clone, Debug)]
pub struct Message {
    pub frame: Frame,
    pub status: u16,
    pub title: String,
    pub text: String,
    /// Where to go on, and the link's words.
    pub back: (String, String),
}

/// The data of the frame around every page of StockTrade.
#[derive(Clone, Debug)]
pub struct Frame {
    pub person: Option<String>,
    pub host: String,
    /// The anti-forgery proof for forms; empty for a visitor, who has nothing to change.
    pub proof: String,
}

/// `/`: for a visitor the market and the way to log in or register; for a person also what they have.
#[derive(Clone, Debug)]
pub struct Dashboard {
    pub frame: Frame,
    pub portfolio: Option<Portfolio>,
    /// The account's total over time; empty for a visitor.
    pub history: Vec<Point>,
    pub orders: Vec<Order>,
    pub stocks: Vec<Stock>,
    pub now: i64,
}

/// `/stocks/{symbol}`: the price, its history, and the form to trade by hand.
/// `GET /stocks/{symbol}?side=&quantity=&price=&review=` reviews; `POST /orders` with `proof`, `key`, `symbol`, `side`,
/// `quantity`, `price` places.
#[derive(Clone, Debug)]
pub struct StockPage {
    pub frame: Frame,
    pub stock: Stock,
    pub history: Vec<Point>,
    pub cash: Option<Money>,
    pub shares: u32,
    pub review: Option<Review>,
    /// The order that this review has placed already: somebody came back to it.
    pub placed: Option<Order>,
    /// Names the next review, in its address and in what it places.
    pub key: String,
    /// What is wrong with what was typed, and what was typed (side, quantity, price).
    pub wrong: Option<String>,
    pub typed: (String, String, String),
    pub now: i64,
}

/// An order by hand, before it is placed.
#[derive(Clone, Debug)]
pub struct Review {
    pub side: Side,
    pub quantity: Quantity,
    pub limit: Limit,
    /// At the market's price now.
    pub estimate: Money,
    /// At most (buying) or at least (selling).
    pub bound: Money,
    /// Makes the second click harmless.
    pub key: String,
    /// Why it can't be placed as it is.
    pub blocked: Option<String>,
}

/// `/orders`. `placed`: the order that was just placed by hand.
#[derive(Clone, Debug)]
pub struct OrdersPage {
    pub frame: Frame,
    pub orders: Vec<Order>,
    pub placed: Option<String>,
    pub now: i64,
}
