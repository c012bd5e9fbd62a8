//! An order's token becomes inactive at the account's provider when something it depends on ends at the approval's
//! issuer (THREATS.md line 56). Only some callers may ask (line 22).

use foundation::jwt::SigningKey;
use serde_json::{Value, json};

use crate::pair::{
    Change, Instance, Pair, secret_of,
    walk::{ACCESS_TOKEN, Person, claims},
};

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// B's introspection answer to the client that serves B's API.
pub(crate) async fn at_b(pair: &Pair, token: &str) -> (u16, Value) {
    let secret = secret_of("stocktrade");
    let form = [("client_id", "stocktrade"), ("client_secret", &secret), ("token", token)];
    pair.form(&pair.b.at("oauth/introspect"), &form).await
}

/// The token of an approved order, and the approval's id.
async fn order_token(pair: &Pair, person: &Person) -> (String, String) {
    let (requested, token) = pair.approval_token(person).await;
    let (status, order) = pair.vault_as("agent", &token, ACCESS_TOKEN).await;
    assert_eq!(status, 200, "{order}");
    (order["access_token"].as_str().expect("a token").to_owned(), requested.txn)
}

#[tokio::test]
async fn line_56_an_orders_token_ends_with_the_approval_behind_it() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (token, txn) = order_token(&pair, &alice).await;
    let (status, answer) = at_b(&pair, &token).await;
    assert_eq!((status, &answer["active"], &answer["txn"]), (200, &json!(true), &json!(txn)), "{answer}");
    let active = || async { at_b(&pair, &token).await.1["active"] == true };
    let mut db = pair.t.identity.db.pool().acquire().await.expect("a connection");

    identity::store::client::disable(&mut db, "agent", true).await.expect("disabled");
    assert!(!active().await, "the client is disabled");
    identity::store::client::disable(&mut db, "agent", false).await.expect("enabled");
    assert!(active().await);

    identity::store::person::disable(&mut db, &alice.id, true).await.expect("disabled");
    assert!(!active().await, "the person is disabled");
    identity::store::person::disable(&mut db, &alice.id, false).await.expect("enabled");
    assert!(active().await);
    drop(db);

    // The person blocks the agent on a later request, then unblocks it.
    let later = pair.ask(&alice).await;
    pair.decide(&alice, &later.txn, "block").await;
    assert_eq!(at_b(&pair, &token).await, (200, json!({ "active": false })), "the agent is blocked");
    let blocked = alice.browser.get(&pair.t.at("approvals/blocked")).await.text("/csrf_token");
    alice.browser.post(&pair.t.at("approvals/unblock"), &[("csrf_token", &blocked), ("client", "agent")]).await;
    assert!(!active().await, "what a block ended stays ended");
    // Another person's block doesn't matter.
    let bob = pair.connected("Bob").await;
    let (token, _) = order_token(&pair, &alice).await;
    let asked = pair.ask(&bob).await;
    pair.decide(&bob, &asked.txn, "block").await;
    assert_eq!(at_b(&pair, &token).await.1["active"], true);
}

/// The provider itself revokes the grant, and the approval's issuer doesn't know yet.
#[tokio::test]
async fn line_56_an_orders_token_ends_with_the_grant_behind_it() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (token, _) = order_token(&pair, &alice).await;
    assert_eq!(at_b(&pair, &token).await.1["active"], true);
    let grant = claims(&token)["grant_id"].as_str().expect("a grant").to_owned();
    let mut db = pair.b.identity.db.pool().acquire().await.expect("a connection");
    assert!(identity::store::authorization_grant::revoke(&mut db, &grant, pair.clock.now()).await.expect("revoked"));
    drop(db);
    assert_eq!(at_b(&pair, &token).await, (200, json!({ "active": false })));
}

/// If activity can't be checked, the token isn't active.
#[tokio::test]
async fn line_56_an_approval_that_cannot_be_asked_for_is_not_active() {
    let deaf: crate::pair::Settings = Box::new(|config| {
        config.approval_issuers[0].introspection_endpoint = "http://localhost:1/oauth/introspect".into();
    });
    let pair = Pair::with(Change { b: Some(deaf), ..Change::default() }).await;
    let alice = pair.connected("Alice").await;
    let (token, _) = order_token(&pair, &alice).await;
    let (status, answer) = at_b(&pair, &token).await;
    assert_eq!((status, answer["error"].as_str()), (503, Some("temporarily_unavailable")), "{answer}");
}

#[tokio::test]
async fn line_22_only_the_accounts_provider_may_ask_for_an_approval() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (_, txn) = order_token(&pair, &alice).await;
    let denied = pair.ask(&alice).await;
    pair.decide(&alice, &denied.txn, "deny").await;
    let waiting = pair.ask(&alice).await;
    let now = pair.clock.seconds();
    let (t, b) = (pair.t.site.issuer().to_owned(), pair.b.site.issuer().to_owned());
    let claims = json!({ "iss": b, "sub": b, "aud": t, "iat": now, "exp": now + 60, "jti": "j" });
    let sign = |by: &Instance, typ: &str, claims: &Value| by.identity.keys.sign(typ, claims).expect("signed");
    let ask = |assertion: String, txn: String| {
        let pair = &pair;
        async move {
            let form =
                [("client_assertion_type", ASSERTION), ("client_assertion", assertion.as_str()), ("token", &txn)];
            pair.form(&pair.t.at("oauth/introspect"), &form).await
        }
    };
    const TYP: &str = "client-authentication+jwt";
    let right = || sign(&pair.b, TYP, &claims);
    assert_eq!(ask(right(), txn.clone()).await, (200, json!({ "active": true })));
    for (what, id) in [("denied", &denied.txn), ("waiting", &waiting.txn), ("unknown", &"apr_0".to_owned())] {
        assert_eq!(ask(right(), id.clone()).await, (200, json!({ "active": false })), "{what}");
    }
    let with = |name: &str, value: Value| {
        let mut other = claims.clone();
        other[name] = value;
        other
    };
    let (stranger, _) = SigningKey::generate().expect("a key");
    for (what, assertion) in [
        ("another key", stranger.sign(TYP, &claims).expect("signed")),
        ("the issuer's own key", sign(&pair.t, TYP, &with("iss", json!(t)))),
        ("another type", sign(&pair.b, "at+jwt", &claims)),
        ("for another", sign(&pair.b, TYP, &with("aud", json!(b)))),
        ("of somebody else's", sign(&pair.b, TYP, &with("sub", json!("tenant-vault")))),
        ("that lives long", sign(&pair.b, TYP, &with("exp", json!(now + 3600)))),
        ("that is over", sign(&pair.b, TYP, &with("exp", json!(now - 61)))),
        ("nonsense", "x.y.z".into()),
    ] {
        let (status, answer) = ask(assertion, txn.clone()).await;
        assert_eq!((status, answer["error"].as_str()), (401, Some("invalid_client")), "{what}: {answer}");
    }
    // Clients can't ask about approvals, even with their secrets.
    for client in ["agent", "agent-mcp"] {
        assert_eq!(pair.introspect(client, &txn).await, json!({ "active": false }), "{client}");
    }
}
