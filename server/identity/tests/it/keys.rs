//! Rotating signing keys (`mandate keys rotate`): nobody meets an unknown key.

use foundation::{jwt::Signing, parts::Parts, seal::Sealer};
use identity::keys::rotate;
use jsonwebtoken::Algorithm;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    asking::{Asking, text},
    pair::{AGENT, Change, Instance, Pair, browser::Browser},
};

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const DAY: i64 = 24 * 3_600_000;

fn parts(at: &Instance) -> Parts {
    let t = &at.identity;
    let (db, clock, sealer) = (t.db.clone(), t.clock.clone(), t.sealer.clone());
    Parts { db, clock, sealer, http: t.http.clone(), shutdown: t.shutdown.clone() }
}

/// The ids of the keys that an instance publishes.
async fn published(pair: &Pair, at: &Instance) -> Vec<String> {
    let response = pair.http().get(at.at(".well-known/jwks.json")).send().await.expect("an answer");
    let jwks: Value = response.json().await.expect("JSON");
    let keys = jwks["keys"].as_array().expect("keys");
    keys.iter().map(|key| text(key, "kid").to_owned()).collect()
}

/// The id of the key that signed a token.
fn signed_by(token: &str) -> String {
    jsonwebtoken::decode_header(token).expect("a token").kid.expect("a kid")
}

#[tokio::test]
async fn line_19_28_key_is_published_before_and_after_it_signs() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let old = pair.tokens(&browser, &Asking::agent(&pair)).await;
    let old_key = published(&pair, &pair.t).await;
    let new = rotate(&parts(&pair.t), 600_000, 1_800_000).await.expect("a key");
    assert_eq!(published(&pair, &pair.t).await, [old_key.clone(), vec![new.kid.clone()]].concat());

    let refresh = async || pair.refresh("agent", text(&old, "refresh_token"), &[]).await.1;
    pair.clock.advance(590_000);
    assert_eq!(signed_by(text(&refresh().await, "access_token")), old_key[0]);
    pair.clock.advance(10_001);
    let later = refresh().await;
    for member in ["access_token", "id_token"] {
        assert_eq!(signed_by(text(&later, member)), new.kid, "{member}");
    }
    for tokens in [&old, &later] {
        assert_eq!(pair.bearer(Method::GET, "userinfo", text(tokens, "access_token")).await, 200);
    }

    pair.clock.advance(1_800_000);
    assert_eq!(published(&pair, &pair.t).await, std::slice::from_ref(&new.kid));
    assert_eq!(pair.bearer(Method::GET, "userinfo", text(&old, "access_token")).await, 401);
    assert_eq!(pair.bearer(Method::GET, "userinfo", text(&later, "access_token")).await, 200);
    // An older id token no longer authorizes a logout, so the page asks.
    let hint = [("id_token_hint", text(&old, "id_token")), ("client_id", "agent"), ("post_logout_redirect_uri", AGENT)];
    let url = url::Url::parse_with_params(&pair.t.at("oidc/logout"), hint).expect("a URL");
    let asked = browser.get(url.as_str()).await;
    assert_eq!((asked.status, asked.text("/view").as_str()), (200, "log_out"), "{asked:?}");
    identity::cleanup::clean_up(&pair.t.identity).await.expect("cleaned up");
    assert_eq!(stored(&pair).await, 1, "the old private key is gone");
}

/// The number of keys that T stores.
async fn stored(pair: &Pair) -> usize {
    let mut db = pair.t.identity.db.pool().acquire().await.expect("a connection");
    identity::store::signing_key::all(&mut db).await.expect("the database").len()
}

/// Rotates without a lead time, within ten seconds after the keys were fetched.
#[tokio::test]
async fn line_28_key_that_signs_at_once_stops_no_order_or_login() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let order = async || {
        let (_, approval) = pair.approval_token(&alice).await;
        pair.vault_as("agent", &approval, ACCESS_TOKEN).await
    };
    assert_eq!(order().await.0, 200);
    for at in [&pair.t, &pair.b] {
        let new = rotate(&parts(at), 0, DAY).await.expect("a key");
        assert!(published(&pair, at).await.contains(&new.kid));
        let (status, answer) = order().await;
        assert_eq!(status, 200, "{answer}");
        let (tokens, _) = pair.log_in(&Browser::default(), "Bob").await;
        assert_eq!(pair.bearer(Method::GET, "userinfo", text(&tokens, "access_token")).await, 200);
    }
}

