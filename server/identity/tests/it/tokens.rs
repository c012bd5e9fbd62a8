//! Access and id tokens: verifying, revoking and introspecting (THREATS.md, lines 19, 20, 22).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    asking::{Asking, text},
    pair::{AGENT, Pair, browser::Browser, secret_of, walk::claims},
};

fn encode(header: &Value, claims: &Value, signature: &str) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", part(header), part(claims))
}

/// The key that T signs with.
async fn private_key(pair: &Pair) -> EncodingKey {
    let t = &pair.t.identity;
    let mut db = t.db.pool().acquire().await.expect("a connection");
    let keys = identity::store::signing_key::all(&mut db).await.expect("the database");
    let pkcs8 = t.sealer.open("signing_key.private:current", &keys[0].private).expect("it opens");
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{pkcs8}\n-----END PRIVATE KEY-----\n");
    EncodingKey::from_rsa_pem(pem.as_bytes()).expect("a key")
}

#[tokio::test]
async fn line_19_a_forged_or_foreign_token_is_refused() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let tokens = pair.tokens(&browser, &Asking::agent(&pair)).await;
    let good = text(&tokens, "access_token");
    assert_eq!(pair.bearer(Method::GET, "userinfo", good).await, 200);
    let (header, body, signature) = match good.split('.').collect::<Vec<_>>()[..] {
        [header, body, signature] => (header, body, signature),
        _ => panic!("no JWT"),
    };
    let header: Value =
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(header).expect("base64url")).expect("JSON");
    let right = claims(good);
    let changed = |base: &Value, name: &str, value: Value| {
        let mut changed = base.clone();
        changed[name] = value;
        changed
    };
    let keys = &pair.t.identity.keys;
    let now = pair.clock.seconds();
    let signed = |typ: &str, claims: &Value| keys.sign(typ, claims).expect("a token");
    // The same claims, signed again, are valid: each token below is refused for its own fault.
    assert_eq!(pair.bearer(Method::GET, "userinfo", &signed("at+jwt", &right)).await, 200);

    // HS256 with the public key as the secret.
    let jwks: Value = pair
        .http()
        .get(pair.t.at(".well-known/jwks.json"))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let mut hs256 = Header::new(Algorithm::HS256);
    hs256.typ = Some("at+jwt".into());
    let kid = header["kid"].as_str().map(str::to_owned);
    hs256.kid = kid.clone();
    let secrets = [jwks["keys"][0]["n"].as_str().expect("n").to_owned(), jwks["keys"][0].to_string(), jwks.to_string()];
    let hs256 = secrets.map(|secret| {
        jsonwebtoken::encode(&hs256, &right, &EncodingKey::from_secret(secret.as_bytes())).expect("a token")
    });
    let foreign = pair.b.identity.keys.sign("at+jwt", &right).expect("a token");
    // Signed with T's own key, so the changed header is the only fault.
    let key = private_key(&pair).await;
    let headed = |algorithm: Algorithm, change: &dyn Fn(&mut Header)| {
        let mut header = Header { typ: Some("at+jwt".into()), kid: kid.clone(), ..Header::new(algorithm) };
        change(&mut header);
        jsonwebtoken::encode(&header, &right, &key).expect("a token")
    };
    assert_eq!(pair.bearer(Method::GET, "userinfo", &headed(Algorithm::RS256, &|_| {})).await, 200);
    let named = |change: &dyn Fn(&mut Header)| headed(Algorithm::RS256, change);
    let public = keys.public().keys[0].clone();
    let mut wrong = vec![
        (encode(&changed(&header, "alg", json!("none")), &right, ""), "alg none"),
        (encode(&changed(&header, "alg", json!("none")), &right, signature), "alg none with a signature"),
        (headed(Algorithm::RS512, &|_| {}), "another alg"),
        (headed(Algorithm::PS256, &|_| {}), "another padding"),
        (encode(&header, &changed(&right, "sub", json!("usr_other")), signature), "changed claims"),
        (named(&|header| header.kid = None), "no kid"),
        (named(&|header| header.kid = Some("../../etc/passwd".into())), "a path as kid"),
        (named(&|header| header.kid = Some("' OR 1=1 --".into())), "SQL as kid"),
        (named(&|header| header.jku = Some(pair.t.at(".well-known/jwks.json"))), "jku"),
        (named(&|header| header.jwk = Some(public.clone())), "jwk"),
        (named(&|header| header.x5u = Some("http://evil.example/".into())), "x5u"),
        (named(&|header| header.x5c = Some(vec!["MIIB".into()])), "x5c"),
        (named(&|header| header.crit = Some(vec!["exp".into()])), "crit"),
        (foreign, "B's key"),
        (format!("{}.{body}", good.split('.').next().unwrap_or_default()), "no signature at all"),
        (format!("{good}A"), "a longer signature"),
        (text(&tokens, "id_token").to_owned(), "an id token"),
        (signed("JWT", &right), "typ JWT"),
        (signed("approval+jwt", &right), "typ approval+jwt"),
        (signed("at+jwt", &changed(&right, "iss", json!(pair.b.site.issuer()))), "another iss"),
        (signed("at+jwt", &changed(&right, "iss", json!(pair.t.site.origin()))), "iss without its slash"),
        (signed("at+jwt", &changed(&right, "exp", json!(now - 61))), "expired"),
        (signed("at+jwt", &changed(&right, "nbf", json!(now + 120))), "not yet valid"),
        (signed("at+jwt", &changed(&right, "iat", json!(now + 120))), "from the future"),
        (signed("at+jwt", &changed(&right, "sub", json!("usr_nobody"))), "nobody"),
        (signed("at+jwt", &changed(&right, "client_id", json!("nobody"))), "no client"),
        (signed("at+jwt", &changed(&right, "grant_id", json!("gnt_none"))), "no grant"),
        ("a.b.c".to_owned(), "nonsense"),
        (".".repeat(10_000), "long nonsense"),
    ];
    wrong.extend(hs256.map(|token| (token, "HS256 with the public key")));
    for (token, what) in &wrong {
        assert_eq!(pair.bearer(Method::GET, "userinfo", token).await, 401, "{what}");
        assert_eq!(pair.introspect("agent", token).await, json!({ "active": false }), "{what}");
    }
    assert_eq!(pair.bearer(Method::GET, "userinfo", text(&tokens, "refresh_token")).await, 401);
    let other_audience = signed("at+jwt", &changed(&right, "aud", json!(pair.t.at("me/"))));
    assert_eq!(pair.bearer(Method::GET, "userinfo", &other_audience).await, 401);
    // Within the allowed clock skew.
    assert_eq!(
        pair.bearer(Method::GET, "userinfo", &signed("at+jwt", &changed(&right, "exp", json!(now - 30)))).await,
        200
    );
    assert_eq!(pair.http().get(pair.t.at("userinfo")).send().await.expect("an answer").status(), 401);
}

