//! An identity service that does what a test tells it, and remembers what it was asked.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use foundation::{
    axum::{
        Form, Json, Router,
        extract::State,
        http::{HeaderMap, StatusCode},
        response::{Html, IntoResponse, Redirect, Response},
        routing::{get, post},
    },
    jwt::SigningKey,
    secret,
    site::Site,
};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use crate::arrange::Shared;

#[path = "accounts_api.rs"]
mod accounts;

type Fields = HashMap<String, String>;

#[derive(Clone)]
pub struct Identity {
    pub site: Site,
    key: Arc<SigningKey>,
    /// The same, to sign with under any header.
    raw: Arc<EncodingKey>,
    state: Shared<Told>,
}

/// How it answers instead of what was asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trouble {
    ServerError,
    NotJson,
    Redirect,
    Huge,
    BadJson,
    /// No answer at all, for twelve seconds.
    Stall,
}

/// What a test told it, and what it saw.
#[derive(Default)]
pub struct Told {
    /// The scopes of the person's account, once connected.
    pub connected: Option<String>,
    /// The scopes that the person allowed at an API of its own.
    pub allowed: Option<String>,
    /// The vault's error.
    pub refuses: Option<(u16, &'static str)>,
    pub trouble: Option<Trouble>,
    /// Whom the discovery document is of, where it is another's.
    pub calls_itself: Option<String>,
    /// Where an account is connected, where that is elsewhere.
    pub connect_uri: Option<String>,
    /// Whether it offers no logout to other sites.
    pub no_logout: bool,
    /// Whether the discovery document is a plain OpenID provider's.
    pub plain: bool,
    /// How the person decided.
    pub decided: Option<&'static str>,
    /// How they decided this one (by its `txn`), where it is another.
    pub decisions: HashMap<String, &'static str>,
    /// Authorization codes, with the claims of the id token that each is exchanged for.
    pub logins: HashMap<String, Value>,
    /// After how many seconds it wants to be polled, where not each second.
    pub interval: Option<i64>,
    /// What `bc-authorize` refuses with.
    pub not_asked: Option<(u16, &'static str)>,
    /// What `complete` answers with.
    pub complete: Option<u16>,
    /// Forms that came to `/oauth/token`, by grant.
    pub tokens: Vec<Fields>,
    /// Forms that came to `/bc-authorize`, with the idempotency key.
    pub asked: Vec<(String, Fields)>,
    /// Forms that came to `/oauth/revoke`.
    pub revoked: Vec<Fields>,
    /// Whether what tokens came from has ended.
    pub ended: bool,
    /// What introspection answers with instead.
    pub not_told: Option<Trouble>,
    /// Forms that came to `/oauth/introspect`.
    pub introspected: Vec<Fields>,
    /// Bodies that came to the accounts API.
    pub connects: Vec<Value>,
    pub completes: Vec<Value>,
    pub disconnected: Vec<String>,
}

impl Identity {
    pub fn new(site: &Site) -> Self {
        let (key, text) = SigningKey::generate().unwrap();
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n");
        let raw = Arc::new(EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap());
        Self { site: site.clone(), key: Arc::new(key), raw, state: Arc::new(Mutex::new(Told::default())) }
    }

    pub fn state(&self) -> MutexGuard<'_, Told> {
        self.state.lock().unwrap()
    }

    pub fn token(&self, claims: &Value) -> String {
        self.key.sign("at+jwt", claims).unwrap()
    }

    pub fn token_of_type(&self, typ: &str, claims: &Value) -> String {
        self.key.sign(typ, claims).unwrap()
    }

    /// A token under this header, signed with the key as RS256; as HS256, where it says so, with what of the key is
    /// public.
    pub fn token_under(&self, header: &Value, claims: &Value) -> String {
        let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature = if header["alg"] == "HS256" {
            let public = serde_json::to_vec(self.key.public()).unwrap();
            jsonwebtoken::crypto::sign(message.as_bytes(), &EncodingKey::from_secret(&public), Algorithm::HS256)
        } else {
            jsonwebtoken::crypto::sign(message.as_bytes(), &self.raw, Algorithm::RS256)
        };
        format!("{message}.{}", signature.unwrap())
    }

    /// What it calls itself.
    pub fn issuer(&self) -> String {
        self.state().calls_itself.clone().unwrap_or_else(|| self.site.issuer().to_owned())
    }

    /// The forms of this grant that came to `/oauth/token`.
    pub fn grants(&self, grant: &str) -> Vec<Fields> {
        let state = self.state();
        state.tokens.iter().filter(|fields| fields["grant_type"].ends_with(grant)).cloned().collect()
    }

    pub fn router(&self) -> Router {
        Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/.well-known/jwks.json", get(jwks))
            .route("/oauth/token", post(token))
            .route("/oauth/revoke", post(revoke))
            .route("/oauth/introspect", post(introspect))
            .route("/bc-authorize", post(bc_authorize))
            .merge(accounts::routes())
            .with_state(self.clone())
    }
}

async fn discovery(State(identity): State<Identity>) -> Json<Value> {
    let site = &identity.site;
    let mut document = json!({
        "issuer": site.issuer(),
        "authorization_endpoint": site.at("authorize"),
        "token_endpoint": site.at("oauth/token"),
        "jwks_uri": site.at(".well-known/jwks.json"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
    });
    document["issuer"] = identity.issuer().into();
    if !identity.state().no_logout {
        document["end_session_endpoint"] = site.at("session/end?of=agent").into();
    }
    if !identity.state().plain {
        document["revocation_endpoint"] = site.at("oauth/revoke").into();
        document["introspection_endpoint"] = site.at("oauth/introspect").into();
        document["backchannel_authentication_endpoint"] = site.at("bc-authorize").into();
        document["grant_types_supported"] = json!([
            "authorization_code",
            "refresh_token",
            "urn:openid:params:grant-type:ciba",
            "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token"
        ]);
    }
    Json(document)
}

async fn jwks(State(identity): State<Identity>) -> Json<Value> {
    Json(json!({ "keys": [identity.key.public()] }))
}

/// Trouble as an answer; used by the broker too.
pub fn trouble(trouble: Trouble) -> Response {
    match trouble {
        Trouble::ServerError => (StatusCode::INTERNAL_SERVER_ERROR, "oops").into_response(),
        Trouble::NotJson => Html("<h1>Welcome</h1>").into_response(),
        Trouble::Redirect => Redirect::temporary("http://evil.localhost:1/").into_response(),
        Trouble::Huge => Json(json!({ "access_token": "x".repeat(3 << 20) })).into_response(),
        Trouble::Stall => StatusCode::GATEWAY_TIMEOUT.into_response(),
        Trouble::BadJson => ([("content-type", "application/json")], "{\"access_token\":").into_response(),
    }
}

pub fn error(status: u16, code: &str) -> Response {
    let mut response = (StatusCode::from_u16(status).unwrap(), Json(json!({ "error": code }))).into_response();
    if status == 429 {
        response.headers_mut().insert("retry-after", "40".parse().unwrap());
    }
    response
}

async fn token(State(identity): State<Identity>, Form(fields): Form<Fields>) -> Response {
    let mut state = identity.state();
    state.tokens.push(fields.clone());
    if let Some(wanted) = state.trouble {
        return trouble(wanted);
    }
    let secret = format!("{}-secret", fields["client_id"]);
    if fields["client_secret"] != secret {
        return error(401, "invalid_client");
    }
    let grant = fields["grant_type"].rsplit(':').next().unwrap();
    match grant {
        "refresh_token" if fields["refresh_token"] == "refresh-alice" => {
            if fields["audience"] != identity.site.at("me/") {
                return own_api(&state, &fields);
            }
            Json(json!({ "access_token": "account-alice", "token_type": "Bearer", "expires_in": 60 })).into_response()
        }
        "authorization_code" => match state.logins.remove(&fields["code"]) {
            Some(claims) => Json(json!({
                "access_token": "access",
                "token_type": "Bearer",
                "expires_in": 3600,
                "refresh_token": "refresh-alice",
                "scope": "openid profile email offline_access",
                "id_token": identity.token_of_type("JWT", &claims),
            }))
            .into_response(),
            None => error(400, "invalid_grant"),
        },
        "federated-connection-access-token" => vault(&state, &fields),
        "ciba" => decided(&state, &fields),
        "token-exchange" if fields["client_id"] == "agent-mcp" && fields["subject_token"].split('.').count() == 3 => {
            own_api(&state, &fields)
        }
        _ => error(400, "invalid_grant"),
    }
}

/// A token for an API of its own, as far as the person allowed it.
fn own_api(state: &Told, fields: &Fields) -> Response {
    let allowed = state.allowed.as_deref().unwrap_or_default();
    let scopes: Vec<_> = fields["scope"].split(' ').filter(|it| allowed.split(' ').any(|had| had == *it)).collect();
    if scopes.is_empty() {
        return error(400, "invalid_scope");
    }
    let token = format!("read-{}", fields["audience"]);
    Json(json!({ "access_token": token, "token_type": "Bearer", "expires_in": 60, "scope": scopes.join(" ") }))
        .into_response()
}

fn vault(state: &Told, fields: &Fields) -> Response {
    assert_eq!(fields["requested_token_type"], "http://auth0.com/oauth/token-type/federated-connection-access-token");
    assert_eq!(fields["connection"], "stocktrade");
    if let Some((status, code)) = state.refuses {
        return error(status, code);
    }
    let subject = &fields["subject_token"];
    let kind = fields["subject_token_type"].rsplit(':').next().unwrap();
    let client = fields["client_id"].as_str();
    let answer = |token: &str, scope: &str| {
        Json(json!({ "access_token": token, "token_type": "Bearer", "expires_in": 120, "scope": scope }))
            .into_response()
    };
    if let Some(txn) = subject.strip_prefix("approval-") {
        assert_eq!(kind, "access_token");
        return answer(&format!("order-{txn}"), "trade:write");
    }
    let Some(connected) = &state.connected else {
        return error(401, "federated_connection_refresh_token_not_found");
    };
    match (kind, client) {
        ("refresh_token", "agent") if subject == "refresh-alice" => answer("read-alice", connected),
        ("access_token", "agent-mcp") if subject.split('.').count() == 3 => answer("read-alice", connected),
        _ => error(400, "invalid_grant"),
    }
}

fn decided(state: &Told, fields: &Fields) -> Response {
    let Some(txn) = fields["auth_req_id"].strip_prefix("req-") else { return error(400, "invalid_grant") };
    let refused = |code: &str, said: &str| {
        (StatusCode::BAD_REQUEST, Json(json!({ "error": code, "error_description": said, "interval": 7 })))
            .into_response()
    };
    match state.decisions.get(txn).copied().or(state.decided) {
        None => refused("authorization_pending", "The end-user authorization is pending"),
        Some("approved") => Json(json!({
            "access_token": format!("approval-{txn}"),
            "token_type": "Bearer",
            "expires_in": 600,
            "txn": txn,
        }))
        .into_response(),
        Some("denied") => refused("access_denied", "The end-user denied the authorization request"),
        Some("withdrawn") => refused("access_denied", "withdrawn by the client"),
        Some(code) => refused(code, "no"),
    }
}

async fn bc_authorize(State(identity): State<Identity>, headers: HeaderMap, Form(fields): Form<Fields>) -> Response {
    let mut state = identity.state();
    let key = headers["idempotency-key"].to_str().unwrap().to_owned();
    // The same key, the same request.
    let txn = format!("apr{}", &secret::hash(&key)[..8].replace(['-', '_'], "x"));
    state.asked.push((key, fields));
    if let Some((status, code)) = state.not_asked {
        return error(status, code);
    }
    Json(json!({
        "auth_req_id": format!("req-{txn}"),
        "expires_in": 300,
        "interval": state.interval.unwrap_or(1),
        "approval_uri": identity.site.at(&format!("approvals/{txn}")),
        "txn": txn,
    }))
    .into_response()
}

async fn revoke(State(identity): State<Identity>, Form(fields): Form<Fields>) -> Json<Value> {
    let mut state = identity.state();
    state.revoked.push(fields);
    let before = state.decided.filter(|decided| *decided != "withdrawn");
    if before.is_none() {
        state.decided = Some("withdrawn");
    }
    Json(json!({ "state": before.unwrap_or("withdrawn") }))
}

/// To the client that serves `/mcp` alone, as the identity service does it.
async fn introspect(State(identity): State<Identity>, Form(fields): Form<Fields>) -> Response {
    let mut state = identity.state();
    state.introspected.push(fields.clone());
    if let Some(wanted) = state.not_told {
        return trouble(wanted);
    }
    if fields["client_secret"] != format!("{}-secret", fields["client_id"]) {
        return error(401, "invalid_client");
    }
    let active = fields["client_id"] == "agent-mcp" && !state.ended && fields["token"].split('.').count() == 3;
    Json(json!({ "active": active })).into_response()
}
