//! The grants of a connection that was removed from the configuration are revoked at its provider, with retries.

use serde_json::json;

use crate::{
    connect::accounts,
    pair::{Pair, secret_of},
};

/// The subjects of T's outbox.
async fn to_revoke(pair: &Pair) -> Vec<String> {
    sqlx::query_scalar("SELECT subject FROM outbox WHERE kind = 'revoke'")
        .fetch_all(pair.t.identity.db.pool())
        .await
        .expect("the database")
}

/// The number of providers that T knows, removed ones included.
async fn providers(pair: &Pair) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM provider")
        .fetch_one(pair.t.identity.db.pool())
        .await
        .expect("the database")
}

#[tokio::test]
async fn line_56_removed_connection_is_revoked_at_its_provider() {
    let mut pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    // Two more grants: one of a pending connection, and one whose revocation isn't delivered yet.
    let token = pair.account_token(&alice).await;
    let (_, url, _) = pair.begin_connect(&token, json!(["trade:read"])).await;
    assert!(pair.consent(&alice.browser, &url, "Alice", "allow").await.param("connect_code").is_some());
    let bob = pair.connected("Bob").await;
    let id = accounts(&pair, &bob).await[0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(pair.grants_at_b("tenant-vault").await, 3);
    let bobs = pair.account_token(&bob).await;
    pair.b_goes_away();
    assert_eq!(pair.my_account(reqwest::Method::DELETE, &format!("accounts/{id}"), &bobs, None).await.0, 204);
    assert_eq!(to_revoke(&pair).await, ["stocktrade"]);

    // Renames the connection, so that accounts can still be connected.
    pair.restart_t_with(|config| config.connections[0].name = "renamed".into()).await;
    assert_eq!(accounts(&pair, &alice).await, Vec::<serde_json::Value>::new());
    let waiting = to_revoke(&pair).await;
    assert!(waiting.len() == 3 && waiting.iter().all(|it| it.starts_with("prv_")), "{waiting:?}");
    // The revocations survive restarts and an unreachable provider.
    pair.restart_t().await;
    assert_eq!(to_revoke(&pair).await.len(), 3);
    identity::cleanup::clean_up(&pair.t.identity).await.expect("the database");
    assert_eq!(providers(&pair).await, 2);
    let bytes = String::from_utf8_lossy(&pair.database_bytes()).into_owned();
    assert!(!bytes.contains(&secret_of("tenant-vault")), "the client's secret is sealed");

    pair.b_comes_back().await;
    pair.clock.advance(300_000);
    pair.until_outbox_is_empty().await;
    assert_eq!(pair.grants_at_b("tenant-vault").await, 0);
    identity::cleanup::clean_up(&pair.t.identity).await.expect("the database");
    assert_eq!(providers(&pair).await, 1, "nothing is left to do at the removed one");
}

#[tokio::test]
async fn line_56_grant_of_another_provider_is_revoked_there() {
    let mut pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    // A different spelling of the issuer is the same provider.
    pair.restart_t_with(|config| {
        let issuer = config.connections[0].settings.issuer.trim_end_matches('/').to_owned();
        config.connections[0].settings.issuer = issuer;
        config.connections[0].settings.client_secret = "another".into();
    })
    .await;
    assert_eq!(accounts(&pair, &alice).await.len(), 1);
    pair.restart_t_with(|config| config.connections[0].settings.client_secret = secret_of("tenant-vault").into()).await;
    // No grant of one provider is ever sent to another.
    pair.restart_t_with(|config| config.connections[0].settings.issuer = "http://127.0.0.1:9/".into()).await;
    assert_eq!(accounts(&pair, &alice).await, Vec::<serde_json::Value>::new());
    pair.until_outbox_is_empty().await;
    assert_eq!(pair.grants_at_b("tenant-vault").await, 0);
}
