//! The data of the identity service's pages. The renderer decides how they look. Their statements about an approval
//! come only from the typed details.

pub use details::{Row, Sheet, What};
pub use foundation::trace::{Named, Record, Shown, Token};

/// Renders a page as a whole HTML document.
pub type Render = fn(&Page) -> String;

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    pub frame: Frame,
    pub view: View,
}

/// The data of the frame around every page.
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
    /// `POST /u/login` with `csrf_token`, `request`, `email`, `password`.
    Login {
        csrf_token: String,
        request: String,
        email: String,
        error: Option<String>,
        signup: bool,
        demo: Vec<String>,
        demo_password: String,
        client: Option<String>,
    },
    /// `POST /u/signup` with `csrf_token`, `request`, `name`, `email`, `password`.
    Signup {
        csrf_token: String,
        request: String,
        name: String,
        email: String,
        error: Option<String>,
    },
    /// `POST /u/consent` with `csrf_token`, `request`, `decision` = `allow` or `deny`.
    Consent(Consent),
    /// Says what went wrong, what was kept, and what to do. `back` is a link (address, text).
    Error {
        title: String,
        text: String,
        back: Option<(String, String)>,
    },
    /// After a post that leads to another site: redirects by `meta refresh`, with a link.
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
    /// One request, and those made together with it. `POST /approvals/{id}` with `csrf_token`, [`Approval::shown`] of
    /// each request that the form decides, `approve` with the id of each that is ticked, where there are several, and
    /// `decision` = `approve`, `deny`, `block` or `later`.
    Approval {
        approval: Approval,
        /// The other requests of its group, in the order in which they were made.
        together: Vec<Approval>,
        /// The total amounts at stake in all waiting requests: `at most 1,018.10 USD`.
        totals: Vec<String>,
        csrf_token: String,
        now: i64,
        /// Why the decision just made was not accepted.
        notice: Option<String>,
    },
    /// The clients that the person has blocked, to be unblocked: `POST /approvals/unblock` with `csrf_token`, `client`.
    Blocked {
        clients: Vec<(String, String)>,
        csrf_token: String,
    },
    /// The clients that the person has allowed to act for them, newest first. `POST /apps/{client}/revoke` with
    /// `csrf_token`.
    Apps {
        apps: Vec<App>,
        csrf_token: String,
        now: i64,
        /// How many requests for approval wait for the person.
        waiting: i64,
        /// A notice about the revocation just made.
        notice: Option<String>,
    },
    /// The person's recording at this site. `POST /recording` with `csrf_token`, `act`.
    Recording(Recording),
    /// Asks before logging out, if no client vouched for the request (OpenID Connect RP-Initiated Logout §2). `POST
    /// /oidc/logout` with `csrf_token`, `request`.
    LogOut {
        csrf_token: String,
        request: String,
    },
    LoggedOut {
        back: Option<(String, String)>,
    },
}

/// A person's own recording at one site.
#[derive(Clone, Debug)]
pub struct Recording {
    pub csrf_token: String,
    /// Whether the operator allows recordings here.
    pub allowed: bool,
    /// Whether recordings are started here. Otherwise they are started at Mandate identity.
    pub starts_here: bool,
    /// When the recording ends, if it is on.
    pub until: Option<i64>,
    /// The name of another site that records the person, too, and the address of its page.
    pub elsewhere: Option<(String, String)>,
    /// The agent's workshop, and the step that the person came from, if any.
    pub workshop: String,
    pub step: Option<u8>,
    /// Whether several instances may answer here. Each keeps only the requests that it received itself.
    pub several: bool,
    /// Oldest first.
    pub records: Vec<Record>,
    pub now: i64,
}

#[derive(Clone, Debug)]
pub struct Consent {
    pub csrf_token: String,
    pub request: String,
    /// The client's name, and whether it is unverified.
    pub client: String,
    pub unverified: bool,
    /// The destination of the code: `127.0.0.1:51234`.
    pub redirect_host: String,
    pub loopback: bool,
    /// Whether the person allowed the same before, and is asked again only because any program on their machine could
    /// intercept the code.
    pub again: bool,
    /// The account that the client asks for: `StockTrade · Alice`.
    pub account: String,
    /// The name and address of the API, if people consent to it for every client: `Rooms`.
    pub api: Option<(String, String)>,
    /// Descriptions of what the client will be able to do.
    pub scopes: Vec<String>,
    /// The host where orders are approved (`localhost:3001`), for a client that may only act with approvals.
    pub approved_at: Option<String>,
}

