//! The settings of the two instances.

use std::sync::Arc;

use foundation::{SecretString, login, site::Site};
use identity::{
    config::{Api, ApprovalIssuer, Config, Connection, Grant, LoginBy, Retention, StaticClient, Version, Ways},
    page::Accent,
};

use super::{AGENT, CALLBACK, render};

pub(crate) fn secret_of(client: &str) -> String {
    format!("{client}-secret-of-many-letters")
}

fn scopes() -> Vec<(String, String)> {
    [("portfolio:read", "See your cash"), ("trade:read", "See your orders"), ("trade:write", "Prepare orders")]
        .map(|(scope, words)| (scope.into(), words.into()))
        .to_vec()
}

/// The types that the program has built in, of the broker at this address.
pub(crate) fn types(broker: &str) -> Vec<Arc<details::Type>> {
    let text = include_str!("../../../../src/config/builtin/stocktrade_api.toml");
    let text = text.replace("{broker}", broker.trim_end_matches('/'));
    details::Apis::parse(&text).unwrap().iter().next().unwrap().types.clone()
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

fn at_b(b: &Site, id: &str, redirect_uri: String) -> login::Settings {
    login::Settings {
        issuer: b.issuer().into(),
        client_id: id.into(),
        client_secret: secret_of(id).into(),
        redirect_uri,
    }
}

pub(super) fn t_config(t: &Site, b: &Site, ping: &str) -> Config {
    let vault = t.at("vault/");
    let mine = ["create:me:connected_accounts", "read:me:connected_accounts", "delete:me:connected_accounts"];
    let all = [Grant::AuthorizationCode, Grant::RefreshToken, Grant::Ciba, Grant::Vault];
    Config {
        site: t.clone(),
        title: "Mandate identity".into(),
        accent: Accent::Identity,
        cookie: "mandate_tenant",
        login: LoginBy::Provider {
            name: "StockTrade".into(),
            settings: at_b(b, "tenant-login", t.at("login/callback")),
        },
        clients: vec![
            StaticClient {
                redirect_uris: vec![CALLBACK.into()],
                post_logout_redirect_uris: vec![AGENT.into()],
                scopes: mine.map(str::to_owned).to_vec(),
                audiences: vec![t.at("me/"), vault.clone()],
                ping: Some(ping.into()),
                home: Some(AGENT.into()),
                ..client("agent", "Mandate chat", &all)
            },
            StaticClient {
                audiences: vec![vault.clone()],
                resource_server: Some(format!("{AGENT}mcp")),
                ping: Some(ping.into()),
                ..client("agent-mcp", "Mandate", &[Grant::Ciba, Grant::Vault])
            },
            // A third-party client: it redeems each approval once.
            StaticClient {
                audiences: vec![vault],
                first_party: false,
                ..client("other", "Other agent", &[Grant::Ciba, Grant::Vault])
            },
        ],
        apis: vec![Api { scopes: scopes(), third_party: true, ..Api::new("mcp", "Mandate", format!("{AGENT}mcp")) }],
        connections: vec![Connection {
            name: "stocktrade".into(),
            title: "StockTrade".into(),
            settings: at_b(b, "tenant-vault", t.at("connected-accounts/callback")),
            resource: b.at("api"),
            scopes: scopes(),
            types: types(&b.at("")),
            takes_approvals: true,
            ways: Ways::default(),
        }],
        approval_issuers: Vec::new(),
        registration: true,
        demo_people: Vec::new(),
        shut_out: Vec::new(),
        approval_ms: 300_000,
        retention: Retention { approvals_ms: Some(30 * 24 * 3_600_000), audit_ms: Some(60 * 24 * 3_600_000) },
        version: Version::default(),
        render: render::render,
    }
}

/// An API with one type.
const ROOMS: &str = r#"
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
    let types = details::Apis::parse(ROOMS).unwrap().of_audience("https://rooms.example").unwrap().types.clone();
    let rooms = Api { consent: true, types, ..api("rooms", "Rooms", &["rooms:read", "rooms:book"]) };
    let library = api("library", "Library", &["books:read"]);
    for client in config.clients.iter_mut().filter(|client| client.id.starts_with("agent")) {
        client.audiences.extend([rooms.audience.clone(), library.audience.clone()]);
        client.scopes.extend(["rooms:read", "rooms:book", "books:read"].map(str::to_owned));
        if client.id == "agent-mcp" {
            client.grants.push(Grant::TokenExchange);
        }
    }
    config.apis[0]
        .scopes
        .extend([("rooms:read".into(), "See rooms".into()), ("rooms:book".into(), "Book rooms".into())]);
    config.apis.extend([rooms, library]);
}

pub(super) fn b_config(t: &Site, b: &Site) -> Config {
    Config {
        site: b.clone(),
        title: "StockTrade".into(),
        accent: Accent::Broker,
        cookie: "mandate_broker_identity",
        login: LoginBy::Password { signup: true },
        clients: vec![
            StaticClient {
                redirect_uris: vec![t.at("login/callback")],
                post_logout_redirect_uris: vec![t.at("oidc/logout/callback")],
                ..client("tenant-login", "Mandate identity", &[Grant::AuthorizationCode])
            },
            StaticClient {
                redirect_uris: vec![t.at("connected-accounts/callback")],
                scopes: scopes().into_iter().map(|(scope, _)| scope).collect(),
                audiences: vec![b.at("api")],
                first_party: false,
                approval_required: true,
                ..client(
                    "tenant-vault",
                    "Mandate",
                    &[Grant::AuthorizationCode, Grant::RefreshToken, Grant::TokenExchange],
                )
            },
            // This client serves B's API.
            StaticClient {
                resource_server: Some(b.at("api")),
                ..client("stocktrade", "StockTrade", &[Grant::AuthorizationCode])
            },
            // No approval issuer is bound to this client.
            StaticClient {
                audiences: vec![b.at("api")],
                ..client("unbound", "Unbound", &[Grant::RefreshToken, Grant::TokenExchange])
            },
        ],
        apis: vec![Api {
            scopes: scopes(),
            types: types(&b.at("")),
            ..Api::new("stocktrade", "StockTrade", b.at("api"))
        }],
        connections: Vec::new(),
        approval_issuers: vec![ApprovalIssuer {
            client: "tenant-vault".into(),
            issuer: t.issuer().into(),
            jwks_uri: t.at(".well-known/jwks.json"),
            introspection_endpoint: t.at("oauth/introspect"),
        }],
        registration: false,
        demo_people: vec![("alice@example.com".into(), "Alice".into()), ("bob@example.com".into(), "Bob".into())],
        shut_out: Vec::new(),
        approval_ms: 300_000,
        retention: Retention::default(),
        version: Version::default(),
        render: render::render,
    }
}
