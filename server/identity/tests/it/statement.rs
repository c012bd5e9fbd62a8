//! Approval statements at the account's provider (THREATS.md lines 23 and 33): a valid one gives a token for exactly
//! that order, every other one `invalid_grant`.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use foundation::{jwt::SigningKey, secret};
use identity::config::Api;
use serde::ser::SerializeMap;
use serde_json::{Value, json, value::RawValue};

use crate::pair::{
    Change, Pair, Settings, secret_of,
    walk::{EXCHANGE, JWT, ORDER, REFRESH_TOKEN, claims},
};

/// T and B, and the grant that T's vault holds for Alice.
struct Scene {
    pair: Pair,
    /// Alice's grant, which only T can unseal.
    grant: String,
    /// Alice's id at B.
    subject: String,
    bobs_grant: String,
    bobs_subject: String,
}

impl Scene {
    async fn set() -> Self {
        Self::set_with(Change::default()).await
    }

    async fn set_with(change: Change) -> Self {
        let pair = Pair::with(change).await;
        let alice = pair.connected("Alice").await;
        let bob = pair.connected("Bob").await;
        let (grant, subject) = in_vault(&pair, &alice.id).await;
        let (bobs_grant, bobs_subject) = in_vault(&pair, &bob.id).await;
        assert_ne!(subject, bobs_subject);
        Self { pair, grant, subject, bobs_grant, bobs_subject }
    }

    /// The claims of a valid statement about Alice's order.
    fn claims(&self) -> Value {
        let now = self.pair.clock.seconds();
        let b = self.pair.b.site.issuer();
        json!({
            "iss": self.pair.t.site.issuer(),
            "aud": b,
            "sub": "agent",
            "on_behalf_of": { "iss": b, "sub": self.subject },
            "txn": "apr_1",
            "authorization_details": [{
                "type": "stock_order", "symbol": "WAYNE", "side": "BUY", "quantity": 5, "limit": "105.49",
                "currency": "USD",
            }],
            "binding_message": "K7 QD",
            "act": { "sub": "agent", "name": "Mandate chat" },
            "amr": ["user"],
            "auth_time": now - 5,
            "jti": secret::id(""),
            "iat": now,
            "exp": now + 120,
        })
    }

    fn with(&self, pointer: &str, value: Value) -> Value {
        let mut claims = self.claims();
        *claims.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
        claims
    }

    /// Signed by T's own key.
    fn sign(&self, claims: &Value) -> String {
        self.pair.t.identity.keys.sign("approval+jwt", claims).expect("signed")
    }

    async fn exchange(&self, statement: &str) -> (u16, Value) {
        self.exchange_with(statement, &self.grant, &[]).await
    }

    async fn exchange_with(&self, statement: &str, grant: &str, changed: &[(&str, &str)]) -> (u16, Value) {
        let (secret, api) = (secret_of("tenant-vault"), self.pair.b.at("api"));
        let mut form = vec![
            ("grant_type", EXCHANGE),
            ("client_id", "tenant-vault"),
            ("client_secret", &secret),
            ("subject_token", grant),
            ("subject_token_type", REFRESH_TOKEN),
            ("actor_token", statement),
            ("actor_token_type", JWT),
            ("resource", &api),
            ("scope", "trade:write"),
        ];
        for change in changed {
            form.retain(|(name, _)| *name != change.0);
            form.push(*change);
        }
        self.pair.form(&self.pair.b.at("oauth/token"), &form).await
    }

    async fn refused(&self, what: &str, statement: &str) {
        let (status, answer) = self.exchange(statement).await;
        assert_eq!((status, answer["error"].as_str()), (400, Some("invalid_grant")), "{what}: {answer}");
        assert!(answer["access_token"].is_null(), "{what}");
    }

    /// Signed with a key that T doesn't publish: it may follow later, so the account stays connected.
    async fn unknown_key(&self, what: &str, statement: &str) {
        let (status, answer) = self.exchange(statement).await;
        assert_eq!((status, answer["error"].as_str()), (503, Some("temporarily_unavailable")), "{what}: {answer}");
        assert!(answer["access_token"].is_null(), "{what}");
    }
}

async fn in_vault(pair: &Pair, person: &str) -> (String, String) {
    let identity = &pair.t.identity;
    let account = identity::store::connected_account::of_person(identity.db.pool(), person, "stocktrade").await;
    let account = account.expect("the database").expect("an account");
    let grant = identity.sealer.open(&identity::vault::place(&account.id), &account.refresh_token).expect("it opens");
    (grant, account.subject)
}