/// If the statement's issuer hasn't published its key yet, the client repeats the request, and the account stays
/// connected.
#[tokio::test]
async fn line_28_statement_with_unknown_key_keeps_the_account() {
    let elsewhere = |config: &mut identity::config::Config| {
        let own = config.site.at(".well-known/jwks.json");
        config.approval_issuers[0].jwks_uri = own;
    };
    let pair = Pair::with(Change { b: Some(Box::new(elsewhere)), ..Change::default() }).await;
    let alice = pair.connected("Alice").await;
    let (_, approval) = pair.approval_token(&alice).await;
    let (status, answer) = pair.vault_as("agent", &approval, ACCESS_TOKEN).await;
    assert_eq!((status, text(&answer, "error")), (503, "temporarily_unavailable"), "{answer}");
}

/// A key that the instance couldn't open would keep it from starting.
#[tokio::test]
async fn line_27_another_master_key_rotates_nothing() {
    let pair = Pair::start().await;
    let other = Parts { sealer: Sealer::new(&[1; 32], "tenant"), ..parts(&pair.t) };
    assert!(rotate(&other, 0, 0).await.is_err());
    assert_eq!(stored(&pair).await, 1);
}

/// An API may choose ES256; everything else stays RS256, and both keys are published.
#[tokio::test]
async fn api_with_es256_gets_tokens_that_verify() {
    let change = || -> Option<crate::pair::Settings> {
        Some(Box::new(|config| {
            let asks = |api: &&mut identity::config::Api| ["mcp", "stocktrade"].contains(&api.id.as_str());
            config.apis.iter_mut().filter(asks).for_each(|api| api.signing = Signing::Es256);
        }))
    };
    let mut pair = Pair::with(Change { t: change(), b: change() }).await;
    let browser = Browser::default();
    let client = pair.mcp_client().await;
    let tokens = pair.tokens(&browser, &Asking::mcp(&pair, &client)).await;
    let access = text(&tokens, "access_token").to_owned();
    let of = |token: &str| jsonwebtoken::decode_header(token).expect("a header").alg;
    assert_eq!(of(&access), Algorithm::ES256);
    assert_eq!(of(text(&tokens, "id_token")), Algorithm::RS256);
    assert_eq!(pair.introspect(&client, &access).await["active"], true);
    let published = pair.http().get(pair.t.at(".well-known/jwks.json")).send().await.expect("an answer");
    let published: Value = published.json().await.expect("JSON");
    let found: Vec<_> =
        published["keys"].as_array().expect("keys").iter().map(|key| (&key["kty"], &key["alg"])).collect();
    assert_eq!(found, [(&json!("RSA"), &json!("RS256")), (&json!("EC"), &json!("ES256"))]);
    assert!(!published.to_string().contains("\"d\""), "public halves alone");

    // The whole sequence up to an order's token, whose API at StockTrade uses ES256 too.
    let alice = pair.connected("Alice").await;
    let (_, approval) = pair.approval_token(&alice).await;
    assert_eq!(of(&approval), Algorithm::RS256);
    let (status, answer) = pair.vault_as("agent", &approval, ACCESS_TOKEN).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(of(text(&answer, "access_token")), Algorithm::ES256);

    // `mandate keys rotate` replaces both keys; old tokens stay valid during the overlap.
    rotate(&parts(&pair.t), 0, 3_600_000).await.expect("it rotates");
    let found = pair.http().get(pair.t.at(".well-known/jwks.json")).send().await.expect("an answer");
    let found: Value = found.json().await.expect("JSON");
    assert_eq!(found["keys"].as_array().map(Vec::len), Some(4), "{found}");
    assert_eq!(pair.introspect(&client, &access).await["active"], true);
    let later = pair.tokens(&browser, &Asking::mcp(&pair, &client)).await;
    assert_eq!(of(text(&later, "access_token")), Algorithm::ES256);
    assert_ne!(signed_by(text(&later, "access_token")), signed_by(&access), "the new key signs");

    // Back to RS256: earlier tokens remain valid.
    pair.restart_with(|config| config.apis.iter_mut().for_each(|api| api.signing = Signing::Rs256)).await;
    assert_eq!(pair.introspect(&client, &access).await["active"], true);
}
