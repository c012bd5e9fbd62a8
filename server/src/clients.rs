//! Who is a client of whom (PROTOCOL.md, "Clients"): what each instance is configured with.

use foundation::{login, site::Site};
use identity::{
    config::{Api, ApprovalIssuer, Config, Connection, Facts, Grant, LoginBy, Receipts, StaticClient, Template},
    page::{Accent, Render},
    page::{COMPANY, PRICE_NOW},
};
use shared::scope;

use crate::{secrets::Shared, settings::Settings, types};

/// The connection's name at Mandate identity.
pub const CONNECTION: &str = "stocktrade";

/// Who can try everything while every site is loopback. Their password is public.
const DEMO_PEOPLE: [(&str, &str); 2] = [("alice@example.com", "Alice"), ("bob@example.com", "Bob")];

/// The demo people, where a site is not.
pub fn shut_out(settings: &Settings) -> Vec<String> {
    if settings.is_loopback() { Vec::new() } else { DEMO_PEOPLE.map(|(email, _)| email.to_owned()).to_vec() }
}

/// The scopes of the broker's API and of the agent's, in words.
fn scopes() -> Vec<(String, String)> {
    scope::BROKER.map(|(scope, words)| (scope.to_owned(), words.to_owned())).to_vec()
}

fn names(scopes: &[(String, String)]) -> Vec<String> {
    scopes.iter().map(|(name, _)| name.clone()).collect()
}

fn login_settings(at: &Site, id: &str, secret: &foundation::SecretString, redirect_uri: String) -> login::Settings {
    login::Settings {
        issuer: at.issuer().to_owned(),
        client_id: id.to_owned(),
        client_secret: secret.clone(),
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
        None => login_settings(&settings.identity.site, "agent", &shared.agent, redirect_uri),
    }
}

/// StockTrade's pages as a client of their own provider.
pub fn stocktrade_login(settings: &Settings, shared: &Shared) -> login::Settings {
    let site = &settings.broker.site;
    login_settings(site, "stocktrade", &shared.stocktrade, site.at("auth/callback"))
}

/// The demo people at the agent: those of our own identity service.
pub fn shut_out_at_agent(settings: &Settings) -> Vec<String> {
    if settings.external.is_none() { shut_out(settings) } else { Vec::new() }
}

/// The agent.
pub fn agent(settings: &Settings, shared: &Shared) -> agent::config::Config {
    let (first, next) = settings.model_seconds;
    let patience = agent::config::Patience { first: first * 1000, next: next * 1000 };
    let model = match &settings.model {
        Some((base_url, api_key, name)) => agent::config::Model {
            base_url: base_url.clone(),
            api_key: api_key.clone(),
            name: name.clone(),
            rehearsal: false,
            patience,
        },
        None => agent::config::Model {
            base_url: settings.agent.site.at("rehearsal/v1"),
            api_key: shared.rehearsal.clone(),
            name: settings.rehearsal.clone(),
            rehearsal: true,
            patience,
        },
    };
    agent::config::Config {
        site: settings.agent.site.clone(),
        folder: settings.data_dir.clone(),
        login: agent_login(settings, shared),
        mcp_client: ("agent-mcp".into(), shared.agent_mcp.clone()),
        mcp_origins: settings.mcp_origins.clone(),
        mcp_wait_ms: settings.mcp_wait_seconds * 1000,
        apis: types::apis(&settings.broker.site),
        connections: vec![agent::config::Connection {
            name: CONNECTION.into(),
            title: "StockTrade".into(),
            api: "stocktrade".into(),
        }],
        model,
        retention: settings.chats,
    }
}

/// StockTrade.
pub fn broker(settings: &Settings, shared: &Shared) -> broker::Config {
    broker::Config {
        site: settings.broker.site.clone(),
        login: stocktrade_login(settings, shared),
        trade_without_approval: settings.trade_without_approval.clone(),
        tick_ms: settings.market_tick_ms,
        // Below the connections of one address, so that the rest of the site answers it as well.
        streams_per_address: settings.connections_per_address / 4,
        seed: 42,
    }
}

