//! The agent's configuration.

use std::path::PathBuf;

use details::{Api, Apis};
use foundation::{SecretString, login, site::Site};

use crate::tools::configured::tool::Tool;

#[derive(Clone, Debug)]
pub struct Config {
    pub site: Site,
    /// This agent's own folder, `DATA_DIR`. A process that starts in it resumes the work of its predecessor.
    pub folder: PathBuf,
    /// The client `agent` at Mandate identity (or an external `ISSUER`). Its redirect URI is `A/auth/callback`.
    pub login: login::Settings,
    /// The client `agent-mcp` at Mandate identity.
    pub mcp_client: (String, SecretString),
    /// `MCP_ORIGINS`: origins whose pages may use `/mcp`, as browsers write them (`https://inspector.example`).
    pub mcp_origins: Vec<String>,
    /// `MCP_WAIT_SECONDS`: how long a call at `/mcp` waits for a person before it answers "waiting", in milliseconds.
    pub mcp_wait_ms: i64,
    /// The APIs that tools call.
    pub apis: Apis,
    /// Accounts at other providers that people connect.
    pub connections: Vec<Connection>,
    /// The configured tools. The built-in ones aren't listed.
    pub tools: Vec<Tool>,
    pub model: Model,
    pub retention: Retention,
    /// `RECORDINGS`: whether people may record their requests here.
    pub recordings: bool,
    /// The daily limits of a person or visitor.
    pub per_day: PerDay,
}

/// A connection at Mandate identity, whose vault gives tokens for one API. An API without one is an API of Mandate
/// identity itself.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Its name at Mandate identity.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// The API's id.
    pub api: String,
}

impl Config {
    pub(crate) fn api(&self, id: &str) -> Option<&Api> {
        self.apis.iter().find(|api| api.id == id)
    }

    /// The connection whose tokens an API takes.
    pub(crate) fn connection_to(&self, api: &str) -> Option<&Connection> {
        self.connections.iter().find(|connection| connection.api == api)
    }

    /// An API's name for people: that of the account that is connected for it, or its own.
    pub(crate) fn name_of<'a>(&'a self, api: &'a str) -> &'a str {
        let own = || self.api(api).map_or(api, |api| &api.name);
        self.connection_to(api).map_or_else(own, |connection| &connection.title)
    }
}

/// How long chats are kept after their last event, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// `KEEP_CHATS_DAYS`: a person's chats. `None` keeps them forever.
    pub chats_ms: Option<i64>,
    /// `KEEP_VISITOR_CHATS_DAYS`: a visitor's chats, after their session has ended.
    pub visitor_chats_ms: i64,
}

/// The model that answers.
#[derive(Clone, Debug)]
pub struct Model {
    /// `OPENAI_BASE_URL`, such as `https://api.openai.com/v1`. The rehearsal model's is `A/rehearsal/v1`.
    pub base_url: String,
    pub api_key: SecretString,
    /// `OPENAI_MODEL`: the first of its list.
    pub name: String,
    /// The others of the list, which a person may choose.
    pub others: Vec<String>,
    /// Whether this is the rehearsal model, which the pages mention.
    pub rehearsal: bool,
    pub timeouts: Timeouts,
}

/// The model's timeouts, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Until the first token: `MODEL_FIRST_SECONDS`.
    pub first: i64,
    /// Between two tokens: `MODEL_NEXT_SECONDS`.
    pub next: i64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { first: 300_000, next: 60_000 }
    }
}

impl Model {
    /// The models that the operator offers, the default first.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.name).chain(&self.others)
    }
}

/// The most in a day; `None` is no limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct PerDay {
    /// `TURNS_PER_DAY`: messages, and answers written again or continued, of a person or visitor.
    pub turns: Option<i64>,
    /// `TOKENS_PER_DAY`: of a person or visitor, as the model's endpoint counts them.
    pub tokens: Option<i64>,
    /// `VISITOR_TURNS_PER_DAY`: of all visitors from one address.
    pub visitor_turns: Option<i64>,
}