#[tokio::test]
async fn line_33_statement_gives_a_token_for_exactly_that_order() {
    let scene = Scene::set().await;
    let statement = scene.with("/act", json!({ "sub": "agent", "name": "Mandate chat", "act": { "sub": "mcp-1" } }));
    let (status, answer) = scene.exchange(&scene.sign(&statement)).await;
    assert_eq!(status, 200, "{answer}");
    let act = json!({
        "iss": scene.pair.t.site.issuer(), "sub": "agent", "name": "Mandate chat", "act": { "sub": "mcp-1" },
    });
    assert_eq!(answer["scope"], "trade:write");
    assert_eq!(answer["txn"], "apr_1");
    assert_eq!(answer["authorization_details"], statement["authorization_details"]);
    assert_eq!(answer["act"], act);
    assert!(answer["expires_in"].as_i64().is_some_and(|seconds| seconds <= 120));
    assert!(answer["refresh_token"].is_null());
    let token = answer["access_token"].as_str().expect("a token");
    let header = jsonwebtoken::decode_header(token).expect("a header");
    assert_eq!(header.typ.as_deref(), Some("at+jwt"));
    let claims = claims(token);
    assert_eq!(claims["iss"], scene.pair.b.site.issuer());
    assert_eq!(claims["aud"], scene.pair.b.at("api"));
    assert_eq!(claims["sub"], scene.subject.as_str());
    assert_eq!(claims["azp"], "tenant-vault");
    assert_eq!(claims["scope"], "trade:write");
    assert_eq!(claims["txn"], "apr_1");
    assert_eq!(claims["authorization_details"], statement["authorization_details"]);
    assert_eq!(claims["auth_time"], statement["auth_time"]);
    assert_eq!(claims["binding_message"], "K7 QD");
    assert_eq!(claims["act"], act);
    let life = claims["exp"].as_i64().expect("exp") - claims["iat"].as_i64().expect("iat");
    assert!((1..=120).contains(&life), "{life}");

    // The exchange neither consumed nor rotated the grant.
    let secret = secret_of("tenant-vault");
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "tenant-vault"),
        ("client_secret", &secret),
        ("refresh_token", &scene.grant),
    ];
    let (status, answer) = scene.pair.form(&scene.pair.b.at("oauth/token"), &form).await;
    assert_eq!(status, 200, "{answer}");
    assert!(answer["refresh_token"].is_null());
}

#[tokio::test]
async fn line_23_33_forged_or_foreign_statement_is_refused() {
    let scene = Scene::set().await;
    let (foreign, _) = SigningKey::generate().expect("a key");
    let t = &scene.pair.t.identity.keys;
    let b = &scene.pair.b.identity.keys;
    let now = scene.pair.clock.seconds();

    // Another issuer, another key.
    scene.unknown_key("a foreign key", &foreign.sign("approval+jwt", &scene.claims()).expect("signed")).await;
    scene.unknown_key("B's own key", &b.sign("approval+jwt", &scene.claims()).expect("signed")).await;
    scene.refused("a foreign issuer", &scene.sign(&scene.with("/iss", json!("http://evil.example/")))).await;
    scene.refused("B as the issuer", &scene.sign(&scene.with("/iss", json!(scene.pair.b.site.issuer())))).await;

    // Another kind of token from the right issuer.
    for typ in ["at+jwt", "JWT", "approval", "Approval+JWT", ""] {
        scene.refused(typ, &t.sign(typ, &scene.claims()).expect("signed")).await;
    }

    // Another audience, another person.
    scene.refused("another audience", &scene.sign(&scene.with("/aud", json!(scene.pair.t.site.issuer())))).await;
    scene.refused("the API as audience", &scene.sign(&scene.with("/aud", json!(scene.pair.b.at("api"))))).await;
    scene.refused("Bob", &scene.sign(&scene.with("/on_behalf_of/sub", json!(scene.bobs_subject)))).await;
    let person_of_t = json!({ "iss": scene.pair.t.site.issuer(), "sub": scene.subject });
    scene.refused("a person of T", &scene.sign(&scene.with("/on_behalf_of", person_of_t))).await;

    // Another time.
    for (iat, exp) in [(now - 300, now - 180), (now, now + 121), (now + 90, now + 200), (now, now), (now, now - 1)] {
        let mut claims = scene.with("/iat", json!(iat));
        claims["exp"] = json!(exp);
        scene.refused(&format!("from {iat} to {exp}"), &scene.sign(&claims)).await;
    }

    // Details that aren't exactly one entry with one reading.
    let order = scene.claims()["authorization_details"][0].clone();
    for (member, value) in [
        ("quantity", json!(5.0)),
        ("quantity", json!("5")),
        ("quantity", json!(0)),
        ("limit", json!("105.490")),
        ("limit", json!(105.49)),
        ("type", json!("payment")),
        ("symbol", json!("WAYN\u{395}")),
        ("note", json!("free")),
    ] {
        let mut changed = order.clone();
        changed[member] = value.clone();
        let claims = scene.with("/authorization_details", json!([changed]));
        scene.refused(&format!("{member} = {value}"), &scene.sign(&claims)).await;
    }
    for details in [json!([]), json!([order, order]), json!(order), json!(null)] {
        scene.refused("not one entry", &scene.sign(&scene.with("/authorization_details", details))).await;
    }

    // Claims that contradict each other, or are missing.
    scene.refused("another actor", &scene.sign(&scene.with("/act/sub", json!("agent-mcp")))).await;
    for claim in ["txn", "jti", "iat", "exp", "act", "on_behalf_of", "sub", "auth_time"] {
        let mut claims = scene.claims();
        claims.as_object_mut().expect("an object").remove(claim);
        scene.refused(&format!("without {claim}"), &scene.sign(&claims)).await;
    }

    // None of these consumed anything.
    let (status, answer) = scene.exchange(&scene.sign(&scene.claims())).await;
    assert_eq!(status, 200, "{answer}");
}

