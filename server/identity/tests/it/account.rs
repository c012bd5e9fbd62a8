//! The My Account API accepts only its own tokens, and shows only that person's accounts (THREATS.md lines 46 and 59).

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    connect::accounts,
    pair::{Pair, secret_of, walk::REFRESH_TOKEN},
};

#[tokio::test]
async fn line_20_my_account_api_needs_its_audience_and_scope() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let bob = pair.person("Bob").await;
    let (_, mcp) = pair.mcp_token(&alice, "trade:read").await;
    let (_, approval) = pair.approval_token(&alice).await;
    let (_, read) = pair.vault_as("agent", &alice.refresh_token, REFRESH_TOKEN).await;
    let read = read["access_token"].as_str().expect("a token").to_owned();
    let id = accounts(&pair, &alice).await[0]["id"].as_str().expect("an id").to_owned();
    let one = format!("accounts/{id}");
    let calls = [
        (Method::POST, "connect"),
        (Method::POST, "complete"),
        (Method::GET, "accounts"),
        (Method::GET, "connections"),
        (Method::DELETE, &*one),
    ];
    for (method, path) in &calls {
        for token in ["", "x", &mcp, &approval, &read, &alice.refresh_token] {
            let (status, _) = pair.my_account(method.clone(), path, token, Some(json!({}))).await;
            assert_eq!(status, 401, "{method} {path}");
        }
        // A browser's session isn't a token.
        let shown = alice
            .browser
            .send(method.clone(), &pair.t.at(&format!("me/v1/connected-accounts/{path}")), None, &[])
            .await;
        assert_eq!(shown.status, 401, "{method} {path}");
    }
    // A token with the wrong scope.
    let narrow = async |scope: &str| {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", "agent"),
            ("client_secret", &*secret_of("agent")),
            ("refresh_token", &alice.refresh_token),
            ("audience", &pair.t.at("me/")),
            ("scope", scope),
        ];
        let (status, tokens) = pair.form(&pair.t.at("oauth/token"), &form).await;
        assert_eq!(status, 200, "{tokens}");
        tokens["access_token"].as_str().expect("a token").to_owned()
    };
    let reading = narrow("read:me:connected_accounts").await;
    let deleting = narrow("delete:me:connected_accounts").await;
    for (method, path) in [(Method::POST, "connect"), (Method::POST, "complete"), (Method::DELETE, &*one)] {
        assert_eq!(pair.my_account(method, path, &reading, Some(json!({}))).await.0, 403);
    }
    assert_eq!(pair.my_account(Method::GET, "accounts", &deleting, None).await.0, 403);
    // Line 46: another person's account counts as missing.
    let bobs = pair.account_token(&bob).await;
    for id in [&*one, "accounts/cac_nobody", "accounts/%27%20OR%201=1"] {
        assert_eq!(pair.my_account(Method::DELETE, id, &bobs, None).await.0, 404);
    }
    assert_eq!(accounts(&pair, &alice).await.len(), 1);
    // Paging.
    for take in ["0", "21", "-1"] {
        assert_eq!(pair.my_account(Method::GET, &format!("accounts?take={take}"), &reading, None).await.0, 400);
    }
    let (_, page) = pair.my_account(Method::GET, &format!("accounts?take=1&from={id}"), &reading, None).await;
    assert_eq!(page, json!({ "accounts": [] }));
    let (_, page) = pair.my_account(Method::GET, "accounts?take=1&connection=elsewhere", &reading, None).await;
    assert_eq!(page, json!({ "accounts": [] }));
    let (_, page) = pair.my_account(Method::GET, "accounts?take=1&connection=stocktrade", &reading, None).await;
    assert_eq!(page["accounts"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn line_46_59_accounts_of_others_are_404() {
    let pair = Pair::start().await;
    let (alice, bob) = (pair.connected("Alice").await, pair.connected("Bob").await);
    let (of_alice, of_bob) = (accounts(&pair, &alice).await, accounts(&pair, &bob).await);
    let id = |accounts: &[Value]| accounts.iter().map(|it| it["id"].as_str().expect("an id").to_owned()).collect();
    let (of_alice, of_bob): (Vec<String>, Vec<String>) = (id(&of_alice), id(&of_bob));
    assert_eq!((of_alice.len(), of_bob.len()), (1, 1), "each sees their own");
    assert_ne!(of_alice, of_bob);
    let token = pair.account_token(&bob).await;
    let (status, _) = pair.my_account(Method::DELETE, &format!("accounts/{}", of_alice[0]), &token, None).await;
    assert_eq!(status, 404);
    let (_, page) = pair.my_account(Method::GET, "accounts?take=20&from=", &token, None).await;
    assert_eq!(page["accounts"].as_array().map(Vec::len), Some(1), "{page}");
    assert_eq!(accounts(&pair, &alice).await.len(), 1, "nothing was taken away");
}
