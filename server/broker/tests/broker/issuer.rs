//! A small OpenID provider. It signs whatever the tests ask for, and logs in the person named in the code.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, OnceLock},
};

use axum::{
    Form, Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use foundation::{axum, jwt::SigningKey};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use tokio::net::TcpListener;

#[derive(Clone, Debug)]
pub(crate) struct Issuer {
    /// With a trailing slash.
    pub(crate) url: String,
    key: SigningKey,
    standing: Arc<Mutex<Standing>>,
}

/// The provider's answers to introspection.
#[derive(Debug, Default)]
struct Standing {
    revoked: HashSet<String>,
    silent: bool,
}

/// Shared by all tests, because generating a key is slow.
fn keys() -> &'static (SigningKey, SigningKey) {
    static KEYS: OnceLock<(SigningKey, SigningKey)> = OnceLock::new();
    KEYS.get_or_init(|| (SigningKey::generate().unwrap().0, SigningKey::generate().unwrap().0))
}

impl Issuer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
        let issuer = Self { url, key: keys().0.clone(), standing: Arc::default() };
        let routes = Router::new()
            .route("/.well-known/jwks.json", get(jwks))
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/oauth/token", post(token))
            .route("/oauth/introspect", post(introspect))
            .with_state(Arc::new(issuer.clone()));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        issuer
    }

    /// Signs claims verbatim, duplicate keys included.
    pub(crate) fn sign(&self, typ: &str, claims: &str) -> String {
        let claims: Box<RawValue> = serde_json::from_str(claims).unwrap();
        self.key.sign(typ, &claims).unwrap()
    }

    /// Signs with a key that isn't published.
    pub(crate) fn forge(&self, typ: &str, claims: &Value) -> String {
        keys().1.sign(typ, claims).unwrap()
    }

    /// Makes this token inactive, although it is signed and hasn't expired.
    pub(crate) fn revoke(&self, token: &str) {
        self.standing.lock().unwrap().revoked.insert(token.to_owned());
    }

    /// Makes introspection fail, or work again.
    pub(crate) fn keep_silent(&self, silent: bool) {
        self.standing.lock().unwrap().silent = silent;
    }

    pub(crate) fn public_key(&self) -> Value {
        serde_json::to_value(self.key.public()).unwrap()
    }
}

async fn jwks(State(issuer): State<Arc<Issuer>>) -> Json<Value> {
    Json(json!({"keys": [issuer.public_key()]}))
}

async fn discovery(State(issuer): State<Arc<Issuer>>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", issuer.url);
    Json(json!({
        "issuer": issuer.url,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("oauth/token"),
        "jwks_uri": at(".well-known/jwks.json"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
}

#[derive(Deserialize)]
struct Introspected {
    token: String,
    client_id: String,
    client_secret: String,
}

/// RFC 7662.
async fn introspect(State(issuer): State<Arc<Issuer>>, Form(asked): Form<Introspected>) -> Response {
    assert_eq!((asked.client_id.as_str(), asked.client_secret.as_str()), ("stocktrade", "a secret"));
    let standing = issuer.standing.lock().unwrap();
    if standing.silent {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    Json(json!({"active": !standing.revoked.contains(&asked.token)})).into_response()
}

#[derive(Deserialize)]
struct Exchange {
    code: String,
    client_id: String,
}

/// The code names the contents of the ID token: nonce, subject and name, separated by `~`, and optionally what to get
/// wrong.
async fn token(State(issuer): State<Arc<Issuer>>, Form(exchange): Form<Exchange>) -> Json<Value> {
    let parts: Vec<&str> = exchange.code.split('~').collect();
    let now = foundation::clock::Clock::system().seconds();
    let mut claims = json!({
        "iss": issuer.url, "aud": exchange.client_id, "sub": parts[1], "name": parts[2], "nonce": parts[0],
        "iat": now, "exp": now + 300, "at_hash": at_hash("unused"),
    });
    let wrong = parts.get(3).copied().unwrap_or_default();
    match wrong {
        "aud" => claims["aud"] = json!("another-client"),
        "iss" => claims["iss"] = json!("http://evil.example/"),
        "exp" => claims["exp"] = json!(now - 1),
        "at_hash" => claims["at_hash"] = json!(at_hash("another")),
        // Removed, so that only the signature is wrong: its check also needs the key.
        "key" => drop(claims.as_object_mut().unwrap().remove("at_hash")),
        _ => {}
    }
    let id_token = match wrong {
        "key" => issuer.forge("JWT", &claims),
        _ => issuer.sign("JWT", &claims.to_string()),
    };
    Json(json!({
        "access_token": "unused", "token_type": "Bearer", "expires_in": 60,
        "id_token": id_token,
    }))
}

/// OpenID Connect Core §3.1.3.6: the left half of the access token's digest.
fn at_hash(access_token: &str) -> String {
    let digest = BASE64_URL_SAFE_NO_PAD.decode(foundation::secret::hash(access_token)).unwrap();
    BASE64_URL_SAFE_NO_PAD.encode(&digest[..16])
}
