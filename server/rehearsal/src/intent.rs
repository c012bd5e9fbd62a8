//! What the rehearsal model can be asked for.

use crate::order::Order;

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Intent {
    Hello,
    Thanks,
    Bye,
    Help,
    /// How this works, in a fixed text of this name.
    About(About),
    WhoAmI,
    Price(Vec<String>),
    Info(String),
    Search(String),
    Portfolio,
    PortfolioHistory,
    Connect,
    Orders,
    OrderStatus(Option<String>),
    Order(Order),
    CancelOrder(Option<String>),
    /// What waits for the person.
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
    Money,
    Mcp,
}
