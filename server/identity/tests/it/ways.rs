//! A connection reaches its provider in the ways that the configuration says.

use std::sync::{Arc, Mutex};

use foundation::{
    http::{HttpError, Layer, Next},
    login::ClientAuthentication,
};
use futures::future::BoxFuture;
use identity::config::Ways;
use reqwest::{Request, Response};
use serde_json::json;

use crate::pair::{Change, Pair, walk::REFRESH_TOKEN};

/// The requests to token endpoints that `tenant-vault` makes: its Basic credential, and the body.
#[derive(Clone, Debug, Default)]
struct Seen(Arc<Mutex<Vec<(bool, String)>>>);

impl Layer for Seen {
    fn call<'a>(&'a self, request: Request, next: Next<'a>) -> BoxFuture<'a, Result<Response, HttpError>> {
        if request.url().path() == "/oauth/token" {
            let basic = request.headers().contains_key("authorization");
            let body = request.body().and_then(|body| body.as_bytes()).unwrap_or_default();
            self.0.lock().expect("a lock").push((basic, String::from_utf8_lossy(body).into_owned()));
        }
        Box::pin(next.run(request))
    }
}

#[tokio::test]
async fn connection_authenticates_and_asks_as_configured() {
    let seen = Seen::default();
    let ways = Ways {
        authentication: ClientAuthentication::Basic,
        authorize: vec![("ui_locales".into(), "en".into())],
        ..Ways::default()
    };
    let change = Change {
        t: Some(Box::new(move |config| {
            let connection = &mut config.connections[0];
            connection.ways = ways;
            // As people type it.
            connection.settings.issuer = connection.settings.issuer.trim_end_matches('/').to_owned();
        })),
        layer: Some(Arc::new(seen.clone())),
        ..Change::default()
    };
    let pair = Pair::with(change).await;
    let alice = pair.person("Alice").await;
    seen.0.lock().expect("a lock").clear();
    let token = pair.account_token(&alice).await;
    let (auth_session, url, verifier) = pair.begin_connect(&token, json!(["trade:read"])).await;
    let at_provider = alice.browser.get(&url).await;
    let location = at_provider.location.expect("a redirect").to_string();
    for said in ["ui_locales=en", "prompt=consent", "resource=", "scope=openid+trade%3Aread+profile+offline_access"] {
        assert!(location.contains(said), "{said}: {location}");
    }
    let shown = pair.consent(&alice.browser, &location, "Alice", "allow").await;
    let code = shown.param("connect_code").unwrap_or_else(|| panic!("{shown:?}"));
    assert_eq!(pair.complete(&token, &auth_session, &code, &verifier).await.0, 201);
    let (status, answer) = pair.vault_as("agent", &alice.refresh_token, REFRESH_TOKEN).await;
    assert_eq!((status, &answer["scope"]), (200, &json!("trade:read")), "{answer}");
    let requests = seen.0.lock().expect("a lock").clone();
    let grants = ["authorization_code", "refresh_token"].map(|grant| format!("grant_type={grant}"));
    for grant in grants {
        let of_vault = |(basic, body): &&(bool, String)| *basic && body.contains(&grant);
        let request = requests.iter().find(of_vault).unwrap_or_else(|| panic!("{grant}: {requests:?}"));
        assert!(request.1.contains("&resource="), "{grant}: {request:?}");
    }
    assert!(requests.iter().all(|(basic, body)| !basic || !body.contains("client_secret")), "once is enough");
}
