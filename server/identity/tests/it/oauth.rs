//! Accounts at a provider of OAuth 2 that has no OpenID metadata: its endpoints are configured (THREATS.md line 26).

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    connect::accounts,
    octo::Octo,
    pair::{
        Pair, secret_of,
        walk::{ACCESS_TOKEN, Person, REFRESH_TOKEN},
    },
    vault::error,
};

/// Starts to connect. Returns the values that complete it, and the URL of the redirect back from the provider.
async fn begin(pair: &Pair, person: &Person) -> ((String, String, String), String) {
    let token = pair.account_token(person).await;
    let (auth_session, url, verifier) = pair.begin_connect_to("octo", &token, json!(["repo", "gist"])).await;
    let at_octo = person.browser.get(&url).await.location.expect("to Octo");
    let back = person.browser.get(at_octo.as_str()).await.location.expect("back");
    ((token, auth_session, verifier), back.to_string())
}

async fn connect(pair: &Pair, person: &Person) -> Value {
    let ((token, auth_session, verifier), back) = begin(pair, person).await;
    let shown = person.browser.get(&back).await;
    let code = shown.param("connect_code").unwrap_or_else(|| panic!("no code: {shown:?}"));
    let (status, account) = pair.complete(&token, &auth_session, &code, &verifier).await;
    assert_eq!(status, 201, "{account}");
    account
}

async fn vault(pair: &Pair, person: &Person) -> (u16, Value) {
    pair.vault_of("octo", "agent", &person.refresh_token, REFRESH_TOKEN).await
}

#[tokio::test]
async fn line_26_account_at_a_provider_without_metadata() {
    let octo = Octo::start().await;
    let pair = octo.pair(|_| {}).await;
    let alice = pair.person("Alice").await;
    let account = connect(&pair, &alice).await;
    assert_eq!((&account["scopes"], &account["name"]), (&json!(["repo", "gist"]), &json!("octo-alice")));
    let token = pair.account_token(&alice).await;
    let (_, connections) = pair.my_account(Method::GET, "connections", &token, None).await;
    assert_eq!(connections["connections"][0]["strategy"], "oauth2", "{connections}");
    let asked = octo.habits().authorized[0].clone();
    assert_eq!((&*asked["theme"], &*asked["scope"], &*asked["response_type"]), ("dark", "repo,gist", "code"));
    assert!(asked.contains_key("code_challenge") && !asked.contains_key("prompt") && !asked.contains_key("nonce"));
    assert_eq!(octo.habits().asked[0].0, "application/json");

    // The vault returns the token itself, which never expires, each time with a short lifetime.
    let (status, first) = vault(&pair, &alice).await;
    assert_eq!((status, &first["scope"]), (200, &json!("repo gist")), "{first}");
    assert!(first["expires_in"].as_i64().is_some_and(|left| (200..=300).contains(&left)), "{first}");
    let token = first["access_token"].as_str().expect("a token");
    assert_eq!(octo.habits().tokens.get(token).map(String::as_str), Some("repo,gist"));
    pair.clock.advance(400 * 86_400_000);
    let alice = pair.person("Alice").await;
    assert_eq!(vault(&pair, &alice).await.1["access_token"], token);
    assert_eq!(octo.habits().asked.len(), 1, "nothing is refreshed");
    let bytes = String::from_utf8_lossy(&pair.database_bytes()).into_owned();
    assert!(!bytes.contains(token), "it is sealed");

    let id = account["id"].as_str().expect("an id");
    let account_token = pair.account_token(&alice).await;
    assert_eq!(pair.my_account(Method::DELETE, &format!("accounts/{id}"), &account_token, None).await.0, 204);
    pair.until_outbox_is_empty().await;
    let revoked = octo.habits().revoked.clone();
    assert_eq!((revoked.len(), &*revoked[0]["token"], &*revoked[0]["token_type_hint"]), (1, token, "access_token"));
    assert_eq!(revoked[0]["client_secret"], secret_of("octo"));
    assert_eq!(error(&vault(&pair, &alice).await), (401, "federated_connection_refresh_token_not_found"));
}

