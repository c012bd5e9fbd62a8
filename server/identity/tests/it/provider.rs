//! A misbehaving provider of connected accounts (THREATS.md lines 26, 28 and 56).

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use reqwest::Method;
use serde_json::json;
use tokio::sync::Notify;

use crate::{
    pair::{
        Change, Pair, listen, serve,
        walk::{Person, REFRESH_TOKEN},
    },
    vault::error,
};

/// The answers of its token endpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Bad {
    ServerError,
    NotJson,
    WrongType,
    Html,
    Huge,
    Redirect,
    TooMany,
    NoToken,
    /// Answers correctly, but only when the test lets it.
    Slow,
    Good,
}

#[derive(Clone)]
struct Provider {
    issuer: String,
    /// The issuer in its metadata.
    named: Arc<Mutex<String>>,
    bad: Arc<Mutex<Bad>>,
    asked: Arc<AtomicUsize>,
    go_on: Arc<Notify>,
}

impl Provider {
    /// Connects it to T, with an account for Alice.
    async fn start() -> (Self, Pair, Person) {
        let (listener, site) = listen("provider").await;
        let provider = Self {
            issuer: site.issuer().into(),
            named: Arc::new(Mutex::new(site.issuer().into())),
            bad: Arc::new(Mutex::new(Bad::Good)),
            asked: Arc::default(),
            go_on: Arc::default(),
        };
        let discovery = |State(provider): State<Provider>| async move {
            axum::Json(json!({
                "issuer": *provider.named.lock().expect("a lock"),
                "token_endpoint": format!("{}token", provider.issuer),
                "jwks_uri": format!("{}jwks.json", provider.issuer),
                "revocation_endpoint": format!("{}revoke", provider.issuer),
            }))
        };
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/token", post(misbehave))
            .with_state(provider.clone());
        serve(listener, routes);
        let issuer = site.issuer().to_owned();
        let change: crate::pair::Settings = Box::new(move |config| config.connections[0].settings.issuer = issuer);
        let pair = Pair::with(Change { t: Some(change), ..Change::default() }).await;
        let alice = pair.person("Alice").await;
        let t = &pair.t.identity;
        let account = identity::store::connected_account::Row {
            id: "cac_1".into(),
            person: alice.id.clone(),
            connection: "stocktrade".into(),
            issuer: site.issuer().into(),
            subject: "p1".into(),
            name: None,
            scopes: "portfolio:read".into(),
            refresh_token: t.sealer.seal(&identity::vault::place("cac_1"), "the grant"),
            created_at: 0,
            expires_at: None,
        };
        assert!(identity::store::connected_account::insert(t.db.pool(), &account).await.expect("the database"));
        (provider, pair, alice)
    }

