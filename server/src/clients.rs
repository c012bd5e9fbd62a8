//! Builds each instance's configuration from the settings and `mandate.toml` (PROTOCOL.md, "Clients").

mod connection;
mod instance;

use foundation::{login, site::Site};
use identity::{
    config::Config,
    page::{Accent, Render},
};

use crate::{
    config::{
        agent::{AGENT, AGENT_MCP},
        part::Part,
        tables::ConnectionTable,
    },
    secrets::Shared,
    settings::Settings,
};
use instance::{Frame, Instance};

/// The e-mails of the demo people to lock out; none if every site is on loopback.
pub fn shut_out(settings: &Settings) -> Vec<String> {
    if settings.is_loopback() {
        return Vec::new();
    }
    let config = &settings.config;
    let people = config.mandate.people.iter().chain(&config.stocktrade.people);
    people.map(|person| person.table.email.get_ref().to_lowercase()).collect()
}

/// A client's login at its provider, from its table in the provider's configuration.
fn login_as(client: &str, at: &Part, provider: &Site, redirect_uri: String, shared: &Shared) -> login::Settings {
    let table = at.clients.iter().map(|item| &item.table).find(|table| table.id.get_ref() == client);
    let secret = table.and_then(|table| table.secret.as_ref()).map(|secret| shared.of(secret.get_ref()));
    login::Settings {
        issuer: provider.issuer().to_owned(),
        client_id: client.to_owned(),
        client_secret: secret.unwrap_or_default(),
        redirect_uri,
    }
}

/// The agent as a client of Mandate identity.
pub fn agent_login(settings: &Settings, shared: &Shared) -> login::Settings {
    let redirect_uri = settings.agent.site.at("auth/callback");
    match &settings.external {
        Some(external) => login::Settings {
            issuer: external.issuer.clone(),
            client_id: external.client_id.clone(),
            client_secret: external.client_secret.clone(),
            redirect_uri,
        },
        None => login_as(AGENT, &settings.config.mandate, &settings.identity.site, redirect_uri, shared),
    }
}

/// StockTrade's pages as a client of their own provider.
pub fn stocktrade_login(settings: &Settings, shared: &Shared) -> login::Settings {
    let site = &settings.broker.site;
    login_as("stocktrade", &settings.config.stocktrade, site, site.at("auth/callback"), shared)
}

/// The same, for the agent; none if it uses an external identity service.
pub fn shut_out_at_agent(settings: &Settings) -> Vec<String> {
    if settings.external.is_none() { shut_out(settings) } else { Vec::new() }
}

/// The agent.
pub fn agent(settings: &Settings, shared: &Shared) -> agent::config::Config {
    let (first, next) = settings.model_seconds;
    let timeouts = agent::config::Timeouts { first: first * 1000, next: next * 1000 };
    let model = match &settings.model {
        Some((base_url, api_key, (name, others))) => agent::config::Model {
            base_url: base_url.clone(),
            api_key: api_key.clone(),
            name: name.clone(),
            others: others.to_vec(),
            rehearsal: false,
            timeouts,
        },
        None => agent::config::Model {
            base_url: settings.agent.site.at("rehearsal/v1"),
            api_key: shared.rehearsal.clone(),
            name: settings.rehearsal.clone(),
            others: Vec::new(),
            rehearsal: true,
            timeouts,
        },
    };
    let identity = &settings.identity.site;
    let mcp_client = login_as(AGENT_MCP, &settings.config.mandate, identity, String::new(), shared);
    agent::config::Config {
        site: settings.agent.site.clone(),
        folder: settings.data_dir.clone(),
        login: agent_login(settings, shared),
        mcp_client: (AGENT_MCP.into(), mcp_client.client_secret),
        mcp_origins: settings.mcp_origins.clone(),
        mcp_wait_ms: settings.mcp_wait_seconds * 1000,
        apis: settings.config.mandate.tool_apis(),
        connections: settings.config.mandate.connections.iter().map(|item| account(&item.table)).collect(),
        tools: settings.config.mandate.tools.clone(),
        model,
        retention: settings.chats,
        recordings: settings.records(&settings.agent.site),
        per_day: settings.per_day,
    }
}

/// The agent's side of a connection.
fn account(table: &ConnectionTable) -> agent::config::Connection {
    agent::config::Connection {
        name: table.id.get_ref().clone(),
        title: table.name.clone(),
        api: table.api.get_ref().clone(),
    }
}

/// StockTrade.
pub fn broker(settings: &Settings, shared: &Shared) -> broker::Config {
    broker::Config {
        site: settings.broker.site.clone(),
        login: stocktrade_login(settings, shared),
        trade_without_approval: settings.trade_without_approval.clone(),
        tick_ms: settings.market_tick_ms,
        // Lower than the connections per address, so that the rest of the site still answers that address.
        streams_per_address: settings.connections_per_address / 4,
        seed: 42,
    }
}

/// Mandate identity.
pub fn identity(settings: &Settings, shared: &Shared, render: Render) -> Config {
    let site = &settings.identity.site;
    let instance = Instance { part: &settings.config.mandate, site, settings, secrets: shared };
    let frame = Frame { title: "Mandate identity", accent: Accent::Identity, cookie: "mandate_tenant" };
    instance.config(frame, shut_out(settings), render)
}

/// The broker's own provider.
pub fn broker_identity(settings: &Settings, shared: &Shared, render: Render) -> Config {
    let site = &settings.broker.site;
    let instance = Instance { part: &settings.config.stocktrade, site, settings, secrets: shared };
    let frame = Frame { title: "StockTrade", accent: Accent::Broker, cookie: "mandate_broker_identity" };
    let mut config = instance.config(frame, shut_out(settings), render);
    // Its first-party clients ask for no API; the one that does always asks for consent.
    for api in &mut config.apis {
        api.consent = false;
    }
    config
}
