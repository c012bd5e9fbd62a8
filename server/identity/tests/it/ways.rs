//! A connection's configured ways of reaching its provider.

use foundation::login::ClientAuthentication;
use identity::config::Ways;
use serde_json::json;

use crate::pair::{Change, Pair, walk::REFRESH_TOKEN};

#[tokio::test]
async fn connection_authenticates_and_asks_as_configured() {
    let ways = Ways {
        authentication: ClientAuthentication::Basic,
        authorize: vec![("ui_locales".into(), "en".into())],
        ..Ways::default()
    };
    let change = Change {
        t: Some(Box::new(move |config| {
            let connection = &mut config.connections[0];
            connection.ways = ways;
            // Without the trailing slash, as people may type it.
            connection.settings.issuer = connection.settings.issuer.trim_end_matches('/').to_owned();
        })),
        ..Change::default()
    };
    let pair = Pair::with(change).await;
    let alice = pair.person("Alice").await;
    pair.world.forget();
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
    // Their Basic credential, and the body.
    let requests = pair.world.at_broker.seen("POST /oauth/token");
    let requests: Vec<_> =
        requests.iter().map(|seen| (!seen.header("authorization").is_empty(), seen.body.clone())).collect();
    let grants = ["authorization_code", "refresh_token"].map(|grant| format!("grant_type={grant}"));
    for grant in grants {
        let of_vault = |(basic, body): &&(bool, String)| *basic && body.contains(&grant);
        let request = requests.iter().find(of_vault).unwrap_or_else(|| panic!("{grant}: {requests:?}"));
        assert!(request.1.contains("&resource="), "{grant}: {request:?}");
    }
    assert!(requests.iter().all(|(basic, body)| !basic || !body.contains("client_secret")), "once is enough");
}
