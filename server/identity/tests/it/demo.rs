//! Demo people have a public password; they are locked out while a site isn't on loopback (THREATS.md line 56).

use identity::{config::Config, store};

use crate::{
    asking::Asking,
    pair::{
        Pair,
        browser::{Browser, Shown},
        walk::REFRESH_TOKEN,
    },
};

fn public(config: &mut Config) {
    config.demo_people = Vec::new();
    config.shut_out = ["alice", "bob", "dora"].map(|name| format!("{name}@example.com")).to_vec();
}

fn loopback(config: &mut Config) {
    config.shut_out = Vec::new();
    if config.connections.is_empty() {
        config.demo_people = ["Alice", "Bob"].map(|name| (format!("{name}@example.com"), name.into())).to_vec();
    }
}

async fn log_in(pair: &Pair, name: &str) -> Shown {
    let browser = Browser::default();
    let page = browser.follow(&Asking::agent(pair).url()).await;
    let (csrf_token, request) = (page.text("/csrf_token"), page.text("/request"));
    let email = format!("{name}@example.com");
    let form = [("csrf_token", &*csrf_token), ("request", &request), ("email", &email), ("password", "mandate-demo")];
    browser.post(&pair.b.at("u/login"), &form).await
}

async fn sign_up(pair: &Pair, name: &str) -> Shown {
    let browser = Browser::default();
    let page = browser.follow(&Asking::agent(pair).url()).await;
    let page = browser.get(&format!("{}?request={}", pair.b.at("u/signup"), page.text("/request"))).await;
    let (csrf_token, request) = (page.text("/csrf_token"), page.text("/request"));
    let email = format!("{name}@Example.com");
    let form = [
        ("csrf_token", &*csrf_token),
        ("request", &request),
        ("name", name),
        ("email", &email),
        ("password", "correct horse battery"),
    ];
    browser.post(&pair.b.at("u/signup"), &form).await
}

#[tokio::test]
async fn line_56_demo_people_are_shut_out_while_a_site_is_public() {
    let mut pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let others = sign_up(&pair, "carol").await;
    assert_eq!(others.text("/view"), "go_on", "{others:?}");
    let silent = Asking::agent(&pair).with("prompt", "none").url();
    let at_b = pair.b.at("oidc/logout");
    assert!(alice.browser.get(&silent).await.param("code").is_some());
    assert_eq!(alice.browser.get(&at_b).await.text("/view"), "log_out");

    pair.restart_with(public).await;
    let refused = log_in(&pair, "alice").await;
    assert_eq!((refused.status, &*refused.text("/view")), (401, "login"), "{refused:?}");
    assert_eq!(pair.grants_at_b("tenant-vault").await, 0);
    // Everything she had before stops working: sessions at both sites, the agent's token, and the connected account.
    assert_eq!(alice.browser.get(&silent).await.param("error").as_deref(), Some("login_required"));
    assert_eq!(alice.browser.get(&at_b).await.text("/view"), "logged_out");
    assert_eq!(pair.refresh("agent", &alice.refresh_token, &[]).await.1["error"], "invalid_grant");
    let (status, answer) = pair.vault_as("agent", &alice.refresh_token, REFRESH_TOKEN).await;
    assert!(status >= 400, "{answer}");
    // Nobody can take their e-mails, and other people stay.
    for name in ["alice", "dora"] {
        assert_eq!(sign_up(&pair, name).await.status, 400, "{name}");
    }
    let mut db = pair.b.identity.db.pool().acquire().await.expect("a connection");
    assert!(store::person::by_login(&mut db, "carol@example.com").await.expect("the database").is_some());
    assert_eq!(pair.b.identity.shut_out().await.expect("the database").len(), 2);
    // The operator disables one of them as well.
    let bob: String = sqlx::query_scalar("SELECT id FROM person WHERE login = 'bob@example.com'")
        .fetch_one(&mut *db)
        .await
        .expect("bob");
    store::person::disable(&mut db, &bob, true).await.expect("disabled");
    drop(db);

    pair.restart_with(loopback).await;
    assert_eq!(log_in(&pair, "alice").await.text("/view"), "go_on", "alice may come again");
    assert_eq!(log_in(&pair, "bob").await.status, 401, "the operator disabled Bob");
    // The restart restores nothing that ended.
    assert_eq!(alice.browser.get(&silent).await.param("error").as_deref(), Some("login_required"));
    assert_eq!(pair.refresh("agent", &alice.refresh_token, &[]).await.1["error"], "invalid_grant");
    assert_eq!(pair.b.identity.shut_out().await.expect("the database"), Vec::<String>::new());
}
