//! The pages of the identity service, as data. What they look like is the renderer's business; what they say
//! about an approval comes from the typed details alone.

use shared::{broker::Order, details::Detail};

/// Turns a page into a whole HTML document.
pub type Render = fn(&Page) -> String;

/// One page.
#[derive(Clone, Debug)]
pub struct Page {
    pub frame: Frame,
    pub view: View,
}

/// What every page shows around its view.
#[derive(Clone, Debug)]
pub struct Frame {
    /// `Mandate identity` or `StockTrade`.
    pub site: String,
    /// The address that people should see in their browser: `localhost:3001`.
    pub host: String,
    pub accent: Accent,
    /// The name of the person who is logged in here.
    pub person: Option<String>,
    /// Whether this instance has an approvals inbox (Mandate identity).
    pub has_approvals: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accent {
    Identity,
    Broker,
}

#[derive(Clone, Debug)]
pub enum View {
    /// `POST /u/login` with `proof`, `request`, `email`, `password`.
    Login {
        proof: String,
        request: String,
        email: String,
        error: Option<String>,
        signup: bool,
        demo: Vec<String>,
        demo_password: String,
        client: Option<String>,
    },
    /// `POST /u/signup` with `proof`, `request`, `name`, `email`, `password`.
    Signup {
        proof: String,
        request: String,
        name: String,
        email: String,
        error: Option<String>,
    },
    /// `POST /u/consent` with `proof`, `request`, `decision` = `allow` or `deny`.
    Consent(Consent),
    /// What went wrong, what was kept, what to do. `back`: a link (address, words).
    Error {
        title: String,
        text: String,
        back: Option<(String, String)>,
    },
    /// After a post that leads to another site: goes on by `meta refresh` and a link.
    GoOn {
        href: String,
        text: String,
    },
    /// The inbox. `now` is for relative times.
    Approvals {
        waiting: Vec<Approval>,
        past: Vec<Approval>,
        now: i64,
    },
    /// One request. `POST /approvals/{id}` with `proof`, `shown`, `decision` = `approve`, `deny` or `block`.
    Approval {
        approval: Approval,
        proof: String,
        now: i64,
        /// what happened to the decision just made, if it was not taken
        told: Option<String>,
    },
    /// Clients that the person has blocked can be unblocked: `POST /approvals/unblock` with `proof`, `client`.
    Blocked {
        clients: Vec<(String, String)>,
        proof: String,
    },
    /// The clients that the person has allowed to act for them, the newest first. `POST /apps/{client}/revoke` with
    /// `proof`.
    Apps {
        apps: Vec<App>,
        proof: String,
        now: i64,
        /// what was just taken back
        told: Option<String>,
    },
    /// Asks before logging out, where no client vouched for the request (OpenID Connect RP-Initiated Logout §2).
    /// `POST /oidc/logout` with `proof`, `request`.
    LogOut {
        proof: String,
        request: String,
    },
    LoggedOut {
        back: Option<(String, String)>,
    },
}

#[derive(Clone, Debug)]
pub struct Consent {
    pub proof: String,
    pub request: String,
    /// The client's name, and whether somebody vouches for it.
    pub client: String,
    pub unverified: bool,
    /// Where the browser goes with the code: `127.0.0.1:51234`.
    pub redirect_host: String,
    pub loopback: bool,
    /// Whether the person allowed the same before, and is asked only because anyone could have answered there.
    pub again: bool,
    /// The account it is about: `StockTrade · Alice`.
    pub account: String,
    /// What it will be able to do, in words.
    pub scopes: Vec<String>,
    /// Where orders are approved (`localhost:3001`), for a client that may act only on approvals.
    pub approved_at: Option<String>,
}

/// A client that the person has allowed to act for them.
#[derive(Clone, Debug)]
pub struct App {
    pub id: String,
    pub name: String,
    /// It registered itself: nobody vouches for its name.
    pub unverified: bool,
    /// Where the browser went with its codes: `claude.ai`; for a program on the person's own machine without the
    /// port.
    pub redirect_hosts: Vec<String>,
    /// When the person last allowed it.
    pub allowed_at: i64,
    /// When it last used what it was allowed; `None`: not yet.
    pub used_at: Option<i64>,
    /// What it may do, in words.
    pub scopes: Vec<String>,
}

/// A request for approval, as its page and the inbox show it.
#[derive(Clone, Debug)]
pub struct Approval {
    pub id: String,
    pub detail: Detail,
    /// SHA-256 of the canonical details: what the form sends back as `shown`.
    pub digest: String,
    /// `StockTrade · Alice`.
    pub account: String,
    /// The stock's name, where the connection told it.
    pub client: String,
    /// For a call at `/mcp`: the MCP client's name, and that it is unverified.
    pub through: Option<String>,
    /// The name of the app that asks: that MCP client, otherwise the client itself. Blocking blocks it alone.
    pub app: String,
    pub code: String,
    /// What the agent says; never part of what is approved.
    pub agent_message: Option<String>,
    pub asked_at: i64,
    pub expires_at: i64,
    pub state: State,
    pub decided_at: Option<i64>,
    /// What came of it.
    pub receipt: Receipt,
    /// What the account's API says about what is asked for.
    pub said: Said,
    /// Other requests for the same.
    pub same: Vec<Same>,
    /// What the agent's site is called and where it is, to go back to.
    pub back: Option<String>,
}

/// The labels of facts that the page of a stock order knows.
pub const COMPANY: &str = "Company";
pub const PRICE_NOW: &str = "Price now";

/// What the account's own API says about what a request names. No part of what is approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It tells nothing about details of this type, or the request doesn't wait any more.
    NotAsked,
    /// It didn't answer.
    Nothing { by: String },
    /// `by`: the API's name; `facts`: label and value, in the order shown.
    Facts { by: String, at: i64, facts: Vec<(String, String)> },
}

impl Said {
    /// The value under this label.
    pub fn fact(&self, label: &str) -> Option<&str> {
        let Self::Facts { facts, .. } = self else { return None };
        facts.iter().find(|(known, _)| known == label).map(|(_, value)| value.as_str())
    }
}

/// Another request for the same, at whatever limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Same {
    /// The person approved it at this time.
    Approved(i64),
    /// It waits too, under this code.
    Waits(String),
}

/// What came of an approval.
#[derive(Clone, Debug)]
pub enum Receipt {
    /// It wasn't used, or that can't be read.
    None,
    /// It was used a moment ago, and the account doesn't show it yet: the page is to ask again.
    OnItsWay,
    /// The order as the account shows it, the account's name, and where people read it there.
    Order { order: Box<Order>, at: String, page: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Waiting,
    Approved,
    /// The broker's token for it was issued: it is being used or was.
    Used,
    /// It was approved, and taken back before it was used.
    Ended,
    Denied,
    Withdrawn,
    Expired,
}