    fn behave(&self, bad: Bad) {
        *self.bad.lock().expect("a lock") = bad;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn misbehave(State(provider): State<Provider>) -> Response {
    provider.asked.fetch_add(1, Ordering::SeqCst);
    let json = [(header::CONTENT_TYPE, "application/json")];
    let bad = *provider.bad.lock().expect("a lock");
    match bad {
        Bad::ServerError => (StatusCode::INTERNAL_SERVER_ERROR, json, "{\"error\":\"invalid_grant\"}").into_response(),
        Bad::NotJson => (json, "{\"access_token\":").into_response(),
        Bad::WrongType => (json, "{\"access_token\":5}").into_response(),
        Bad::Html => "<html>{\"access_token\":\"x\"}</html>".into_response(),
        Bad::Huge => (json, format!("{{\"access_token\":\"{}\"}}", "x".repeat(2 << 20))).into_response(),
        Bad::Redirect => (StatusCode::FOUND, [(header::LOCATION, "http://evil.example/token")]).into_response(),
        Bad::TooMany => (StatusCode::TOO_MANY_REQUESTS, json, "{\"error\":\"too_many_requests\"}").into_response(),
        Bad::NoToken => (json, "{}").into_response(),
        Bad::Slow | Bad::Good => {
            if bad == Bad::Slow {
                provider.go_on.notified().await;
            }
            (json, "{\"access_token\":\"good\",\"token_type\":\"Bearer\",\"expires_in\":3600}").into_response()
        }
    }
}

#[tokio::test]
async fn line_28_misbehaving_provider_gives_an_error_and_no_storm() {
    let (provider, pair, alice) = Provider::start().await;
    let exchange = || pair.vault_as("agent", &alice.refresh_token, REFRESH_TOKEN);

    for bad in [
        Bad::ServerError,
        Bad::NotJson,
        Bad::WrongType,
        Bad::Html,
        Bad::Huge,
        Bad::Redirect,
        Bad::TooMany,
        Bad::NoToken,
    ] {
        provider.behave(bad);
        let before = provider.asked();
        let began = pair.clock.now();
        // Ten callers, some concurrent and some repeating: one request every two seconds.
        let answers = futures::future::join_all((0..5).map(|_| exchange())).await;
        for _ in 0..5 {
            assert_eq!(error(&exchange().await), (503, "temporarily_unavailable"), "{bad:?}");
        }
        for answer in &answers {
            assert_eq!(error(answer), (503, "temporarily_unavailable"), "{bad:?}");
            let said = answer.1["error_description"].as_str().unwrap_or_default();
            assert!(said.starts_with("StockTrade "), "{bad:?}: the one that fails is named: {said}");
        }
        let asked = i64::try_from(provider.asked() - before).expect("a few");
        let most = 1 + (pair.clock.now() - began) / 2_000;
        assert!((1..=most).contains(&asked), "{bad:?}: {asked}, at most {most}");
        pair.clock.advance(2_100);
    }
    // Nothing is lost, and T recovers without help; concurrent callers share one request.
    provider.behave(Bad::Slow);
    let before = provider.asked();
    let (answers, ()) = tokio::join!(futures::future::join_all((0..10).map(|_| exchange())), async {
        world::until("it is asked", async || (provider.asked() > before).then_some(())).await;
        provider.go_on.notify_one();
    });
    for (status, answer) in answers {
        assert_eq!((status, &answer["access_token"]), (200, &json!("good")), "{answer}");
    }
    assert_eq!(provider.asked() - before, 1);
}

#[tokio::test]
async fn line_56_disconnect_during_an_exchange_gives_no_token() {
    let (provider, pair, alice) = Provider::start().await;
    let token = pair.account_token(&alice).await;
    provider.behave(Bad::Slow);
    let meanwhile = async {
        pair.until("the provider is asked", || provider.asked() == 1).await;
        let (status, answer) = pair.my_account(Method::DELETE, "accounts/cac_1", &token, None).await;
        assert_eq!(status, 204, "{answer}");
        provider.go_on.notify_one();
    };
    let (answer, ()) = tokio::join!(pair.vault_as("agent", &alice.refresh_token, REFRESH_TOKEN), meanwhile);
    assert_eq!(error(&answer), (401, "federated_connection_refresh_token_not_found"), "{}", answer.1);
    assert!(answer.1["access_token"].is_null());
    let kept: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM upstream_token")
        .fetch_one(pair.t.identity.db.pool())
        .await
        .expect("the database");
    assert_eq!(kept, 0, "nor is it kept");
}

#[tokio::test]
async fn line_26_metadata_of_another_issuer_gets_no_secret() {
    let (provider, pair, alice) = Provider::start().await;
    let exchange = || pair.vault_as("agent", &alice.refresh_token, REFRESH_TOKEN);
    let right = provider.issuer.clone();
    // Only one slash at the end may differ.
    for wrong in ["http://evil.example/", &format!("{right}/"), ""] {
        *provider.named.lock().expect("a lock") = wrong.into();
        assert_eq!(error(&exchange().await), (503, "temporarily_unavailable"), "{wrong}");
        assert_eq!(provider.asked(), 0, "{wrong}: neither our secret nor the grant went anywhere");
        pair.clock.advance(2_100);
    }
    // After the provider corrects its metadata, T works again.
    *provider.named.lock().expect("a lock") = right;
    assert_eq!(exchange().await.0, 200);
}
