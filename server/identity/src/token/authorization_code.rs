//! The authorization code grant (RFC 6749 §4.1.3) with PKCE (RFC 7636 §4.6). A code works once: a second use revokes
//! every token issued for it (RFC 9700 §4.5).

use axum::Json;
use foundation::{secret, trace};
use serde_json::{Value, json};
use sqlx::AnyConnection;

use super::answer;
use crate::{
    audit::{self, Event},
    authorize::audience::Target,
    client::Client,
    config::Grant,
    error::OAuthError,
    params::Params,
    state::Identity,
    store::{self, authorization_code::AuthorizationCode},
};

pub(crate) async fn grant(identity: &Identity, client: &Client, params: &Params) -> Result<Json<Value>, OAuthError> {
    client.may(Grant::AuthorizationCode)?;
    let id = secret::hash(params.required("code")?);
    let now = identity.clock.now();
    let mut db = identity.db.pool().acquire().await?;
    let code = store::authorization_code::find(&mut db, &id).await?;
    drop(db);
    // Another client's code counts as unknown, and stays valid for its own client.
    let code = code.filter(|code| code.client == client.id).ok_or_else(refused)?;
    let is_wrong = code.expires_at <= now
        || params.get("redirect_uri") != Some(code.redirect_uri.as_str())
        || !is_verified(&code.code_challenge, params.get("code_verifier"));
    if code.used_at.is_none() && is_wrong {
        return Err(refused());
    }
    let mut tx = identity.db.begin().await?;
    if code.used_at.is_some() || !store::authorization_code::redeem(&mut tx, &id, now).await? {
        replayed(identity, &mut tx, &code).await?;
        tx.commit().await?;
        return Err(refused());
    }
    let grant = store::authorization_grant::find_active(&mut tx, &code.authorization_grant).await?;
    let grant = grant.ok_or_else(refused)?;
    let wants_refresh = grant.scopes.iter().any(|scope| scope == "offline_access");
    let refresh_token = if wants_refresh && client.may(Grant::RefreshToken).is_ok() {
        let token = secret::token();
        store::refresh_token::insert(&mut tx, &secret::hash(&token), &grant.id, &client.id, now).await?;
        Some(token)
    } else {
        None
    };
    store::client::used(&mut tx, &client.id, now).await?;
    let target = Target { audience: grant.audience.clone(), scopes: grant.scopes.clone() };
    let nonce = code.nonce.as_deref();
    tx.commit().await?;
    answer::tokens(identity, client, &grant, &target, nonce, refresh_token).await
}

/// One answer for every fault, so that a caller can't distinguish them.
fn refused() -> OAuthError {
    OAuthError::invalid_grant("The code is unknown, used or expired, or the request isn't the one it was made for")
}

async fn replayed(identity: &Identity, db: &mut AnyConnection, code: &AuthorizationCode) -> Result<(), OAuthError> {
    // The person's recording shows the replay, although the sender isn't authenticated as that person.
    if let Some(person) = store::authorization_grant::person(db, &code.authorization_grant).await? {
        trace::person(&person);
    }
    if !store::authorization_grant::revoke(db, &code.authorization_grant, identity.clock.now()).await? {
        // Already revoked and recorded: repeating the request can't fill the audit log.
        return Ok(());
    }
    let event = Event {
        event: "code_replayed",
        client: Some(&code.client),
        detail: json!({ "grant": code.authorization_grant }),
        ..Event::default()
    };
    audit::record(identity, db, event).await?;
    Ok(())
}

/// RFC 7636 §4.6, `S256`. Every code has a challenge, so a missing verifier is a wrong one.
fn is_verified(challenge: &str, verifier: Option<&str>) -> bool {
    verifier.is_some_and(|verifier| {
        // RFC 7636 §4.1
        let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
        (43..=128).contains(&verifier.len())
            && verifier.bytes().all(unreserved)
            && secret::equal(&secret::hash(verifier), challenge)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_verifier_of_the_challenge_is_right() {
        // RFC 7636, appendix B
        let (challenge, verifier) =
            ("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert!(is_verified(challenge, Some(verifier)));
        let longer = format!("{verifier}x");
        for wrong in [None, Some(""), Some(challenge), Some(&verifier[..42]), Some(longer.as_str())] {
            assert!(!is_verified(challenge, wrong), "{wrong:?}");
        }
    }
}
