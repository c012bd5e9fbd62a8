//! Issues and verifies tokens: access tokens (RFC 9068) and id tokens (OpenID Connect Core §2).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use foundation::{
    jwt::{self, Expect, KeyError},
    secret, trace,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shared::act::Act;

use crate::{
    authorize::audience::IDENTITY,
    client::Client,
    error::OAuthError,
    picture,
    state::Identity,
    store::{authorization_grant::AuthorizationGrant, consent, person::Person, revoked_token},
};

/// How long access tokens for accounts and MCP are valid, in seconds (PROTOCOL.md, "Times").
pub const ACCESS_TOKEN_S: i64 = 3600;

/// The content of an access token.
#[derive(Clone, Debug)]
pub struct AccessToken<'a> {
    pub sub: &'a str,
    pub audience: &'a str,
    pub client: &'a Client,
    /// Separated by spaces.
    pub scope: &'a str,
    /// How long it is valid, in seconds.
    pub ttl: i64,
    /// The grant behind it: revoking the grant revokes the token.
    pub grant: Option<&'a str>,
    /// Additional claims (`txn`, `authorization_details`, `act`).
    pub extra: Map<String, Value>,
}

/// Signs an access token.
///
/// # Errors
/// If signing fails.
pub fn access_token(identity: &Identity, token: AccessToken<'_>) -> Result<String, KeyError> {
    let now = identity.clock.seconds();
    let mut claims = token.extra;
    let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    claim("iss", identity.issuer().into());
    claim("sub", token.sub.into());
    claim("aud", token.audience.into());
    claim("azp", token.client.id.as_str().into());
    claim("client_id", token.client.id.as_str().into());
    claim("scope", token.scope.into());
    claim("iat", now.into());
    claim("exp", (now + token.ttl).into());
    claim("jti", secret::id("").into());
    if let Some(grant) = token.grant {
        claim("grant_id", grant.into());
    }
    if token.client.approval_required {
        claim("approval_required", true.into());
    }
    let api = identity.apis.iter().find(|api| api.audience == token.audience);
    identity.keys.sign_by(api.map(|api| api.signing).unwrap_or_default(), "at+jwt", &claims)
}

/// The claims of our own access tokens.
#[derive(Clone, Debug, Deserialize)]
pub struct Claims {
    pub sub: String,
    pub aud: String,
    pub client_id: String,
    pub scope: String,
    pub iat: i64,
    pub exp: i64,
    pub jti: String,
    pub grant_id: Option<String>,
    pub txn: Option<String>,
    pub authorization_details: Option<Value>,
    /// The actor and the client that called it (RFC 8693 §4.1). If present, the grant is another client's.
    pub act: Option<Act>,
}

impl Claims {
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|it| it == scope)
    }
}

/// Verifies one of our access tokens for an audience, and that it is active: its client, person and grant, and the
/// token itself (THREATS.md line 56).
///
/// # Errors
/// `invalid_token` (401).
pub async fn verify(identity: &Identity, token: &str, audience: &str) -> Result<Claims, OAuthError> {
    let expect = Expect { iss: identity.issuer(), aud: audience, typ: "at+jwt", expired_too: false };
    let claims: Claims = jwt::verify(token, &identity.keys.public(), expect, identity.clock.seconds())
        .map_err(|_| OAuthError::invalid_token())?;
    trace::person(&claims.sub);
    if is_active(identity, &claims).await? { Ok(claims) } else { Err(OAuthError::invalid_token()) }
}

/// Whether a verified access token is active: its client, person, grant and consent, and the token itself.
pub(crate) async fn is_active(identity: &Identity, claims: &Claims) -> Result<bool, sqlx::Error> {
    if !is_configured(identity, claims) {
        return Ok(false);
    }
    let mut db = identity.db.pool().acquire().await?;
    let grant = claims.grant_id.as_deref().unwrap_or_default();
    if !revoked_token::is_active(&mut db, &claims.jti, &claims.client_id, &claims.sub, grant).await? {
        return Ok(false);
    }
    // An approval needs no separate consent, and a client that acts for a caller relies on that caller's.
    let is_own = claims.txn.is_none() && claims.act.is_none();
    let Some(api) = identity.api(&claims.aud).filter(|api| is_own && api.consent) else { return Ok(true) };
    let given = consent::given(&mut db, &claims.sub, &claims.client_id, &api.audience).await?;
    Ok(claims.scope.split(' ').all(|scope| !api.offers(scope) || given.iter().any(|it| it == scope)))
}

/// Whether the configuration still has the token's API with each of its scopes, for its client. Otherwise tokens issued
/// before a removal would keep their effect.
fn is_configured(identity: &Identity, claims: &Claims) -> bool {
    if claims.aud == identity.userinfo_audience() {
        return true;
    }
    let Some(api) = identity.api(&claims.aud) else { return false };
    let client = identity.config.client(&claims.client_id);
    let has = |scope: &str| api.offers(scope) && client.is_none_or(|it| it.scopes.iter().any(|one| one == scope));
    claims.scope.split_whitespace().all(|scope| IDENTITY.contains(&scope) || has(scope))
}

/// Signs an id token for a client, with the claims that its scopes allow.
///
/// # Errors
/// If signing fails.
pub fn id_token(
    identity: &Identity,
    grant: &AuthorizationGrant,
    person: &Person,
    nonce: Option<&str>,
    access_token: &str,
) -> Result<String, KeyError> {
    let now = identity.clock.seconds();
    let mut claims = person_claims(identity, person, &grant.scopes);
    let more = json!({
        "iss": identity.issuer(),
        "sub": person.id,
        "aud": grant.client,
        "iat": now,
        "exp": now + ACCESS_TOKEN_S,
        "auth_time": grant.auth_time,
        "sid": grant.sid,
        "at_hash": at_hash(access_token),
    });
    if let Value::Object(more) = more {
        claims.extend(more);
    }
    if let Some(nonce) = nonce {
        claims.insert("nonce".into(), nonce.into());
    }
    identity.keys.sign("JWT", &claims)
}

/// The claims of `profile` and `email` (OpenID Connect Core §5.4) as Auth0 fills them: the nickname is the local part
/// of the e-mail.
pub(crate) fn person_claims(identity: &Identity, person: &Person, scopes: &[String]) -> Map<String, Value> {
    let mut claims = Map::new();
    let has = |scope: &str| scopes.iter().any(|it| it == scope);
    if has("profile") {
        let email = person.email.as_deref().unwrap_or_default();
        let nickname = email.split('@').next().filter(|local| !local.is_empty()).unwrap_or(&person.name);
        claims.insert("name".into(), person.name.as_str().into());
        claims.insert("nickname".into(), nickname.into());
        if let Some(lang) = person.lang() {
            claims.insert("locale".into(), lang.tag().into());
        }
        claims.insert("picture".into(), picture::address(&identity.config.site, &person.name).into());
    }
    if let (true, Some(email)) = (has("email"), &person.email) {
        claims.insert("email".into(), email.as_str().into());
        claims.insert("email_verified".into(), person.email_verified.0.into());
    }
    claims
}

/// The left half of the access token's SHA-256 (OpenID Connect Core §3.1.3.6).
fn at_hash(access_token: &str) -> String {
    let whole = BASE64_URL_SAFE_NO_PAD.decode(secret::hash(access_token)).unwrap_or_default();
    BASE64_URL_SAFE_NO_PAD.encode(whole.get(..16).unwrap_or_default())
}
