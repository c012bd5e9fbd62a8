//! A restart with a reduced configuration permanently ends the grants for everything that was removed.

use identity::config::{Config, Version};
use reqwest::Method;
use serde_json::{Value, json};

use crate::pair::{
    AGENT, Change, Pair,
    config::{change_types, mcp_api},
    walk::{ACCESS_TOKEN, Person, REFRESH_TOKEN},
};

const ALL: &str = "portfolio:read trade:read trade:write";

/// Restarts Mandate identity with a change of its configuration.
async fn restart(pair: &mut Pair, change: impl Fn(&mut Config)) {
    let site = pair.t.site.clone();
    pair.restart_with(|config| {
        if config.site == site {
            change(config)
        }
    })
    .await;
}

/// The ends recorded in the audit log, each with its counts above 0.
async fn gone(pair: &Pair) -> Vec<Value> {
    let rows: Vec<String> =
        sqlx::query_scalar("SELECT detail FROM audit WHERE event = 'configuration_removed' ORDER BY detail")
            .fetch_all(pair.t.identity.db.pool())
            .await
            .expect("the database");
    let parse = |row: &String| {
        let mut detail: Value = serde_json::from_str(row).expect("JSON");
        detail.as_object_mut().expect("an object").retain(|_, value| *value != 0);
        detail
    };
    rows.iter().map(parse).collect()
}

async fn refresh(pair: &Pair, person: &Person) -> (u16, Value) {
    let secret = crate::pair::secret_of("agent");
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "agent"),
        ("client_secret", &secret),
        ("refresh_token", &person.refresh_token),
    ];
    pair.form(&pair.t.at("oauth/token"), &form).await
}

#[tokio::test]
async fn nothing_ends_where_nothing_left() {
    let mut pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (_, token) = pair.mcp_token(&alice, ALL).await;
    let waiting = pair.ask(&alice).await;
    restart(&mut pair, |_| {}).await;
    assert_eq!(gone(&pair).await, Vec::<Value>::new());
    assert_eq!(refresh(&pair, &alice).await.0, 200);
    assert_eq!(pair.vault_as("agent", &alice.refresh_token, REFRESH_TOKEN).await.0, 200);
    assert_eq!(pair.introspect("agent-mcp", &token).await["active"], true);
    pair.decide(&alice, &waiting.txn, "approve").await;
    assert_eq!(pair.poll(&waiting.auth_req_id).await.0, 200);
}

#[tokio::test]
async fn line_56_removed_client_ends_its_grants_and_requests() {
    let mut pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let waiting = pair.ask(&alice).await;
    let agent = pair.t.identity.config.clients[0].clone();
    restart(&mut pair, |config| config.clients.retain(|client| client.id != "agent")).await;
    assert_eq!(gone(&pair).await, [json!({ "client": "agent", "grants": 1, "requests": 1 })]);
    assert_eq!(refresh(&pair, &alice).await.0, 401);
    // Configuring it again restores nothing.
    restart(&mut pair, |config| config.clients.push(agent.clone())).await;
    assert_eq!(refresh(&pair, &alice).await.1["error"], "invalid_grant");
    assert_eq!(pair.poll(&waiting.auth_req_id).await.1["error"], "access_denied");
    assert_eq!(gone(&pair).await.len(), 1, "it ended once");
}

#[tokio::test]
async fn line_56_removed_scope_is_cut_out() {
    let mut pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (mcp, _) = pair.mcp_token(&alice, ALL).await;
    restart(&mut pair, |config| mcp_api(config).scopes.retain(|(scope, _)| scope != "trade:write")).await;
    let cut = json!({ "client": mcp, "scope": "trade:write", "grants": 1, "consents": 1 });
    assert_eq!(gone(&pair).await, [cut]);
    let left: Vec<String> = sqlx::query_scalar(
        "SELECT scopes FROM authorization_grant WHERE client = $1 UNION ALL SELECT scopes FROM consent WHERE client = $1",
    )
    .bind(&mcp)
    .fetch_all(pair.t.identity.db.pool())
    .await
    .expect("the database");
    assert!(
        left.len() == 2 && left.iter().all(|it| it.contains("trade:read") && !it.contains("trade:write")),
        "{left:?}"
    );
}

#[tokio::test]
async fn line_56_removed_scope_has_no_effect_in_earlier_tokens() {
    let mut pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (_, reads) = pair.mcp_token(&alice, "portfolio:read").await;
    let (_, trades) = pair.mcp_token(&alice, ALL).await;
    let account = pair.account_token(&alice).await;
    let accounts = async |pair: &Pair| pair.bearer(Method::GET, "me/v1/connected-accounts/accounts", &account).await;
    assert_eq!(accounts(&pair).await, 200);
    restart(&mut pair, |config| {
        mcp_api(config).scopes.retain(|(scope, _)| scope != "trade:write");
        let me = config.apis.iter_mut().find(|api| api.id == "me").expect("it is there");
        me.scopes.retain(|(scope, _)| !scope.starts_with("create:"));
    })
    .await;
    assert_eq!(pair.introspect("agent-mcp", &trades).await, json!({ "active": false }));
    assert_eq!(pair.introspect("agent-mcp", &reads).await["active"], true, "it has nothing that was removed");
    assert_eq!(accounts(&pair).await, 401);
    // The same for a client that loses a scope which others keep.
    let agent = pair.account_token(&alice).await;
    assert_eq!(pair.introspect("agent", &agent).await["active"], true);
    restart(&mut pair, |config| config.clients[0].scopes.retain(|scope| !scope.starts_with("delete:"))).await;
    assert_eq!(pair.introspect("agent", &agent).await, json!({ "active": false }));
}

