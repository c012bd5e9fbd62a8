//! The reference recording: the requests of each step that carry it, in order. Pages, files, metadata, keys, and asking
//! whether a token is still active are left out. A test does the steps and compares what each site receives, so that the
//! diagrams and the program can't drift apart.

pub use shared::recording::Party;
use shared::recording::Party::{Chat, Identity, Model, StockTrade, You};

/// A request. In its path, `{}` stands for one segment.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    pub from: Party,
    pub to: Party,
    pub method: &'static str,
    pub path: &'static str,
    /// Carries nobody's token, session or code, so it is in no recording.
    pub names_nobody: bool,
}

/// Whether an app of the reader's makes the requests of this step.
pub const fn is_of_app(step: usize) -> bool {
    matches!(step, 5 | 7)
}

const fn request(from: Party, to: Party, method: &'static str, path: &'static str) -> Request {
    Request { from, to, method, path, names_nobody: false }
}

const ASKED: Request = request(Chat, Model, "POST", "/chat/completions");
const SAID: Request = request(You, Chat, "POST", "/api/threads");
const VAULT: Request = request(Chat, Identity, "POST", "/oauth/token");
const PRICE: Request = request(Chat, StockTrade, "GET", "/api/stocks/{}");
const PRICES: Request = request(Chat, StockTrade, "GET", "/api/stocks/{}/history");
const READ: Request = request(Chat, StockTrade, "GET", "/api/portfolio");
const VALUES: Request = request(Chat, StockTrade, "GET", "/api/portfolio/history");

/// A token for the API, with the grant that the vault holds.
const REFRESH: Request = request(Identity, StockTrade, "POST", "/oauth/token");
const REGISTER: Request = Request { names_nobody: true, ..request(You, Identity, "POST", "/oidc/register") };
const MCP: Request = request(You, Chat, "POST", "/mcp");
const CONSENT: Request = request(You, Identity, "POST", "/u/consent");

/// An app at `/mcp`, from its first call to its first answer.
const APP: &[Request] = &[
    Request { names_nobody: true, ..MCP },
    REGISTER,
    request(You, Identity, "GET", "/authorize"),
    CONSENT,
    request(You, Identity, "POST", "/oauth/token"),
    MCP,
    VAULT,
    REFRESH,
    READ,
];

/// The requests of step 1, 2, …
pub const STEPS: [&[Request]; 7] = [
    &[request(You, Chat, "POST", "/workshop/ask"), ASKED],
    &[SAID, ASKED, PRICE, PRICES, ASKED],
    &[
        request(You, Chat, "GET", "/auth/login"),
        request(You, Identity, "GET", "/authorize"),
        request(You, StockTrade, "GET", "/authorize"),
        request(You, StockTrade, "POST", "/u/login"),
        request(You, Identity, "GET", "/login/callback"),
        request(Identity, StockTrade, "POST", "/oauth/token"),
        request(You, Chat, "GET", "/auth/callback"),
        request(Chat, Identity, "POST", "/oauth/token"),
        SAID,
        ASKED,
        ASKED,
    ],
    &[
        request(You, Chat, "GET", "/accounts/connect"),
        request(Chat, Identity, "POST", "/me/v1/connected-accounts/connect"),
        request(You, Identity, "GET", "/connected-accounts/connect"),
        request(You, StockTrade, "GET", "/authorize"),
        request(You, StockTrade, "POST", "/u/consent"),
        request(You, Identity, "GET", "/connected-accounts/callback"),
        request(Identity, StockTrade, "POST", "/oauth/token"),
        request(You, Chat, "GET", "/accounts/callback"),
        request(Chat, Identity, "POST", "/me/v1/connected-accounts/complete"),
        SAID,
        ASKED,
        VAULT,
        REFRESH,
        READ,
        VALUES,
        ASKED,
        request(You, Chat, "POST", "/workshop/try"),
        VAULT,
        request(Chat, StockTrade, "POST", "/api/orders"),
    ],
    APP,
    &[
        SAID,
        ASKED,
        VAULT,
        PRICE,
        READ,
        request(Chat, Identity, "POST", "/bc-authorize"),
        Request { names_nobody: true, ..request(Identity, StockTrade, "GET", "/api/stocks/{}") },
        request(You, Identity, "POST", "/approvals/{}"),
        request(Identity, Chat, "POST", "/ciba/ping"),
        request(Chat, Identity, "POST", "/oauth/token"),
        VAULT,
        request(Identity, StockTrade, "POST", "/oauth/token"),
        request(Chat, StockTrade, "POST", "/api/orders"),
        ASKED,
    ],
    APP,
];