#[tokio::test]
async fn answers_of_all_forms_are_read() {
    let octo = Octo::start().await;
    octo.habits().always_form = true;
    octo.habits().account = json!({ "user": { "id": "id of letters" } });
    let pair = octo.pair(|connection| connection.oauth.as_mut().expect("Octo").pkce = false).await;
    let alice = pair.person("Alice").await;
    let account = connect(&pair, &alice).await;
    assert_eq!(account["scopes"], json!(["repo", "gist"]), "{account}");
    assert!(octo.habits().authorized[0].keys().all(|name| !name.starts_with("code_challenge")));
    assert!(!octo.habits().asked[0].1.contains_key("code_verifier"));
}

#[tokio::test]
async fn line_28_error_with_status_200_is_an_error() {
    let octo = Octo::start().await;
    octo.habits().rotates = true;
    let pair = octo.pair(|connection| connection.oauth.as_mut().expect("Octo").refresh_tokens = true).await;
    let alice = pair.person("Alice").await;
    let (_, back) = begin(&pair, &alice).await;
    let code = url::Url::parse(&back).expect("a URL").query_pairs().next().expect("a code").1.into_owned();
    let shown = alice.browser.error_of(&back.replace(&code, "another")).await;
    assert_eq!(shown.status, 502, "{shown:?}");
    assert!(accounts(&pair, &alice).await.is_empty());
    // The same after the refusal of a refresh token: the account has to be connected again.
    connect(&pair, &alice).await;
    octo.habits().tokens.clear();
    assert_eq!(error(&vault(&pair, &alice).await), (401, "federated_connection_refresh_token_flow_failed"));
}

#[tokio::test]
async fn rotated_refresh_token_is_kept() {
    let octo = Octo::start().await;
    octo.habits().rotates = true;
    octo.habits().expires_in = Some(600);
    let pair = octo.pair(|connection| connection.oauth.as_mut().expect("Octo").refresh_tokens = true).await;
    let alice = pair.person("Alice").await;
    connect(&pair, &alice).await;
    for _ in 0..3 {
        let (status, answer) = vault(&pair, &alice).await;
        assert!(
            status == 200 && answer["expires_in"].as_i64().is_some_and(|left| (500..=600).contains(&left)),
            "{answer}"
        );
        pair.clock.advance(600_000);
    }
    let asked = octo.habits().asked.clone();
    assert_eq!((asked.len(), &*asked[1].1["scope"]), (4, "repo,gist"));
    // Without a refresh token there is no lasting access.
    octo.habits().rotates = false;
    let (_, back) = begin(&pair, &alice).await;
    let shown = alice.browser.get(&back).await;
    assert_eq!(shown.param("error").as_deref(), Some("server_error"), "{shown:?}");
}

#[tokio::test]
async fn grant_that_ends_asks_to_connect_again() {
    let octo = Octo::start().await;
    octo.habits().expires_in = Some(1000);
    let pair = octo.pair(|_| {}).await;
    let alice = pair.person("Alice").await;
    connect(&pair, &alice).await;
    pair.clock.advance(900_000);
    let (status, answer) = vault(&pair, &alice).await;
    assert!(status == 200 && answer["expires_in"].as_i64().is_some_and(|left| left <= 100), "{answer}");
    pair.clock.advance(100_000);
    assert_eq!(error(&vault(&pair, &alice).await), (401, "federated_connection_refresh_token_flow_failed"));
}

#[tokio::test]
async fn line_26_oauth_callback_is_its_connections_own() {
    let octo = Octo::start().await;
    let pair = octo.pair(|_| {}).await;
    let alice = pair.person("Alice").await;
    let own = pair.t.at("connected-accounts/callback/octo");
    for other in [pair.t.at("connected-accounts/callback"), pair.t.at("connected-accounts/callback/stocktrade")] {
        // A mix-up: another provider's answer with this flow's state, and vice versa.
        let (_, back) = begin(&pair, &alice).await;
        assert!(back.starts_with(&own), "{back}");
        assert_eq!(alice.browser.error_of(&back.replace(&own, &other)).await.status, 403);
    }
    let token = pair.account_token(&alice).await;
    let (_, url, _) = pair.begin_connect(&token, json!(["trade:read"])).await;
    let to = alice.browser.get(&url).await.location.expect("to B");
    let state = to.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned();
    assert_eq!(alice.browser.error_of(&format!("{own}?code=stolen&state={state}")).await.status, 403);
    assert!(octo.habits().asked.is_empty(), "no code left T");

    // Another browser, another state, and a repeated answer.
    let (_, back) = begin(&pair, &alice).await;
    let bob = pair.person("Bob").await;
    assert_eq!(bob.browser.error_of(&back).await.status, 403);
    assert_eq!(alice.browser.error_of(&format!("{back}x")).await.status, 403);
    assert!(alice.browser.get(&back).await.param("connect_code").is_some());
    assert_eq!(alice.browser.error_of(&back).await.status, 403);
}

