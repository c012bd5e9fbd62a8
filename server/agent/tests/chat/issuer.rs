//! An external provider: its issuer, configured with or without a trailing slash, and its own logout. A proxy in front
//! of Mandate identity changes the issuer, which is otherwise its address.

use foundation::jwt::SigningKey;
use reqwest::{StatusCode, header};
use world::{Fault, claims, grant};

use crate::{browser::Browser, login::csrf_token, world::World};

const METADATA: &str = "/.well-known/openid-configuration";

/// From now on the provider's metadata names `issuer`, and its id tokens name `in_tokens`.
async fn is_called(world: &World, issuer: &str, in_tokens: &str) {
    let (issuer, in_tokens) = (issuer.to_owned(), in_tokens.to_owned());
    world.at_identity.mend();
    world.at_identity.fails(METADATA, Fault::changed(move |document| document["issuer"] = issuer.clone().into()));
    let key = SigningKey::from_pkcs8(&world.signing_key(&world.identity).await).unwrap();
    let signed = move |answer: &mut serde_json::Value| {
        let mut claims = claims(answer["id_token"].as_str().unwrap()).unwrap();
        claims["iss"] = in_tokens.clone().into();
        answer["id_token"] = key.sign("JWT", &claims).unwrap().into();
    };
    world.at_identity.fails(grant("authorization_code"), Fault::changed(signed));
}

#[tokio::test(flavor = "multi_thread")]
async fn line_26_the_discovered_issuer_decides_about_the_slash() {
    for (typed, named) in [(true, true), (true, false), (false, true), (false, false)] {
        let world = World::with(|config| {
            if !typed {
                config.login.issuer = config.login.issuer.trim_end_matches('/').to_owned();
            }
        })
        .await;
        let slash = world.identity_site().issuer().to_owned();
        let bare = slash.trim_end_matches('/').to_owned();
        let (right, wrong) = if named { (&slash, &bare) } else { (&bare, &slash) };
        is_called(&world, right, right).await;
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        // The provider's answer, with this issuer as its `iss`.
        let answer = async |issuer: &str| {
            let mut browser = world.visitor();
            let callback = browser.begin_login(&world, "alice", "/").await;
            assert!(callback.ends_with(&format!("iss={}", encoded(&slash))), "{callback}");
            (browser, callback.replace(&encoded(&slash), &encoded(issuer)))
        };
        let (browser, callback) = answer(right).await;
        let back = browser.get(&callback).await;
        assert_eq!(back.headers()[header::LOCATION], "/", "{typed} {named}");
        // After discovery, a different slash means a different issuer, in the answer and in the id token.
        let (browser, callback) = answer(wrong).await;
        assert_eq!(browser.error_of(&callback).await.status(), StatusCode::BAD_REQUEST, "{typed} {named}");
        is_called(&world, right, wrong).await;
        let (browser, callback) = answer(right).await;
        assert_eq!(browser.error_of(&callback).await.status(), StatusCode::BAD_REQUEST, "{typed} {named}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logout_goes_to_the_discovered_end_session_endpoint() {
    let world = World::new().await;
    let endpoint = world.identity_site().at("session/end?of=agent");
    let own = endpoint.clone();
    world.at_identity.fails(METADATA, Fault::changed(move |it| it["end_session_endpoint"] = own.clone().into()));
    let page = log_out(&world, world.alice().await).await;
    assert!(page.contains(&format!("url={endpoint}&amp;id_token_hint=eyJ")), "{page}");
}

/// The session here still ends, and the page claims nothing more.
#[tokio::test(flavor = "multi_thread")]
async fn logout_without_a_providers_logout_says_so() {
    let world = World::new().await;
    let without = |document: &mut serde_json::Value| {
        document.as_object_mut().unwrap().remove("end_session_endpoint");
    };
    world.at_identity.fails(METADATA, Fault::changed(without));
    let page = log_out(&world, world.alice().await).await;
    assert!(page.contains("may still be logged in") && page.contains("no logout"), "{page}");
    assert!(!page.contains("http-equiv=\"refresh\""), "{page}");

    let world = World::new().await;
    let browser = world.alice().await;
    is_called(&world, "http://evil.example/", "http://evil.example/").await;
    let page = log_out(&world, browser).await;
    assert!(page.contains("may still be logged in") && !page.contains("evil"), "{page}");
}

async fn log_out(world: &World, mut browser: Browser) -> String {
    let csrf_token = csrf_token(world, &browser).await;
    let out = browser.submit("auth/logout", &[("csrf_token", &csrf_token)]).await;
    assert_eq!(out.status(), StatusCode::OK);
    assert!(browser.cookie.is_none());
    out.text().await.unwrap()
}