#[tokio::test]
async fn line_20_token_is_accepted_only_by_its_audience() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let client = pair.mcp_client().await;
    let agent = pair.tokens(&browser, &Asking::agent(&pair)).await;
    let (_, account) = pair.refresh("agent", text(&agent, "refresh_token"), &[("audience", &pair.t.at("me/"))]).await;
    let mcp = pair.tokens(&browser, &Asking::mcp(&pair, &client)).await;
    let me = "me/v1/connected-accounts/accounts";
    for (token, what, userinfo, my_account) in [
        (text(&agent, "access_token"), "login", 200, 401),
        (text(&account, "access_token"), "account", 401, 200),
        (text(&mcp, "access_token"), "MCP", 401, 401),
    ] {
        assert_eq!(pair.bearer(Method::GET, "userinfo", token).await, userinfo, "{what}");
        assert_eq!(pair.bearer(Method::GET, me, token).await, my_account, "{what}");
        // B accepts none of them.
        let request = pair.http().get(pair.b.at("userinfo")).bearer_auth(token);
        assert_eq!(request.send().await.expect("an answer").status(), 401, "{what} at B");
    }
}

#[tokio::test]
async fn userinfo_tells_what_the_scopes_allow() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    for (scope, name, email) in [
        ("openid", None, None),
        ("openid profile", Some("Alice"), None),
        ("openid email profile", Some("Alice"), Some("alice@example.com")),
    ] {
        let tokens = pair.tokens(&browser, &Asking::agent(&pair).with("scope", scope)).await;
        let request = pair.http().get(pair.t.at("userinfo")).bearer_auth(text(&tokens, "access_token"));
        let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        assert_eq!(answer["sub"], claims(text(&tokens, "id_token"))["sub"]);
        assert_eq!((answer["name"].as_str(), answer["email"].as_str()), (name, email), "{scope}");
        assert!(tokens.get("refresh_token").is_none(), "nobody asked for it");
    }
    let tokens = pair.tokens(&browser, &Asking::agent(&pair).with("scope", "profile")).await;
    assert!(tokens.get("id_token").is_none());
    assert_eq!(pair.bearer(Method::GET, "userinfo", text(&tokens, "access_token")).await, 403);
}

