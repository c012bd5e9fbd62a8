//! The answer at the redirect URI: an authorization code or an error, with `state` and `iss` (RFC 6749 §4.1.2, RFC
//! 9207).

use foundation::{secret, session::Session};
use sqlx::AnyConnection;
use url::form_urlencoded::Serializer;

use super::request::AuthorizationRequest;
use crate::{
    state::Identity,
    store,
    store::{authorization_code::AuthorizationCode, authorization_grant::AuthorizationGrant, person::Person},
};

/// Lifetime of an authorization code, in milliseconds (PROTOCOL.md, "Times").
const CODE_MS: i64 = 60_000;

/// The redirect URI with an error.
pub(crate) fn error(
    identity: &Identity,
    redirect_uri: &str,
    state: Option<&str>,
    error: &str,
    description: &str,
) -> String {
    at(identity, redirect_uri, state, &[("error", error), ("error_description", description)])
}

/// The redirect URI with a new authorization code for this person. Stores the grant with it.
pub(crate) async fn code(
    identity: &Identity,
    db: &mut AnyConnection,
    request: &AuthorizationRequest,
    session: &Session,
    person: &Person,
) -> Result<String, sqlx::Error> {
    let now = identity.clock.now();
    let grant = AuthorizationGrant {
        id: secret::id("gnt_"),
        person: person.id.clone(),
        client: request.client.clone(),
        audience: request.audience.clone(),
        scopes: request.scopes.clone(),
        sid: sid(identity, session),
        auth_time: auth_time(session),
    };
    store::authorization_grant::insert(db, &grant, now).await?;
    let code = secret::token();
    let row = AuthorizationCode {
        id: secret::hash(&code),
        authorization_grant: grant.id,
        client: request.client.clone(),
        redirect_uri: request.redirect_uri.clone(),
        code_challenge: request.code_challenge.clone(),
        nonce: request.nonce.clone(),
        expires_at: now + CODE_MS,
        used_at: None,
    };
    store::authorization_code::insert(db, &row).await?;
    Ok(at(identity, &request.redirect_uri, request.state.as_deref(), &[("code", &code)]))
}

/// The session's id in tokens, from which nobody can derive the cookie.
pub(crate) fn sid(identity: &Identity, session: &Session) -> String {
    identity.sealer.mac("sid", &session.id)
}

/// When the person authenticated, in seconds. At the provider, if they log in elsewhere.
pub(crate) fn auth_time(session: &Session) -> i64 {
    session.auth_time.unwrap_or(session.created_at.div_euclid(1000))
}

/// Keeps the registered text and extends its query.
fn at(identity: &Identity, redirect_uri: &str, state: Option<&str>, answer: &[(&str, &str)]) -> String {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(answer);
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    query.append_pair("iss", identity.issuer());
    let join = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{join}{}", query.finish())
}