/// A client that the person has allowed to act for them.
#[derive(Clone, Debug)]
pub struct App {
    pub id: String,
    pub name: String,
    /// Whether the client registered itself, so that nobody vouches for its name.
    pub unverified: bool,
    /// The destinations of its codes: `claude.ai`. Without the port for a program on the person's own machine.
    pub redirect_hosts: Vec<String>,
    /// When the person last allowed it.
    pub allowed_at: i64,
    /// When it last used its access. `None` if never.
    pub used_at: Option<i64>,
    /// Descriptions of what it may do.
    pub scopes: Vec<String>,
}

/// An approval request, as shown on its page and in the inbox.
#[derive(Clone, Debug)]
pub struct Approval {
    pub id: String,
    /// `Buy 5 WAYNE`
    pub title: String,
    /// The noun for a request of this type: `order`.
    pub noun: String,
    /// The sentence for a request that had no effect: `Nothing was placed.`
    pub undone: String,
    /// A sentence about what happens, if the rows don't say it.
    pub about: Option<String>,
    /// The caller's own text in a request without details, which is approved with the scopes. It is also the `code`.
    pub message: Option<String>,
    /// Whether its client has a token for it.
    pub handed_on: bool,
    /// Whether the person may approve for its API; they may deny in any case.
    pub may_approve: bool,
    /// `at most 509.05 USD`
    pub bound: Option<String>,
    /// The details, row by row, with the facts from their API next to them.
    pub sheet: Sheet,
    /// SHA-256 of the canonical details.
    pub digest: String,
    /// `StockTrade · Alice`.
    pub account: String,
    /// The client's name.
    pub client: String,
    /// For a call at `/mcp`: the MCP client's name, marked as unverified.
    pub through: Option<String>,
    /// The name of the requesting app: that MCP client, or else the client itself. Blocking blocks only this app.
    pub app: String,
    pub code: String,
    /// The agent's message, which is never part of what is approved.
    pub agent_message: Option<String>,
    pub asked_at: i64,
    pub expires_at: i64,
    /// Whether the person can give themselves five more minutes.
    pub more_time: bool,
    /// When the person did so.
    pub extended_at: Option<i64>,
    pub state: State,
    pub decided_at: Option<i64>,
    /// The outcome.
    pub receipt: Receipt,
    /// Whether the account's API was asked about it.
    pub said: Said,
    /// Other requests for the same.
    pub same: Vec<Same>,
    /// The agent's site to return to: name and address.
    pub back: Option<String>,
}

impl Approval {
    /// The form's field `shown`: the request's id, and the digest of what the page showed.
    pub fn shown(&self) -> String {
        format!("{} {}", self.id, self.digest)
    }
}

/// Whether the account's own API was asked for facts about the request. The facts are in the [`Sheet`], and aren't part
/// of what is approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The API has no facts about this type, or the request is no longer pending.
    NotAsked,
    /// The API named `by` was asked at this time.
    By { by: String, at: i64 },
}

/// Another request for the same, apart from the limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Same {
    /// The person approved it at this time.
    Approved(i64),
    /// The request is also waiting, with this binding code.
    Waits(String),
}

/// The outcome of an approval.
#[derive(Clone, Debug)]
pub enum Receipt {
    /// The approval wasn't used, or the outcome can't be read.
    None,
    /// The approval was just used, and the API doesn't report it yet: the page asks again.
    OnItsWay,
    /// The outcome in the API's words, as a sentence and for a list, and the page where people read it: link text and
    /// address.
    Came { says: String, short: Option<String>, page: Option<(String, String)> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Waiting,
    Approved,
    /// Its token was handed on: the account's provider issued one for it, or its API asked about it.
    Used,
    /// It was approved, and revoked before it was used.
    Ended,
    Denied,
    Withdrawn,
    Expired,
}