/// Mandate identity.
pub fn identity(settings: &Settings, shared: &Shared, render: Render) -> Config {
    let (agent, identity, broker) = (&settings.agent.site, &settings.identity.site, &settings.broker.site);
    let me = identity.at("me/");
    let vault = identity.at("vault/");
    let mcp = agent.at("mcp");
    let mine = scope::MY_ACCOUNT.map(|(scope, _)| scope);
    let ping = Some(agent.at("ciba/ping"));
    Config {
        site: identity.clone(),
        title: "Mandate identity".into(),
        accent: Accent::Identity,
        cookie: "mandate_tenant",
        login: LoginBy::Provider {
            name: "StockTrade".into(),
            settings: login_settings(broker, "tenant-login", &shared.tenant_login, identity.at("login/callback")),
        },
        clients: vec![
            StaticClient {
                id: "agent".into(),
                name: "Mandate chat".into(),
                secret: Some(shared.agent.clone()),
                redirect_uris: vec![agent.at("auth/callback"), agent.at("accounts/callback")],
                post_logout_redirect_uris: vec![agent.at("")],
                grants: vec![Grant::AuthorizationCode, Grant::RefreshToken, Grant::Ciba, Grant::Vault],
                scopes: mine.map(str::to_owned).into_iter().chain(names(&scopes())).collect(),
                audiences: vec![me.clone(), vault.clone(), mcp.clone()],
                first_party: true,
                resource_server: None,
                ping: ping.clone(),
                home: Some(agent.at("")),
                approval_required: false,
                exchanges_for: None,
                asks_for_itself: false,
            },
            StaticClient {
                id: "agent-mcp".into(),
                name: "Mandate".into(),
                secret: Some(shared.agent_mcp.clone()),
                redirect_uris: Vec::new(),
                post_logout_redirect_uris: Vec::new(),
                grants: vec![Grant::Ciba, Grant::Vault],
                scopes: Vec::new(),
                audiences: vec![vault.clone()],
                first_party: true,
                resource_server: Some(mcp.clone()),
                ping,
                home: None,
                approval_required: false,
                exchanges_for: None,
                asks_for_itself: false,
            },
        ],
        apis: vec![
            Api {
                signing: settings.signing_of(&me),
                scopes: mine.map(|scope| (scope.to_owned(), "Manage your connected accounts".to_owned())).to_vec(),
                ..Api::new("me", "Connected accounts", me)
            },
            Api {
                signing: settings.signing_of(&vault),
                types: types::of(broker),
                ..Api::new("vault", "StockTrade", vault)
            },
            Api {
                signing: settings.signing_of(&mcp),
                scopes: scopes(),
                third_party: true,
                ..Api::new("mcp", "Mandate", mcp)
            },
        ],
        connections: vec![Connection {
            name: CONNECTION.into(),
            title: "StockTrade".into(),
            settings: login_settings(
                broker,
                "tenant-vault",
                &shared.tenant_vault,
                identity.at("connected-accounts/callback"),
            ),
            resource: broker.at("api"),
            scopes: scopes(),
            types: types::of(broker),
            facts: vec![Facts {
                kind: "stock_order".into(),
                url: Template::parse(&broker.at("api/stocks/{symbol}")).expect("the broker's URL has an origin"),
                show: [(COMPANY, "/name"), (PRICE_NOW, "/price")].map(|(label, at)| (label.into(), at.into())).into(),
            }],
            receipts: Some(Receipts { orders: broker.at("api/orders"), page: broker.at("orders") }),
            takes_approvals: true,
        }],
        approval_issuers: Vec::new(),
        registration: true,
        demo_people: Vec::new(),
        shut_out: shut_out(settings),
        approval_ms: settings.approval_seconds * 1000,
        retention: settings.approvals,
        render,
    }
}

/// The broker's own provider.
pub fn broker_identity(settings: &Settings, shared: &Shared, render: Render) -> Config {
    let (identity, broker) = (&settings.identity.site, &settings.broker.site);
    let api = broker.at("api");
    let client = |id: &str, name: &str, secret: &foundation::SecretString, redirect_uri: String| StaticClient {
        id: id.into(),
        name: name.into(),
        secret: Some(secret.clone()),
        redirect_uris: vec![redirect_uri],
        post_logout_redirect_uris: Vec::new(),
        grants: vec![Grant::AuthorizationCode],
        scopes: Vec::new(),
        audiences: Vec::new(),
        first_party: true,
        resource_server: None,
        ping: None,
        home: None,
        approval_required: false,
        exchanges_for: None,
        asks_for_itself: false,
    };
    Config {
        site: broker.clone(),
        title: "StockTrade".into(),
        accent: Accent::Broker,
        cookie: "mandate_broker_identity",
        login: LoginBy::Password { signup: true },
        clients: vec![
            StaticClient {
                post_logout_redirect_uris: vec![identity.at("oidc/logout/callback")],
                home: Some(identity.at("")),
                ..client("tenant-login", "Mandate identity", &shared.tenant_login, identity.at("login/callback"))
            },
            StaticClient {
                grants: vec![Grant::AuthorizationCode, Grant::RefreshToken, Grant::TokenExchange],
                scopes: names(&scopes()),
                audiences: vec![api.clone()],
                first_party: false,
                approval_required: true,
                ..client("tenant-vault", "Mandate", &shared.tenant_vault, identity.at("connected-accounts/callback"))
            },
            StaticClient {
                post_logout_redirect_uris: vec![broker.at("")],
                home: Some(broker.at("")),
                // It serves the API, and asks whether the API's tokens still stand.
                resource_server: Some(api.clone()),
                ..client("stocktrade", "StockTrade", &shared.stocktrade, broker.at("auth/callback"))
            },
        ],
        apis: vec![Api {
            signing: settings.signing_of(&api),
            scopes: scopes(),
            types: types::of(broker),
            ..Api::new("stocktrade", "StockTrade", api)
        }],
        connections: Vec::new(),
        approval_issuers: vec![ApprovalIssuer {
            client: "tenant-vault".into(),
            issuer: identity.issuer().to_owned(),
            jwks_uri: identity.at(".well-known/jwks.json"),
            introspection_endpoint: identity.at("oauth/introspect"),
        }],
        registration: false,
        demo_people: if settings.is_loopback() {
            DEMO_PEOPLE.map(|(email, name)| (email.to_owned(), name.to_owned())).to_vec()
        } else {
            Vec::new()
        },
        shut_out: shut_out(settings),
        approval_ms: settings.approval_seconds * 1000,
        retention: settings.approvals,
        render,
    }
}