#[tokio::test]
async fn line_56_removed_api_ends_its_grants() {
    let mut pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (_, token) = pair.mcp_token(&alice, ALL).await;
    let audience = format!("{AGENT}mcp");
    restart(&mut pair, |config| config.apis.retain(|api| api.id != "mcp")).await;
    assert_eq!(gone(&pair).await, [json!({ "api": audience, "grants": 1, "consents": 1 })]);
    assert_eq!(pair.introspect("agent-mcp", &token).await["active"], false);
    assert_eq!(refresh(&pair, &alice).await.0, 200, "the login stays");
}

#[tokio::test]
async fn line_56_api_taken_from_clients_ends_its_grants() {
    let mut pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (mcp, _) = pair.mcp_token(&alice, ALL).await;
    let api = format!("{AGENT}mcp");
    restart(&mut pair, |config| mcp_api(config).third_party = false).await;
    assert_eq!(gone(&pair).await, [json!({ "client": mcp, "api": api, "grants": 1, "consents": 1 })]);
}

#[tokio::test]
async fn line_56_removed_connection_ends_its_accounts_and_requests() {
    let mut pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (approved, token) = pair.approval_token(&alice).await;
    let waiting = pair.ask(&alice).await;
    let connection = pair.t.identity.config.connections[0].clone();
    restart(&mut pair, |config| config.connections.clear()).await;
    let ended = json!({ "connection": "stocktrade", "accounts": 1, "requests": 2, "revoked": 1 });
    assert!(gone(&pair).await.contains(&ended), "{:?}", gone(&pair).await);
    restart(&mut pair, |config| config.connections = vec![connection.clone()]).await;
    let (_, answer) = pair.vault_as("agent", &alice.refresh_token, REFRESH_TOKEN).await;
    assert_eq!(answer["error"], "federated_connection_refresh_token_not_found");
    assert_ne!(pair.vault_as("agent", &token, ACCESS_TOKEN).await.0, 200, "{}", approved.txn);
    assert_eq!(pair.poll(&waiting.auth_req_id).await.1["error"], "access_denied");
}

#[tokio::test]
async fn line_56_removed_scope_of_a_connection_is_never_handed_out() {
    let mut pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    assert_eq!(pair.vault_as("agent", &alice.refresh_token, REFRESH_TOKEN).await.0, 200, "and it is kept");
    restart(&mut pair, |config| config.connections[0].scopes.retain(|(scope, _)| scope != "trade:write")).await;
    let cut = json!({ "connection": "stocktrade", "scope": "trade:write", "accounts": 1 });
    assert_eq!(gone(&pair).await, [cut]);
    let (status, answer) = pair.vault_as("agent", &alice.refresh_token, REFRESH_TOKEN).await;
    assert_eq!(status, 200, "{answer}");
    let token = crate::pair::walk::claims(answer["access_token"].as_str().expect("a token"));
    for scopes in [&answer["scope"], &token["scope"]] {
        let scopes = scopes.as_str().expect("scopes");
        assert!(scopes.contains("trade:read") && !scopes.contains("trade:write"), "{scopes}");
    }
}

#[tokio::test]
async fn line_56_removed_type_ends_its_requests() {
    let mut pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let waiting = pair.ask(&alice).await;
    restart(&mut pair, |config| change_types(config, |known| known.retain(|kind| kind.name != "stock_order"))).await;
    assert_eq!(gone(&pair).await, [json!({ "type": "stock_order", "requests": 1 })]);
    assert_eq!(pair.poll(&waiting.auth_req_id).await.1["error"], "access_denied");
}

#[tokio::test]
async fn instances_of_one_database_agree_on_the_configuration() {
    let first = Version { digest: "one".into(), is_new: false };
    // The copied database has another one.
    let version = Version { is_new: true, ..first.clone() };
    let change = Change { t: Some(Box::new(move |config| config.version = version)), ..Change::default() };
    let pair = Pair::with(change).await;
    let try_start = async |version: Version| {
        let config = Config { version, ..pair.t.identity.config.clone() };
        pair.start_beside(config).await.map_err(|error| error.to_string())
    };
    assert!(try_start(first.clone()).await.is_ok());
    let other = Version { digest: "two".into(), is_new: false };
    let refused = try_start(other.clone()).await;
    if pair.t.identity.db.is_shared() {
        assert!(refused.expect_err("another").contains("mandate serve --new-config"));
        assert!(try_start(Version { is_new: true, ..other.clone() }).await.is_ok());
    } else {
        refused.expect("a file belongs to one process, which says what is configured");
    }
    // The instances now agree on this configuration.
    assert!(try_start(other).await.is_ok());
    assert_eq!(try_start(first).await.is_ok(), !pair.t.identity.db.is_shared());
}
