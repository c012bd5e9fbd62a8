//! The scopes that several sites share, with descriptions for people.

pub const PORTFOLIO_READ: &str = "portfolio:read";
pub const TRADE_READ: &str = "trade:read";
pub const TRADE_WRITE: &str = "trade:write";

/// The scopes of the broker's and the agent's API, in display order.
pub const BROKER: [(&str, &str); 3] = [
    (PORTFOLIO_READ, "See your cash, positions and their value"),
    (TRADE_READ, "See your orders"),
    (TRADE_WRITE, "Prepare orders, which you approve one by one"),
];

pub const CREATE_ACCOUNTS: &str = "create:me:connected_accounts";
pub const READ_ACCOUNTS: &str = "read:me:connected_accounts";
pub const DELETE_ACCOUNTS: &str = "delete:me:connected_accounts";

pub const READ_APPS: &str = "read:me:apps";
pub const DELETE_APPS: &str = "delete:me:apps";

/// The scopes of the My Account API that are this service's own (WIRE.md §3).
pub const MY_APPS: [(&str, &str); 2] =
    [(READ_APPS, "See the apps that may act for you here"), (DELETE_APPS, "End the access of these apps")];

/// Reads the shapes of the requests that a person records.
pub const TRACE_SHAPE: &str = "trace:shape";

/// The scopes of the My Account API (WIRE.md §3).
pub const MY_ACCOUNT: [(&str, &str); 3] = [
    (CREATE_ACCOUNTS, "Connect accounts for you"),
    (READ_ACCOUNTS, "See which accounts you connected"),
    (DELETE_ACCOUNTS, "Disconnect accounts"),
];