#[tokio::test]
async fn line_26_oauth_answer_names_its_issuer() {
    let octo = Octo::start().await;
    let pair =
        octo.pair(|connection| connection.oauth.as_mut().expect("Octo").iss = Some("https://octo.example".into()));
    let pair = pair.await;
    let alice = pair.person("Alice").await;
    for iss in [None, Some("https://evil.example"), Some("https://octo.example/")] {
        octo.habits().iss = iss.map(str::to_owned);
        let (_, back) = begin(&pair, &alice).await;
        assert_eq!(alice.browser.error_of(&back).await.status, 403, "{iss:?}");
    }
    assert!(octo.habits().asked.is_empty(), "no code left T");
    octo.habits().iss = Some("https://octo.example".into());
    connect(&pair, &alice).await;
}

#[tokio::test]
async fn declined_at_a_provider_without_metadata() {
    let octo = Octo::start().await;
    octo.habits().declines = true;
    let pair = octo.pair(|_| {}).await;
    let alice = pair.person("Alice").await;
    let (_, back) = begin(&pair, &alice).await;
    assert_eq!(alice.browser.get(&back).await.param("error").as_deref(), Some("access_denied"));
    assert!(accounts(&pair, &alice).await.is_empty());
}

#[tokio::test]
async fn line_26_account_without_an_id_is_not_linked() {
    let octo = Octo::start().await;
    let pair = octo.pair(|_| {}).await;
    let alice = pair.person("Alice").await;
    for account in [json!({}), json!({ "user": { "id": "" } }), json!({ "user": { "id": null } }), json!([])] {
        octo.habits().account = account.clone();
        let (_, back) = begin(&pair, &alice).await;
        assert_eq!(alice.browser.error_of(&back).await.status, 502, "{account}");
    }
    pair.until_outbox_is_empty().await;
    assert!(octo.habits().tokens.is_empty(), "the unusable grant is revoked");
    // The account can't be moved to another person.
    octo.habits().account = json!({ "user": { "id": 7 } });
    connect(&pair, &alice).await;
    let bob = pair.person("Bob").await;
    let ((token, auth_session, verifier), back) = begin(&pair, &bob).await;
    let code = bob.browser.get(&back).await.param("connect_code").expect("a code");
    assert_eq!(pair.complete(&token, &auth_session, &code, &verifier).await.0, 409);
    assert!(accounts(&pair, &bob).await.is_empty());
}

#[tokio::test]
async fn line_24_unnarrowable_token_needs_all_its_scopes() {
    let octo = Octo::start().await;
    let pair = octo.pair(|_| {}).await;
    let alice = pair.person("Alice").await;
    let account = connect(&pair, &alice).await;
    let (_, reads) = pair.mcp_token(&alice, "repo").await;
    let (_, all) = pair.mcp_token(&alice, "repo gist").await;
    let narrower = pair.vault_of("octo", "agent-mcp", &reads, ACCESS_TOKEN).await;
    assert_eq!(error(&narrower).1, "access_denied", "{narrower:?}");
    let (status, answer) = pair.vault_of("octo", "agent-mcp", &all, ACCESS_TOKEN).await;
    assert_eq!((status, &answer["scope"]), (200, &json!("repo gist")), "{answer} {account}");
}

#[tokio::test]
async fn line_56_scope_cut_out_of_a_lasting_token_ends_it() {
    let octo = Octo::start().await;
    let mut pair = octo.pair(|_| {}).await;
    let alice = pair.person("Alice").await;
    connect(&pair, &alice).await;
    pair.restart_t_with(|config| config.connections[1].scopes.retain(|(scope, _)| scope != "gist")).await;
    assert!(accounts(&pair, &alice).await.is_empty());
    pair.until_outbox_is_empty().await;
    assert!(octo.habits().tokens.is_empty() && octo.habits().revoked.len() == 1);
    // The same for a removed connection: its endpoints are stored.
    connect(&pair, &alice).await;
    pair.restart_t_with(|config| config.connections.truncate(1)).await;
    pair.until_outbox_is_empty().await;
    assert!(octo.habits().tokens.is_empty() && octo.habits().revoked.len() == 2);
}
