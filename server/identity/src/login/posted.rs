//! What a page of the login was opened for, and the form that it posts.

use axum::{body::Bytes, http::HeaderMap};
use foundation::session::{Handle, Session};
use serde::Deserialize;

use crate::{
    authorize::{request::Pending, step},
    error::PageError,
    params::Params,
    state::Identity,
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    pub(crate) request: String,
    /// Where to go on, on this site, for who comes without a request.
    #[serde(rename = "returnTo")]
    pub(crate) return_to: String,
}

/// The session of a request and what was kept for it.
pub(crate) async fn opened(
    identity: &Identity,
    handle: &Handle,
    headers: &HeaderMap,
    token: &str,
) -> Result<(Session, Pending), PageError> {
    let mut session = identity.sessions.find(handle).await?.ok_or_else(step::too_late)?;
    let mut db = identity.db.pool().acquire().await?;
    for visitor in identity.sessions.visitors(headers, &session) {
        session.visitor = visitor;
        if let Some(pending) = Pending::look(identity, &mut db, &session, token).await? {
            return Ok((session, pending));
        }
    }
    Err(step::too_late())
}

/// A posted form that carries the proof of this session, with what it is about (THREATS.md line 9).
///
/// # Errors
/// 403, and nothing was changed.
pub(crate) async fn proven(
    identity: &Identity,
    handle: &Handle,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(Session, String, Params), PageError> {
    proven_by(identity, handle, headers, body, |session, proof| identity.sessions.is_proven(session, proof)).await
}

/// The same for a form that logs in. Its proof is the browser's: another tab may log in meanwhile, or begin to.
///
/// # Errors
/// 403, or that it is too late; nothing was changed.
pub(crate) async fn proven_at_login(
    identity: &Identity,
    handle: &Handle,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(Session, Pending, String, Params), PageError> {
    let proves = |session: &Session, proof: &str| {
        identity
            .sessions
            .visitors(headers, session)
            .iter()
            .any(|visitor| identity.sessions.is_login_proven(visitor, proof))
    };
    let (_, token, params) = proven_by(identity, handle, headers, body, proves).await?;
    let (session, pending) = opened(identity, handle, headers, &token).await?;
    Ok((session, pending, token, params))
}

async fn proven_by(
    identity: &Identity,
    handle: &Handle,
    headers: &HeaderMap,
    body: &Bytes,
    proves: impl Fn(&Session, &str) -> bool,
) -> Result<(Session, String, Params), PageError> {
    let params = Params::from_body(headers, body).map_err(|_| PageError::forged())?;
    let session = identity.sessions.find(handle).await?.ok_or_else(PageError::forged)?;
    let token = params.get("request").unwrap_or_default().to_owned();
    if proves(&session, params.get("proof").unwrap_or_default()) {
        Ok((session, token, params))
    } else if token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) {
        Err(PageError::forged().back(format!("/u/login?request={token}"), "Open it again"))
    } else {
        Err(PageError::forged())
    }
}
