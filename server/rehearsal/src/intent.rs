//! The requests that the rehearsal model understands.

use crate::order::Order;

/// A request in a message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Intent {
    Hello,
    Thanks,
    Bye,
    Help,
    /// How the demo works: one of the fixed texts.
    About(About),
    WhoAmI,
    Price(Vec<String>),
    /// A stock, and the range of its history: `week`.
    Info(String, Option<&'static str>),
    Search(String),
    Portfolio,
    /// The range of the history.
    PortfolioHistory(Option<&'static str>),
    Connect,
    Orders,
    OrderStatus(Option<String>),
    Order(Order),
    CancelOrder(Option<String>),
    /// The requests that wait for the person.
    Waiting,
    /// Whether to buy or sell.
    Advice(Vec<String>),
    NoOrder,
    Task,
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    You,
    Approval,
    Safety,
    Disconnect,
    Login,
    Tokens,
    Access,
    Money,
    Mcp,
}
