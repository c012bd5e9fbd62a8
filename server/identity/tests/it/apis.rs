//! APIs of this service that come from the settings: tokens for them by exchange and by refresh, and their own
//! introspection (THREATS.md lines 12, 20, 22, 24, 50 and 56).

use serde_json::{Value, json};

use crate::{
    asking::{Asking, text},
    pair::{
        AGENT, Change, Pair,
        browser::Browser,
        config::with_apis,
        secret_of,
        walk::{ACCESS_TOKEN, EXCHANGE, JWT, Person, REFRESH_TOKEN, claims},
    },
    vault::error,
};

const ROOMS: &str = "https://rooms.example";
const LIBRARY: &str = "https://library.example";

pub(crate) async fn pair() -> Pair {
    Pair::with(Change { t: Some(Box::new(with_apis)), ..Change::default() }).await
}

/// An exchange by a client; `more` replaces or adds.
async fn exchange(pair: &Pair, client: &str, token: &str, more: &[(&'static str, &str)]) -> (u16, Value) {
    let secret = secret_of(client);
    let mut form = vec![
        ("grant_type", EXCHANGE),
        ("client_id", client),
        ("client_secret", &*secret),
        ("subject_token", token),
        ("subject_token_type", ACCESS_TOKEN),
        ("audience", ROOMS),
    ];
    form.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    form.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    pair.form(&pair.t.at("oauth/token"), &form).await
}

/// An API's introspection of a token.
pub(crate) async fn introspected(pair: &Pair, api: &str, token: &str) -> Value {
    pair.introspect(api, token).await
}

async fn disable(pair: &Pair, client: &str, disabled: bool) {
    let mut db = pair.t.identity.db.pool().acquire().await.expect("a connection");
    identity::store::client::disable(&mut db, client, disabled).await.expect("the database");
}

/// The chat's person consents to an API for the chat.
async fn consented(pair: &Pair, person: &Person, scope: &str) -> Value {
    let asking = Asking::agent(pair).with("scope", scope).with("audience", ROOMS);
    pair.tokens(&person.browser, &asking).await
}

#[tokio::test]
async fn line_12_24_exchange_narrows_to_what_the_caller_has() {
    let pair = pair().await;
    let alice = pair.person("Alice").await;
    let (mcp_client, mcp) = pair.mcp_token(&alice, "portfolio:read rooms:read").await;
    let (status, answer) = exchange(&pair, "agent-mcp", &mcp, &[]).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["issued_token_type"], ACCESS_TOKEN);
    assert_eq!((&answer["token_type"], &answer["scope"]), (&json!("Bearer"), &json!("rooms:read")));
    assert!(answer["refresh_token"].is_null() && answer["id_token"].is_null());
    assert!(!answer.to_string().contains(&mcp), "the caller's token stays");
    let token = claims(text(&answer, "access_token"));
    let act = json!({ "sub": "agent-mcp", "name": "Mandate", "act": { "sub": mcp_client } });
    assert_eq!((&token["aud"], &token["sub"], &token["azp"]), (&json!(ROOMS), &json!(alice.id), &json!("agent-mcp")));
    assert_eq!((&token["act"], &answer["act"], &token["scope"]), (&act, &act, &json!("rooms:read")));
    assert_eq!(token["grant_id"], claims(&mcp)["grant_id"]);
    assert_eq!((answer["expires_in"].as_i64(), &token["txn"]), (Some(300), &Value::Null));

    // Scopes that the caller lacks are omitted. If none is left, it is an error.
    let (_, some) = exchange(&pair, "agent-mcp", &mcp, &[("scope", "rooms:book rooms:read portfolio:read")]).await;
    assert_eq!(some["scope"], "rooms:read");
    for scope in ["rooms:book", "portfolio:read", "books:read"] {
        let answer = exchange(&pair, "agent-mcp", &mcp, &[("scope", scope)]).await;
        assert_eq!(error(&answer), (400, "invalid_scope"), "{scope}");
    }
    let answer = exchange(&pair, "agent-mcp", &mcp, &[("audience", LIBRARY)]).await;
    assert_eq!(error(&answer), (400, "invalid_scope"), "the caller has none of its scopes");

    // The token ends no later than the caller's.
    pair.clock.advance(3_500_000);
    let (_, late) = exchange(&pair, "agent-mcp", &mcp, &[]).await;
    assert!(late["expires_in"].as_i64().is_some_and(|left| (1..=100).contains(&left)), "{late}");
    let token = claims(text(&late, "access_token"));
    assert!(token["exp"].as_i64() <= claims(&mcp)["exp"].as_i64());
    // Within the skew that verifying a token allows.
    pair.clock.advance(110_000);
    assert_eq!(error(&exchange(&pair, "agent-mcp", &mcp, &[]).await), (400, "invalid_request"));
}

#[tokio::test]
async fn line_24_exchange_needs_the_apis_token_and_the_setting() {
    let pair = pair().await;
    let alice = pair.connected("Alice").await;
    let (_, mcp) = pair.mcp_token(&alice, "rooms:read trade:write").await;
    let (_, approval) = pair.approval_token(&alice).await;
    let account = pair.account_token(&alice).await;
    let (_, exchanged) = exchange(&pair, "agent-mcp", &mcp, &[]).await;
    let login = pair.tokens(&alice.browser, &Asking::agent(&pair)).await;
    for (what, token) in [
        ("an approval", &*approval),
        ("the account's", &*account),
        ("exchanged before", text(&exchanged, "access_token")),
        ("a login's", text(&login, "access_token")),
        ("an id token", text(&login, "id_token")),
        ("a refresh token", &*alice.refresh_token),
        ("nonsense", "x.y.z"),
    ] {
        let answer = exchange(&pair, "agent-mcp", token, &[]).await;
        assert_eq!(error(&answer), (400, "invalid_request"), "{what}: {answer:?}");
        assert!(answer.1["access_token"].is_null());
    }
    for (more, expected) in [
        ([("audience", "https://elsewhere.example"), ("resource", "")], "invalid_target"),
        ([("audience", &*format!("{AGENT}mcp")), ("resource", "")], "invalid_target"),
        ([("audience", &*pair.t.at("me/")), ("resource", "")], "invalid_target"),
        ([("audience", ""), ("resource", "")], "invalid_target"),
        ([("actor_token", "x"), ("actor_token_type", JWT)], "invalid_request"),
        ([("requested_token_type", REFRESH_TOKEN), ("scope", "rooms:read")], "invalid_request"),
        ([("subject_token_type", JWT), ("scope", "rooms:read")], "invalid_request"),
        ([("subject_token", ""), ("scope", "rooms:read")], "invalid_request"),
    ] {
        assert_eq!(error(&exchange(&pair, "agent-mcp", &mcp, &more).await), (400, expected), "{more:?}");
    }
    assert_eq!(
        exchange(&pair, "agent-mcp", &mcp, &[("audience", ""), ("resource", "https://ROOMS.example/")]).await.0,
        200
    );
    // Refuses clients that may not exchange, serve no API, or don't authenticate.
    assert_eq!(error(&exchange(&pair, "agent", &mcp, &[]).await), (400, "unauthorized_client"));
    assert_eq!(
        error(&exchange(&pair, "agent-mcp", &mcp, &[("client_secret", "wrong")]).await),
        (401, "invalid_client")
    );
    let serves_none: crate::pair::Settings = Box::new(|config| {
        with_apis(config);
        config.clients[0].grants.push(identity::config::Grant::TokenExchange);
    });
    let off: crate::pair::Settings = Box::new(|config| {
        with_apis(config);
        config.clients[1].grants.retain(|grant| *grant != identity::config::Grant::TokenExchange);
    });
    for (change, client) in [(serves_none, "agent"), (off, "agent-mcp")] {
        let pair = Pair::with(Change { t: Some(change), ..Change::default() }).await;
        let alice = pair.person("Alice").await;
        let (_, mcp) = pair.mcp_token(&alice, "rooms:read").await;
        let answer = exchange(&pair, client, &mcp, &[]).await;
        assert_eq!(error(&answer), (400, "unauthorized_client"), "{client}: {answer:?}");
    }
}

#[tokio::test]
async fn line_22_56_exchanged_token_ends_with_the_callers_grant() {
    let pair = pair().await;
    let alice = pair.person("Alice").await;
    let bob = pair.person("Bob").await;
    let (mcp_client, mcp) = pair.mcp_token(&alice, "rooms:read").await;
    let (_, bobs) = pair.mcp_token(&bob, "rooms:read").await;
    let token = |answer: (u16, Value)| text(&answer.1, "access_token").to_owned();
    let hers = token(exchange(&pair, "agent-mcp", &mcp, &[]).await);
    let his = token(exchange(&pair, "agent-mcp", &bobs, &[]).await);
    let answer = introspected(&pair, "rooms", &hers).await;
    assert_eq!((&answer["active"], &answer["sub"], &answer["aud"]), (&json!(true), &json!(alice.id), &json!(ROOMS)));
    assert_eq!(answer["act"]["act"]["sub"], mcp_client.as_str(), "{answer}");
    // Neither another API nor another client learns of it, and these APIs don't learn of the caller's token.
    for (who, token) in [("library", &hers), ("agent", &hers), ("rooms", &mcp), ("library", &mcp)] {
        assert_eq!(introspected(&pair, who, token).await, json!({ "active": false }), "{who}");
    }
    // The API may only introspect.
    assert_eq!(error(&exchange(&pair, "rooms", &hers, &[("audience", LIBRARY)]).await), (400, "unauthorized_client"));

    for client in [&*mcp_client, "agent-mcp"] {
        disable(&pair, client, true).await;
        assert_eq!(introspected(&pair, "rooms", &hers).await, json!({ "active": false }), "{client} is disabled");
        disable(&pair, client, false).await;
        assert_eq!(introspected(&pair, "rooms", &hers).await["active"], true);
    }
    let apps = alice.browser.get(&pair.t.at("apps")).await;
    let revoke = pair.t.at(&format!("apps/{mcp_client}/revoke"));
    alice.browser.post(&revoke, &[("csrf_token", &apps.text("/csrf_token"))]).await;
    assert_eq!(introspected(&pair, "rooms", &hers).await, json!({ "active": false }), "she revoked the app's access");
    assert_eq!(error(&exchange(&pair, "agent-mcp", &mcp, &[]).await), (400, "invalid_request"));
    assert_eq!(introspected(&pair, "rooms", &his).await["active"], true, "Bob's goes on");
    let mut db = pair.t.identity.db.pool().acquire().await.expect("a connection");
    identity::store::person::disable(&mut db, &bob.id, true).await.expect("the database");
    drop(db);
    assert_eq!(introspected(&pair, "rooms", &his).await, json!({ "active": false }), "he is disabled");
}

#[tokio::test]
async fn line_50_56_first_party_refresh_needs_consent() {
    let pair = pair().await;
    let alice = pair.person("Alice").await;
    let refresh = async |scope: &str| {
        let more = [("audience", ROOMS), ("scope", scope)];
        pair.refresh("agent", &alice.refresh_token, &more[..if scope.is_empty() { 1 } else { 2 }]).await
    };
    for scope in ["", "rooms:read", "openid"] {
        assert_eq!(error(&refresh(scope).await), (400, "consent_required"), "{scope}");
    }
    // An API without consent is unaffected.
    let (status, library) = pair.refresh("agent", &alice.refresh_token, &[("audience", LIBRARY)]).await;
    assert_eq!((status, &library["scope"]), (200, &json!("books:read books:lend")), "{library}");

    // Without consent, `prompt=none` fails, and the page names the API and its scopes.
    let asking = Asking::agent(&pair).with("scope", "openid rooms:read").with("audience", ROOMS);
    let silent = alice.browser.get(&asking.clone().with("prompt", "none").url()).await;
    assert_eq!(silent.param("error").as_deref(), Some("consent_required"), "{silent:?}");
    let shown = alice.browser.follow(&asking.url()).await;
    assert_eq!(shown.text("/view"), "consent", "{shown:?}");
    assert_eq!((&shown.page["client"], &shown.page["api"]), (&json!("Mandate chat"), &json!(["Rooms", ROOMS])));
    assert_eq!(shown.page["scopes"], json!(["Words of rooms:read"]));
    let tokens = consented(&pair, &alice, "openid rooms:read").await;
    let direct = text(&tokens, "access_token").to_owned();
    assert_eq!(claims(&direct)["aud"], ROOMS);

    let (status, some) = refresh("rooms:read rooms:book").await;
    assert_eq!((status, &some["scope"]), (200, &json!("rooms:read")), "what wasn't consented to is left out: {some}");
    assert_eq!(error(&refresh("rooms:book").await), (400, "consent_required"));
    let token = text(&some, "access_token").to_owned();
    assert_eq!((&claims(&token)["aud"], &claims(&token)["azp"]), (&json!(ROOMS), &json!("agent")));
    assert_eq!(introspected(&pair, "rooms", &token).await["active"], true);
    assert_eq!(introspected(&pair, "library", &token).await, json!({ "active": false }));
    // Bob consented to nothing.
    let bob = pair.person("Bob").await;
    let (_, answer) = pair.refresh("agent", &bob.refresh_token, &[("audience", ROOMS)]).await;
    assert_eq!(answer["error"], "consent_required");

    // More scopes ask again, but those consented to don't.
    assert_eq!(alice.browser.get(&asking.clone().with("prompt", "none").url()).await.param("error"), None);
    let more = asking.with("scope", "openid rooms:read rooms:book");
    assert_eq!(alice.browser.follow(&more.url()).await.text("/view"), "consent");
    consented(&pair, &alice, "openid rooms:read rooms:book").await;
    assert_eq!(refresh("rooms:book").await.0, 200);

    // She revokes it, and stays logged in.
    let apps = alice.browser.get(&pair.t.at("apps")).await;
    assert_eq!(apps.page["apps"][0]["name"], "Mandate chat", "{}", apps.page);
    alice.browser.post(&pair.t.at("apps/agent/revoke"), &[("csrf_token", &apps.text("/csrf_token"))]).await;
    for token in [&token, &direct] {
        assert_eq!(introspected(&pair, "rooms", token).await, json!({ "active": false }));
    }
    assert_eq!(error(&refresh("").await), (400, "consent_required"));
    assert_eq!(pair.refresh("agent", &alice.refresh_token, &[]).await.0, 200);
    assert_eq!(alice.browser.get(&pair.t.at("apps")).await.page["apps"], json!([]));
}

/// A person who isn't logged in is asked for consent after the login.
#[tokio::test]
async fn line_50_consent_to_an_api_follows_the_login() {
    let pair = pair().await;
    let asking = Asking::agent(&pair).with("scope", "openid rooms:read").with("audience", ROOMS);
    let browser = Browser::default();
    let shown = browser.follow(&asking.url()).await;
    let shown = pair.at_login(&browser, shown, "Alice").await;
    assert_eq!(shown.text("/view"), "consent", "{shown:?}");
    let (csrf_token, request) = (shown.text("/csrf_token"), shown.text("/request"));
    let form = [("csrf_token", &*csrf_token), ("request", &request), ("decision", "deny")];
    let shown = browser.post(&pair.t.at("u/consent"), &form).await;
    let shown = browser.follow_on(shown).await;
    assert_eq!(shown.param("error").as_deref(), Some("access_denied"), "{shown:?}");
}