#[tokio::test]
async fn line_22_only_the_client_concerned_gets_an_answer() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let client = pair.mcp_client().await;
    let mcp = pair.tokens(&browser, &Asking::mcp(&pair, &client)).await;
    let agent = pair.tokens(&browser, &Asking::agent(&pair)).await;
    let (access, refresh) = (text(&mcp, "access_token"), text(&mcp, "refresh_token"));

    let answer = pair.introspect(&client, access).await;
    assert_eq!((&answer["active"], &answer["client_id"]), (&json!(true), &json!(client)), "{answer}");
    assert_eq!(answer["aud"], format!("{AGENT}mcp"));
    // The client that serves this API may ask too; other clients learn nothing.
    assert_eq!(pair.introspect("agent-mcp", access).await["active"], true);
    for (who, token) in [
        ("agent", access),
        ("agent", refresh),
        ("agent-mcp", refresh),
        (&*client, text(&agent, "access_token")),
        (&*client, text(&agent, "refresh_token")),
        ("agent-mcp", text(&agent, "access_token")),
        ("agent", "nonsense"),
    ] {
        assert_eq!(pair.introspect(who, token).await, json!({ "active": false }), "{who}");
    }
    assert_eq!(pair.introspect(&client, refresh).await["active"], true);
    let (status, _) = pair.form(&pair.t.at("oauth/introspect"), &[("client_id", "agent"), ("token", access)]).await;
    assert_eq!(status, 401);

    // Another client's revocation gets the answer for an unknown token, and changes nothing.
    let secret = secret_of("agent");
    let revoke = async |who: &str, token: &str| {
        let mut form = vec![("client_id", who), ("token", token)];
        if who == "agent" {
            form.push(("client_secret", &secret));
        }
        pair.form(&pair.t.at("oauth/revoke"), &form).await.0
    };
    for token in [access, refresh, "nonsense"] {
        assert_eq!(revoke("agent", token).await, 200);
    }
    assert_eq!(pair.introspect(&client, access).await["active"], true);
    assert_eq!(pair.introspect(&client, refresh).await["active"], true);
    let (status, _) = pair.form(&pair.t.at("oauth/revoke"), &[("client_id", "agent"), ("token", access)]).await;
    assert_eq!(status, 401);

    // Its own tokens: first only the access token, then the refresh token with everything issued from it.
    let (_, second) = pair.refresh(&client, refresh, &[]).await;
    assert_eq!(revoke(&client, access).await, 200);
    assert_eq!(pair.introspect(&client, access).await["active"], false);
    assert_eq!(pair.introspect("agent-mcp", access).await["active"], false);
    assert_eq!(pair.introspect(&client, text(&second, "access_token")).await["active"], true);
    assert_eq!(revoke(&client, text(&second, "refresh_token")).await, 200);
    assert_eq!(pair.introspect(&client, text(&second, "access_token")).await["active"], false);
    assert_eq!(pair.refresh(&client, text(&second, "refresh_token"), &[]).await.0, 400);
    assert_eq!(pair.bearer(Method::GET, "userinfo", text(&agent, "access_token")).await, 200);
}
