//! The configuration of the two instances: the one that is deployed, and two clients that no site of ours has.

use std::{path::Path, sync::Arc};

use foundation::{SecretString, site::Site};
use identity::config::{Api, Config, Grant, Retention, StaticClient};
use mandate::{
    clients,
    secrets::{self, Shared},
    settings::{Settings, SiteName},
};

use super::{AGENT, render};

const DAY_MS: i64 = 24 * 3_600_000;

pub(crate) fn secret_of(client: &str) -> String {
    format!("{client}-secret-of-many-letters")
}

/// The types that the program has built in, of the broker at this address.
pub(crate) fn types(broker: &str) -> Vec<Arc<details::Type>> {
    let text = include_str!("../../../../src/config/builtin/stocktrade_api.toml");
    types_in(&text.replace("{broker}", broker.trim_end_matches('/')))
}

/// The types of a file's only API.
pub(crate) fn types_in(text: &str) -> Vec<Arc<details::Type>> {
    details::Apis::parse(text).unwrap().iter().next().unwrap().types.clone()
}

pub(crate) fn client(id: &str, name: &str, grants: &[Grant]) -> StaticClient {
    StaticClient {
        id: id.into(),
        name: name.into(),
        secret: Some(SecretString::from(secret_of(id))),
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        grants: grants.to_vec(),
        scopes: Vec::new(),
        audiences: Vec::new(),
        first_party: true,
        resource_server: None,
        ping: None,
        home: None,
        approval_required: false,
        exchanges_for: None,
        asks_for_itself: false,
    }
}

/// What `mandate serve` reads with these sites.
fn deployed(t: &Site, b: &Site, folder: &Path) -> (Settings, Shared) {
    let given = |name: &str| {
        let known = match name {
            "DATA_DIR" => folder.display().to_string(),
            "AGENT_URL" => AGENT.trim_end_matches('/').to_owned(),
            "TENANT_URL" => t.origin().to_owned(),
            "BROKER_URL" => b.origin().to_owned(),
            "AGENT_CLIENT_SECRET" => secret_of("agent"),
            "AGENT_MCP_CLIENT_SECRET" => secret_of("agent-mcp"),
            "TENANT_LOGIN_CLIENT_SECRET" => secret_of("tenant-login"),
            "TENANT_VAULT_CLIENT_SECRET" => secret_of("tenant-vault"),
            "STOCKTRADE_CLIENT_SECRET" => secret_of("stocktrade"),
            _ => return None,
        };
        Some(known)
    };
    let settings = Settings::read(&given, &SiteName::ALL).expect("settings");
    let shared = secrets::shared(&settings, &SiteName::ALL).expect("secrets");
    (settings, shared)
}

/// The agent's API at `/mcp`.
pub(crate) fn mcp_api(config: &mut Config) -> &mut Api {
    config.apis.iter_mut().find(|api| api.id == "mcp").expect("the agent's API")
}

/// Changes the types of StockTrade's API, which approvals for the connected account have too.
pub(crate) fn change_types(config: &mut Config, change: impl FnOnce(&mut Vec<Arc<details::Type>>)) {
    let types = &mut config.connections[0].types;
    change(types);
    config.apis.iter_mut().find(|api| api.id == "vault").expect("the vault").types = types.clone();
}

/// An API with one type.
pub(crate) const ROOMS: &str = r#"
[[api]]
id = "rooms"
audience = "https://rooms.example"
url = "https://rooms.example"
scopes = { "rooms:read" = "See rooms", "rooms:book" = "Book rooms" }

[[api.type]]
name = "room_booking"
scope = "rooms:book"
title = "{room} on {day}"

[[api.type.member]]
name = "room"
kind = "code"
letters = "a-z"
length = [1, 20]
label = "Room"

[[api.type.member]]
name = "day"
kind = "date"
label = "Day"
"#;

/// Two more APIs of T, each with a secret of its own at introspection: `rooms`, which people consent to for every client,
/// and `library`. The agent may have both; its server at `/mcp` may exchange its callers' tokens for them.
pub(crate) fn with_apis(config: &mut Config) {
    let api = |id: &str, title: &str, scopes: &[&str]| Api {
        scopes: scopes.iter().map(|scope| ((*scope).into(), format!("Words of {scope}"))).collect(),
        introspection: Some(secret_of(id).into()),
        ..Api::new(id, title, format!("https://{id}.example"))
    };
    let rooms = Api { consent: true, types: types_in(ROOMS), ..api("rooms", "Rooms", &["rooms:read", "rooms:book"]) };
    let library = Api { without_details: true, ..api("library", "Library", &["books:read", "books:lend"]) };
    for client in config.clients.iter_mut().filter(|client| client.id.starts_with("agent")) {
        client.audiences.extend([rooms.audience.clone(), library.audience.clone()]);
        client.scopes.extend(["rooms:read", "rooms:book", "books:read", "books:lend"].map(str::to_owned));
        if client.id == "agent-mcp" {
            client.grants.push(Grant::TokenExchange);
        }
    }
    mcp_api(config)
        .scopes
        .extend([("rooms:read".into(), "See rooms".into()), ("rooms:book".into(), "Book rooms".into())]);
    config.apis.extend([rooms, library]);
}

/// Mandate identity's, and the broker's provider's. Pings go to `ping`.
pub(super) fn configs(t: &Site, b: &Site, ping: &str) -> (Config, Config) {
    let folder = tempfile::tempdir().expect("a folder");
    let (settings, shared) = deployed(t, b, folder.path());
    let mut at_t = clients::identity(&settings, &shared, render::render);
    for client in at_t.clients.iter_mut().filter(|client| client.ping.is_some()) {
        client.ping = Some(ping.to_owned());
    }
    // A client that is not one of ours: its approvals are redeemed once.
    at_t.clients.push(StaticClient {
        audiences: vec![t.at("vault/")],
        first_party: false,
        ..client("other", "Other agent", &[Grant::Ciba, Grant::Vault])
    });
    at_t.retention = Retention { approvals_ms: Some(30 * DAY_MS), audit_ms: Some(60 * DAY_MS) };
    let mut at_b = clients::broker_identity(&settings, &shared, render::render);
    at_b.retention = Retention::default();
    // Bound to no issuer of approvals.
    at_b.clients.push(StaticClient {
        audiences: vec![b.at("api")],
        ..client("unbound", "Unbound", &[Grant::RefreshToken, Grant::TokenExchange])
    });
    (at_t, at_b)
}
