//! The configuration of the two instances: the one that is deployed, and two clients that no site of ours has.

use std::sync::Arc;

use foundation::SecretString;
use identity::config::{Api, Config, Grant, Retention, StaticClient};

use super::render;

const DAY_MS: i64 = 24 * 3_600_000;

pub(crate) fn secret_of(client: &str) -> String {
    format!("{client}-secret-of-many-letters")
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

/// The settings of the clients' secrets, which these tests know.
pub(super) const SECRETS: [(&str, &str); 5] = [
    ("AGENT_CLIENT_SECRET", "agent"),
    ("AGENT_MCP_CLIENT_SECRET", "agent-mcp"),
    ("TENANT_LOGIN_CLIENT_SECRET", "tenant-login"),
    ("TENANT_VAULT_CLIENT_SECRET", "tenant-vault"),
    ("STOCKTRADE_CLIENT_SECRET", "stocktrade"),
];

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

/// Mandate identity's: a client that is not one of ours, whose approvals are redeemed once.
pub(super) fn at_t(config: &mut Config) {
    config.render = render::render;
    config.clients.push(StaticClient {
        audiences: vec![config.site.at("vault/")],
        first_party: false,
        ..client("other", "Other agent", &[Grant::Ciba, Grant::Vault])
    });
    config.retention = Retention { approvals_ms: Some(30 * DAY_MS), audit_ms: Some(60 * DAY_MS) };
}

/// The broker's provider's: a client that is bound to no issuer of approvals.
pub(super) fn at_b(config: &mut Config) {
    config.render = render::render;
    config.retention = Retention::default();
    config.clients.push(StaticClient {
        audiences: vec![config.site.at("api")],
        ..client("unbound", "Unbound", &[Grant::RefreshToken, Grant::TokenExchange])
    });
}
