//! What the agent is configured with.

use std::path::PathBuf;

use foundation::{SecretString, login, site::Site};

#[derive(Clone, Debug)]
pub struct Config {
    pub site: Site,
    /// The folder of this agent alone, `DATA_DIR`: whoever starts in it goes on with what its predecessor left.
    pub folder: PathBuf,
    /// The client `agent` at Mandate identity (or an external `ISSUER`); its redirect is `A/auth/callback`.
    pub login: login::Settings,
    /// The client `agent-mcp` at Mandate identity.
    pub mcp_client: (String, SecretString),
    /// `MCP_ORIGINS`: origins whose pages may use `/mcp`, as browsers write them (`https://inspector.example`).
    pub mcp_origins: Vec<String>,
    /// `MCP_WAIT_SECONDS`: how long a call at `/mcp` waits for a person before it answers that it waits, in milliseconds.
    pub mcp_wait_ms: i64,
    /// The broker's site, where `api/…` is.
    pub broker: Site,
    /// The connection's name at Mandate identity, and for people.
    pub connection: (String, String),
    pub model: Model,
    pub retention: Retention,
}

/// How long chats are kept after their last event, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// `KEEP_CHATS_DAYS`: a person's; `None`: for good.
    pub chats_ms: Option<i64>,
    /// `KEEP_VISITOR_CHATS_DAYS`: a visitor's, once their session has ended.
    pub visitor_chats_ms: i64,
}

/// The model that answers.
#[derive(Clone, Debug)]
pub struct Model {
    /// `OPENAI_BASE_URL`, such as `https://api.openai.com/v1`; the rehearsal model's is `A/rehearsal/v1`.
    pub base_url: String,
    pub api_key: SecretString,
    /// `OPENAI_MODEL`
    pub name: String,
    /// Whether it is the rehearsal model, which the pages say in a banner.
    pub rehearsal: bool,
    pub patience: Patience,
}

/// How long the model may be silent, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Before the first token: `MODEL_FIRST_SECONDS`.
    pub first: i64,
    /// Between two: `MODEL_NEXT_SECONDS`.
    pub next: i64,
}

impl Default for Patience {
    fn default() -> Self {
        Self { first: 300_000, next: 60_000 }
    }
}