/// Altered after signing.
#[tokio::test]
async fn line_33_altered_statement_is_an_invalid_grant() {
    let scene = Scene::set().await;
    let signed = scene.sign(&scene.claims());
    let parts: Vec<&str> = signed.split('.').collect();
    let [head, payload, signature] = parts.as_slice() else { panic!("{signed}") };
    let decoded = |part: &str| String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("text");
    let encoded = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let other_payload = encoded(&decoded(payload).replace("\"quantity\":5", "\"quantity\":500"));
    assert_ne!(other_payload, *payload);
    scene.refused("another quantity", &format!("{head}.{other_payload}.{signature}")).await;

    let none = encoded(&decoded(head).replace("RS256", "none"));
    scene.refused("alg none", &format!("{none}.{payload}.")).await;
    scene.refused("alg none, signed", &format!("{none}.{payload}.{signature}")).await;
    let kid = scene.pair.t.identity.keys.public().keys[0].common.key_id.clone().expect("a kid");
    for foreign in ["../../etc/passwd", "' OR 1=1 --", "nobody"] {
        let head = encoded(&decoded(head).replace(&kid, foreign));
        scene.unknown_key(foreign, &format!("{head}.{payload}.{signature}")).await;
    }
    scene.refused("no signature", &format!("{head}.{payload}.")).await;
    scene.refused("no JWT", "statement").await;

    // Signed, with a duplicate claim or member: parsers differ on which one counts.
    let more = |claims: Value, member, text: &str| {
        let value = RawValue::from_string(text.to_owned()).expect("JSON");
        scene.pair.t.identity.keys.sign("approval+jwt", &More { claims, member, value }).expect("signed")
    };
    scene.refused("txn twice", &more(scene.claims(), "txn", "\"apr_2\"")).await;
    let person = json!({ "iss": scene.pair.b.site.issuer(), "sub": scene.bobs_subject }).to_string();
    scene.refused("on_behalf_of twice", &more(scene.claims(), "on_behalf_of", &person)).await;
    let details = r#"[{"type":"stock_order_cancellation","order":"ord_1"}]"#;
    scene.refused("details twice", &more(scene.claims(), "authorization_details", details)).await;
    for (from, to) in [
        (r#""quantity":5"#, r#""quantity":5,"quantity":50"#),
        (r#""quantity":5"#, r#""quantity":5.0"#),
        (r#""105.49""#, r#""105.490""#),
        (r#""currency":"USD""#, r#""currency":"USD","memo":"x""#),
    ] {
        assert!(ORDER.contains(from), "{from}");
        let mut claims = scene.claims();
        claims.as_object_mut().expect("an object").remove("authorization_details");
        scene.refused(to, &more(claims, "authorization_details", &ORDER.replace(from, to))).await;
    }

    let (status, answer) = scene.exchange(&signed).await;
    assert_eq!(status, 200, "{answer}");
}

/// Claims with an additional one, as text.
struct More {
    claims: Value,
    member: &'static str,
    value: Box<RawValue>,
}

impl serde::Serialize for More {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.claims.as_object().expect("an object") {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry(self.member, &self.value)?;
        map.end()
    }
}

#[tokio::test]
async fn line_23_33_statement_is_used_once_of_many_at_once() {
    let scene = Scene::set().await;
    let statement = scene.sign(&scene.claims());
    let attempts = futures::future::join_all((0..8).map(|_| scene.exchange(&statement))).await;
    let won = attempts.iter().filter(|(status, _)| *status == 200).count();
    assert_eq!(won, 1, "{attempts:?}");
    for (_, answer) in attempts.iter().filter(|(status, _)| *status != 200) {
        assert_eq!(answer["error"], "invalid_grant", "{answer}");
    }
    scene.refused("again", &statement).await;
    scene.pair.clock.advance(61_000);
    scene.refused("a minute later", &statement).await;
}

#[tokio::test]
async fn line_23_33_statement_only_works_with_its_persons_grant() {
    let scene = Scene::set().await;
    // Alice's approval with Bob's grant: two agents combine their secrets.
    let (status, answer) = scene.exchange_with(&scene.sign(&scene.claims()), &scene.bobs_grant, &[]).await;
    assert_eq!((status, answer["error"].as_str()), (400, Some("invalid_grant")), "{answer}");
    for grant in ["", "unknown", &scene.grant[1..]] {
        let (status, answer) = scene.exchange_with(&scene.sign(&scene.claims()), grant, &[]).await;
        assert_eq!(status, 400, "{answer}");
    }
    // From a client without a bound issuer, and from one without this grant.
    let unbound = secret_of("unbound");
    let changed = [("client_id", "unbound"), ("client_secret", &*unbound)];
    let (status, answer) = scene.exchange_with(&scene.sign(&scene.claims()), &scene.grant, &changed).await;
    assert_eq!((status, answer["error"].as_str()), (400, Some("invalid_grant")), "{answer}");
    assert!(answer["error_description"].as_str().is_some_and(|why| why.contains("no issuer")), "{answer}");
    let login = secret_of("tenant-login");
    let changed = [("client_id", "tenant-login"), ("client_secret", &*login)];
    let (status, answer) = scene.exchange_with(&scene.sign(&scene.claims()), &scene.grant, &changed).await;
    assert_eq!((status, answer["error"].as_str()), (400, Some("unauthorized_client")), "{answer}");
    // Details sent with the statement that differ from it.
    let other =
        r#"[{"type":"stock_order","symbol":"STARK","side":"BUY","quantity":5,"limit":"105.49","currency":"USD"}]"#;
    let changed = [("authorization_details", other)];
    let (status, answer) = scene.exchange_with(&scene.sign(&scene.claims()), &scene.grant, &changed).await;
    assert_eq!((status, answer["error"].as_str()), (400, Some("invalid_grant")), "{answer}");
}

#[tokio::test]
async fn line_23_33_grant_of_another_resource_gives_no_token() {
    // A second API, for which this client may also have grants.
    let change: Settings = Box::new(|config| {
        let audience = config.site.at("other/api");
        let api = Api { audience: audience.clone(), ..config.apis[0].clone() };
        config.apis.push(api);
        let client = config.clients.iter_mut().find(|client| client.id == "tenant-vault").expect("a client");
        client.audiences.push(audience);
    });
    let scene = Scene::set_with(Change { b: Some(change), ..Change::default() }).await;
    let statement = scene.sign(&scene.claims());
    let other = scene.pair.b.at("other/api");
    let (status, answer) = scene.exchange_with(&statement, &scene.grant, &[("resource", &other)]).await;
    assert_eq!((status, answer["error"].as_str()), (400, Some("invalid_target")), "{answer}");
    // Nothing was consumed.
    let (status, answer) = scene.exchange(&statement).await;
    assert_eq!(status, 200, "{answer}");
}

/// A refused exchange consumes nothing (THREATS.md line 50, second half).
#[tokio::test]
async fn line_23_deep_chain_other_target_or_scope_is_refused() {
    let scene = Scene::set().await;
    let chain =
        |depth: usize| (1..depth).fold(json!({ "sub": "last" }), |act, _| json!({ "sub": "agent", "act": act }));
    let statement = scene.with("/act", chain(6));
    let (status, answer) = scene.exchange(&scene.sign(&statement)).await;
    assert_eq!((status, answer["error"].as_str()), (400, Some("invalid_request")), "{answer}");
    let (status, answer) = scene.exchange(&scene.sign(&scene.with("/act", chain(5)))).await;
    assert_eq!(status, 200, "{answer}");

    let statement = scene.sign(&scene.claims());
    for (name, value, error) in [
        ("resource", "http://localhost:9/api", "invalid_target"),
        ("resource", scene.pair.b.site.issuer(), "invalid_target"),
        ("scope", "trade:write admin", "invalid_scope"),
        ("scope", "trade:write offline", "invalid_scope"),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token", "invalid_request"),
        ("actor_token_type", "urn:ietf:params:oauth:token-type:access_token", "invalid_request"),
        ("requested_token_type", REFRESH_TOKEN, "invalid_request"),
        ("actor_token", "", "invalid_request"),
    ] {
        let (status, answer) = scene.exchange_with(&statement, &scene.grant, &[(name, value)]).await;
        assert_eq!((status, answer["error"].as_str()), (400, Some(error)), "{name}={value}: {answer}");
    }
    let (status, answer) = scene.exchange(&statement).await;
    assert_eq!(status, 200, "{answer}");
}
