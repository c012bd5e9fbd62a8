//! Authorization codes at the token endpoint (THREATS.md, lines 3, 13 and 61).

use foundation::secret;
use reqwest::Method;

use crate::{
    asking::{Asking, text},
    pair::{Pair, browser::Browser},
};

fn with(form: &[(&'static str, String)], name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    let mut form: Vec<_> = form.iter().filter(|(known, _)| *known != name).cloned().collect();
    if !value.is_empty() {
        form.push((name, value.to_owned()));
    }
    form
}

#[tokio::test]
async fn line_3_13_code_needs_its_client_uri_and_verifier() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let asking = Asking::agent(&pair);
    let code = pair.code(&browser, &asking).await;
    let right = asking.redeeming(&code);
    let client = pair.mcp_client().await;
    for (wrong, what) in [
        (with(&right, "code_verifier", ""), "no verifier"),
        (with(&right, "code_verifier", &secret::token()), "another verifier"),
        (with(&right, "code_verifier", asking.get("code_challenge")), "the challenge"),
        (with(&right, "redirect_uri", ""), "no redirect URI"),
        (with(&right, "redirect_uri", "http://agent.localhost:9/auth/callback/"), "another redirect URI"),
        (with(&right, "code", &code[..42]), "shortened"),
        (with(&right, "code", &format!("{code}A")), "lengthened"),
        (with(&with(&right, "client_id", &client), "client_secret", ""), "another client"),
    ] {
        let (status, answer) = pair.token(&wrong).await;
        assert_eq!((status, text(&answer, "error")), (400, "invalid_grant"), "{what}: {answer}");
    }
    // None of these consumed the code.
    let (status, tokens) = pair.token(&right).await;
    assert_eq!(status, 200, "{tokens}");
    for (name, value) in [("token_type", "Bearer"), ("scope", "openid profile email offline_access")] {
        assert_eq!(tokens[name], value);
    }
    assert_eq!(tokens["expires_in"], 3600);
}

#[tokio::test]
async fn line_13_a_code_ends_after_sixty_seconds() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    for (wait, status) in [(50_000, 200), (60_000, 400)] {
        let asking = Asking::agent(&pair);
        let code = pair.code(&browser, &asking).await;
        pair.clock.advance(wait);
        assert_eq!(pair.token(&asking.redeeming(&code)).await.0, status);
    }
}

#[tokio::test]
async fn line_13_the_second_use_of_a_code_revokes_everything_from_it() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let other = pair.tokens(&browser, &Asking::agent(&pair)).await;
    let asking = Asking::agent(&pair);
    let code = pair.code(&browser, &asking).await;
    let (_, tokens) = pair.token(&asking.redeeming(&code)).await;
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let (_, account) = pair.refresh("agent", refresh, &[("audience", &pair.t.at("me/"))]).await;
    let account = text(&account, "access_token");
    assert_eq!(pair.bearer(Method::GET, "userinfo", access).await, 200);
    assert_eq!(pair.bearer(Method::GET, "me/v1/connected-accounts/accounts", account).await, 200);

    let (status, answer) = pair.token(&asking.redeeming(&code)).await;
    assert_eq!((status, text(&answer, "error")), (400, "invalid_grant"));
    assert_eq!(pair.bearer(Method::GET, "userinfo", access).await, 401);
    assert_eq!(pair.bearer(Method::GET, "me/v1/connected-accounts/accounts", account).await, 401);
    assert_eq!(pair.refresh("agent", refresh, &[]).await.1["error"], "invalid_grant");
    assert_eq!(pair.introspect("agent", access).await["active"], false);
    assert_eq!(pair.audited("code_replayed").await, 1);
    // Another login by the same person to the same client has its own tokens.
    assert_eq!(pair.refresh("agent", text(&other, "refresh_token"), &[]).await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn line_13_61_one_of_many_attempts_redeems_the_code() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    for _ in 0..5 {
        let asking = Asking::agent(&pair);
        let code = pair.code(&browser, &asking).await;
        let form = asking.redeeming(&code);
        pair.warm().await;
        let answers = futures::future::join_all((0..8).map(|_| pair.token(&form))).await;
        let won: Vec<_> = answers.iter().filter(|(status, _)| *status == 200).collect();
        assert_eq!(won.len(), 1, "{answers:?}");
        assert!(answers.iter().all(|(status, answer)| *status == 200 || answer["error"] == "invalid_grant"));
        // Somebody else had the code too, so its tokens are revoked.
        let tokens = &won[0].1;
        assert_eq!(pair.bearer(Method::GET, "userinfo", text(tokens, "access_token")).await, 401);
        assert_eq!(pair.refresh("agent", text(tokens, "refresh_token"), &[]).await.0, 400);
    }
}

#[tokio::test]
async fn the_token_endpoint_takes_json_as_well_as_forms() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let asking = Asking::agent(&pair).with("nonce", "my nonce");
    let code = pair.code(&browser, &asking).await;
    let body: serde_json::Map<_, _> =
        asking.redeeming(&code).into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let response = pair.http().post(pair.t.at("oauth/token")).json(&body).send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["cache-control"], "no-store");
    let tokens: serde_json::Value = response.json().await.expect("JSON");
    let id = crate::pair::walk::claims(text(&tokens, "id_token"));
    assert_eq!(id["nonce"], "my nonce");
    assert_eq!(id["iss"], pair.t.site.issuer());
    assert_eq!(id["aud"], "agent");
    assert_eq!(id["name"], "Alice");
    assert_eq!(id["email"], "alice@example.com");
    // The e-mail isn't verified, and this site serves the picture.
    assert_eq!((&id["nickname"], &id["email_verified"]), (&"alice".into(), &false.into()));
    assert_eq!(id["picture"], pair.t.at("pictures/A"));
    let picture = pair.http().get(pair.t.at("pictures/A")).send().await.expect("an answer");
    assert_eq!(
        (picture.status().as_u16(), &picture.headers()["content-type"]),
        (200, &"image/svg+xml".parse().expect("a value"))
    );
    assert!(picture.text().await.expect("text").contains(">A</text>"));
    let odd = pair.http().get(pair.t.at("pictures/%3Cscript%3E")).send().await.expect("an answer");
    assert!(!odd.text().await.expect("text").contains("script"));
    assert!(id["sid"].is_string() && id["at_hash"].as_str().is_some_and(|hash| hash.len() == 22), "{id}");
    let access = crate::pair::walk::claims(text(&tokens, "access_token"));
    assert_eq!(access["azp"], "agent");
    assert_eq!(access["client_id"], "agent");
    assert_eq!(access["sub"], id["sub"]);
    assert_eq!(access["aud"], pair.t.at("userinfo"));
}
